//! The decision for each action (section 5).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use authz_engine::cel::{Activation, Arena, Timestamp, V};
use authz_engine::{Options, Principal, Resource};
use bumpalo::Bump;
use serde_json::Value as Json;

use super::names::{key, sanitize, scope_and_parents};
use super::policies::{Kind, Policies, Policy};

/// What is said about one resource.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// `ALLOW` or `DENY`, the policy and the scope, for each action in turn.
    pub actions: Vec<[String; 4]>,
    pub derived_roles: BTreeSet<String>,
    /// Source, action, and value unless it failed.
    pub outputs: Vec<(String, String, Option<Json>)>,
}

/// Values of variables; none for one that failed.
pub(super) type Values<'q> = &'q [Cell<Option<V<'q>>>];

/// One resource while it is decided.
pub(super) struct Question<'q> {
    pub(super) policies: &'q Policies,
    pub(super) options: &'q Options,
    pub(super) principal: &'q Principal,
    pub(super) sees: Activation<'q>,
    pub(super) store: &'q Bump,
    pub(super) version: String,
    pub(super) kind: String,
    /// The requested scope of the resource.
    pub(super) scope: String,
    /// Values of variables, by what they are (rule V6).
    pub(super) variables: Vec<(Vec<String>, Values<'q>)>,
    /// Results of rules: policy, rule, derived role (rule O5).
    pub(super) results: BTreeMap<[String; 3], bool>,
    /// Derived roles by scope: active, failed.
    pub(super) roles_of_scopes: BTreeMap<String, [&'q [&'q str]; 2]>,
    pub(super) answer: Answer,
}

/// What a role is told by one kind of policy.
pub(super) enum Said {
    Nothing,
    Effect(bool, String),
    /// By a policy of its own name.
    Denied(String, String),
    /// Strict evaluation ends the action.
    Failed(String, String),
}

impl Policies {
    pub fn check(
        &self,
        options: &Options,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        now: Timestamp,
    ) -> Answer {
        let (arena, store) = (Arena::new(), Bump::new());
        let or = |given: &str, default: &str| {
            if given.is_empty() { default.to_owned() } else { given.to_owned() }
        };
        let scope = |given: &str| {
            let scope = or(given, &options.default_scope);
            scope.strip_prefix('.').unwrap_or(&scope).to_owned()
        };
        let mut question = Question {
            policies: self,
            options,
            principal,
            sees: Activation::new(principal, resource, &options.globals, &arena, now),
            store: &store,
            version: or(&resource.policy_version, &options.default_policy_version),
            kind: sanitize(&resource.kind),
            scope: scope(&resource.scope),
            variables: Vec::new(),
            results: BTreeMap::new(),
            roles_of_scopes: BTreeMap::new(),
            answer: Answer::default(),
        };
        let principal_version = or(&principal.policy_version, &options.default_policy_version);
        let principal_scopes = question.scopes(Kind::Principal, &scope(&principal.scope));
        let resource_scopes = question.scopes(Kind::Resource, &question.scope);
        // Rule 3, and rule Q2: any principal counts.
        let speaks = |policy: &Policy| match policy.kind {
            Kind::Principal => {
                policy.version == principal_version && principal_scopes.contains(&policy.scope)
            }
            _ => {
                policy.version == question.version
                    && resource_scopes.contains(&policy.scope)
                    && question.is_about(policy)
            }
        };
        let exists = |principals: bool| {
            self.all.iter().any(|p| (p.kind == Kind::Principal) == principals && speaks(p))
        };
        let [principal_exists, resource_exists] = [true, false].map(exists);
        // Rules 10 and Q2: named after the first scope that was found.
        let first = |scopes: &[String]| scopes.first().cloned().unwrap_or_default();
        let principal_key =
            key("principal", &principal.id, &principal_version, &first(&principal_scopes));
        let resource_key =
            key("resource", &resource.kind, &question.version, &first(&resource_scopes));
        for action in actions {
            let no_match = || "NO_MATCH".to_owned();
            let name = |exists: bool, key: &str| if exists { key.to_owned() } else { no_match() };
            if !principal_exists && !resource_exists {
                let denied = [(*action).to_owned(), "DENY".into(), no_match(), String::new()];
                question.answer.actions.push(denied);
                continue;
            }
            // Rule 4: principal policies come first.
            let mut said = question.kind(Kind::Principal, &principal_scopes, action);
            let mut policy = name(principal_exists, &principal_key);
            if matches!(said, Said::Nothing) {
                said = question.kind(Kind::Resource, &resource_scopes, action);
                policy = name(resource_exists, &resource_key);
            }
            let (allowed, policy, scope) = match said {
                Said::Nothing => (false, policy, String::new()),
                Said::Effect(allowed, scope) => (allowed, policy, scope),
                Said::Denied(policy, scope) | Said::Failed(policy, scope) => (false, policy, scope),
            };
            let effect = if allowed { "ALLOW" } else { "DENY" };
            question.answer.actions.push([(*action).to_owned(), effect.into(), policy, scope]);
        }
        question.answer
    }
}

impl<'q> Question<'q> {
    /// Rule 2: the scopes to visit.
    fn scopes(&self, kind: Kind, requested: &str) -> Vec<String> {
        let used = |scope: &str| {
            self.policies.all.iter().any(|policy| {
                let counts = match policy.kind {
                    Kind::Principal => kind == Kind::Principal,
                    Kind::Resource => kind == Kind::Resource,
                    // Rule R6.
                    Kind::Role => kind == Kind::Resource && !policy.rules.is_empty(),
                };
                counts && policy.scope == scope
            })
        };
        if !self.options.lenient_scope_search && !used(requested) {
            return Vec::new();
        }
        scope_and_parents(requested).into_iter().filter(|scope| used(scope)).collect()
    }

    /// Rule 5: the first role that is allowed, or else the first that is told anything.
    fn kind(&mut self, kind: Kind, scopes: &[String], action: &str) -> Said {
        let mut result = Said::Nothing;
        let roles = if kind == Kind::Principal { 1 } else { usize::MAX };
        for role in self.principal.roles.iter().take(roles) {
            let said = self.role(kind, scopes, action, role);
            match said {
                Said::Effect(true, _) | Said::Failed(..) => return said,
                _ if matches!(result, Said::Nothing) => result = said,
                _ => {}
            }
        }
        result
    }

    /// Rules 6 and 8: the first scope that decides, if it may allow.
    fn role(&mut self, kind: Kind, scopes: &[String], action: &str, role: &str) -> Said {
        for scope in scopes {
            let needs_consent = self
                .policies
                .all
                .iter()
                .any(|p| p.kind != Kind::Role && p.scope == *scope && p.needs_consent);
            match self.scope(kind, scope, action, role) {
                Said::Nothing => {}
                Said::Effect(true, _) if needs_consent => {}
                said => return said,
            }
        }
        Said::Nothing
    }

    /// The policy of a kind with rows for this scope. Rule Q1: by the version of the resource.
    pub(super) fn policy(&self, kind: Kind, scope: &str) -> Option<&'q Policy> {
        let principal = sanitize(&self.principal.id);
        let name = if kind == Kind::Principal { &principal } else { &self.kind };
        self.policies.all.iter().find(|p| {
            p.kind == kind && p.name == *name && p.version == self.version && p.scope == scope
        })
    }
}

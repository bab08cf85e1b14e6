//! The decision for each action (section 5).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use authz_engine::cel::{Activation, Arena, Timestamp, V};
use authz_engine::{Options, Principal, Resource};
use bumpalo::Bump;
use serde_json::Value as Json;

use super::evaluate::Held;
use super::glob;
use super::names::{key, sanitize, scope_and_parents};
use super::policies::{Kind, Policies, Policy, text, texts};

/// What is said about one resource.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// `ALLOW` or `DENY`, the policy and the scope, for each action in turn.
    pub actions: Vec<[String; 4]>,
    pub derived_roles: BTreeSet<String>,
    /// Source, action, and value unless it failed.
    pub outputs: Vec<(String, String, Option<Json>)>,
}

/// One resource while it is decided.
pub(super) struct Question<'q> {
    pub(super) policies: &'q Policies,
    pub(super) options: &'q Options,
    pub(super) principal: &'q Principal,
    pub(super) sees: Activation<'q>,
    pub(super) store: &'q Bump,
    pub(super) version: String,
    kind: String,
    /// The requested scope of the resource.
    scope: String,
    /// Values of variables, by what they are (rule V6).
    pub(super) variables: Vec<(Vec<String>, &'q [Cell<Option<V<'q>>>])>,
    /// Results of rules: policy, rule, derived role (rule O5).
    pub(super) results: BTreeMap<[String; 3], bool>,
    /// Derived roles by scope: active, failed.
    pub(super) roles_of_scopes: BTreeMap<String, [&'q [&'q str]; 2]>,
    pub(super) answer: Answer,
}

/// What a role is told by one kind of policy.
enum Said {
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

    /// Whether a resource or role policy speaks of the kind.
    fn is_about(&self, policy: &Policy) -> bool {
        match policy.kind {
            Kind::Principal => false,
            Kind::Resource => policy.name == self.kind,
            Kind::Role => policy.rules.iter().any(|rule| self.role_rule_is_about(rule)),
        }
    }

    fn role_rule_is_about(&self, rule: &Json) -> bool {
        glob::matches_if_starred(&text(rule, "resource"), &self.kind)
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
    fn policy(&self, kind: Kind, scope: &str) -> Option<&'q Policy> {
        let principal = sanitize(&self.principal.id);
        let name = if kind == Kind::Principal { &principal } else { &self.kind };
        self.policies.all.iter().find(|p| {
            p.kind == kind && p.name == *name && p.version == self.version && p.scope == scope
        })
    }

    /// Rule 7.
    fn scope(&mut self, kind: Kind, scope: &str, action: &str, role: &str) -> Said {
        let policy = self.policy(kind, scope);
        let roles = self.with_inherited(role);
        if kind == Kind::Resource {
            self.enter(policy, scope);
            match self.restrictions(policy, scope, action, &roles) {
                Said::Nothing => {}
                said => return said,
            }
        }
        let Some(policy) = policy else { return Said::Nothing };
        let mut allowed = false;
        for rule in &policy.rules {
            for pattern in texts(rule, "actions") {
                if !glob::matches_if_starred(&pattern, action)
                    || !self.principal_rule_fits(policy, rule)
                {
                    continue;
                }
                // Once for each role that the principal has or inherits, or each derived role.
                for through in self.ways(policy, rule, &roles) {
                    let met = match self.rule(policy, rule, through) {
                        None => continue,
                        Some(Held::Failed) => {
                            return Said::Failed(policy.key.clone(), scope.to_owned());
                        }
                        Some(held) => held == Held::Yes,
                    };
                    self.say(policy, rule, met, action);
                    let denies =
                        text(rule, "effect") == "EFFECT_DENY" || consent_denies(policy, rule);
                    match (met, denies) {
                        (false, _) => {}
                        (true, false) => allowed = true,
                        (true, true) => return Said::Effect(false, scope.to_owned()),
                    }
                }
            }
        }
        if allowed { Said::Effect(true, scope.to_owned()) } else { Said::Nothing }
    }

    /// Rule G5: sanitized unless a pattern.
    fn principal_rule_fits(&self, policy: &Policy, rule: &Json) -> bool {
        let resource = text(rule, "resource");
        policy.kind != Kind::Principal
            || glob::matches_if_starred(&sanitize_unless_pattern(&resource), &self.kind)
    }

    /// Through which derived role, or none, the rule reaches the roles; once for each role that fits.
    fn ways(&self, policy: &'q Policy, rule: &Json, roles: &[String]) -> Vec<Option<usize>> {
        if policy.kind == Kind::Principal {
            return vec![None];
        }
        let fitting = |patterns: Vec<String>| {
            // Rule G3.
            let any = patterns.iter().any(|pattern| pattern == "*");
            let fits = |p: &&String| roles.iter().any(|role| glob::matches_if_starred(p, role));
            if any { 1 } else { patterns.iter().filter(fits).count() }
        };
        let mut ways = vec![None; fitting(texts(rule, "roles"))];
        for name in texts(rule, "derivedRoles") {
            let index = policy.derived_roles.iter().position(|role| role.name == name);
            let parents =
                index.and_then(|i| policy.derived_roles.get(i)).map(|r| r.parents.clone());
            ways.extend(vec![index; fitting(parents.unwrap_or_default())]);
        }
        ways
    }

    /// Rules R1 to R3.
    fn restrictions(
        &mut self,
        policy: Option<&'q Policy>,
        scope: &str,
        action: &str,
        roles: &[String],
    ) -> Said {
        let all = self.policies;
        let of = |role: &String| {
            all.all.iter().find(|p| {
                p.kind == Kind::Role
                    && p.name == *role
                    && p.version == self.version
                    && p.scope == scope
                    && !p.rules.is_empty()
            })
        };
        let restricting: Vec<&'q Policy> = roles.iter().filter_map(of).collect();
        let spoken_of = restricting.iter().any(|p| self.is_about(p))
            || policy.is_some_and(|policy| {
                policy.rules.iter().any(|rule| !self.ways(policy, rule, roles).is_empty())
            });
        for policy in restricting.into_iter().filter(|_| spoken_of) {
            let mut listed = false;
            for rule in &policy.rules {
                let lists = texts(rule, "allowActions").iter().any(|p| glob::matches(p, action));
                if !self.role_rule_is_about(rule) || !lists {
                    continue;
                }
                listed = true;
                let held = self.condition(&policy.unit, rule.pointer("/condition/match"));
                let denied = (policy.key.clone(), scope.to_owned());
                match held {
                    Held::Failed => return Said::Failed(denied.0, denied.1),
                    held => {
                        self.say(policy, rule, held == Held::Yes, action);
                        if held == Held::No {
                            return Said::Denied(denied.0, denied.1);
                        }
                    }
                }
            }
            if !listed {
                return Said::Denied(policy.key.clone(), scope.to_owned());
            }
        }
        Said::Nothing
    }

    /// Rules R5 and R7: a role and what it inherits in exactly the requested scope.
    pub(super) fn with_inherited(&self, role: &str) -> Vec<String> {
        let mut all = vec![role.to_owned()];
        let mut next = 0;
        while let Some(role) = all.get(next).cloned() {
            next += 1;
            let giving = self
                .policies
                .all
                .iter()
                .filter(|p| p.kind == Kind::Role && p.name == role && p.scope == self.scope);
            for parent in giving.flat_map(|policy| &policy.parents) {
                if !all.iter().skip(1).any(|known| known == parent) {
                    all.push(parent.clone());
                }
            }
        }
        all
    }
}

fn sanitize_unless_pattern(resource: &str) -> String {
    if resource.contains('*') { resource.to_owned() } else { sanitize(resource) }
}

/// Rule S4.
pub(super) fn consent_denies(policy: &Policy, rule: &Json) -> bool {
    policy.needs_consent
        && text(rule, "effect") == "EFFECT_ALLOW"
        && rule.pointer("/condition/match").is_some()
}

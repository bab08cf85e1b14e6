//! Policies to rows (docs/semantics.md, section 5).

use std::sync::Arc;

use super::{Entry, Hash, RolePolicy, RoleRule, Row, Rows, RuleTable, Set};
use crate::check::Effect;
use crate::policy::{
    Condition, Glob, Kind, Output, Params, Policy, PolicySet, ScopePermissions, sanitize,
};

impl RuleTable {
    pub(crate) fn new(mut set: PolicySet) -> Self {
        let files = set.take_in_use();
        let mut table = Self {
            resources: Hash::default(),
            principals: Hash::default(),
            roles: Hash::default(),
            principal_scopes: Set::default(),
            resource_scopes: Set::default(),
            principal_versions: Hash::default(),
            parents: Hash::default(),
            consent_scopes: Set::default(),
            rules: set.rules,
            files,
            root_scope: Arc::from(""),
        };
        for policy in set.policies {
            if policy.scope_permissions == ScopePermissions::RequireParentalConsent
                && policy.kind != Kind::Role
            {
                table.consent_scopes.insert(policy.scope.clone());
            }
            match policy.kind {
                Kind::Principal => table.add_principal(policy),
                Kind::Resource => table.add_resource(policy),
                Kind::Role => table.add_role(policy),
            }
        }
        table.sort();
        table.share_use_of_runtime();
        table
    }

    /// Of several policies of one place the first stays the first.
    fn sort(&mut self) {
        for entries in self.resources.values_mut().chain(self.principals.values_mut()) {
            entries.sort_by(|a, b| a.place().cmp(&b.place()));
        }
        for policies in self.roles.values_mut() {
            policies.sort_by(|a, b| a.place().cmp(&b.place()));
        }
    }

    /// Role policies see the derived roles of the resource policy of their scope, and derived roles those of the
    /// scope visited before (rule Q15). So derived roles are needed in all scopes of a kind, or in none.
    fn share_use_of_runtime(&mut self) {
        for entries in self.resources.values_mut() {
            if entries.iter().any(|entry| entry.uses_runtime) {
                entries.iter_mut().for_each(|entry| entry.uses_runtime = true);
            }
        }
        let uses_runtime = self.roles.values().flatten().any(|policy| {
            params_use_runtime(&policy.params)
                || policy.rules.iter().any(|rule| {
                    rule_uses_runtime(rule.condition.as_deref(), rule.output.as_deref())
                })
        });
        if uses_runtime {
            self.resources.values_mut().flatten().for_each(|entry| entry.uses_runtime = true);
        }
    }

    fn add_resource(&mut self, policy: Policy) {
        self.resource_scopes.insert(policy.scope.clone());
        let name = sanitize(&policy.name).into_owned().into_boxed_str();
        self.resources.entry(name).or_default().push(entry(policy));
    }

    fn add_principal(&mut self, policy: Policy) {
        self.principal_scopes.insert(policy.scope.clone());
        let versions = self.principal_versions.entry(policy.scope.clone()).or_default();
        if !versions.contains(&policy.version) {
            versions.push(policy.version.clone());
        }
        let name = sanitize(&policy.name).into_owned().into_boxed_str();
        self.principals.entry(name).or_default().push(entry(policy));
    }

    fn add_role(&mut self, policy: Policy) {
        // Without rules it only passes on its parents: its scope does not exist by it (rule R6).
        if !policy.rules.is_empty() {
            self.resource_scopes.insert(policy.scope.clone());
        }
        if !policy.parent_roles.is_empty() {
            let parents = self.parents.entry(policy.scope.clone()).or_default();
            match parents.iter_mut().find(|(role, _)| *role == policy.name) {
                Some((_, known)) => known.extend(policy.parent_roles.iter().cloned()),
                None => parents.push((policy.name.clone(), policy.parent_roles.clone())),
            }
        }
        let key = policy.key().into();
        let rules = policy
            .rules
            .into_iter()
            .map(|rule| RoleRule {
                name: rule.name,
                // Rule G2 holds here too, but not for the actions.
                resource: Glob::if_starred(&rule.resource),
                actions: rule.actions.iter().map(|a| Glob::new(a)).collect(),
                condition: rule.condition,
                output: rule.output,
            })
            .collect();
        let (version, scope, params) = (policy.version, policy.scope, policy.params);
        self.roles.entry(policy.name).or_default().push(RolePolicy {
            file: policy.file,
            version,
            scope,
            key,
            params,
            rules,
        });
    }
}

fn entry(policy: Policy) -> Entry {
    let key = policy.key().into();
    let consent = policy.scope_permissions == ScopePermissions::RequireParentalConsent;
    let mut rows = Vec::new();
    let mut names: Hash<Box<str>, u32> = Hash::default();
    let mut uses: Hash<Box<str>, u32> = Hash::default();
    for rule in &policy.rules {
        *uses.entry(rule.name.clone()).or_default() += 1;
    }
    for (rule, number) in policy.rules.into_iter().zip(0_u32..) {
        // Results are kept by the name of the rule, and a name that is given can be that of a rule without one
        // (rule O5).
        let first = *names.entry(rule.name.clone()).or_insert(number);
        let shares_name = uses.get(&rule.name).is_some_and(|uses| *uses > 1);
        // An allow that needs a parent's consent and has a condition denies where the condition does not hold
        // (rule S4).
        let negated = consent && rule.effect == Effect::Allow && rule.condition.is_some();
        let resource =
            (policy.kind == Kind::Principal).then(|| Glob::of_principal_rule(&rule.resource));
        let row = |action: &Glob, role: &Glob, derived_role: Option<usize>| Row {
            rule: number,
            first_of_name: first,
            shares_name,
            derived_role,
            name: rule.name.clone(),
            action: action.clone(),
            role: role.clone(),
            resource: resource.clone(),
            effect: if negated { Effect::Deny } else { rule.effect },
            condition: rule.condition.clone(),
            negated,
            output: rule.output.clone(),
        };
        let globs = |roles: &[Box<str>]| -> Vec<Glob> {
            any_or_all(roles).iter().map(|role| Glob::if_starred(role)).collect()
        };
        let roles = globs(&rule.roles);
        let derived: Vec<(usize, Vec<Glob>)> = rule
            .derived_roles
            .iter()
            .filter_map(|i| policy.derived_roles.get(*i).map(|d| (*i, globs(&d.parent_roles))))
            .collect();
        for action in &rule.actions {
            let action = Glob::if_starred(action);
            rows.extend(roles.iter().map(|role| row(&action, role, None)));
            for (derived_role, parents) in &derived {
                rows.extend(parents.iter().map(|role| row(&action, role, Some(*derived_role))));
            }
        }
    }
    let uses_runtime =
        rows.iter().any(|row| rule_uses_runtime(row.condition.as_deref(), row.output.as_deref()))
            || params_use_runtime(&policy.params)
            || policy.derived_roles.iter().any(|role| {
                role.condition.as_deref().is_some_and(mentions_runtime)
                    || params_use_runtime(&role.params)
            });
    Entry {
        version: policy.version,
        scope: policy.scope.into(),
        key,
        rows: Rows::new(rows),
        params: Arc::clone(&policy.params),
        derived_roles: policy.derived_roles,
        uses_runtime,
        file: policy.file,
        schemas: policy.schemas,
    }
}

/// `*` in a list of roles stands for the whole list (rule G3).
fn any_or_all(roles: &[Box<str>]) -> &[Box<str>] {
    roles.iter().position(|role| &**role == "*").and_then(|at| roles.get(at..=at)).unwrap_or(roles)
}

fn rule_uses_runtime(condition: Option<&Condition>, output: Option<&Output>) -> bool {
    condition.is_some_and(mentions_runtime)
        || output.is_some_and(|o| {
            [&o.rule_activated, &o.condition_not_met]
                .into_iter()
                .flatten()
                .any(|leaf| leaf.source.contains("runtime"))
        })
}

fn params_use_runtime(params: &Params) -> bool {
    params.variables.iter().any(|v| v.source.contains("runtime"))
}

fn mentions_runtime(condition: &Condition) -> bool {
    match condition {
        Condition::Expr(leaf) => leaf.source.contains("runtime"),
        Condition::All(list) | Condition::Any(list) | Condition::None(list) => {
            list.iter().any(mentions_runtime)
        }
    }
}

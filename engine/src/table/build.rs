//! Policies to rows (docs/semantics.md, section 5).

use std::sync::Arc;

use super::{
    Entries, Entry, Hash, Id, Names, RolePolicy, RoleRule, Row, Rows, RuleTable, Scope, Scopes,
    UNKNOWN, UsableRole, Who,
};
use crate::cel::Slots;
use crate::check::Effect;
use crate::policy::{
    Condition, Glob, Kind, Output, Params, Policy, PolicySet, Rule, ScopePermissions, sanitize,
};

/// A table that comes to be, and what its rows may share: most name the same few roles and actions.
struct Build {
    table: RuleTable,
    globs: Hash<Box<str>, Arc<Glob>>,
    rule_names: Hash<Box<str>, Arc<str>>,
}

impl RuleTable {
    pub(crate) fn new(set: PolicySet) -> Self {
        let table = Self {
            resources: Hash::default(),
            principals: Hash::default(),
            scopes: Scopes::default(),
            count_of_scopes: 0,
            versions: Names::default(),
            roles: Names::default(),
            actions: Names::default(),
            kinds: Names::default(),
            rules: set.written.rules(),
            files: set.written,
        };
        let mut build = Build { table, globs: Hash::default(), rule_names: Hash::default() };
        for policy in set.policies {
            match policy.kind {
                Kind::Principal | Kind::Resource => build.add(policy),
                Kind::Role => build.add_role(policy),
            }
        }
        let mut table = build.table;
        table.finish();
        table.share_use_of_runtime();
        table
    }

    fn all_entries(&mut self) -> impl Iterator<Item = &mut Entries> {
        self.resources.values_mut().chain(self.principals.values_mut())
    }

    /// Of several policies of one place the first stays the first.
    fn finish(&mut self) {
        self.scopes.finish();
        for entries in self.all_entries() {
            entries.entries.sort_by_key(|entry| entry.place);
            entries.entries.shrink_to_fit();
        }
        for (name, entries) in &mut self.resources {
            entries.kind = self.kinds.id(name);
        }
        let scopes = self.scopes.iter().filter(|scope| scope.tells_resources_apart());
        self.count_of_scopes = scopes.count();
    }

    /// Role policies see the derived roles of the resource policy of their scope, and derived roles those of the
    /// scope visited before (rule Q15). So derived roles are needed in all scopes of a kind, or in none.
    fn share_use_of_runtime(&mut self) {
        let mut policies = self.scopes.iter().flat_map(Scope::all_role_policies);
        let roles_do = policies.any(|policy| {
            policy.params.use_runtime
                || policy.rules.iter().any(|rule| {
                    rule_uses_runtime(rule.condition.as_deref(), rule.output.as_deref())
                })
        });
        for Entries { entries, .. } in self.resources.values_mut() {
            if roles_do || entries.iter().any(|entry| entry.uses_runtime) {
                entries.iter_mut().for_each(|entry| entry.uses_runtime = true);
            }
        }
    }
}

impl Build {
    /// Adds a resource or principal policy.
    fn add(&mut self, policy: Policy) {
        let kind = policy.kind;
        let version = self.table.versions.add(&policy.version);
        let (scope_id, scope) = self.table.scopes.add(&policy.scope);
        scope.use_for(kind);
        if kind == Kind::Principal {
            scope.add_principal_version(version);
        }
        scope.needs_consent |= needs_consent(&policy);
        let scope = Arc::clone(&scope.name);
        let name = sanitize(&policy.name).into_owned().into_boxed_str();
        let entry = self.entry_of(policy, (version, scope_id), scope);
        let entries = if kind == Kind::Principal {
            &mut self.table.principals
        } else {
            &mut self.table.resources
        };
        let none = || Entries { entries: Vec::new(), kind: UNKNOWN };
        entries.entry(name).or_insert_with(none).entries.push(entry);
    }

    fn add_role(&mut self, policy: Policy) {
        let version = self.table.versions.add(&policy.version);
        let role = self.table.roles.add(&policy.name);
        let parents: Vec<Id> =
            policy.parent_roles.iter().map(|r| self.table.roles.add(r)).collect();
        let key = policy.key().into();
        let rules = policy.rules.into_iter().map(|rule| RoleRule {
            // Rule G2 holds here too, but not for the actions.
            resource: Glob::if_starred(&rule.resource),
            actions: rule.actions.iter().map(|a| Glob::new(a)).collect(),
            variables: variables(&policy.params, rule.condition.as_deref()),
            name: rule.name,
            condition: rule.condition,
            output: rule.output,
        });
        let rules: Vec<RoleRule> = rules.collect();
        let (_, scope) = self.table.scopes.add(&policy.scope);
        // Without rules it only passes on its parents: its scope does not exist by it (rule R6).
        if !rules.is_empty() {
            scope.use_for(Kind::Resource);
        }
        if !parents.is_empty() {
            scope.inherit(role, parents.into_iter());
        }
        let (place, names) = ((version, role), (key, policy.file));
        scope.add_role_policy(RolePolicy::new(
            place,
            names,
            policy.params,
            rules,
            &mut self.table.kinds,
        ));
    }

    fn entry_of(&mut self, policy: Policy, place: (Id, Id), scope: Arc<str>) -> Entry {
        let key = policy.key().into();
        let rows = self.rows_of(&policy);
        let uses_runtime = rows
            .iter()
            .any(|row| rule_uses_runtime(row.condition.as_deref(), row.output.as_deref()))
            || policy.params.use_runtime
            || policy.derived_roles.iter().any(|role| {
                role.condition.as_deref().is_some_and(mentions_runtime) || role.params.use_runtime
            });
        let usable = |role: Arc<crate::policy::DerivedRole>| UsableRole {
            variables: variables(&role.params, role.condition.as_deref()),
            role,
        };
        Entry {
            place,
            version: policy.version,
            scope,
            key,
            rows: Rows::new(rows, &mut self.table.actions),
            params: policy.params,
            derived_roles: policy.derived_roles.into_iter().map(usable).collect(),
            uses_runtime,
            file: policy.file,
            schemas: policy.schemas,
        }
    }

    fn rows_of(&mut self, policy: &Policy) -> Vec<Row> {
        let mut first_of_name: Hash<&str, u32> = Hash::default();
        let mut uses: Hash<&str, u32> = Hash::default();
        for rule in &policy.rules {
            *uses.entry(&rule.name).or_default() += 1;
        }
        let mut rows = Vec::new();
        for (rule, number) in policy.rules.iter().zip(0_u32..) {
            // Results are kept by the name of the rule, and a name that is given can be that of a rule without one
            // (rule O5).
            let first = *first_of_name.entry(&rule.name).or_insert(number);
            let shares_name = uses.get(&*rule.name).is_some_and(|uses| *uses > 1);
            self.add_rows(&mut rows, policy, rule, (number, first, shares_name));
        }
        rows
    }

    /// A row for each action and role of a rule, of its own roles first.
    fn add_rows(
        &mut self,
        rows: &mut Vec<Row>,
        policy: &Policy,
        rule: &Rule,
        (number, first_of_name, shares_name): (u32, u32, bool),
    ) {
        // An allow that needs a parent's consent and has a condition denies where the condition does not hold
        // (rule S4).
        let negated =
            needs_consent(policy) && rule.effect == Effect::Allow && rule.condition.is_some();
        let resource = (policy.kind == Kind::Principal)
            .then(|| Arc::new(Glob::of_principal_rule(&rule.resource)));
        let name = self.rule_name(&rule.name);
        let variables = variables(&policy.params, rule.condition.as_deref());
        let mut roles = self.globs(&rule.roles, None);
        for at in &rule.derived_roles {
            if let Some(role) = policy.derived_roles.get(*at) {
                roles.extend(self.globs(&role.parent_roles, u32::try_from(*at).ok()));
            }
        }
        for action in &rule.actions {
            let action = self.glob(action);
            rows.extend(roles.iter().map(|(role, who, derived_role)| Row {
                rule: number,
                first_of_name,
                derived_role: *derived_role,
                shares_name,
                effect: if negated { Effect::Deny } else { rule.effect },
                negated,
                who: *who,
                variables,
                condition: rule.condition.clone(),
                resource: resource.clone(),
                output: rule.output.clone(),
                role: Arc::clone(role),
                action: Arc::clone(&action),
                name: Arc::clone(&name),
            }));
        }
    }

    /// Patterns for roles, and what they come to.
    fn globs(&mut self, roles: &[Box<str>], of: Option<u32>) -> Vec<(Arc<Glob>, Who, Option<u32>)> {
        let mut glob = |role: &str| {
            let glob = self.glob(role);
            let who = match &*glob {
                glob if glob.is_any() => Who::Anybody,
                glob if glob.is_literal() => Who::Role(self.table.roles.add(role)),
                _ => Who::Pattern,
            };
            (glob, who, of)
        };
        any_or_all(roles).iter().map(|role| glob(role)).collect()
    }

    fn glob(&mut self, pattern: &str) -> Arc<Glob> {
        if let Some(glob) = self.globs.get(pattern) {
            return Arc::clone(glob);
        }
        let glob = Arc::new(Glob::if_starred(pattern));
        self.globs.insert(pattern.into(), Arc::clone(&glob));
        glob
    }

    fn rule_name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.rule_names.get(name) {
            return Arc::clone(known);
        }
        let known: Arc<str> = name.into();
        self.rule_names.insert(name.into(), Arc::clone(&known));
        known
    }
}

fn needs_consent(policy: &Policy) -> bool {
    policy.scope_permissions == ScopePermissions::RequireParentalConsent
}

/// The variables that have to be known for a condition, by slot.
fn variables(params: &Params, condition: Option<&Condition>) -> Slots {
    condition.map_or(Slots::NONE, |condition| params.needed(condition.variables()))
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

fn mentions_runtime(condition: &Condition) -> bool {
    match condition {
        Condition::Expr(leaf) => leaf.source.contains("runtime"),
        Condition::All(list) | Condition::Any(list) | Condition::None(list) => {
            list.iter().any(mentions_runtime)
        }
    }
}

//! Sets of policies.

use serde_json::{Value as Json, json};

use super::dice::Dice;
use super::expressions::{self, Names};
use super::scenery::Scenery;
use super::words;

/// All policies of a set.
pub(super) fn random(dice: &mut Dice<'_>, scenery: &Scenery) -> Vec<Json> {
    let mut maker = Maker { dice, scenery, exported: Vec::new(), all: Vec::new() };
    maker.exports();
    maker.derived_roles();
    maker.scoped(&scenery.kinds, Maker::resource);
    if maker.dice.chance(50) {
        maker.scoped(&scenery.principals, Maker::principal);
    }
    maker.roles();
    maker.all
}

pub(super) struct Maker<'d, 'b> {
    pub(super) dice: &'d mut Dice<'b>,
    pub(super) scenery: &'d Scenery,
    /// Exports and what they define.
    exported: Vec<(&'static str, Vec<String>)>,
    all: Vec<Json>,
}

impl Maker<'_, '_> {
    pub(super) fn add(&mut self, body: &str, policy: impl Into<Json>) {
        let policy = policy.into();
        self.all.push(json!({"apiVersion": "api.cerbos.dev/v1", body: policy}));
    }

    fn exports(&mut self) {
        let scenery = self.scenery;
        for (name, own) in scenery.exported_variables.iter().zip([["x1", "x2"], ["y1", "y2"]]) {
            let mut known = Names { runtime: self.runtime(), ..Names::default() };
            let definitions = expressions::definitions(self.dice, &own, &mut known);
            self.exported.push((name, known.variables));
            self.add("exportVariables", json!({"name": name, "definitions": definitions}));
        }
        for (name, own) in scenery.exported_constants.iter().zip([["k1", "k2"], ["l1", "l2"]]) {
            let definitions = self.constants(&own);
            self.exported.push((name, own.iter().map(|n| (*n).to_owned()).collect()));
            self.add("exportConstants", json!({"name": name, "definitions": definitions}));
        }
    }

    pub(super) fn runtime(&mut self) -> bool {
        expressions::may_look_at_runtime(self.scenery) && self.dice.chance(60)
    }

    fn constants(&mut self, names: &[&str]) -> serde_json::Map<String, Json> {
        let values = [
            json!(1),
            json!(["x", "y"]),
            json!({"k": 1, "x": null}),
            json!(true),
            json!("x"),
            json!(null),
        ];
        let mut all = serde_json::Map::new();
        for name in names {
            let value = self.dice.pick_ref(&values).cloned().unwrap_or_default();
            all.insert((*name).to_owned(), value);
        }
        all
    }

    /// Fields `variables` and `constants`, and what they bring into scope.
    pub(super) fn definitions(
        &mut self,
        policy: &mut serde_json::Map<String, Json>,
        runtime: bool,
    ) -> Names {
        let mut names = Names { runtime, ..Names::default() };
        let (mut variable_imports, mut constant_imports) = (Vec::new(), Vec::new());
        let scenery = self.scenery;
        for (export, defined) in self.exported.clone() {
            if self.dice.chance(40) {
                if scenery.exported_variables.contains(&export) {
                    variable_imports.push(export);
                    names.variables.extend(defined);
                } else {
                    constant_imports.push(export);
                    names.constants.extend(defined);
                }
            }
        }
        let own = self.dice.some(words::CONSTANTS, 0, 2);
        let constants = self.constants(&own);
        names.constants.extend(own.iter().map(|n| (*n).to_owned()));
        let own = self.dice.some(words::VARIABLES, 0, 3);
        let variables = expressions::definitions(self.dice, &own, &mut names);
        let mut insert = |field: &str, imports: Vec<&str>, local: serde_json::Map<String, Json>| {
            if !imports.is_empty() || !local.is_empty() {
                policy.insert(field.to_owned(), json!({"import": imports, "local": local}));
            }
        };
        insert("variables", variable_imports, variables);
        insert("constants", constant_imports, constants);
        names
    }

    fn derived_roles(&mut self) {
        let scenery = self.scenery;
        for set in &scenery.derived_roles {
            let Some((name, roles)) = words::DERIVED_ROLES.get(*set) else { continue };
            let mut policy = serde_json::Map::new();
            let runtime = self.runtime();
            let names = self.definitions(&mut policy, runtime);
            let most = if self.dice.chance(20) { 3 } else { 2 };
            let roles = roles.get(..most).unwrap_or(roles);
            let definitions: Vec<Json> = roles
                .iter()
                .map(|role| {
                    let parents = self.roles_of_rule();
                    let mut definition = json!({"name": role, "parentRoles": parents});
                    self.optional(&mut definition, &names, false);
                    definition
                })
                .collect();
            policy.insert("name".into(), (*name).into());
            policy.insert("definitions".into(), definitions.into());
            self.add("derivedRoles", policy);
        }
    }

    /// One policy for each name, version and scope, with now and then a gap.
    fn scoped(
        &mut self,
        names: &[&'static str],
        make: fn(&mut Self, &'static str, &str, &mut serde_json::Map<String, Json>),
    ) {
        let scenery = self.scenery;
        for name in names {
            for version in &scenery.versions {
                for (scope, permissions) in &scenery.scopes {
                    // A policy whose ancestor is missing does not load.
                    let gap = scope.matches('.').count() >= 1 || !scope.is_empty();
                    if gap && self.dice.chance(15) {
                        break;
                    }
                    let mut policy = serde_json::Map::new();
                    policy.insert("version".into(), (*version).into());
                    if !scope.is_empty() || self.dice.chance(10) {
                        policy.insert("scope".into(), (*scope).into());
                    }
                    let text = match permissions {
                        1 => Some("SCOPE_PERMISSIONS_OVERRIDE_PARENT"),
                        2 => Some("SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS"),
                        _ => None,
                    };
                    if let Some(text) = text {
                        policy.insert("scopePermissions".into(), text.into());
                    }
                    make(self, name, scope, &mut policy);
                }
            }
        }
    }

    fn resource(
        &mut self,
        kind: &'static str,
        scope: &str,
        policy: &mut serde_json::Map<String, Json>,
    ) {
        let scenery = self.scenery;
        policy.insert("resource".into(), kind.into());
        let runtime = self.runtime();
        let names = self.definitions(policy, runtime);
        let imports = if self.dice.chance(80) { scenery.derived_roles.clone() } else { Vec::new() };
        let mut known: Vec<&'static str> = Vec::new();
        let mut imported = Vec::new();
        for set in imports {
            if let Some((name, roles)) = words::DERIVED_ROLES.get(set) {
                imported.push(*name);
                known.extend(roles.iter().take(2));
            }
        }
        if !imported.is_empty() {
            policy.insert("importDerivedRoles".into(), imported.into());
        }
        let count = self.dice.below(7);
        let mut used = Vec::new();
        let rules: Vec<Json> = (0..count)
            .map(|_| {
                let mut rule = json!({"actions": self.actions(), "effect": self.effect()});
                let derived = !known.is_empty() && self.dice.chance(45);
                if derived {
                    rule["derivedRoles"] = self.dice.some(&known, 1, 2).into();
                }
                if !derived || self.dice.chance(30) {
                    rule["roles"] = self.roles_of_rule().into();
                }
                self.optional(&mut rule, &names, true);
                self.rule_name(&mut rule, &mut used);
                rule
            })
            .collect();
        policy.insert("rules".into(), rules.into());
        if scenery.schemas && scope.is_empty() && self.dice.chance(50) {
            policy.insert("schemas".into(), self.schemas());
        }
        self.add("resourcePolicy", std::mem::take(policy));
    }

    fn principal(&mut self, id: &'static str, _: &str, policy: &mut serde_json::Map<String, Json>) {
        policy.insert("principal".into(), id.into());
        let runtime = self.runtime();
        let names = self.definitions(policy, runtime);
        let resources = self.resources(2);
        let rules: Vec<Json> = resources
            .into_iter()
            .map(|resource| {
                let count = 1 + self.dice.below(3);
                let mut used = Vec::new();
                let actions: Vec<Json> = (0..count)
                    .map(|_| {
                        let action = self.actions().first().copied().unwrap_or("view");
                        let mut rule = json!({"action": action, "effect": self.effect()});
                        self.optional(&mut rule, &names, true);
                        self.rule_name(&mut rule, &mut used);
                        rule
                    })
                    .collect();
                json!({"resource": resource, "actions": actions})
            })
            .collect();
        policy.insert("rules".into(), rules.into());
        self.add("principalPolicy", std::mem::take(policy));
    }
}

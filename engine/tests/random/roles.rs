//! Role policies.

use serde_json::json;

use super::policies::Maker;
use super::words;

impl Maker<'_, '_> {
    pub(super) fn roles(&mut self) {
        let scenery = self.scenery;
        let mut seen: Vec<(&str, Option<&str>, &str)> = Vec::new();
        for _ in 0..self.dice.below(5) {
            let role = self.dice.pick(&scenery.roles);
            let version = self.dice.chance(70).then(|| self.dice.pick(&scenery.versions));
            let (scope, permissions) = self.dice.pick(&scenery.scopes);
            // Policies of a scope have to agree, and a role policy counts as one that says nothing.
            if permissions != 0 && !self.dice.chance(5) {
                continue;
            }
            let key = (role, version.or(Some("default")), scope);
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let mut policy = serde_json::Map::new();
            policy.insert("role".into(), role.into());
            if let Some(version) = version {
                policy.insert("version".into(), version.into());
            }
            if !scope.is_empty() {
                policy.insert("scope".into(), scope.into());
            }
            if self.dice.chance(10) {
                policy.insert("scopePermissions".into(), 2.into());
            }
            if self.dice.chance(50) {
                let parents: Vec<&str> = match self.dice.chance(20) {
                    true => vec![self.dice.pick(words::ROLE_PATTERNS)],
                    false => self.dice.some(&scenery.roles, 1, 2),
                };
                policy.insert("parentRoles".into(), parents.into());
            }
            let runtime = self.runtime();
            let names = self.definitions(&mut policy, runtime);
            let mut used = Vec::new();
            let mut rules = Vec::new();
            for resource in self.resources(3) {
                let mut rule = json!({"resource": resource, "allowActions": self.actions()});
                self.optional(&mut rule, &names, true);
                self.rule_name(&mut rule, &mut used);
                rules.push(rule);
            }
            policy.insert("rules".into(), rules.into());
            self.add("rolePolicy", policy);
        }
    }
}

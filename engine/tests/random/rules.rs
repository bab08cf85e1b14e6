//! Parts of rules.

use serde_json::{Value as Json, json};

use super::conditions::{condition, output};
use super::expressions::Names;
use super::policies::Maker;
use super::words;

impl Maker<'_, '_> {
    /// Condition, name and output of a rule.
    pub(super) fn optional(&mut self, rule: &mut Json, names: &Names, with_output: bool) {
        if let Some(condition) = condition(self.dice, names) {
            rule["condition"] = condition;
        }
        if with_output && let Some(output) = output(self.dice, names) {
            rule["output"] = output;
        }
    }

    pub(super) fn roles_of_rule(&mut self) -> Vec<&'static str> {
        let mut roles = self.dice.some(&self.scenery.roles, 1, 2);
        if self.dice.chance(35) {
            let pattern = self.dice.pick(words::ROLE_PATTERNS);
            if self.dice.chance(50) {
                roles.clear();
            }
            roles.push(pattern);
        }
        roles
    }

    pub(super) fn actions(&mut self) -> Vec<&'static str> {
        let mut actions = self.dice.some(&self.scenery.actions, 1, 2);
        if self.dice.chance(40) {
            let pattern = self.dice.pick(words::ACTION_PATTERNS);
            if self.dice.chance(50) {
                actions.clear();
            }
            if !actions.contains(&pattern) {
                actions.push(pattern);
            }
        }
        actions
    }

    pub(super) fn effect(&mut self) -> &'static str {
        if self.dice.chance(30) { "EFFECT_DENY" } else { "EFFECT_ALLOW" }
    }

    /// A name that no rule has yet.
    pub(super) fn rule_name(&mut self, rule: &mut Json, used: &mut Vec<&'static str>) {
        if self.dice.chance(25) {
            let name = self.dice.pick(words::RULE_NAMES);
            if !used.contains(&name) {
                used.push(name);
                rule["name"] = name.into();
            }
        }
    }

    /// Resources as principal and role policies name them.
    pub(super) fn resources(&mut self, most: usize) -> Vec<&'static str> {
        let mut all = self.scenery.kinds.clone();
        all.push(self.dice.pick(words::RESOURCE_PATTERNS));
        all.push(self.dice.pick(words::RESOURCE_PATTERNS));
        all.push(self.dice.pick(words::OTHER_KINDS));
        let mut found = self.dice.some(&all, 0, most);
        let mut unique = Vec::new();
        found.retain(|r| {
            !unique.contains(r) && {
                unique.push(*r);
                true
            }
        });
        found
    }

    pub(super) fn schemas(&mut self) -> Json {
        let mut schemas = json!({});
        for (field, file) in
            [("principalSchema", "principal.json"), ("resourceSchema", "resource.json")]
        {
            if self.dice.chance(60) {
                schemas[field] = json!({"ref": format!("cerbos:///{file}")});
                if self.dice.chance(40) {
                    schemas[field]["ignoreWhen"] = json!({"actions": self.actions()});
                }
            }
        }
        schemas
    }
}

fn is_pattern(resource: &str) -> bool {
    resource.contains(['*', '?', '[', '{'])
}

//! What one policy says in one scope (rule 7).

use serde_json::Value as Json;

use super::evaluate::Held;
use super::glob;
use super::names::sanitize;
use super::policies::{Kind, Policy, text, texts};
use super::question::{Question, Said};

impl<'q> Question<'q> {
    /// Rule 7.
    pub(super) fn scope(&mut self, kind: Kind, scope: &str, action: &str, role: &str) -> Said {
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
    pub(super) fn principal_rule_fits(&self, policy: &Policy, rule: &Json) -> bool {
        let resource = text(rule, "resource");
        policy.kind != Kind::Principal
            || glob::matches_if_starred(&sanitize_unless_pattern(&resource), &self.kind)
    }

    /// Through which derived role, or none, the rule reaches the roles; once for each role that fits.
    pub(super) fn ways(
        &self,
        policy: &'q Policy,
        rule: &Json,
        roles: &[String],
    ) -> Vec<Option<usize>> {
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

//! Role policies (rules R1 to R7).

use serde_json::Value as Json;

use super::evaluate::Held;
use super::glob;
use super::policies::{Kind, Policy, text, texts};
use super::question::{Question, Said};

impl<'q> Question<'q> {
    /// Whether a resource or role policy speaks of the kind.
    pub(super) fn is_about(&self, policy: &Policy) -> bool {
        match policy.kind {
            Kind::Principal => false,
            Kind::Resource => policy.name == self.kind,
            Kind::Role => policy.rules.iter().any(|rule| self.role_rule_is_about(rule)),
        }
    }

    pub(super) fn role_rule_is_about(&self, rule: &Json) -> bool {
        glob::matches_if_starred(&text(rule, "resource"), &self.kind)
    }

    /// Rules R1 to R3.
    pub(super) fn restrictions(
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

//! What a set of policies is about, so that its policies and requests meet.

use super::dice::Dice;
use super::words;

#[derive(Debug)]
pub(super) struct Scenery {
    pub(super) kinds: Vec<&'static str>,
    pub(super) principals: Vec<&'static str>,
    pub(super) roles: Vec<&'static str>,
    pub(super) actions: Vec<&'static str>,
    pub(super) versions: Vec<&'static str>,
    /// Scopes and what policies in them say of the parent's consent: 0, 1 or 2.
    pub(super) scopes: Vec<(&'static str, u8)>,
    /// Names of sets of derived roles, exported variables and exported constants.
    pub(super) derived_roles: Vec<usize>,
    pub(super) exported_variables: Vec<&'static str>,
    pub(super) exported_constants: Vec<&'static str>,
    pub(super) schemas: bool,
}

impl Scenery {
    pub(super) fn random(dice: &mut Dice<'_>, schemas: bool) -> Self {
        let leaves = dice.some(words::SCOPES, 1, 3);
        let mut scopes: Vec<(&'static str, u8)> = Vec::new();
        for leaf in leaves {
            for scope in ancestors(leaf) {
                if !scopes.iter().any(|(known, _)| *known == scope) {
                    let permissions = match scope {
                        "" => 0,
                        _ => dice.pick(&[0, 0, 2, 2, 1]),
                    };
                    scopes.push((scope, permissions));
                }
            }
        }
        let mut scenery = Self {
            kinds: dice.some(words::KINDS, 1, 3),
            principals: dice.some(words::PRINCIPALS, 1, 2),
            roles: dice.some(words::ROLES, 2, 4),
            actions: dice.some(words::ACTIONS, 2, 4),
            versions: dice.some(words::VERSIONS, 1, 2),
            scopes,
            derived_roles: dice.some(&[0, 1], 0, 2),
            exported_variables: dice.some(&["vars", "more_vars"], 0, 2),
            exported_constants: dice.some(&["consts", "more-consts"], 0, 2),
            schemas,
        };
        // Derived roles and exports count as policies of the root without permissions, and would contradict it.
        if dice.chance(8) {
            scenery.derived_roles.clear();
            scenery.exported_variables.clear();
            scenery.exported_constants.clear();
            if let Some(root) = scenery.scopes.iter_mut().find(|(scope, _)| scope.is_empty()) {
                root.1 = dice.pick(&[1, 2]);
            }
        }
        scenery
    }

    /// How policies of a scope write `scopePermissions`, if they do.
    pub(super) fn permissions(&self, scope: &str) -> u8 {
        self.scopes.iter().find(|(known, _)| *known == scope).map_or(0, |(_, p)| *p)
    }
}

/// A scope and its parents, the root first.
fn ancestors(scope: &'static str) -> Vec<&'static str> {
    let mut found = vec![scope];
    let mut rest = scope;
    while !rest.is_empty() {
        rest = rest.rsplit_once('.').map_or("", |(parent, _)| parent);
        found.push(rest);
    }
    found.reverse();
    found
}

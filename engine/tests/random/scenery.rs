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
                    // The root can never allow if it needs consent, and must agree with derived roles and exports.
                    let permissions = match scope {
                        "" => dice.pick(&[0, 0, 0, 0, 0, 0, 2]),
                        _ => dice.pick(&[0, 0, 2, 2, 1]),
                    };
                    scopes.push((scope, permissions));
                }
            }
        }
        Self {
            kinds: dice.some(words::KINDS, 1, 3),
            principals: dice.some(words::PRINCIPALS, 1, 2),
            roles: dice.some(words::ROLES, 2, 5),
            actions: dice.some(words::ACTIONS, 2, 5),
            versions: dice.some(words::VERSIONS, 1, 2),
            scopes,
            derived_roles: dice.some(&[0, 1], 0, 2),
            exported_variables: dice.some(&["vars", "more_vars"], 0, 2),
            exported_constants: dice.some(&["consts", "more-consts"], 0, 2),
            schemas,
        }
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

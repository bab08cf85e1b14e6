//! The decision loop. Numbers in comments are the rules of docs/semantics.md, section 5.

use super::evaluate::Held;
use super::question::Check;
use super::{Decision, Effect, Undecided};
use crate::policy::Kind;
use crate::table::{Entry, Row};

/// What one kind of policy says for one role.
#[derive(Clone, Copy)]
pub(super) enum Said<'x> {
    Nothing,
    /// Effect, deciding scope, and the policy to name when it is not that of the kind.
    Effect(Effect, &'x str, Option<&'x str>),
    /// Strict evaluation: an expression failed, the action ends (rule 9).
    Failed(&'x str, &'x str),
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// Decides one action.
    pub(super) fn action(&mut self, action: &str) -> Result<Decision, Undecided> {
        if self.rejected {
            return Ok(self.rejection());
        }
        // Rule 3: nobody speaks of the request.
        if !self.principal_exists && !self.resource_exists {
            return Ok(Decision {
                effect: Effect::Deny,
                policy: None,
                scope: self.engine.table.root_scope(),
            });
        }
        let mut decided = (Kind::Resource, Said::Nothing);
        // Rule 4: principal policies first; what they decide is final.
        for kind in [Kind::Principal, Kind::Resource] {
            let said = self.kind(kind, action)?;
            decided = (kind, said);
            if !matches!(said, Said::Nothing) {
                break;
            }
        }
        Ok(self.describe(decided))
    }

    /// Rule 5: the roles of the principal in the order of the request; the first that is allowed wins, or
    /// else the first that has something to say.
    fn kind(&mut self, kind: Kind, action: &str) -> Result<Said<'x>, Undecided> {
        let principal = self.principal;
        let roles = if kind == Kind::Principal {
            principal.roles.get(..1).unwrap_or_default()
        } else {
            &principal.roles
        };
        let mut result = Said::Nothing;
        for role in roles {
            let said = self.role(kind, action, role)?;
            match said {
                Said::Effect(Effect::Allow, ..) | Said::Failed(..) => return Ok(said),
                _ if matches!(result, Said::Nothing) => result = said,
                _ => {}
            }
        }
        Ok(result)
    }

    /// Rule 6: the scopes, most specific first.
    fn role(&mut self, kind: Kind, action: &str, role: &'x str) -> Result<Said<'x>, Undecided> {
        let scopes =
            if kind == Kind::Principal { &self.principal_scopes } else { &self.resource_scopes }
                .clone();
        for scope in scopes {
            let said = self.scope(kind, action, role, scope)?;
            self.note_visit((kind, action), role, scope, &said);
            match said {
                // Rule 8: in a scope that needs consent, an allow only asks the parent.
                Said::Effect(Effect::Allow, ..) if self.engine.table.needs_consent(scope) => {}
                Said::Nothing => {}
                said => return Ok(said),
            }
        }
        Ok(Said::Nothing)
    }

    /// Rule 7: within a scope, the first row that denies wins over all that allow; role policies come first.
    fn scope(
        &mut self,
        kind: Kind,
        action: &str,
        role: &'x str,
        scope: &'x str,
    ) -> Result<Said<'x>, Undecided> {
        let entry = self.entry(kind, scope);
        if kind == Kind::Resource {
            match entry {
                Some(entry) => self.enter_scope(entry, scope)?,
                None => self.see_roles((&[], &[])),
            }
            match self.role_policies(entry, role, scope, action)? {
                Said::Nothing => {}
                said => return Ok(said),
            }
        }
        let Some(entry) = entry else { return Ok(Said::Nothing) };
        let mut allowed = false;
        for row in entry.rows.of(action) {
            let about_it =
                row.resource.as_ref().is_none_or(|pattern| pattern.matches(&self.resource_name));
            if !about_it || !(row.role.is_any() || self.closure(role).any(|r| row.role.matches(r)))
            {
                continue;
            }
            self.effective.note(kind, entry);
            let held = self.met(entry, row)?;
            self.note_row(entry, row, held.as_ref())?;
            let met = match held {
                None => continue,
                Some(Held::Failed) => return Ok(Said::Failed(&entry.key, scope)),
                Some(Held::Yes) => true,
                Some(Held::No) => false,
            };
            self.note_rule(&entry.key, row.rule, met != row.negated);
            self.emit(row.output.as_deref(), met, (&entry.key, &row.name), action);
            match row.effect {
                _ if !met => {}
                Effect::Allow => allowed = true,
                Effect::Deny => return Ok(Said::Effect(Effect::Deny, scope, None)),
            }
        }
        Ok(if allowed { Said::Effect(Effect::Allow, scope, None) } else { Said::Nothing })
    }

    /// Whether a row's conditions hold, each rule evaluated once a request. `None`: its derived role is not
    /// active, and that was found out just now (rule Q8).
    fn met(&mut self, entry: &'t Entry, row: &'t Row) -> Result<Option<Held>, Undecided> {
        let variables = self.variables(&entry.params)?;
        self.base.variables = variables;
        let known = self.results.iter().find(|(e, rule, derived_role, _)| {
            std::ptr::eq(*e, entry)
                && *rule == row.first_of_name
                && *derived_role == row.derived_role
        });
        if let Some((.., met)) = known {
            return Ok(Some((*met).into()));
        }
        if let Some(role) = row.derived_role.and_then(|i| entry.derived_roles.get(i)) {
            self.base.variables = self.variables(&role.params)?;
            let held = self.condition(role.condition.as_deref())?;
            self.base.variables = variables;
            match held {
                Held::Yes => self.note_derived_role(role),
                Held::Failed => return Ok(Some(Held::Failed)),
                Held::No => {
                    self.results.push((entry, row.first_of_name, row.derived_role, false));
                    return Ok(None);
                }
            }
        }
        let held = self.condition(row.condition.as_deref())?;
        let met = match (held, row.negated) {
            (Held::Failed, _) => return Ok(Some(Held::Failed)),
            (Held::Yes, negated) => !negated,
            (Held::No, negated) => negated,
        };
        self.results.push((entry, row.first_of_name, row.derived_role, met));
        Ok(Some(met.into()))
    }
}

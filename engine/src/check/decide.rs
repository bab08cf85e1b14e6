//! The decision loop. Numbers in comments are the rules of docs/semantics.md, section 5.

use std::sync::Arc;

use super::evaluate::Held;
use super::question::{Check, Role, Site};
use super::{Decision, Effect, Name, Undecided};
use crate::policy::Kind;
use crate::table::{Entry, Named, Row};

/// What one kind of policies says for one role.
#[derive(Clone, Copy)]
pub(super) enum Said<'t> {
    Nothing,
    /// Effect, deciding scope, and the policy to name when it is not that of the kind.
    Effect(Effect, &'t Arc<str>, Option<&'t Arc<str>>),
    /// Strict evaluation: an expression of this policy and scope failed, the action ends (rule 9).
    Failed(&'t Arc<str>, &'t Arc<str>),
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// Decides one action.
    pub(super) fn action(&mut self, action: &str) -> Result<Decision, Undecided> {
        if self.rejected {
            return Ok(self.rejection());
        }
        // Rule 3: nobody speaks of the request.
        if !self.resource_exists && !self.caller.exists() {
            return Ok(Decision { effect: Effect::Deny, policy: None, scope: Name::empty() });
        }
        let table = &*self.engine.table;
        let action = table.action(action);
        self.forget_rows();
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
    fn kind(&mut self, kind: Kind, action: Named<'_>) -> Result<Said<'t>, Undecided> {
        let mut result = Said::Nothing;
        let mut next = 0;
        while let Some(role) = self.roles(kind).get(next).copied() {
            next += 1;
            let said = self.role(kind, action, &role)?;
            match said {
                Said::Effect(Effect::Allow, ..) | Said::Failed(..) => return Ok(said),
                _ if matches!(result, Said::Nothing) => result = said,
                _ => {}
            }
        }
        Ok(result)
    }

    /// Rule 6: the scopes, most specific first.
    fn role(
        &mut self,
        kind: Kind,
        action: Named<'_>,
        role: &Role<'t, 'x>,
    ) -> Result<Said<'t>, Undecided> {
        let mut next = 0;
        while let Some(site) = self.sites(kind).get(next).copied() {
            let said = self.scope(kind, action, role, next, &site)?;
            self.note_visit((kind, action.name), role, &site, &said);
            next += 1;
            match said {
                // Rule 8: in a scope that needs consent, an allow only asks the parent.
                Said::Effect(Effect::Allow, ..) if site.scope.needs_consent => {}
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
        action: Named<'_>,
        role: &Role<'t, 'x>,
        at: usize,
        site: &Site<'t>,
    ) -> Result<Said<'t>, Undecided> {
        if kind == Kind::Resource {
            self.enter_scope(at, site)?;
            match self.role_policies(site, role, action.name)? {
                Said::Nothing => {}
                said => return Ok(said),
            }
        }
        let Some(entry) = site.entry else { return Ok(Said::Nothing) };
        let found = match site.rows {
            Some(found) => found,
            None => {
                let found = entry.rows.find(action);
                if let Some(site) = self.site_mut(kind, at) {
                    site.rows = Some(found);
                }
                found
            }
        };
        let mut allowed = false;
        for row in entry.rows.found(found, action.name) {
            if !row.is_about(self.kind.name) || !self.is_for(row, role) {
                continue;
            }
            self.effective.note(kind, entry);
            let held = self.met(entry, row)?;
            self.note_row(entry, row, held.as_ref())?;
            let met = match held {
                None => continue,
                Some(Held::Failed) => return Ok(Said::Failed(&entry.key, &entry.scope)),
                Some(Held::Yes) => true,
                Some(Held::No) => false,
            };
            self.note_rule(&entry.key, row.rule, met != row.negated);
            self.emit(row.output.as_deref(), met, (&entry.key, &row.name), action.name);
            match row.effect {
                _ if !met => {}
                Effect::Allow => allowed = true,
                Effect::Deny => return Ok(Said::Effect(Effect::Deny, &entry.scope, None)),
            }
        }
        Ok(if allowed { Said::Effect(Effect::Allow, &entry.scope, None) } else { Said::Nothing })
    }

    /// Whether a row's conditions hold, each rule evaluated once a request. `None`: its derived role is not
    /// active, and that was found out just now (rule Q8).
    fn met(&mut self, entry: &'t Entry, row: &'t Row) -> Result<Option<Held>, Undecided> {
        let variables = self.variables(&entry.params, row.variables)?;
        self.base.variables = variables;
        if let Some(met) = self.results.get(entry, row) {
            return Ok(Some(met.into()));
        }
        if let Some(usable) = entry.derived_role(row) {
            self.base.variables = self.variables(&usable.role.params, usable.variables)?;
            let held = self.condition(usable.role.condition.as_deref())?;
            self.base.variables = variables;
            match held {
                Held::Yes => self.note_derived_role(&usable.role),
                Held::Failed => return Ok(Some(Held::Failed)),
                Held::No => {
                    self.results.set(entry, row, false);
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
        self.results.set(entry, row, met);
        Ok(Some(met.into()))
    }
}

//! What the decision loop looked at, kept while it runs. Without a trace every function here does nothing.

use super::decide::Said;
use super::evaluate::Held;
use super::question::{Check, Role, Site};
use super::{Effect, Undecided};
use crate::cel::Slots;
use crate::diag::Position;
use crate::explain::{DerivedRoleTrace, Outcome, RuleResult, RuleTrace, Visit};
use crate::policy::Kind;
use crate::suggest::closest;
use crate::table::{Entry, RolePolicy, RoleRule, Row, UsableRole};

/// The visits of the action under way.
#[derive(Debug, Default)]
pub(super) struct Trace {
    visits: Vec<Visit>,
    /// Rules that were evaluated in the visit under way, by number; of role policies first.
    restrictions: Vec<RuleTrace>,
    evaluated: Vec<(u32, RuleTrace)>,
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// The visits of the action that was decided last.
    pub(super) fn take_visits(&mut self) -> Vec<Visit> {
        self.trace.as_mut().map(|trace| std::mem::take(&mut trace.visits)).unwrap_or_default()
    }

    /// Rules 2 and 3: why no policy speaks of the resource.
    pub(super) fn why_nobody_was_asked(&self) -> Option<Box<str>> {
        if self.resource_exists {
            return None;
        }
        let (table, scope) = (&self.engine.table, self.requested_scope);
        let lenient = self.engine.options.lenient_scope_search;
        if table.is_empty() {
            return Some("there are no policies".into());
        }
        if self.sites(Kind::Resource).is_empty() && !lenient && !scope.is_empty() {
            return Some(
                format!("no resource or role policy uses the scope `{scope}`, and scope search is strict").into(),
            );
        }
        let kind = self.kind.name;
        let known: Vec<&str> = table.kinds().collect();
        let help = closest(kind, &known).filter(|best| *best != kind);
        let help = help.map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
        let version = self.resource_version;
        let place =
            if scope.is_empty() { "the root scope".to_owned() } else { format!("scope `{scope}`") };
        Some(
            format!("no policy speaks of `{kind}` in version `{version}` and {place}{help}").into(),
        )
    }

    /// A row was evaluated. `None`: its derived role is not active.
    pub(super) fn note_row(
        &mut self,
        entry: &'t Entry,
        row: &'t Row,
        held: Option<&Held>,
    ) -> Result<(), Undecided> {
        if self.trace.is_none() {
            return Ok(());
        }
        let mut result = match held {
            None => RuleResult::DerivedRoleInactive,
            Some(Held::Failed) => RuleResult::Failed,
            Some(Held::No) if row.negated => RuleResult::ParentDecides,
            Some(Held::Yes) if row.negated => RuleResult::DeniesUnmet,
            Some(Held::No) => RuleResult::ConditionNotMet,
            Some(Held::Yes) => RuleResult::Applied,
        };
        let mut derived_role = None;
        if let Some(UsableRole { role, .. }) = entry.derived_role(row) {
            self.base.variables = self.variables(&role.params, Slots::ALL)?;
            let condition =
                role.condition.as_deref().map(|c| self.trace_condition(&role.params, c));
            if condition.as_ref().is_some_and(|c| c.holds != Some(true)) && held.is_some() {
                // Found out for an earlier action, and only remembered here.
                result = match result {
                    RuleResult::Failed => RuleResult::Failed,
                    _ => RuleResult::DerivedRoleInactive,
                };
            }
            derived_role = Some(DerivedRoleTrace { name: role.name.clone(), condition });
            self.base.variables = self.variables(&entry.params, Slots::ALL)?;
        }
        let condition = row
            .condition
            .as_deref()
            .filter(|_| result != RuleResult::DerivedRoleInactive)
            .map(|c| self.trace_condition(&entry.params, c));
        let rule = RuleTrace {
            policy: (&*entry.key).into(),
            rule: (&*row.name).into(),
            place: self.place(&entry.key, row.rule),
            effect: Some(row.effect_as_written()),
            result,
            derived_role,
            condition,
        };
        if let Some(trace) = &mut self.trace {
            trace.evaluated.push((row.rule, rule));
        }
        Ok(())
    }

    /// An entry of a role policy was evaluated, or none speaks of the action.
    pub(super) fn note_restriction(
        &mut self,
        policy: &'t RolePolicy,
        entry: Option<(u32, &'t RoleRule, &Held)>,
    ) {
        if self.trace.is_none() {
            return;
        }
        let result = match entry.as_ref().map(|(.., held)| held) {
            None => RuleResult::NotListed,
            Some(Held::Yes) => RuleResult::Applied,
            Some(Held::No) => RuleResult::ConditionNotMet,
            Some(Held::Failed) => RuleResult::Failed,
        };
        let number = entry.as_ref().map(|(number, ..)| *number);
        let rule = entry.as_ref().map_or("", |(_, rule, _)| &rule.name);
        let condition = entry.as_ref().and_then(|(_, rule, _)| rule.condition.as_deref());
        let condition = condition.map(|c| self.trace_condition(&policy.params, c));
        let rule = RuleTrace {
            policy: (&*policy.key).into(),
            rule: rule.into(),
            place: number.and_then(|number| self.place(&policy.key, number)),
            effect: None,
            result,
            derived_role: None,
            condition,
        };
        if let Some(trace) = &mut self.trace {
            trace.restrictions.push(rule);
        }
    }

    /// A scope has been visited for a role.
    pub(super) fn note_visit(
        &mut self,
        (kind, action): (Kind, &str),
        role: &Role<'t, 'x>,
        site: &Site<'t>,
        said: &Said<'t>,
    ) {
        let Some(mut trace) = self.trace.take() else { return };
        let entry = site.entry;
        let mut rules = std::mem::take(&mut trace.restrictions);
        let evaluated = std::mem::take(&mut trace.evaluated);
        if let Some(entry) = entry {
            rules.extend(self.rules_of(entry, action, role, &evaluated));
        }
        trace.visits.push(Visit {
            role: (kind == Kind::Resource).then(|| role.name.into()),
            scope: (&*site.scope.name).into(),
            policy: entry.map(|entry| (&*entry.key).into()),
            outcome: match said {
                Said::Nothing if rules.iter().any(|r| r.result == RuleResult::ParentDecides) => {
                    Outcome::ParentDecides
                }
                Said::Nothing => Outcome::Nothing,
                Said::Failed(..) => Outcome::Failed,
                Said::Effect(Effect::Allow, ..) if site.scope.needs_consent => {
                    Outcome::ParentDecides
                }
                Said::Effect(Effect::Allow, ..) => Outcome::Allow,
                Said::Effect(Effect::Deny, ..) => Outcome::Deny,
            },
            rules,
        });
        self.trace = Some(trace);
    }

    /// Every rule of a policy: as evaluated, or why it was not.
    fn rules_of(
        &self,
        entry: &Entry,
        action: &str,
        role: &Role<'t, 'x>,
        evaluated: &[(u32, RuleTrace)],
    ) -> Vec<RuleTrace> {
        let mut rules = Vec::new();
        for rows in entry.rows.all().chunk_by(|a, b| a.rule == b.rule) {
            let Some(first) = rows.first() else { continue };
            let of_rule = || evaluated.iter().filter(|(n, _)| *n == first.rule).map(|(_, r)| r);
            // A rule may have been looked at through several roles: the one that counted says most.
            let told =
                of_rule().find(|r| r.result == RuleResult::Applied).or(of_rule().next_back());
            if let Some(rule) = told {
                rules.push(rule.clone());
                continue;
            }
            let result = if !rows.iter().any(|row| row.action.matches(action)) {
                RuleResult::OtherActions(distinct(rows.iter().map(|r| r.action.as_str())))
            } else if !rows.iter().any(|row| row.is_about(self.kind.name)) {
                let resource = first.resource.as_ref().map_or("", |glob| glob.as_str());
                RuleResult::OtherResource(resource.into())
            } else if rows.iter().any(|row| self.is_for(row, role)) {
                RuleResult::NotReached
            } else {
                RuleResult::OtherRoles(distinct(rows.iter().map(|r| r.role.as_str())))
            };
            rules.push(RuleTrace {
                policy: (&*entry.key).into(),
                rule: (&*first.name).into(),
                place: self.place(&entry.key, first.rule),
                effect: Some(first.effect_as_written()),
                result,
                derived_role: None,
                condition: None,
            });
        }
        rules
    }

    fn place(&self, policy: &str, number: u32) -> Option<Box<str>> {
        let rules = &self.engine.table.rules;
        let rule = rules.iter().find(|r| *r.policy == *policy && r.number == number)?;
        let Position { line, column } = rule.position;
        Some(format!("{}:{line}:{column}", rule.file).into())
    }
}

fn distinct<'r>(names: impl Iterator<Item = &'r str>) -> Vec<Box<str>> {
    let mut seen: Vec<Box<str>> = Vec::new();
    for name in names {
        if !seen.iter().any(|s| **s == *name) {
            seen.push(name.into());
        }
    }
    seen
}

//! An explanation as a tree of text.

use std::fmt::{self, Write as _};

use super::{
    ActionExplanation, ConditionTrace, Explanation, Outcome, RuleResult, RuleTrace, Visit,
};
use crate::check::Effect;

/// A line and what hangs below it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for action in &self.actions {
            draw(f, &of_action(action), "", "")?;
        }
        if !self.output.effective_derived_roles.is_empty() {
            writeln!(f, "derived roles: {}", self.output.effective_derived_roles.join(", "))?;
        }
        for entry in &self.output.outputs {
            match &entry.value {
                Ok(value) => writeln!(f, "output of {}: {value}", entry.source)?,
                Err(error) => writeln!(f, "output of {} failed: {error}", entry.source)?,
            }
        }
        for error in &self.output.validation_errors {
            let whose = error.source.as_str();
            writeln!(f, "invalid attribute of the {whose} at {}: {}", error.path, error.message)?;
        }
        Ok(())
    }
}

/// `first` leads the line of the branch, `rest` the lines below it.
fn draw(f: &mut fmt::Formatter<'_>, branch: &Branch, first: &str, rest: &str) -> fmt::Result {
    for (i, line) in branch.text.lines().enumerate() {
        f.write_str(if i == 0 { first } else { rest })?;
        // Requests may come from anywhere; a terminal must not be told what to do by one.
        for c in line.trim_end().chars() {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { f.write_char(c)? }
        }
        writeln!(f)?;
    }
    let last = branch.below.len().saturating_sub(1);
    for (i, below) in branch.below.iter().enumerate() {
        let (knot, line) = if i == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        draw(f, below, &format!("{rest}{knot}"), &format!("{rest}{line}"))?;
    }
    Ok(())
}

fn of_action(action: &ActionExplanation) -> Branch {
    let decision = &action.decision;
    let mut text = format!("{}: {}", action.action, word(decision.effect));
    if let Some(policy) = &decision.policy {
        text.push_str(&format!(" by {policy}"));
    }
    if !decision.scope.is_empty() {
        text.push_str(&format!(", decided in scope `{}`", decision.scope));
    }
    let note = action.note.iter().map(|note| Branch { text: note.to_string(), below: Vec::new() });
    Branch { text, below: note.chain(action.visits.iter().map(of_visit)).collect() }
}

fn of_visit(visit: &Visit) -> Branch {
    let who = match &visit.role {
        Some(role) => format!("role `{role}`"),
        None => "principal".to_owned(),
    };
    let place = match (&visit.policy, &*visit.scope) {
        (Some(policy), _) => policy.to_string(),
        (None, "") => "no policy of its own in the root scope".to_owned(),
        (None, scope) => format!("no policy of its own in scope `{scope}`"),
    };
    let outcome = match visit.outcome {
        Outcome::Allow => "allows",
        Outcome::Deny => "denies",
        Outcome::ParentDecides => "allows if the parent scope does",
        Outcome::Nothing => "says nothing",
        Outcome::Failed => "denies, because an expression failed",
    };
    let below = visit.rules.iter().map(of_rule).collect();
    Branch { text: format!("{who}, {place}: {outcome}"), below }
}

fn of_rule(rule: &RuleTrace) -> Branch {
    let name = match (rule.effect, &*rule.rule) {
        (Some(effect), name) => format!("{} {name}", word(effect)),
        (None, "") => format!("allow list of {}", rule.policy),
        (None, name) => format!("allow list of {}, {name}", rule.policy),
    };
    let listed = |names: &[Box<str>]| format!("`{}`", names.join("`, `"));
    let why = match &rule.result {
        RuleResult::Applied if rule.effect.is_none() => "lists the action".to_owned(),
        RuleResult::Applied => "applies".to_owned(),
        RuleResult::ParentDecides => "applies, and the parent scope decides".to_owned(),
        RuleResult::DeniesUnmet => "denies, because its condition does not hold".to_owned(),
        RuleResult::ConditionNotMet => "its condition does not hold".to_owned(),
        RuleResult::Failed => "an expression failed".to_owned(),
        RuleResult::OtherActions(actions) => format!("is about {}", listed(actions)),
        RuleResult::OtherResource(resource) => format!("is about `{resource}`"),
        RuleResult::OtherRoles(roles) => format!("is for {}", listed(roles)),
        RuleResult::DerivedRoleInactive => "its derived role is not active".to_owned(),
        RuleResult::NotReached => "not reached".to_owned(),
        RuleResult::NotListed => "does not list the action for this resource".to_owned(),
    };
    let mut below = Vec::new();
    if let Some(role) = &rule.derived_role {
        let text = format!("derived role `{}`", role.name);
        below.push(Branch { text, below: role.condition.iter().map(of_condition).collect() });
    }
    below.extend(rule.condition.iter().map(of_condition));
    let place = rule.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    Branch { text: format!("{name}: {why}{place}"), below }
}

fn of_condition(condition: &ConditionTrace) -> Branch {
    let mark = match (condition.holds, &condition.error) {
        (_, Some(_)) => "failed",
        (Some(true), None) => "true",
        (Some(false), None) => "false",
        (None, None) => "skipped",
    };
    let mut text = format!("{mark:<8}{}", condition.text.trim());
    if let Some(error) = &condition.error {
        text.push_str(&format!("\n        {error}"));
    }
    let variables = condition.variables.iter().map(|variable| {
        let value = match (&variable.value, &variable.error) {
            (Some(value), _) => value.to_string(),
            (None, Some(error)) => format!("failed, {error}"),
            (None, None) => "no value".to_owned(),
        };
        let text = format!("V.{} = {}: {value}", variable.name, variable.text.trim());
        Branch { text, below: Vec::new() }
    });
    Branch { text, below: variables.chain(condition.of.iter().map(of_condition)).collect() }
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "ALLOW",
        Effect::Deny => "DENY",
    }
}

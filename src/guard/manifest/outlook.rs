//! What can be said of a caller and a route before there is a request.

use std::time::SystemTime;

use super::super::{Check, Rule, Source};
use crate::{
    Principal,
    decide::{Decide, Question},
    policies::{Effect, Outlook, Resource, Undecided},
};

/// Whether `caller`, `None` being anybody without a token, may call what has this rule.
///
/// It takes the steps of the extractors in their order, so that it is undecided only where they are.
pub(crate) async fn outlook(
    rule: Rule,
    caller: Option<&Principal>,
    decider: &dyn Decide,
    now: SystemTime,
) -> Result<Outlook, Undecided> {
    let access = match rule {
        Rule::Declared(access) if !access.is_public() => access,
        _ => return Ok(Outlook::Always),
    };
    let Some(principal) = caller else { return Ok(Outlook::Never) };
    let has = |scopes: &str| scopes.split(' ').all(|scope| principal.has_scope(scope));
    if !access.parts().iter().all(|part| part.required_scope().is_none_or(has)) {
        return Ok(Outlook::Never);
    }
    let mut least = Outlook::Always;
    for check in access.checks() {
        match of_check(&check, principal, decider, now).await? {
            Outlook::Always => {}
            Outlook::Depends => least = Outlook::Depends,
            Outlook::Never => return Ok(Outlook::Never),
        }
    }
    Ok(least)
}

async fn of_check(
    check: &Check,
    principal: &Principal,
    decider: &dyn Decide,
    now: SystemTime,
) -> Result<Outlook, Undecided> {
    if !is_known(check) {
        return decider.foresee(principal, check.outline(), check.action(), now).await;
    }
    let resource = Resource { kind: check.resource().into(), ..Resource::default() };
    let question = Question { principal, resource: &resource, now };
    let decision = decider.decide(question, check.action()).await?;
    Ok(match decision.effect() {
        Effect::Allow => Outlook::Always,
        Effect::Deny => Outlook::Never,
    })
}

/// Whether every request asks the same question: the resource has neither identifier nor attributes.
fn is_known(check: &Check) -> bool {
    let mut attributes = check.attr_sources().iter();
    !check.basis().is_later()
        && check.id_source().is_none()
        && attributes.all(|(_, source)| *source == Source::Absent)
}

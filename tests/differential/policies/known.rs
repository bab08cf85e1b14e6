//! Differences that a rule explains.

use serde_json::{Value as Json, json};

use super::answer::{Difference, differences};
use super::random::Case;
use super::{ours, theirs};
use crate::cerbos::Cerbos;

/// The rule of `docs/semantics.md` that explains a difference.
pub(crate) fn rule(difference: &Difference) -> Option<&'static str> {
    permissions(difference).or_else(|| names_are_shuffled(difference))
}

/// Names that `additionalProperties` refuses come in any order in Cerbos.
fn names_are_shuffled(difference: &Difference) -> Option<&'static str> {
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split([' ', ',']).collect();
        words.sort_unstable();
        words.concat()
    };
    let same = sorted(&difference.theirs) == sorted(&difference.ours);
    let about_names = difference.theirs.contains("additionalProperties '");
    (difference.what == "validation" && about_names && same).then_some("Z11")
}

/// Cerbos refuses some sets whose policies disagree on the permissions of a scope, and takes others.
fn permissions(difference: &Difference) -> Option<&'static str> {
    let theirs = r#"{"scope_permissions_conflicts"}"#;
    let refused = matches!(difference.what, "only Cerbos refuses" | "reasons");
    (refused && difference.theirs == theirs).then_some("Q9")
}

/// Entries of a role policy for different resources share the result of a condition in Cerbos, if they stand at the same
/// place among the entries for their own resource (rule Z12). Here is the case with entries that are about no action, so
/// that no two stand at the same place, if there are such entries: about this one there must be no difference.
pub(crate) fn unshared(case: &Case) -> Option<Case> {
    let mut apart = case.clone();
    let mut changed = false;
    for (_, policy) in &mut apart.files {
        let rules = policy.get_mut("rolePolicy").and_then(|policy| policy.get_mut("rules"));
        let Some(rules) = rules.and_then(Json::as_array_mut) else { continue };
        let mut resources: Vec<Json> = Vec::new();
        for resource in rules.iter().filter_map(|rule| rule.get("resource")) {
            if !resources.contains(resource) {
                resources.push(resource.clone());
            }
        }
        let longest = rules.len();
        let padding = resources.iter().enumerate().flat_map(|(number, resource)| {
            let nothing = json!({"resource": resource, "allowActions": ["no such action"]});
            std::iter::repeat_n(nothing, number * longest)
        });
        let mut padded: Vec<Json> = padding.collect();
        changed |= !padded.is_empty();
        padded.append(rules);
        *rules = padded;
    }
    changed.then_some(apart)
}

/// Cerbos takes rules for one that differ in the operators around their expressions only (rule Z13). Here is the case with
/// a condition of its own, which always holds, in each rule that may have one without meaning something else: about this
/// one there must be no difference.
pub(crate) fn told_apart(case: &Case) -> Case {
    let mut apart = case.clone();
    let mut number = 0;
    for (_, policy) in &mut apart.files {
        let body = ["resourcePolicy", "principalPolicy", "rolePolicy"]
            .iter()
            .find_map(|kind| policy.get(kind).map(|_| *kind));
        let Some(body) = body.and_then(|kind| policy.get_mut(kind)) else { continue };
        let permissions = body.get("scopePermissions").and_then(Json::as_str).unwrap_or_default();
        // Under consent an allow with a condition is another thing than one without.
        let keeps_bare = permissions.contains("REQUIRE");
        for rule in body.get_mut("rules").and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(actions) = rule.get_mut("actions").and_then(Json::as_array_mut)
                && actions.iter().all(Json::is_object)
            {
                actions.iter_mut().for_each(|action| mark(action, &mut number, keeps_bare));
            } else {
                mark(rule, &mut number, keeps_bare);
            }
        }
    }
    apart
}

fn mark(rule: &mut Json, number: &mut usize, keeps_bare: bool) {
    *number += 1;
    let own = json!({"expr": format!("P.id != 'nobody {number}'")});
    let written = rule.pointer("/condition/match").cloned();
    let matched = match written {
        Some(written) => json!({"all": {"of": [own, written]}}),
        None if keeps_bare => return,
        None => own,
    };
    if let Some(rule) = rule.as_object_mut() {
        rule.insert("condition".to_owned(), json!({"match": matched}));
    }
}

/// Whether Cerbos and the engine say the same.
pub(crate) fn agree(cerbos: &Cerbos, case: &Case) -> Result<bool, String> {
    Ok(differences(case, &theirs::ask(cerbos, case)?, &ours::ask(case)).is_empty())
}

/// Where Cerbos takes the order of a map, which is another at every start, any order will do; ours is that of the files
/// (rule Q14).
pub(crate) fn is_open(cerbos: &Cerbos, case: &Case) -> Result<bool, String> {
    const STARTS: usize = 24;
    if !(entries_overlap(case) || several_inherited(case) || several_rows(case)) {
        return Ok(false);
    }
    let ours = ours::ask(case);
    for _ in 0..STARTS {
        if differences(case, &theirs::ask(cerbos, case)?, &ours).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Entries of one principal or role policy for several resources.
fn entries_overlap(case: &Case) -> bool {
    let mut policies = bodies(case, "principalPolicy").chain(bodies(case, "rolePolicy"));
    policies.any(|policy| several_resources(list(policy, "rules")))
}

/// Roles that inherit from several others.
fn several_inherited(case: &Case) -> bool {
    bodies(case, "rolePolicy").map(|policy| list(policy, "parentRoles").len()).sum::<usize>() > 1
}

/// Rules with several rows for one action, which do not all say the same.
fn several_rows(case: &Case) -> bool {
    bodies(case, "resourcePolicy").flat_map(|policy| list(policy, "rules")).any(|rule| {
        let count = |name: &str| list(rule, name).len();
        count("derivedRoles") > 0 && count("derivedRoles") + count("actions") > 2
    })
}

fn several_resources(rules: &[Json]) -> bool {
    let first = rules.first().and_then(|rule| rule.get("resource"));
    rules.iter().any(|rule| rule.get("resource") != first)
}

fn bodies<'c>(case: &'c Case, name: &'c str) -> impl Iterator<Item = &'c Json> {
    case.files.iter().filter_map(move |(_, policy)| policy.get(name))
}

fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

//! What is said about a case, and how two answers differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::random::Case;

/// What becomes of a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// The set does not load; for these classes of reasons.
    Refused(BTreeSet<String>),
    /// For each request the answers for its resources, or why there is none.
    Loaded(Vec<Result<Vec<Checked>, String>>),
}

/// The answer for one resource.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Checked {
    /// Effect, policy and scope of each action.
    pub(crate) actions: BTreeMap<String, [String; 3]>,
    pub(crate) derived_roles: BTreeSet<String>,
    /// Source, action, and value unless it failed; in order.
    pub(crate) outputs: Vec<(String, String, Option<Json>)>,
    /// Sorted.
    pub(crate) validation: Vec<[String; 3]>,
}

/// How two answers differ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    pub(crate) what: &'static str,
    pub(crate) theirs: String,
    pub(crate) ours: String,
}

/// Each difference with the part of the case that shows it: one request about one resource.
pub(crate) fn differences(case: &Case, theirs: &Answer, ours: &Answer) -> Vec<(Case, Difference)> {
    let whole = |what, theirs: String, ours: String| {
        let case = Case { requests: Vec::new(), ..case.clone() };
        vec![(case, Difference { what, theirs, ours })]
    };
    let (theirs, ours) = match (theirs, ours) {
        (Answer::Refused(theirs), Answer::Refused(ours)) => {
            // Both stop after a stage that finds something, but not after the same ones.
            return if !theirs.is_disjoint(ours) {
                Vec::new()
            } else {
                whole("reasons", format!("{theirs:?}"), format!("{ours:?}"))
            };
        }
        (Answer::Refused(theirs), Answer::Loaded(_)) => {
            return whole("only Cerbos refuses", format!("{theirs:?}"), "loads".into());
        }
        (Answer::Loaded(_), Answer::Refused(ours)) => {
            return whole("only we refuse", "loads".into(), format!("{ours:?}"));
        }
        (Answer::Loaded(theirs), Answer::Loaded(ours)) => (theirs, ours),
    };
    let mut found = Vec::new();
    for (request, (theirs, ours)) in case.requests.iter().zip(theirs.iter().zip(ours)) {
        match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => {
                for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                    if let Some(difference) = difference(theirs, ours) {
                        let mut request = request.clone();
                        if let Some(resources) =
                            request.get_mut("resources").and_then(Json::as_array_mut)
                        {
                            *resources = resources.get(index).cloned().into_iter().collect();
                        }
                        found.push((Case { requests: vec![request], ..case.clone() }, difference));
                    }
                }
            }
            (theirs, ours) if theirs == ours => {}
            (theirs, ours) => {
                let text = |answer: &Result<Vec<Checked>, String>| match answer {
                    Ok(_) => "answers".to_owned(),
                    Err(error) => error.clone(),
                };
                let difference =
                    Difference { what: "no answer", theirs: text(theirs), ours: text(ours) };
                found.push((Case { requests: vec![request.clone()], ..case.clone() }, difference));
            }
        }
    }
    found
}

fn difference(theirs: &Checked, ours: &Checked) -> Option<Difference> {
    let Checked { actions, derived_roles, outputs, validation } = theirs;
    let differ = |what, theirs, ours| Some(Difference { what, theirs, ours });
    if *actions != ours.actions {
        let effects = |c: &Checked| c.actions.values().map(|[e, ..]| e.clone()).collect::<Vec<_>>();
        let what = if effects(theirs) == effects(ours) { "policy or scope" } else { "effect" };
        return differ(what, format!("{actions:?}"), format!("{:?}", ours.actions));
    }
    if *derived_roles != ours.derived_roles {
        return differ(
            "derived roles",
            format!("{derived_roles:?}"),
            format!("{:?}", ours.derived_roles),
        );
    }
    if *outputs != ours.outputs {
        return differ("outputs", format!("{outputs:?}"), format!("{:?}", ours.outputs));
    }
    if *validation != ours.validation {
        return differ("validation", format!("{validation:?}"), format!("{:?}", ours.validation));
    }
    None
}

//! Makes a differing case smaller for as long as it differs in the same way.

use serde_json::{Value as Json, json};

use super::answer::differences;
use super::random::Case;
use super::{Finding, known, ours, theirs};
use crate::cerbos::Cerbos;

/// How many smaller cases are tried at most; each starts a server.
const ATTEMPTS: usize = 200;

/// A step into a JSON document.
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Index(usize),
}

pub(crate) fn shrink(cerbos: &Cerbos, finding: Finding) -> Result<Finding, String> {
    let mut best = finding;
    let mut attempts = 0;
    let mut from = 0;
    loop {
        let document = to_json(&best.case);
        let mut paths = Vec::new();
        removable(&document, &mut Vec::new(), &mut paths);
        // The boldest first.
        paths.sort_by_key(Vec::len);
        let mut improved = false;
        for number in 0..paths.len() {
            let index = (from + number) % paths.len();
            let mut smaller = document.clone();
            if !remove(&mut smaller, &paths[index]) {
                continue;
            }
            attempts += 1;
            if attempts > ATTEMPTS {
                return Ok(best);
            }
            let case = to_case(&smaller);
            let ours = ours::ask(&case);
            let Ok(theirs) = theirs::ask(cerbos, &case) else { continue };
            let same = differences(&case, &theirs, &ours).into_iter().find(|(_, difference)| {
                difference.what == best.difference.what && known::rule(difference).is_none()
            });
            if let Some((_, difference)) = same {
                best = Finding { case, difference };
                from = index;
                improved = true;
                break;
            }
        }
        if !improved {
            return Ok(best);
        }
    }
}

fn to_json(case: &Case) -> Json {
    let files: Vec<Json> =
        case.files.iter().map(|(name, p)| json!({"name": name, "policy": p})).collect();
    json!({"files": files, "options": case.options, "requests": case.requests})
}

fn to_case(json: &Json) -> Case {
    let list = |name: &str| json.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    Case {
        files: list("files")
            .iter()
            .map(|file| {
                let name = file.get("name").and_then(Json::as_str).unwrap_or_default();
                (name.to_owned(), file.get("policy").cloned().unwrap_or_default())
            })
            .collect(),
        options: json.get("options").cloned().unwrap_or_else(|| json!({})),
        requests: list("requests"),
    }
}

/// What every policy and request needs.
const NEEDED: &[&str] = &[
    "files",
    "name",
    "policy",
    "options",
    "requests",
    "apiVersion",
    "principal",
    "resource",
    "resources",
    "kind",
    "id",
    "effect",
    "expr",
    "match",
    "role",
    "version",
    "action",
    "includeMeta",
    "globals",
];

fn removable(json: &Json, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                path.push(Step::Key(name.clone()));
                let inner_name = name == "name" && fields.contains_key("actions");
                if !NEEDED.contains(&name.as_str()) && !name.ends_with("Policy") || inner_name {
                    found.push(path.clone());
                }
                removable(value, path, found);
                path.pop();
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                found.push(path.clone());
                removable(item, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn remove(json: &mut Json, path: &[Step]) -> bool {
    let Some((last, before)) = path.split_last() else { return false };
    let mut place = json;
    for step in before {
        let next = match step {
            Step::Key(name) => place.get_mut(name),
            Step::Index(index) => place.get_mut(index),
        };
        let Some(next) = next else { return false };
        place = next;
    }
    match (last, place) {
        (Step::Key(name), Json::Object(fields)) => fields.remove(name).is_some(),
        (Step::Index(index), Json::Array(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

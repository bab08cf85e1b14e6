//! What Cerbos says.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::answer::{Answer, Checked};
use super::random::Case;
use crate::cerbos::Cerbos;

pub(crate) fn ask(cerbos: &Cerbos, case: &Case) -> Result<Answer, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    write(folder.path(), case).map_err(|error| error.to_string())?;
    let mut engine = case.options.clone();
    let enforcement = engine.as_object_mut().and_then(|o| o.remove("schemaEnforcement"));
    let schema = json!({"enforcement": enforcement.unwrap_or_else(|| "none".into())});
    let server = match cerbos.serve(folder.path(), &json!({"engine": engine, "schema": schema})) {
        Ok(server) => server,
        Err(error) => {
            let reasons = cerbos.reasons(folder.path())?;
            return if reasons.is_empty() { Err(error) } else { Ok(Answer::Refused(reasons)) };
        }
    };
    Ok(Answer::Loaded(
        case.requests.iter().map(|request| server.check(request).map(|a| checked(&a))).collect(),
    ))
}

fn write(folder: &Path, case: &Case) -> std::io::Result<()> {
    for (name, policy) in &case.files {
        if let Some((subfolder, _)) = name.split_once('/') {
            std::fs::create_dir_all(folder.join(subfolder))?;
        }
        std::fs::write(folder.join(name), policy.to_string())?;
    }
    Ok(())
}

fn checked(answer: &Json) -> Vec<Checked> {
    list(answer, "results").iter().map(one).collect()
}

fn one(result: &Json) -> Checked {
    let text = |json: &Json, name: &str| {
        json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    let actions = result.get("actions").and_then(Json::as_object).into_iter().flatten();
    Checked {
        actions: actions
            .map(|(action, effect)| {
                let meta = result.pointer("/meta/actions").and_then(|meta| meta.get(action));
                let meta = meta.cloned().unwrap_or_else(|| json!({}));
                let effect = effect.as_str().unwrap_or_default().to_owned();
                (
                    action.clone(),
                    [effect, text(&meta, "matchedPolicy"), text(&meta, "matchedScope")],
                )
            })
            .collect(),
        derived_roles: result
            .get("meta")
            .map(|meta| list(meta, "effectiveDerivedRoles"))
            .unwrap_or_default()
            .iter()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect::<BTreeSet<_>>(),
        outputs: list(result, "outputs")
            .iter()
            .map(|output| {
                let failed = output.get("error").is_some();
                let value = output.get("val").cloned().unwrap_or_default();
                (text(output, "src"), text(output, "action"), (!failed).then_some(value))
            })
            .collect(),
        validation: {
            let mut all: Vec<_> = list(result, "validationErrors")
                .iter()
                .map(|e| [text(e, "source"), text(e, "path"), text(e, "message")])
                .collect();
            all.sort();
            all
        },
    }
}

fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

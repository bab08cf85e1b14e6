//! What the engine says of batches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use authz_engine::cel::Timestamp;
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Engine, Options, Value};

use super::batch::{Batch, Outcome, action, policy, rule_of_path};
use super::request;

const KIND: &str = "k";

/// One outcome for each expression of each batch.
pub(crate) fn ask(batches: &[Batch]) -> Result<Vec<Vec<Outcome>>, String> {
    batches.iter().map(one).collect()
}

fn one(batch: &Batch) -> Result<Vec<Outcome>, String> {
    let mut outcomes = vec![None; batch.expressions.len()];
    let all: Vec<usize> = (0..batch.expressions.len()).collect();
    load(batch, &all, &mut outcomes)?;
    let silent = || Outcome::Broken("no output".to_owned());
    Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(silent)).collect())
}

fn load(batch: &Batch, chosen: &[usize], outcomes: &mut [Option<Outcome>]) -> Result<(), String> {
    let source = Source::new("k.json", policy(KIND, &batch.expressions, chosen));
    let set = match catch_unwind(|| PolicySet::load([source])) {
        Ok(Ok(set)) => set,
        Ok(Err(diagnostics)) => {
            let before = chosen.len();
            let mut rest = chosen.to_vec();
            for diagnostic in &diagnostics {
                let index = rule_of_path(&diagnostic.path).and_then(|rule| chosen.get(rule));
                let index = *index.ok_or_else(|| diagnostic.to_string())?;
                if let Some(place) = outcomes.get_mut(index) {
                    *place = Some(Outcome::Refused(diagnostic.message.to_string()));
                }
                rest.retain(|i| *i != index);
            }
            return if rest.len() < before {
                load(batch, &rest, outcomes)
            } else {
                Err(diagnostics.to_string())
            };
        }
        // A panic is narrowed down to its expression by halving.
        Err(panic) => {
            if let [index] = chosen {
                if let Some(place) = outcomes.get_mut(*index) {
                    *place = Some(Outcome::Broken(said(&*panic)));
                }
                return Ok(());
            }
            let (left, right) = chosen.split_at(chosen.len() / 2);
            load(batch, left, outcomes)?;
            return load(batch, right, outcomes);
        }
    };
    let mut options = Options::default();
    options.globals = request::engine_globals();
    let engine = Engine::new(set, options);
    let (principal, resource, aux_data) = batch.request.parts(KIND);
    for index in chosen {
        let action = action(*index);
        let check = || {
            engine.check(
                &principal,
                &resource,
                &[action.as_str()],
                Some(&aux_data),
                Timestamp::now(),
            )
        };
        let outcome = match catch_unwind(AssertUnwindSafe(check)) {
            Err(panic) => Outcome::Broken(said(&*panic)),
            Ok(Err(undecided)) => Outcome::Broken(undecided.to_string()),
            Ok(Ok(output)) => match output.outputs.into_iter().next().map(|output| output.value) {
                None => continue,
                Some(Err(error)) => Outcome::Failed(error.into()),
                Some(Ok(value)) if !is_finite(&value) => Outcome::NotFinite,
                Some(Ok(value)) => {
                    Outcome::Value(serde_json::to_value(&value).map_err(|error| error.to_string())?)
                }
            },
        };
        if let Some(place) = outcomes.get_mut(*index) {
            *place = Some(outcome);
        }
    }
    Ok(())
}

fn is_finite(value: &Value) -> bool {
    match value {
        Value::Double(d) => d.is_finite(),
        Value::List(items) => items.iter().all(is_finite),
        Value::Map(map) => map.iter().all(|(_, value)| is_finite(value)),
        _ => true,
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or_default())
}

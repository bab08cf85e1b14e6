//! What Cerbos says of batches.

use serde_json::{Value as Json, json};

use super::batch::{ALL, Batch, Outcome, action, index_of_source, policy, rule_of_path};
use super::request;
use crate::cerbos::{Cerbos, Server};

/// One outcome for each expression of each batch.
pub(crate) fn ask(cerbos: &Cerbos, batches: &[Batch]) -> Result<Vec<Vec<Outcome>>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut outcomes: Vec<Vec<Option<Outcome>>> =
        batches.iter().map(|batch| vec![None; batch.expressions.len()]).collect();
    let write = |number: usize, batch: &Batch, chosen: &[usize]| {
        let text = policy(&kind(number), &batch.expressions, chosen);
        std::fs::write(folder.path().join(file(number)), text).map_err(|error| error.to_string())
    };
    for (number, batch) in batches.iter().enumerate() {
        write(number, batch, &(0..batch.expressions.len()).collect::<Vec<_>>())?;
    }
    for refusal in cerbos.compile(folder.path())? {
        let place = refusal.file.trim_start_matches('k').trim_end_matches(".json").parse::<usize>();
        let place = place.ok().and_then(|number| outcomes.get_mut(number));
        let place = place.zip(rule_of_path(&refusal.path)).and_then(|(all, i)| all.get_mut(i));
        let place =
            place.ok_or_else(|| format!("{} {}: {}", refusal.file, refusal.path, refusal.text))?;
        *place = Some(Outcome::Refused(refusal.text));
    }
    let mut remaining = Vec::new();
    for ((number, batch), outcomes) in batches.iter().enumerate().zip(&outcomes) {
        let accepted = outcomes.iter().enumerate().filter(|(_, o)| o.is_none()).map(|(i, _)| i);
        let accepted: Vec<usize> = accepted.collect();
        write(number, batch, &accepted)?;
        remaining.push(accepted);
    }
    let server =
        cerbos.serve(folder.path(), &json!({"engine": {"globals": request::globals()}}))?;
    for (number, ((batch, outcomes), accepted)) in
        batches.iter().zip(&mut outcomes).zip(&remaining).enumerate()
    {
        let mut asking = Asking { server: &server, kind: kind(number), batch, outcomes };
        match asking.ask(&[ALL.to_owned()]) {
            Ok(()) => {}
            Err(_) => asking.halve(accepted),
        }
    }
    let silent = || Outcome::Broken("no output".to_owned());
    Ok(outcomes
        .into_iter()
        .map(|all| all.into_iter().map(|o| o.unwrap_or_else(silent)).collect())
        .collect())
}

fn kind(number: usize) -> String {
    format!("k{number}")
}

fn file(number: usize) -> String {
    format!("k{number}.json")
}

struct Asking<'a> {
    server: &'a Server,
    kind: String,
    batch: &'a Batch,
    outcomes: &'a mut [Option<Outcome>],
}

impl Asking<'_> {
    fn ask(&mut self, actions: &[String]) -> Result<(), String> {
        let answer = self.server.check(&self.batch.request.body(&self.kind, actions))?;
        let outputs = answer.pointer("/results/0/outputs").and_then(Json::as_array);
        for output in outputs.into_iter().flatten() {
            let text = |name: &str| output.get(name).and_then(Json::as_str);
            let index = text("src").and_then(index_of_source);
            if let Some(place) = index.and_then(|index| self.outcomes.get_mut(index)) {
                *place = Some(match text("error") {
                    Some(error) => Outcome::Failed(error.to_owned()),
                    None => Outcome::Value(output.get("val").cloned().unwrap_or_default()),
                });
            }
        }
        Ok(())
    }

    /// One value that JSON cannot carry spoils the whole answer: it is found by halving.
    fn halve(&mut self, indices: &[usize]) {
        let actions: Vec<String> = indices.iter().map(|index| action(*index)).collect();
        match (self.ask(&actions), indices) {
            (Ok(()), _) | (_, []) => {}
            (Err(text), [index]) => {
                if let Some(place) = self.outcomes.get_mut(*index) {
                    let not_finite = ["invalid NaN", "invalid +Inf", "invalid -Inf"];
                    *place = Some(if not_finite.iter().any(|part| text.contains(part)) {
                        Outcome::NotFinite
                    } else {
                        Outcome::Broken(text)
                    });
                }
            }
            (Err(_), _) => {
                let (left, right) = indices.split_at(indices.len() / 2);
                self.halve(left);
                self.halve(right);
            }
        }
    }
}

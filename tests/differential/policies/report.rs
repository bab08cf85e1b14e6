//! What was compared, and what differs.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Finding;
use super::answer::{Answer, Difference};

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) decisions: usize,
    allowed: usize,
    outputs: usize,
    with_derived_roles: usize,
    sets: usize,
    refused: usize,
    explained: BTreeMap<&'static str, usize>,
    differences: BTreeMap<&'static str, Vec<u64>>,
}

impl Report {
    pub(crate) fn count(&mut self, answer: &Answer) {
        self.sets += 1;
        match answer {
            Answer::Refused(_) => self.refused += 1,
            Answer::Loaded(answers) => {
                for checked in answers.iter().flatten().flatten() {
                    self.decisions += checked.actions.len();
                    let allowed = checked.actions.values().filter(|[e, ..]| e == "EFFECT_ALLOW");
                    self.allowed += allowed.count();
                    self.outputs += checked.outputs.len();
                    self.with_derived_roles += usize::from(!checked.derived_roles.is_empty());
                }
            }
        }
    }

    pub(crate) fn explain(&mut self, rule: &'static str) {
        *self.explained.entry(rule).or_default() += 1;
    }

    /// Returns how many of this kind there were before.
    pub(crate) fn add(&mut self, number: u64, difference: &Difference) -> usize {
        let all = self.differences.entry(difference.what).or_default();
        all.push(number);
        all.len() - 1
    }

    pub(crate) fn show(&self, number: u64, finding: &Finding) {
        let Finding { case, difference } = finding;
        println!("\n# set {number} differs: {}", difference.what);
        println!("#   Cerbos: {}", difference.theirs);
        println!("#   engine: {}", difference.ours);
        for (name, policy) in &case.files {
            println!("---\n# {name}\n{}", yaml(policy).trim_end());
        }
        println!("--- # options\n{}", yaml(&case.options).trim_end());
        for request in &case.requests {
            println!("--- # request\n{}", yaml(request).trim_end());
        }
    }

    pub(crate) fn print(&self) -> bool {
        println!(
            "{} decisions ({} allowed) of {} sets ({} refused by Cerbos); {} outputs; {} answers with derived roles",
            self.decisions,
            self.allowed,
            self.sets,
            self.refused,
            self.outputs,
            self.with_derived_roles
        );
        for (rule, count) in &self.explained {
            println!("{count:>7} × explained by rule {rule}");
        }
        for (what, numbers) in &self.differences {
            let first: Vec<&u64> = numbers.iter().take(20).collect();
            println!("{:>7} × {what}: sets {first:?}", numbers.len());
        }
        self.differences.is_empty()
    }
}

fn yaml(json: &Json) -> String {
    serde_yaml::to_string(json).unwrap_or_default()
}

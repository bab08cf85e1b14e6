//! What is measured, for people and for scripts.

use serde_json::{Value, json};

use crate::report;

/// The results of one set of one size: printed at once, kept in `target/bench/cerbos.jsonl`.
pub(crate) struct Table {
    about: Value,
}

impl Table {
    pub(crate) fn new(version: &str, set: &str, units: usize, policies: usize) -> Self {
        let title = format!("{set}, N = {units}, {policies} policies");
        println!("{title:<52}{:>14}{:>14}     {:<10}{:>13}", "ours", "Cerbos", "", "Cerbos/ours");
        Self {
            about: json!({"bench": "cerbos", "cerbos": version, "set": set, "units": units, "policies": policies}),
        }
    }

    /// A line for each of their ways.
    pub(crate) fn row(&self, what: &str, unit: &str, ours: f64, theirs: &[(&str, f64)]) {
        for (way, theirs) in theirs {
            let (name, ratio) = (format!("{what}, {unit}"), theirs / ours);
            println!("{name:<52}{ours:>14.3}{theirs:>14.3}     {way:<10}{ratio:>12.1}x");
            self.keep(&json!({
                "what": what, "way": way, "unit": unit, "ours": ours, "theirs": theirs, "ratio": ratio,
            }));
        }
    }

    /// Decisions in a second, of ours only.
    pub(crate) fn threads(&self, one: f64, two: f64) {
        let (name, ratio) = ("ours, decisions/s: one thread, two threads", two / one);
        println!("{name:<52}{one:>14.0}{two:>14.0}     {:<10}{ratio:>12.2}x", "");
        self.keep(&json!({"what": "two threads", "unit": "decisions/s", "one": one, "two": two, "ratio": ratio}));
    }

    fn keep(&self, values: &Value) {
        let mut line = self.about.clone();
        for (name, value) in values.as_object().into_iter().flatten() {
            line[name] = value.clone();
        }
        report::append("cerbos", &[line]);
    }
}

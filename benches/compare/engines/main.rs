//! The same rules decided by several engines: `cargo bench -p authz-compare --features engines --bench engines`.
//!
//! A hundred kinds of resources, each with roles, an owner who may edit, and a rule that compares two attributes.
//! Every engine gets them in the form its users would write, prepared once. Requests are measured in two forms:
//! prepared beforehand on every side, and built from a service's own structs on every side. Before that all sides
//! must give the right answers. Engines whose cost grows with the number of rules have a second row in which the
//! caller keeps a set of rules for each kind and chooses among them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program of its own: its output is the report"
)]

mod casbin;
mod cedar;
mod cel;
mod ours;
mod rego;
mod report;
mod rules;

use authz_benches::measure::{Side, medians, repeat};
use rules::{Question, Reason};
use serde_json::json;

/// An engine with the rules in its own form, and with requests that were prepared beforehand.
trait Competitor {
    /// Decides the question of this number, from what was prepared for it.
    fn prepared(&mut self, number: usize) -> bool;
    /// Decides a question from the service's structs.
    fn built(&mut self, question: &Question) -> bool;
}

/// What the rows are called: the package, and how its rules are kept.
const ROWS: [(&str, &str); 8] = [
    ("authz-engine", ""),
    ("cedar-policy", "one set"),
    ("cedar-policy", "a set for each kind"),
    ("regorus", "one program"),
    ("regorus", "a program for each kind"),
    ("casbin", "one enforcer"),
    ("casbin", "an enforcer for each kind"),
    ("cel", "a program for each kind and action"),
];
/// Questions for each way to be answered.
const EACH: usize = 64;
/// Random questions on which all sides must agree.
const CHECKED: usize = 600;
/// Columns: all questions, then by the reason of the answer.
const COLUMNS: [(&str, Option<Reason>); 5] = [
    ("mix", None),
    ("role", Some(Reason::Role)),
    ("owner", Some(Reason::Owner)),
    ("attributes", Some(Reason::Attributes)),
    ("denied", Some(Reason::Denied)),
];

fn main() {
    let checked = rules::random(CHECKED);
    agree(&mut competitors(&checked), &checked);

    let questions = rules::of_each_reason(EACH);
    let mut competitors = competitors(&questions);
    agree(&mut competitors, &questions);
    println!(
        "{} kinds; all sides gave the same answers to {CHECKED} random questions and to the {} measured\n",
        rules::KINDS,
        questions.len()
    );
    for form in ["prepared", "built"] {
        let columns = COLUMNS.map(|(_, reason)| {
            let asked: Vec<usize> = questions
                .iter()
                .enumerate()
                .filter(|(_, question)| reason.is_none_or(|reason| question.reason() == reason))
                .map(|(number, _)| number)
                .collect();
            measured(&mut competitors, &questions, &asked, form == "prepared")
        });
        show(form, &columns);
    }
}

fn competitors(questions: &[Question]) -> [Box<dyn Competitor>; 8] {
    [
        Box::new(ours::Ours::new(questions)),
        Box::new(cedar::Cedar::new(questions, false)),
        Box::new(cedar::Cedar::new(questions, true)),
        Box::new(rego::Rego::new(questions, false)),
        Box::new(rego::Rego::new(questions, true)),
        Box::new(casbin::Casbin::new(questions, false)),
        Box::new(casbin::Casbin::new(questions, true)),
        Box::new(cel::Cel::new(questions)),
    ]
}

/// Every side gives the answer of the rules, in both forms.
fn agree(competitors: &mut [Box<dyn Competitor>; 8], questions: &[Question]) {
    for (competitor, row) in competitors.iter_mut().zip(ROWS) {
        for (number, question) in questions.iter().enumerate() {
            let right = question.reason() != Reason::Denied;
            assert_eq!(competitor.prepared(number), right, "{row:?}: {question:?}");
            assert_eq!(competitor.built(question), right, "{row:?}: {question:?}");
        }
    }
}

/// Nanoseconds of a decision on each side. A turn asks all questions, so that each sample holds the same ones.
fn measured(
    competitors: &mut [Box<dyn Competitor>; 8],
    questions: &[Question],
    asked: &[usize],
    prepared: bool,
) -> [f64; 8] {
    let sides = competitors.each_mut().map(|competitor| {
        let mut turn = move || {
            let allowed = |number: &usize| {
                if prepared {
                    return competitor.prepared(*number);
                }
                questions.get(*number).is_some_and(|question| competitor.built(question))
            };
            asked.iter().map(allowed).filter(|allowed| *allowed).count()
        };
        Box::new(move |turns| repeat(turns, &mut turn)) as Side<'_>
    });
    medians(sides).map(|ns| ns / asked.len() as f64)
}

fn show(form: &str, columns: &[[f64; 8]; 5]) {
    let title = if form == "prepared" {
        "ns per decision, requests prepared beforehand"
    } else {
        "ns per decision, requests built from a service's structs each time"
    };
    print!("{title:<68}");
    COLUMNS.iter().for_each(|(name, _)| print!("{name:>12}"));
    println!("{:>13}", "mix to ours");
    let mut lines = Vec::new();
    let mut best = f64::INFINITY;
    for (row, (package, how)) in ROWS.into_iter().enumerate() {
        let version = report::version(package);
        let how = if how.is_empty() { String::new() } else { format!(", {how}") };
        print!("{:<68}", format!("{package} {version}{how}"));
        for (column, (name, _)) in columns.iter().zip(COLUMNS) {
            let [ours, ns] =
                [column.first(), column.get(row)].map(|ns| ns.copied().unwrap_or(f64::NAN));
            print!("{ns:>12.1}");
            lines.push(json!({
                "bench": "engines", "engine": format!("{package}{how}"), "version": version, "form": form,
                "questions": name, "ns": rounded(ns), "ratio": rounded(ns / ours),
            }));
            if name == "mix" && row > 0 {
                best = best.min(ns / ours);
            }
        }
        let [ours, ns] = [0, row].map(|row| columns[0].get(row).copied().unwrap_or(f64::NAN));
        println!("{:>12.1}x", ns / ours);
    }
    println!("the best of the others takes {best:.1} times as long as ours on the mix\n");
    report::append("engines", &lines);
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

//! Loading: `cargo bench -p authz-benches --bench load`.
//!
//! From a folder on disk to an engine that answers: how long it takes, and how much memory the process has afterwards.
//! Each load is one of a process of its own, so that nothing is warm but the files. The figures go to
//! `target/bench/load.jsonl` as well. Set `AUTHZ_LOADTEST` to a folder with `classic_10`, `classic_100`, .. to load sets
//! that were rendered elsewhere.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program of its own")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use authz_benches::measure::quantile;
use authz_benches::workload::{Question, Workload};
use authz_engine::cel::Timestamp;
use authz_engine::policy::PolicySet;
use authz_engine::{Engine, Options};
use serde_json::{Value, json};

const SETS: [&str; 2] = ["classic", "multitenant"];
const SIZES: [usize; 3] = [10, 100, 1000];
/// Processes for each set.
const RUNS: usize = 9;
/// Decisions after which memory is looked at again, and requests they are spread over.
const DECISIONS: usize = 10_000;
const REQUESTS: usize = 100;
/// The argument of a process that loads one folder.
const ONE: &str = "--load-one";

fn main() {
    let mut arguments = env::args().skip_while(|argument| argument != ONE).skip(1);
    match arguments.next() {
        Some(folder) => println!("{}", load_one(Path::new(&folder))),
        None => all(),
    }
}

/// A set on disk, and what its processes said.
struct Set {
    name: &'static str,
    units: usize,
    policies: usize,
    folder: PathBuf,
    runs: Vec<Value>,
}

impl Set {
    fn write(root: &Path, name: &'static str, units: usize) -> Self {
        let workload = Workload::named(name, units).expect("a workload");
        let folder = root.join(format!("{name}_{units}"));
        workload.write(&folder).expect("a place for the policies");
        Self { name, units, policies: workload.policies(), folder, runs: Vec::new() }
    }

    fn median(&self, figure: &str) -> f64 {
        let values = self.runs.iter().filter_map(|run| run.get(figure)?.as_f64());
        quantile(&mut values.collect::<Vec<_>>(), 0.5)
    }

    fn figures(&self) -> Value {
        json!({
            "bench": "load",
            "set": self.name,
            "units": self.units,
            "policies": self.policies,
            "seconds": self.median("seconds"),
            "rss_mb": self.median("rss_mb"),
            "peak_mb": self.median("peak_mb"),
            "rss_mb_after_decisions": self.median("rss_mb_after_decisions"),
        })
    }
}

fn all() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
    let root = env::temp_dir().join(format!("authz-load-{}", std::process::id()));
    let mut sets: Vec<Set> = SETS
        .into_iter()
        .flat_map(|name| SIZES.map(|units| Set::write(&root, name, units)))
        .collect();
    let program = env::current_exe().expect("this program");
    for _ in 0..RUNS {
        for set in &mut sets {
            let output = Command::new(&program).arg(ONE).arg(&set.folder).output().expect("a run");
            set.runs.push(serde_json::from_slice(&output.stdout).expect("figures"));
        }
    }
    fs::remove_dir_all(&root).expect("the folder that was written");
    println!("folder to engine, median of {RUNS} processes; MB resident");
    println!();
    println!(
        "| set | units | policies | ms | after the load | peak | after {DECISIONS} decisions |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let mut lines = String::new();
    for set in &sets {
        let Set { name, units, policies, .. } = set;
        println!(
            "| {name} | {units} | {policies} | {:.1} | {:.1} | {:.1} | {:.1} |",
            set.median("seconds") * 1e3,
            set.median("rss_mb"),
            set.median("peak_mb"),
            set.median("rss_mb_after_decisions"),
        );
        lines.push_str(&format!("{}\n", set.figures()));
    }
    let file = target.join("bench/load.jsonl");
    fs::create_dir_all(target.join("bench")).expect("a folder for figures");
    fs::write(&file, lines).expect("a file for figures");
    println!();
    println!("written to {}", file.display());
}

fn load_one(folder: &Path) -> Value {
    let start = Instant::now();
    let set = PolicySet::from_dir(folder.join("policies")).expect("policies that load");
    let engine = Engine::new(set, Options::default());
    let seconds = start.elapsed().as_secs_f64();
    let (rss, peak) = (resident("VmRSS:"), resident("VmHWM:"));
    decide(&engine, &questions(folder));
    json!({
        "seconds": seconds,
        "rss_mb": rss,
        "peak_mb": peak,
        "rss_mb_after_decisions": resident("VmRSS:"),
    })
}

/// Some requests that lie evenly in the set.
fn questions(folder: &Path) -> Vec<Question> {
    let folder = fs::read_dir(folder.join("requests")).expect("requests");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("a request").path()).collect();
    paths.sort();
    let step = (paths.len() / REQUESTS).max(1);
    let requests = paths.iter().step_by(step).take(REQUESTS).map(|path| {
        let text = fs::read_to_string(path).expect("a request");
        serde_json::from_str(&text).expect("JSON")
    });
    let workload = Workload { files: Vec::new(), requests: requests.collect() };
    workload.questions().collect()
}

fn decide(engine: &Engine, questions: &[Question]) {
    let now = Timestamp::now();
    let mut decided = 0;
    for question in questions.iter().cycle() {
        decided += question.ask(engine, now).len();
        if decided >= DECISIONS {
            return;
        }
    }
}

/// A figure of this process, in MB of 1024 KiB, as Linux tells it; 0 elsewhere.
fn resident(figure: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure));
    let kib = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

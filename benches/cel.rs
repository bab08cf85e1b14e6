//! Conditions here and in the crate `cel`, in one run: `cargo bench -p authz-benches --bench cel`.
//!
//! Both sides get the same data and must give the same results before anything is measured. What they evaluate against
//! is prepared beforehand. Samples of the two sides alternate, so that a change of the machine's pace meets both; a
//! number is the median of its samples.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unreachable,
    reason = "a program of its own: its output is the report"
)]

#[path = "../engine/tests/common/conditions.rs"]
mod conditions;
#[path = "../engine/tests/common/reference.rs"]
mod reference;

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use authz_engine::Map;
use authz_engine::cel::{Activation, Arena, Env, Expression, Program};
use cel_interpreter::objects::Value as Cel;
use conditions::{CONDITIONS, MANY, NOW};

const SAMPLES: usize = 41;
const SAMPLE: Duration = Duration::from_millis(4);

fn main() {
    let (principal, resource) = conditions::request();
    let (globals, now) = (Map::default(), conditions::now());
    let env = reference::environment();
    let context = reference::context(&env, &principal, &resource, NOW);
    let allocations = allocations();

    let mut ratios = Vec::new();
    println!("evaluation             ours ns (allocations)    cel ns (allocations)    ratio");
    for (name, text) in CONDITIONS.into_iter().chain([MANY]) {
        let (ours, theirs) = (compile(text), env.compile(text).expect(name));
        // The arena and the budget of steps are used up, so they are anew for each sample.
        let our_turns = |turns| {
            let arena = Arena::new();
            let activation = Activation::new(&principal, &resource, &globals, &arena, now);
            assert_eq!(ours.eval_bool(&activation), Ok(true), "{name}");
            repeat(turns, || black_box(&ours).eval_bool(black_box(&activation)))
        };
        let their_turns = |turns| repeat(turns, || black_box(&theirs).execute(black_box(&context)));
        assert_eq!(theirs.execute(&context), Ok(Cel::Bool(true)), "{name}");
        let (us, them) = medians(our_turns, their_turns);
        let ratio = them / us;
        let (ours, theirs) = counts(&allocations, name);
        println!("{name:<18}{us:>17.1} ({ours:>4}){them:>19.1} ({theirs:>4}){ratio:>12.1}");
        ratios.push((name, ratio));
    }
    ratios.truncate(CONDITIONS.len());
    println!("geometric mean of c1 to c8: {:.1}", geometric_mean(&ratios));
    ratios.retain(|(name, _)| *name != "c5");
    println!(
        "without c5, whose pattern `cel` compiles at each turn: {:.1}",
        geometric_mean(&ratios)
    );

    println!("\ncompilation            ours us                  cel us, parser only     ratio");
    for (name, text) in CONDITIONS {
        let (us, them) = medians(
            |turns| repeat(turns, || compile(black_box(text))),
            |turns| repeat(turns, || env.compile(black_box(text))),
        );
        let (us, them) = (us / 1e3, them / 1e3);
        println!("{name:<18}{us:>17.2}{them:>26.2}{:>19.1}", them / us);
    }
}

fn compile(text: &str) -> Program {
    Expression::parse(text).and_then(|e| e.compile(&Env::policy())).expect("it compiles")
}

/// What `cel_allocations.rs` prints.
fn allocations() -> String {
    let run = Command::new(env!("CARGO"))
        .args(["bench", "--quiet", "-p", "authz-benches", "--bench", "cel_allocations"])
        .output();
    String::from_utf8(run.expect("cargo runs").stdout).expect("cargo prints text")
}

fn counts<'a>(allocations: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut lines = allocations.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find_map(|(condition, counts)| (condition == name).then_some(counts));
    found.and_then(|counts| counts.split_once(", ")).expect(name)
}

fn repeat<T>(turns: u32, turn: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..turns {
        black_box(turn());
    }
    start.elapsed()
}

/// Nanoseconds of one turn of each side.
fn medians(a: impl Fn(u32) -> Duration, b: impl Fn(u32) -> Duration) -> (f64, f64) {
    let turns = (turns_in_a_sample(&a), turns_in_a_sample(&b));
    let mut samples = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        samples.0.push(a(turns.0).as_nanos() as f64 / f64::from(turns.0));
        samples.1.push(b(turns.1).as_nanos() as f64 / f64::from(turns.1));
    }
    (median(samples.0), median(samples.1))
}

fn turns_in_a_sample(side: impl Fn(u32) -> Duration) -> u32 {
    let mut turns = 1;
    while side(turns) < SAMPLE {
        turns *= 2;
    }
    turns
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

fn geometric_mean(ratios: &[(&str, f64)]) -> f64 {
    let logarithms: f64 = ratios.iter().map(|(_, ratio)| ratio.ln()).sum();
    (logarithms / ratios.len() as f64).exp()
}

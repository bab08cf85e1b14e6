//! Decisions: `cargo bench -p authz-benches --bench decision`.
//!
//! Principals and resources are built beforehand, as they are when the engine is asked in a service. Set
//! `AUTHZ_LOADTEST` to a folder with `classic_10`, `classic_100`, .. to ask about sets that were rendered elsewhere.

#![expect(clippy::expect_used, reason = "a program of its own")]

use std::hint::black_box;

use authz_benches::workload::{Question, Workload};
use authz_engine::cel::Timestamp;
use criterion::{Criterion, criterion_group, criterion_main};

const SIZES: [usize; 3] = [10, 100, 1000];
/// As many questions for each size, spread over the set, so that what grows is not what is asked.
const QUESTIONS: usize = 10;

fn decisions(criterion: &mut Criterion) {
    for name in ["classic", "multitenant"] {
        for units in SIZES {
            let workload = Workload::named(name, units).expect("a workload");
            measure(criterion, &format!("{name}/{units}"), &workload);
        }
    }
    measure(criterion, "photos/1", &Workload::photos().expect("the example's policies"));
}

/// One action, and whole requests, in turn.
fn measure(criterion: &mut Criterion, name: &str, workload: &Workload) {
    let (engine, asked, now) = (workload.engine(), spread(workload), Timestamp::now());
    criterion.bench_function(&format!("{name}/one"), |bencher| {
        let mut turn = asked.iter().cycle();
        bencher.iter(|| {
            let question = turn.next().expect("a question");
            black_box(question).ask_first(black_box(&engine), now)
        });
    });
    criterion.bench_function(&format!("{name}/request"), |bencher| {
        let mut turn = asked.iter().cycle();
        bencher.iter(|| {
            let question = turn.next().expect("a question");
            black_box(question).ask(black_box(&engine), now)
        });
    });
}

/// The first requests of units that lie evenly in the set.
fn spread(workload: &Workload) -> Vec<Question> {
    let step = workload.requests.len() / QUESTIONS;
    workload.questions().step_by(step.max(1)).take(QUESTIONS).collect()
}

criterion_group!(benches, decisions);
criterion_main!(benches);

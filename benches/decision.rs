//! Decisions: `cargo bench -p authz-benches --bench decision`.
//!
//! Principals and resources are built beforehand, as they are when the engine is asked in a service. Set
//! `AUTHZ_LOADTEST` to a folder with `classic_10`, `classic_100`, .. to ask about sets that were rendered elsewhere.

#![expect(missing_docs, reason = "`criterion_group` makes a public function")]
#![expect(clippy::expect_used, reason = "a program of its own")]

use std::hint::black_box;

use authz_benches::workload::{Question, Workload};
use authz_engine::cel::Timestamp;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const SIZES: [usize; 3] = [10, 100, 1000];
/// As many questions for each size, spread over the set, so that what grows is not what is asked.
const QUESTIONS: usize = 10;

fn decisions(criterion: &mut Criterion) {
    let made: [(&str, fn(usize) -> Workload); 2] =
        [("classic", Workload::classic), ("multitenant", Workload::multitenant)];
    for (name, made) in made {
        let mut one = criterion.benchmark_group(format!("{name}/one"));
        for units in SIZES {
            let workload = Workload::found_or(name, units, made).expect("a workload");
            let engine = workload.engine();
            let asked = spread(&workload);
            one.bench_function(BenchmarkId::from_parameter(units), |bencher| {
                let (now, mut turn) = (Timestamp::now(), asked.iter().cycle());
                bencher.iter(|| {
                    let question = turn.next().expect("a question");
                    black_box(question).ask_first(black_box(&engine), now)
                });
            });
        }
        one.finish();
        let mut all = criterion.benchmark_group(format!("{name}/request"));
        for units in SIZES {
            let workload = Workload::found_or(name, units, made).expect("a workload");
            let engine = workload.engine();
            let asked = spread(&workload);
            all.bench_function(BenchmarkId::from_parameter(units), |bencher| {
                let (now, mut turn) = (Timestamp::now(), asked.iter().cycle());
                bencher.iter(|| {
                    let question = turn.next().expect("a question");
                    black_box(question).ask(black_box(&engine), now)
                });
            });
        }
        all.finish();
    }
}

/// The first requests of units that lie evenly in the set.
fn spread(workload: &Workload) -> Vec<Question> {
    let step = workload.requests.len() / QUESTIONS;
    workload.questions().step_by(step.max(1)).take(QUESTIONS).collect()
}

criterion_group!(benches, decisions);
criterion_main!(benches);

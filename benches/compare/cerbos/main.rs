//! Our engine beside the real Cerbos: `cargo bench -p authz-compare --features cerbos --bench cerbos`.
//!
//! For the sets `classic` and `multitenant` of three sizes: how long it takes from the start to an answer, how much
//! memory is resident, and how long a request takes for one client, over HTTP and gRPC on connections that stay open,
//! and with our engine in process. Sides alternate, so that a change of the machine's pace meets all of them. Every
//! request that is asked must have the same effects on all sides.
//!
//! `-- --units 10,100` runs some sizes only, `-- --sets classic` one set. Set `AUTHZ_LOADTEST` to a folder with
//! `classic_10`, .. for sets that were rendered elsewhere. Cerbos takes about a minute to start with nine thousand
//! policies.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program of its own: its output is the report"
)]

mod asked;
mod grpc;
mod http;
mod latency;
mod ours;
#[path = "../engines/report.rs"]
mod report;
mod server;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use asked::{Asked, shaped, spread};
use authz_benches::measure::quantile;
use authz_benches::workload::Workload;
use grpc::Client;
use http::Connection;
use server::{Server, resident};
use table::Table;
use tokio::runtime::Runtime;

/// As many requests for each shape, spread over the set, so that what grows is not what is asked.
const QUESTIONS: usize = 10;
/// Whole requests on which the sides must agree besides.
const CHECKED: usize = 100;
/// What is asked: name, resources, actions for each.
const SHAPES: [(&str, usize, usize); 2] =
    [("one resource, one action", 1, 1), ("five resources, two actions each", 5, 2)];
/// How often one thread and two are measured in turn, and for how long.
const PARALLEL: (usize, Duration) = (15, Duration::from_millis(150));

fn main() -> ExitCode {
    let mut units = vec![10, 100, 1000];
    let mut sets = vec!["classic".to_owned(), "multitenant".to_owned()];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--units" => {
                let list = arguments.next().unwrap_or_default();
                units = list
                    .split(',')
                    .map(|number| number.parse().expect("a number of units"))
                    .collect();
            }
            "--sets" => {
                sets = arguments.next().unwrap_or_default().split(',').map(str::to_owned).collect();
            }
            "--serve" => {
                ours::serve(Path::new(&arguments.next().unwrap_or_default()));
                return ExitCode::SUCCESS;
            }
            // Cargo says `--bench`.
            _ => {}
        }
    }
    let binary = match server::find() {
        Ok(binary) => binary,
        Err(how) => {
            println!("{how}");
            return ExitCode::FAILURE;
        }
    };
    let version = server::version(&binary).expect("Cerbos runs");
    println!("authz-engine {} and Cerbos {version}\n", report::version("authz-engine"));
    for set in &sets {
        let growth: Vec<f64> =
            units.iter().map(|units| compare(&binary, &version, set, *units)).collect();
        if let ([first, .., last], [few, .., many]) = (growth.as_slice(), units.as_slice()) {
            println!(
                "{set}: ours takes {:.2} times as long with N = {many} as with {few}\n",
                last / first
            );
        }
    }
    ExitCode::SUCCESS
}

/// Measures one set of one size. Nanoseconds of our decision on one action.
fn compare(binary: &Path, version: &str, set: &str, units: usize) -> f64 {
    let workload = Workload::named(set, units).expect("a set");
    let folder = Folder::new();
    workload.write(&folder.0).expect("a set that can be written");
    let table = Table::new(version, set, units, workload.policies());

    // Both read a folder that was just written, ours first: what is not in the cache yet is on its account.
    let mut process = ours::Process::start(&folder.0).expect("our engine in a process");
    let server = Server::start(binary, &folder.0).expect("a server");
    let memory = [resident(process.id()), resident(server.id())].map(|m| m.expect("a size"));
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    table.row(
        "start to ready",
        "ms",
        milliseconds(process.start),
        &[("", milliseconds(server.start))],
    );
    table.row("resident at start", "MB", memory[0], &[("", memory[1])]);

    let engine = workload.engine();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut http = Connection::open(&server.http).expect("a connection");
    let mut grpc = runtime.block_on(Client::connect(&server.grpc)).expect("a connection");
    let checked = Asked::all(spread(&workload.requests, CHECKED).cloned().collect(), &server.http);
    agree(&runtime, &checked, &engine, &mut http, &mut grpc);
    let mut one = f64::NAN;
    for (name, resources, actions) in SHAPES {
        // The first request of each unit.
        let firsts: Vec<_> = workload.requests.iter().step_by(2).cloned().collect();
        let requests =
            spread(&firsts, QUESTIONS).map(|request| shaped(request, resources, actions));
        let asked = Asked::all(requests.collect(), &server.http);
        agree(&runtime, &asked, &engine, &mut http, &mut grpc);
        let single = resources == 1;
        let times =
            runtime.block_on(latency::measure(&asked, &engine, single, &mut http, &mut grpc));
        let theirs = [("over HTTP", times.http), ("over gRPC", times.grpc)];
        table.row(&format!("{name}, p50 of calls"), "us", times.each, &theirs);
        table.row(&format!("{name}, by batches"), "us", times.batched, &theirs);
        if single {
            one = times.batched;
            let questions: Vec<_> = asked.into_iter().map(|asked| asked.question).collect();
            let (mut alone, mut together) = (Vec::new(), Vec::new());
            for _ in 0..PARALLEL.0 {
                alone.push(ours::rate(1, &engine, &questions, PARALLEL.1));
                together.push(ours::rate(2, &engine, &questions, PARALLEL.1));
            }
            let [alone, together] = [&mut alone, &mut together].map(|rates| quantile(rates, 0.5));
            table.threads(alone, together);
        }
    }
    process.load().expect("decisions");
    latency::load(&server.http, &checked);
    let memory = [resident(process.id()), resident(server.id())].map(|m| m.expect("a size"));
    table.row("resident after load", "MB", memory[0], &[("", memory[1])]);
    println!("equal effects on {} requests\n", checked.len() + SHAPES.len() * QUESTIONS);
    one
}

fn agree(
    runtime: &Runtime,
    asked: &[Asked],
    engine: &authz_engine::Engine,
    http: &mut Connection,
    grpc: &mut Client,
) {
    runtime.block_on(async {
        for asked in asked {
            asked.agree(engine, http, grpc).await;
        }
    });
}

/// A folder that goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("authz-compare-{}", std::process::id()));
        _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

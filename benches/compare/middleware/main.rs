//! Layers that verify tokens, in front of the same handler, with the same token:
//! `cargo bench -p authz-compare --features middleware --bench middleware`.
//!
//! Each side is a service of its own with a runtime of one worker thread, set up as its documentation says. All have
//! their keys from one issuer on loopback. Before anything is measured, each side must serve the good token and refuse
//! one whose signature is broken and one that has expired.
//!
//! Two tables come out: calls in process, where nothing but the service is measured, and requests per second over HTTP,
//! under `wrk` (`apt-get install wrk`). The services have one core and `wrk` the other, where there are two. Nobody
//! listens to events (`tracing`, `log`).

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program of its own: its output is the report"
)]

mod issuer;
mod load;
mod machine;
mod report;
mod service;
mod sides;

use std::process::ExitCode;

use authz_benches::measure::{Side, medians, quantile};

use issuer::Issuer;
use load::Load;
use report::Row;

/// How often each side is under load, and how long it is each time.
const ROUNDS: usize = 7;
const SECONDS: u32 = 3;

fn main() -> ExitCode {
    let pinned = machine::keep_to_one_core();
    let issuer = Issuer::start();
    let services = sides::all(&issuer);
    for service in &services {
        service.prove(&issuer);
    }

    println!("in process: one call, from a request with its headers to a response");
    let in_process = medians(
        services
            .each_ref()
            .map(|service| Box::new(|turns| service.calls(&issuer.good, turns)) as Side<'_>),
    );
    let rows: Vec<Row> = services
        .iter()
        .zip(in_process)
        .map(|(service, ns)| Row { side: service.side, ns })
        .collect();
    report::in_process(&rows);

    println!(
        "\nover HTTP: `wrk` with one thread and 16 connections, {ROUNDS} rounds of {SECONDS} s each, in turn"
    );
    if !pinned {
        println!("(the services and `wrk` share the cores: there is one, or no `taskset`)");
    }
    if !load::is_there() {
        println!("`wrk` is missing (`apt-get install wrk`): NOT MEASURED");
        return ExitCode::FAILURE;
    }
    let mut loads: Vec<Vec<Load>> = services.iter().map(|_| Vec::new()).collect();
    for round in 0..=ROUNDS {
        for (service, loads) in services.iter().zip(&mut loads) {
            // The first round warms up.
            let seconds = if round == 0 { 1 } else { SECONDS };
            let load = load::run(&service.url(), &issuer.good, seconds, pinned);
            if round > 0 {
                loads.push(load);
            }
        }
    }
    let medians: Vec<Load> = loads.iter().map(|loads| median(loads)).collect();
    report::over_http(&rows, &medians);
    ExitCode::SUCCESS
}

fn median(loads: &[Load]) -> Load {
    let of = |value: fn(&Load) -> f64| {
        let mut values: Vec<f64> = loads.iter().map(value).collect();
        quantile(&mut values, 0.5)
    };
    Load {
        per_second: of(|load| load.per_second),
        p50_us: of(|load| load.p50_us),
        cpu_us: of(|load| load.cpu_us),
    }
}

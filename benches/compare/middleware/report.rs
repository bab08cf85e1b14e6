//! The tables, and the same as lines of JSON in `target/bench/middleware.jsonl`.

use std::{fs, io::Write as _, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    load::Load,
    service::{Side, Work},
};

/// What was measured of a side in process.
pub(crate) struct Row {
    pub(crate) side: Side,
    pub(crate) ns: f64,
}

pub(crate) fn in_process(rows: &[Row]) {
    let bare = of(rows, Work::Bare);
    let ours = of(rows, Work::Verify);
    println!("{:<36}{:>10}{:>16}{:>16}", "", "us", "added us", "us / ours");
    for Row { side, ns } in rows {
        let (us, added) = (ns / 1e3, (ns - bare) / 1e3);
        println!("{:<36}{us:>10.2}{added:>16.2}{:>16.1}", side.name, ns / ours);
    }
    let best = others(rows.iter().map(|row| (row.side, row.ns))).fold(f64::INFINITY, f64::min);
    println!(
        "calls: verification only, ours to the best of the others: {:.1} times as many",
        best / ours
    );
    let added = |ns: f64| ns - bare;
    println!(
        "       without what the bare handler takes: {:.1} times as many",
        added(best) / added(ours)
    );
    println!("       added by ours with a decision: {:.2} us", added(of(rows, Work::Decide)) / 1e3);
    let lines = rows.iter().map(|Row { side, ns }| {
        json!({"bench": "middleware", "mode": "in process", "side": side.name, "ns": round(*ns)})
    });
    write(lines, true);
}

pub(crate) fn over_http(rows: &[Row], loads: &[Load]) {
    let sides = || rows.iter().map(|row| row.side).zip(loads);
    let rate =
        |work| sides().find(|(side, _)| side.work == work).map_or(f64::NAN, |(_, l)| l.per_second);
    let bare = rate(Work::Bare);
    let header = ["requests/s", "of bare axum", "p50 us", "processor us"];
    println!("{:<36}{:>12}{:>14}{:>12}{:>14}", "", header[0], header[1], header[2], header[3]);
    for (side, Load { per_second, p50_us, cpu_us }) in sides() {
        let part = per_second / bare * 100.0;
        println!("{:<36}{per_second:>12.0}{part:>13.1}%{p50_us:>12.0}{cpu_us:>14.2}", side.name);
    }
    let best = others(sides().map(|(side, load)| (side, load.per_second))).fold(0.0, f64::max);
    println!(
        "requests: verification only, ours to the best of the others: {:.1} times as many",
        rate(Work::Verify) / best
    );
    println!(
        "          ours with a decision, of bare axum: {:.1} %",
        rate(Work::Decide) / bare * 100.0
    );
    let lines = sides().map(|(side, load)| {
        json!({
            "bench": "middleware", "mode": "http", "side": side.name,
            "requests_per_second": round(load.per_second), "p50_us": round(load.p50_us), "cpu_us": round(load.cpu_us),
        })
    });
    write(lines, false);
}

fn of(rows: &[Row], work: Work) -> f64 {
    rows.iter().find(|row| row.side.work == work).map_or(f64::NAN, |row| row.ns)
}

fn others(values: impl Iterator<Item = (Side, f64)>) -> impl Iterator<Item = f64> {
    values.filter(|(side, _)| side.work == Work::Other).map(|(_, value)| value)
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn write(lines: impl Iterator<Item = Value>, anew: bool) {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    let folder = target.join("bench");
    fs::create_dir_all(&folder).expect("a folder for the lines");
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .create(true)
        .write(true)
        .append(!anew)
        .truncate(anew)
        .open(folder.join("middleware.jsonl"))
        .expect("a file for the lines");
    for line in lines {
        writeln!(file, "{line}").expect("a line is written");
    }
}

//! The load generator.

use std::process::{Command, Stdio};

use crate::machine::{OTHER_CORE, processor_time};

/// What a service did under load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub(crate) p50_us: f64,
    /// Processor time of this process for each request.
    pub(crate) cpu_us: f64,
}

pub(crate) fn is_there() -> bool {
    Command::new("wrk")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// Asks for so many seconds. Every answer must be a success.
pub(crate) fn run(url: &str, token: &str, seconds: u32, pinned: bool) -> Load {
    let mut command = if pinned {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", OTHER_CORE, "wrk"]);
        command
    } else {
        Command::new("wrk")
    };
    command
        .args(["--threads", "1", "--connections", "16", "--latency"])
        .args(["--duration", &format!("{seconds}s")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .arg(url);
    let before = processor_time();
    let output = command.output().expect("wrk runs");
    let spent = before.and_then(|before| processor_time()?.checked_sub(before));
    let text = String::from_utf8(output.stdout).expect("wrk writes text");
    assert!(output.status.success(), "wrk failed:\n{text}");
    for trouble in ["Non-2xx", "Socket errors"] {
        assert!(!text.contains(trouble), "not every answer was a success:\n{text}");
    }
    read(&text, spent.map(|spent| spent.as_secs_f64())).expect("what wrk prints is understood")
}

/// Reads what `wrk` prints.
fn read(text: &str, spent: Option<f64>) -> Option<Load> {
    let after = |label: &str| {
        let line = text.lines().map(str::trim).find_map(|line| line.strip_prefix(label));
        line.and_then(|line| line.split_whitespace().next())
    };
    let per_second = after("Requests/sec:")?.parse().ok()?;
    let p50_us = microseconds(after("50%")?)?;
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in "))?.0;
    let requests: f64 = requests.parse().ok()?;
    let cpu_us = spent.map_or(f64::NAN, |spent| spent * 1e6 / requests);
    Some(Load { per_second, p50_us, cpu_us })
}

/// `12.50us`, `1.20ms`, `2.00s`.
fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
    units
        .into_iter()
        .find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}

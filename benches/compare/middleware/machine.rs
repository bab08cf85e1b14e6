//! Which core this process runs on, and how much of it it has used.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

/// Where the load generator runs, when the services keep to core 0.
pub(crate) const OTHER_CORE: &str = "1";

/// Keeps this process, and every thread it will start, to core 0. Says whether another one is left for the load.
pub(crate) fn keep_to_one_core() -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores < 2 {
        return false;
    }
    let id = std::process::id().to_string();
    let run = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", "0", &id])
        .stdout(Stdio::null())
        .status();
    run.is_ok_and(|status| status.success())
}

/// The processor time that this process has used, if the system tells.
pub(crate) fn processor_time() -> Option<Duration> {
    /// `USER_HZ`, which is the same wherever Linux runs.
    const TICKS_A_SECOND: u64 = 100;
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // What follows the name, which may have anything in it: the 3rd field and those behind it.
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (fields.next()?.ok()?, fields.next()?.ok()?);
    Some(Duration::from_millis((user + system) * 1000 / TICKS_A_SECOND))
}

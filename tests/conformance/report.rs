//! What became of the cases.

/// Suite, case and reason; see there.
const SKIP_LIST: &str = include_str!("skip.txt");

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    suite: &'static str,
    failures: Vec<String>,
}

/// Why a case may fail.
fn reason(suite: &str, case: &str) -> Option<&'static str> {
    SKIP_LIST.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let (of_suite, rest) = line.split_once(' ')?;
        let (of_case, reason) = rest.split_once(": ")?;
        (of_suite == suite && of_case == case).then_some(reason)
    })
}

impl Report {
    pub(crate) fn of(suite: &'static str) -> Self {
        Self { suite, ..Self::default() }
    }

    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    pub(crate) fn fail(&mut self, case: &str, why: impl AsRef<str>) {
        self.failed += 1;
        self.failures.push(format!("{case}: {}", why.as_ref()));
    }

    pub(crate) fn check(&mut self, case: &str, result: Result<(), String>) {
        match (result, reason(self.suite, case)) {
            (Ok(()), None) => self.pass(),
            (Err(why), None) => self.fail(case, why),
            (Ok(()), Some(_)) => self.fail(case, "is on the skip list, and passes"),
            (Err(_), Some(_)) => self.skipped += 1,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    pub(crate) fn print(&self, suite: &str) {
        for failure in &self.failures {
            println!("FAILED {suite} {failure}");
        }
        println!(
            "{suite}: {} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        );
    }
}

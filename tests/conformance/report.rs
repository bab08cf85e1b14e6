//! What became of the cases.

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    failures: Vec<String>,
}

impl Report {
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    pub(crate) fn fail(&mut self, case: &str, why: impl AsRef<str>) {
        self.failed += 1;
        self.failures.push(format!("{case}: {}", why.as_ref()));
    }

    pub(crate) fn check(&mut self, case: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.pass(),
            Err(why) => self.fail(case, why),
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

//! Our engine in a process of its own, which loads a folder as a service does, so that its start and its memory can
//! be compared with a server's.

use std::io::{self, BufRead as _, BufReader, Error, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use authz_benches::workload::{Question, Workload};
use authz_engine::cel::Timestamp;
use authz_engine::policy::{PolicySet, read_dir};
use authz_engine::{Engine, Options};

/// How long the process is asked, by two threads, before its memory is read again.
const LOAD: Duration = Duration::from_secs(2);

/// The other process, seen from the one that measures; dropping it ends the process.
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    /// From the start of the process to the engine that decides.
    pub(crate) start: Duration,
}

impl Process {
    pub(crate) fn start(folder: &Path) -> io::Result<Self> {
        let started = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| Error::other("no output"))?;
        let mut process = Self { child, output: BufReader::new(output), start: Duration::ZERO };
        process.hear("ready")?;
        process.start = started.elapsed();
        Ok(process)
    }

    /// Lets it decide for a while.
    pub(crate) fn load(&mut self) -> io::Result<()> {
        let input = self.child.stdin.as_mut().ok_or_else(|| Error::other("no input"))?;
        input.write_all(b"load\n")?;
        self.hear("done")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn hear(&mut self, wanted: &str) -> io::Result<()> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if line.trim() == wanted {
            Ok(())
        } else {
            Err(Error::other(format!("our engine says {line:?}")))
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The other process itself: loads `folder/policies`, says so, and decides the requests of the folder when told to.
pub(crate) fn serve(folder: &Path) {
    let (sources, problems) = read_dir(folder.join("policies"));
    assert!(problems.is_empty(), "{problems}");
    let engine = match PolicySet::load(sources) {
        Ok(set) => Engine::new(set, Options::default()),
        Err(problems) => return println!("{problems}"),
    };
    println!("ready");
    for _ in io::stdin().lines() {
        let questions = some_questions(folder);
        _ = rate(2, &engine, &questions, LOAD);
        println!("done");
    }
}

/// A few requests only: their memory would count as the engine's.
fn some_questions(folder: &Path) -> Vec<Question> {
    let paths = std::fs::read_dir(folder.join("requests")).expect("requests");
    let read = |entry: io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(entry.expect("a request").path()).expect("a text");
        serde_json::from_str(&text).expect("JSON")
    };
    Workload { files: Vec::new(), requests: paths.take(20).map(read).collect() }
        .questions()
        .collect()
}

/// How many questions so many threads decide in a second, each with questions of its own: two requests have nothing
/// in common.
pub(crate) fn rate(threads: usize, engine: &Engine, questions: &[Question], time: Duration) -> f64 {
    let decide = |questions: Vec<Question>| {
        let (start, now) = (Instant::now(), Timestamp::now());
        let mut decided = 0_u32;
        while start.elapsed() < time {
            // The clock is read rarely.
            for question in questions.iter().cycle().take(1000) {
                _ = std::hint::black_box(question.ask_first(engine, now));
            }
            decided += 1000;
        }
        f64::from(decided) / start.elapsed().as_secs_f64()
    };
    std::thread::scope(|scope| {
        let decide = &decide;
        let spawn = |_| {
            let questions = questions.to_vec();
            scope.spawn(move || decide(questions))
        };
        let threads: Vec<_> = (0..threads).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread that ends")).sum()
    })
}

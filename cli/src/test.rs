//! `authz test`: runs the test suites of a folder of policies.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use authz_engine::suite::{
    Coverage, Filter, InvalidFilter, Options, Outcome, Suites, TestResults, junit, run_each,
};
use authz_engine::{Engine, SchemaEnforcement};

use crate::exit;
use crate::load::Policies;
use crate::results;
use crate::style::{Color, Style};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    policies: Policies,
    /// The folder with the test suites, if it is another one.
    #[arg(long, value_name = "DIR")]
    tests: Option<PathBuf>,
    /// Run only tests whose full name this regular expression finds.
    #[arg(long, value_name = "REGEX", default_value = "", hide_default_value = true)]
    run: String,
    /// Run only what these patterns match: `suite=..;test=..;principal=..;resource=..;action=..`. May be repeated.
    #[arg(long, value_name = "FILTER")]
    test_filter: Vec<String>,
    /// How to show the results.
    #[arg(long, short, value_enum, default_value_t = Output::Tree)]
    output: Output,
    /// Ask about each action by itself.
    #[arg(long)]
    skip_batching: bool,
    /// Deny where an evaluated condition fails.
    #[arg(long)]
    strict_evaluation: bool,
    /// Show what passed as well.
    #[arg(long)]
    verbose: bool,
    /// Show which rules held for no test.
    #[arg(long)]
    coverage: bool,
    /// Fail when fewer than this share of the rules held for a test. Implies `--coverage`.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_coverage: Option<f64>,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// The same as `--color=never`.
    #[arg(long)]
    no_color: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// A tree of what did not pass.
    Tree,
    /// The same, indented.
    List,
    /// Cerbos' JSON.
    Json,
    /// Cerbos' JUnit report.
    Junit,
}

fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("a number from 0 to 100 is needed".to_owned()),
    }
}

pub(crate) fn run(args: &Args, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    let options = match options(args) {
        Ok(options) => options,
        Err(error) => {
            writeln!(err, "error: {error}")?;
            return Ok(exit::FAILED.into());
        }
    };
    let set = match args.policies.load(err)? {
        Ok(set) => set,
        Err(code) => return Ok(code),
    };
    let tests = args.tests.as_deref().unwrap_or(args.policies.dir());
    let suites = match Suites::from_dir(tests) {
        Ok(suites) => suites,
        Err(error) => {
            writeln!(err, "error: cannot read the tests: {error}")?;
            return Ok(exit::FAILED.into());
        }
    };
    // Cerbos' tests see attributes validated, whatever its server is told to do.
    let mut engine_options = authz_engine::Options::default();
    if !args.policies.ignore_schemas {
        engine_options.schema_enforcement = SchemaEnforcement::Reject;
    }
    let engine = Engine::new(set, engine_options);
    let results = with_progress(&engine, &suites, &options, err)?;
    show(args, &results, out, err)?;
    let covered = args.min_coverage.is_none_or(|least| results.coverage.percent() >= least);
    if results.summary.overall_result < Outcome::Passed {
        writeln!(err, "warning: no test ran")?;
    }
    if !results.is_success() {
        writeln!(err, "error: tests failed")?;
    }
    if let Some(least) = args.min_coverage.filter(|_| !covered) {
        let percent = rounded(results.coverage.percent());
        writeln!(err, "error: {percent} of the rules are covered, less than {least}%")?;
    }
    Ok(if results.is_success() && covered { ExitCode::SUCCESS } else { exit::TESTS_FAILED.into() })
}

fn options(args: &Args) -> Result<Options, InvalidFilter> {
    let filter = Filter::default().names(&args.run)?;
    let filter = args.test_filter.iter().try_fold(filter, |filter, text| filter.globs(text))?;
    let mut options = Options::default();
    options.filter = filter;
    options.skip_batching = args.skip_batching;
    options.strict_evaluation = args.strict_evaluation;
    Ok(options)
}

/// Runs the suites; on a terminal, one line tells how far it is.
fn with_progress(
    engine: &Engine,
    suites: &Suites,
    options: &Options,
    err: &mut impl Write,
) -> io::Result<TestResults> {
    let total = suites.len();
    let is_shown = total > 1 && io::stderr().is_terminal();
    let mut done = 0;
    let results = run_each(engine, suites, options, |suite| {
        done += 1;
        if is_shown {
            // Who cannot see how far it is loses nothing.
            let _ = write!(err, "\r\x1b[K{done}/{total} {}", suite.file);
            let _ = err.flush();
        }
    });
    if is_shown {
        write!(err, "\r\x1b[K")?;
    }
    Ok(results)
}

fn show(
    args: &Args,
    results: &TestResults,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<()> {
    let color = if args.no_color { Color::Never } else { args.color };
    let style = Style::new(color, io::stdout().is_terminal());
    match args.output {
        Output::Tree => results::tree(results, args.verbose, style, out)?,
        Output::List => results::list(results, args.verbose, style, out)?,
        Output::Json => {
            serde_json::to_writer_pretty(&mut *out, results)?;
            writeln!(out)?;
        }
        Output::Junit => writeln!(out, "{}", junit::report(results, args.verbose))?,
    }
    if !args.coverage && args.min_coverage.is_none() {
        return Ok(());
    }
    // What a program reads is not mixed with what people read.
    if matches!(args.output, Output::Json | Output::Junit) {
        coverage(&results.coverage, err)
    } else {
        writeln!(out)?;
        coverage(&results.coverage, out)
    }
}

fn coverage(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let (activated, all) = (coverage.activated(), coverage.rules().len());
    writeln!(out, "{activated} of {all} rules covered ({})", rounded(coverage.percent()))?;
    for rule in coverage.missed() {
        let (file, line, column) = (&rule.file, rule.line, rule.column);
        writeln!(out, "  {file}:{line}:{column}: {}#{} held for no test", rule.policy, rule.name)?;
    }
    Ok(())
}

/// Rounded down, so that 100% means all.
fn rounded(percent: f64) -> String {
    format!("{}%", (percent * 10.0).floor() / 10.0)
}

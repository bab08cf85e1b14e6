//! Results of test suites for people: as a tree or a list, of what did not pass, or of everything.

use std::io::{self, Write};

use authz_engine::suite::{
    ActionResults, Failure, Finding, Outcome, OutputFinding, Success, SuiteResults, Summary,
    TestResults,
};
use authz_engine::{Effect, Value};

use crate::style::Style;

/// A line and what stands below it.
struct Node {
    label: String,
    children: Vec<Node>,
}

impl Node {
    fn new(label: impl Into<String>, children: Vec<Self>) -> Self {
        Self { label: label.into(), children }
    }

    fn leaf(label: impl Into<String>) -> Self {
        Self::new(label, Vec::new())
    }
}

/// Writes the results with lines that join what belongs together.
pub(crate) fn tree(
    results: &TestResults,
    verbose: bool,
    style: Style,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", style.strong("Test results"))?;
    branches(&suites(results, verbose, style), "", out)?;
    total(&results.summary, style, out)
}

/// Writes the results indented.
pub(crate) fn list(
    results: &TestResults,
    verbose: bool,
    style: Style,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", style.strong("Test results"))?;
    indented(&suites(results, verbose, style), 0, out)?;
    total(&results.summary, style, out)
}

fn branches(nodes: &[Node], prefix: &str, out: &mut impl Write) -> io::Result<()> {
    for (i, node) in nodes.iter().enumerate() {
        let is_last = i + 1 == nodes.len();
        let corner = if is_last { '└' } else { '├' };
        let below = if node.children.is_empty() { '─' } else { '┬' };
        let deeper = format!("{prefix}{} ", if is_last { ' ' } else { '│' });
        for (n, line) in node.label.lines().enumerate() {
            if n == 0 {
                writeln!(out, "{prefix}{corner}─{below}{line}")?;
            } else {
                writeln!(out, "{deeper} {line}")?;
            }
        }
        branches(&node.children, &deeper, out)?;
    }
    Ok(())
}

fn indented(nodes: &[Node], depth: usize, out: &mut impl Write) -> io::Result<()> {
    for node in nodes {
        for line in node.label.lines() {
            writeln!(out, "{:1$}{line}", "", depth * 2)?;
        }
        indented(&node.children, depth + 1, out)?;
    }
    Ok(())
}

fn total(summary: &Summary, style: Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{} tests executed{}", summary.tests_count, counts(summary, style))
}

fn counts(summary: &Summary, style: Style) -> String {
    let count = |tally: &authz_engine::suite::Tally| {
        format!(" {}", badge(tally.result, &format!("{} ", tally.count), style))
    };
    summary.result_counts.iter().map(count).collect()
}

fn badge(outcome: Outcome, count: &str, style: Style) -> String {
    match outcome {
        Outcome::Passed => style.good(&format!("[{count}OK]")),
        Outcome::Failed => style.bad(&format!("[{count}FAILED]")),
        Outcome::Errored => style.bad(&format!("[{count}ERROR]")),
        _ => style.faint(&format!("[{count}SKIPPED]")),
    }
}

/// Suites that were left out as a whole are not shown.
fn suites(results: &TestResults, verbose: bool, style: Style) -> Vec<Node> {
    let shown = |suite: &&SuiteResults| {
        suite.summary.overall_result > Outcome::Skipped || suite.summary.tests_count > 0
    };
    results.suites.iter().filter(shown).map(|s| suite(s, verbose, style)).collect()
}

fn suite(suite: &SuiteResults, verbose: bool, style: Style) -> Node {
    let name = format!("{} ({})", style.strong(&suite.name), suite.file);
    if !suite.error.is_empty() {
        let label = format!("{name} {}", badge(Outcome::Errored, "", style));
        return Node::new(label, vec![Node::leaf(&*suite.error)]);
    }
    if suite.summary.overall_result <= Outcome::Skipped {
        return Node::leaf(format!("{name} {}", badge(Outcome::Skipped, "", style)));
    }
    let actions = |list: &[ActionResults]| -> Vec<Node> {
        let shown = |a: &&ActionResults| {
            a.details.counts && (verbose || a.details.result != Outcome::Passed)
        };
        list.iter().filter(shown).map(|a| action(a, style)).collect()
    };
    let mut tests = Vec::new();
    for test in &suite.test_cases {
        let mut principals = Vec::new();
        for principal in &test.principals {
            let resources = principal
                .resources
                .iter()
                .map(|resource| Node::new(&*resource.name, actions(&resource.actions)))
                .filter(|node| !node.children.is_empty())
                .collect();
            principals.push(Node::new(&*principal.name, resources));
        }
        principals.retain(|node| !node.children.is_empty());
        tests.push(Node::new(&*test.name, principals));
    }
    tests.retain(|node| !node.children.is_empty());
    Node::new(format!("{name}{}", counts(&suite.summary, style)), tests)
}

fn action(action: &ActionResults, style: Style) -> Node {
    let children = match &action.details.finding {
        Finding::Failure(found) => vec![failure(found)],
        Finding::Error(error) => vec![Node::leaf(format!("ERROR: {error}"))],
        Finding::Success(found) => success(found),
        _ => Vec::new(),
    };
    Node::new(format!("{} {}", action.name, badge(action.details.result, "", style)), children)
}

fn failure(failure: &Failure) -> Node {
    if failure.outputs.is_empty() {
        let (expected, actual) = (effect(failure.expected), effect(failure.actual));
        return Node::leaf(format!("OUTCOME: expected: {expected}, actual: {actual}"));
    }
    let output = |output: &authz_engine::suite::OutputFailure| {
        let (expected, actual) = match &output.finding {
            OutputFinding::Mismatched { expected, actual, .. } => (expected, json(actual)),
            OutputFinding::Missing { expected, .. } => (expected, "MISSING".to_owned()),
            OutputFinding::Errored { expected, error, .. } => (expected, format!("ERROR: {error}")),
            _ => (&None, "UNKNOWN".to_owned()),
        };
        let expected = expected.as_ref().map_or_else(|| "null".to_owned(), json);
        let lines = [format!("EXPECTED: {expected}"), format!("ACTUAL: {actual}")];
        Node::new(&*output.src, lines.map(Node::leaf).into())
    };
    let outputs = failure.outputs.iter().map(output).collect();
    Node::new("OUTCOME: output expectation unsatisfied", outputs)
}

fn success(success: &Success) -> Vec<Node> {
    let mut lines = vec![Node::leaf(format!("RESULT: {}", effect(success.effect)))];
    if !success.outputs.is_empty() {
        let output = |output: &authz_engine::suite::ActualOutput| {
            let value = match &output.error {
                Some(error) => format!("ERROR: {error}"),
                None => output.val.as_ref().map_or_else(|| "null".to_owned(), json),
            };
            Node::new(&*output.src, vec![Node::leaf(value)])
        };
        lines.push(Node::new("OUTPUTS:", success.outputs.iter().map(output).collect()));
    }
    lines
}

fn effect(effect: Effect) -> &'static str {
    if effect.is_allow() { "EFFECT_ALLOW" } else { "EFFECT_DENY" }
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}

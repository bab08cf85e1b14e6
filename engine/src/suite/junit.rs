//! Results as a JUnit report, letter for letter that of `cerbos compile --test-output=junit`.
//!
//! A writer of its own: the report has elements that JUnit does not know (`success`, `outputs`), which `quick-junit` cannot
//! write, and Go's way to escape (`&#34;`, `&#xA;`), which XML libraries do not have.

use std::fmt::{self, Display, Formatter, Write as _};

use super::results::{
    ActionResults, ActualOutput, Finding, Outcome, OutputFailure, OutputFinding, SuiteResults,
    TestResults, effect_name,
};
use crate::check::Effect;
use crate::value::Value;

/// A JUnit report. `verbose` marks suites that were left out with an element of their own.
///
/// ```
/// use authz_engine::suite::{TestResults, junit};
///
/// let report = junit::report(&TestResults::default(), false).to_string();
/// assert_eq!(report, "<testsuites errors=\"0\" failures=\"0\" skipped=\"0\" tests=\"0\"></testsuites>");
/// ```
#[must_use]
pub fn report(results: &TestResults, verbose: bool) -> Report<'_> {
    Report { results, verbose }
}

/// A report that is yet to be written: by its `Display`.
#[derive(Debug, Clone, Copy)]
pub struct Report<'r> {
    results: &'r TestResults,
    verbose: bool,
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { results, verbose } = *self;
        // Suites that errored or were left out count beside their tests, as in Cerbos.
        let suites =
            |wanted| results.suites.iter().filter(|s| s.summary.overall_result == wanted).count();
        let counts = Counts {
            errors: results.summary.count(Outcome::Errored) + suites(Outcome::Errored),
            failures: results.summary.count(Outcome::Failed),
            skipped: results.summary.count(Outcome::Skipped) + suites(Outcome::Skipped),
            tests: results.summary.tests_count,
        };
        let mut xml = Xml { out: f, depth: 0 };
        let children = |xml: &mut Xml<'_, '_>| {
            results.suites.iter().try_for_each(|suite| write_suite(xml, suite, verbose))
        };
        if results.suites.is_empty() {
            xml.text("testsuites", &counts.attributes(), "")?;
        } else {
            xml.element("testsuites", &counts.attributes(), children)?;
        }
        Ok(())
    }
}

struct Counts {
    errors: usize,
    failures: usize,
    skipped: usize,
    tests: usize,
}

impl Counts {
    fn attributes(&self) -> Vec<(&'static str, String)> {
        vec![
            ("errors", self.errors.to_string()),
            ("failures", self.failures.to_string()),
            ("skipped", self.skipped.to_string()),
            ("tests", self.tests.to_string()),
        ]
    }
}

fn write_suite(xml: &mut Xml<'_, '_>, suite: &SuiteResults, verbose: bool) -> fmt::Result {
    let overall = suite.summary.overall_result;
    // Of a suite that errored or was left out, no tests are shown.
    let shown = !matches!(overall, Outcome::Errored | Outcome::Skipped);
    let count = |wanted| if shown { suite.summary.count(wanted) } else { 0 };
    let counts = Counts {
        errors: usize::from(overall == Outcome::Errored) + count(Outcome::Errored),
        failures: count(Outcome::Failed),
        skipped: usize::from(overall == Outcome::Skipped) + count(Outcome::Skipped),
        tests: suite.summary.tests_count,
    };
    let mut attributes = Vec::new();
    if !suite.description.is_empty() {
        attributes.push(("description", suite.description.to_string()));
    }
    attributes.push(("name", suite.name.to_string()));
    attributes.push(("file", suite.file.to_string()));
    attributes.extend(counts.attributes());
    xml.element("testsuite", &attributes, |xml| {
        match overall {
            Outcome::Errored => {
                xml.text("error", &[("type", overall.as_str().into())], &suite.error)?;
            }
            Outcome::Skipped if verbose => {
                let message = "This test suite was skipped".into();
                xml.text("skipped", &[("message", message)], "")?;
            }
            _ => {}
        }
        xml.text("properties", &[], "")?;
        if !shown {
            return Ok(());
        }
        for test in &suite.test_cases {
            for principal in &test.principals {
                for resource in &principal.resources {
                    for action in &resource.actions {
                        let names = [&*principal.name, &*resource.name, &*action.name];
                        write_case(xml, &suite.file, &test.name, names, action)?;
                    }
                }
            }
        }
        Ok(())
    })
}

fn write_case(
    xml: &mut Xml<'_, '_>,
    file: &str,
    test: &str,
    [principal, resource, action]: [&str; 3],
    result: &ActionResults,
) -> fmt::Result {
    let class = format!("{principal}.{resource}.{action}");
    let attributes = [("file", file.into()), ("classname", class), ("name", test.into())];
    xml.element("testcase", &attributes, |xml| {
        let kind = ("type", result.details.result.as_str().into());
        match &result.details.finding {
            Finding::SkipReason(_) => {
                xml.text("skipped", &[("message", "This test was skipped".into())], "")?;
            }
            Finding::Error(_) => xml.text("error", &[kind], "")?,
            Finding::Failure(failure) => {
                let what = if failure.outputs.is_empty() { "Effect" } else { "Output" };
                let message = ("message", format!("{what} expectation unsatisfied"));
                let outputs = failure.outputs.iter().map(failed_output).collect();
                let effects = [failure.actual, failure.expected];
                write_answer(xml, "failure", &[kind, message], outputs, effects)?;
            }
            Finding::Success(success) => {
                let outputs = success.outputs.iter().map(output).collect();
                let effects = [success.effect, success.effect];
                write_answer(xml, "success", &[kind], outputs, effects)?;
            }
        }
        xml.element("properties", &[], |xml| {
            for (name, value) in
                [("principal", principal), ("resource", resource), ("action", action)]
            {
                xml.text("property", &[("name", name.into())], value)?;
            }
            Ok(())
        })
    })
}

/// Source, expected value and actual value.
type Said<'r> = (&'r str, String, String);

fn write_answer(
    xml: &mut Xml<'_, '_>,
    name: &str,
    attributes: &[(&'static str, String)],
    outputs: Vec<Said<'_>>,
    [actual, expected]: [Effect; 2],
) -> fmt::Result {
    xml.element(name, attributes, |xml| {
        if !outputs.is_empty() {
            xml.element("outputs", &[], |xml| {
                for (source, expected, actual) in outputs {
                    xml.element("output", &[("src", source.into())], |xml| {
                        xml.data("expected", &expected)?;
                        xml.data("actual", &actual)
                    })?;
                }
                Ok(())
            })?;
        }
        xml.text("actual", &[], effect_name(actual))?;
        xml.text("expected", &[], effect_name(expected))
    })
}

fn failed_output(failure: &OutputFailure) -> Said<'_> {
    let (expected, actual) = match &failure.finding {
        OutputFinding::Mismatched { expected, actual } => (expected, json(Some(actual))),
        OutputFinding::Missing { expected } => (expected, String::new()),
        OutputFinding::Errored { expected, error } => (expected, failed(error)),
    };
    (&failure.src, json(expected.as_ref()), actual)
}

fn output(output: &ActualOutput) -> Said<'_> {
    let expected = json(output.val.as_ref());
    let actual = output.error.as_ref().map_or_else(|| expected.clone(), |error| failed(error));
    (&output.src, expected, actual)
}

fn failed(error: &str) -> String {
    format!("Failed to evaluate output expression: {error}")
}

/// Indented elements, with Go's escapes.
struct Xml<'o, 'f> {
    out: &'o mut Formatter<'f>,
    depth: usize,
}

impl Xml<'_, '_> {
    fn open(&mut self, name: &str, attributes: &[(&'static str, String)]) -> fmt::Result {
        if self.depth > 0 {
            write!(self.out, "\n{:1$}", "", self.depth * 2)?;
        }
        write!(self.out, "<{name}")?;
        for (name, value) in attributes {
            write!(self.out, " {name}=\"{}\"", Escaped(value))?;
        }
        self.out.write_char('>')
    }

    /// An element with elements in it.
    fn element(
        &mut self,
        name: &str,
        attributes: &[(&'static str, String)],
        children: impl FnOnce(&mut Xml<'_, '_>) -> fmt::Result,
    ) -> fmt::Result {
        self.open(name, attributes)?;
        let depth = self.depth;
        children(&mut Xml { out: self.out, depth: depth + 1 })?;
        write!(self.out, "\n{:1$}</{name}>", "", depth * 2)
    }

    /// An element with text in it.
    fn text(
        &mut self,
        name: &str,
        attributes: &[(&'static str, String)],
        text: &str,
    ) -> fmt::Result {
        self.open(name, attributes)?;
        write!(self.out, "{}</{name}>", Escaped(text))
    }

    /// An element with text that is not escaped.
    fn data(&mut self, name: &str, text: &str) -> fmt::Result {
        self.open(name, &[])?;
        if !text.is_empty() {
            write!(self.out, "<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))?;
        }
        write!(self.out, "</{name}>")
    }
}

struct Escaped<'t>(&'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("&#34;")?,
                '\'' => f.write_str("&#39;")?,
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '\t' => f.write_str("&#x9;")?,
                '\n' => f.write_str("&#xA;")?,
                '\r' => f.write_str("&#xD;")?,
                // XML has no other control characters, and not these two.
                '\0'..' ' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A value as compact JSON, keys sorted. No value at all is `null`.
fn json(value: Option<&Value>) -> String {
    let mut out = String::new();
    write_json(&mut out, value.unwrap_or(&Value::Null));
    out
}

fn write_json(out: &mut String, value: &Value) {
    let comma = |out: &mut String, i: usize| {
        if i > 0 {
            out.push(',');
        }
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::UInt(u) => out.push_str(&u.to_string()),
        Value::Double(d) => write_number(out, *d),
        Value::String(s) => write_text(out, s),
        Value::Bytes(bytes) => out.push_str(&format!("{bytes:?}")),
        Value::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                comma(out, i);
                write_json(out, item);
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (i, (name, value)) in entries.into_iter().enumerate() {
                comma(out, i);
                write_text(out, name);
                out.push(':');
                write_json(out, value);
            }
            out.push('}');
        }
    }
}

/// As JavaScript and Go write it: `1e+21`, `1e-7`, and no exponent in between.
fn write_number(out: &mut String, number: f64) {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        out.push_str(&if text.contains("e-") { text } else { text.replace('e', "e+") });
    } else {
        out.push_str(&number.to_string());
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

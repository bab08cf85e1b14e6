//! `authz inspect`: what policies use and define.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use authz_engine::inspect::{self, AttributeKind, Inspection, Kind};
use authz_engine::policy::{PolicySet, read_dir};
use serde_json::json;

use crate::exit;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder with the policies
    dir: PathBuf,
    /// How to show what was found
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// What to look at
    #[arg(long, value_enum, default_value_t = View::Policies)]
    view: View,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Output {
    /// For people
    #[value(alias = "tree")]
    Text,
    /// For programs, as Cerbos writes it
    Json,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum View {
    /// Policies as they are written, whether they load together or not
    Policies,
    /// Policies as they are compiled, with their ancestors
    PolicySets,
    /// The table that decisions are made from
    RuleTables,
}

pub(crate) fn run(args: &Args, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    let (all, as_json, code) = match args.view {
        View::Policies => {
            let (sources, unreadable) = read_dir(&args.dir);
            let found = inspect::policies(sources);
            write!(err, "{unreadable}{}", found.diagnostics)?;
            let complete = unreadable.is_empty() && found.diagnostics.is_empty();
            for missing in &found.missing_policies {
                writeln!(err, "{missing} is imported, and no file defines it")?;
            }
            let code = if complete { ExitCode::SUCCESS } else { exit::INVALID.into() };
            let as_json = json!(found);
            (found.policies, as_json, code)
        }
        View::PolicySets | View::RuleTables => match PolicySet::from_dir(&args.dir) {
            Ok(set) if matches!(args.view, View::PolicySets) => {
                let all = inspect::policy_sets(&set);
                let as_json = json!({"policySets": all});
                (all, as_json, ExitCode::SUCCESS)
            }
            Ok(set) => {
                let all = inspect::rule_tables(&set);
                let as_json = json!({"ruleTables": all});
                (all, as_json, ExitCode::SUCCESS)
            }
            Err(diagnostics) => {
                write!(err, "{diagnostics}")?;
                return Ok(exit::INVALID.into());
            }
        },
    };
    match args.output {
        Output::Json => {
            serde_json::to_writer_pretty(&mut *out, &as_json)?;
            writeln!(out)?;
        }
        Output::Text => text(&all, out)?,
    }
    Ok(code)
}

fn text(all: &BTreeMap<String, Inspection>, out: &mut impl Write) -> io::Result<()> {
    for (key, inspection) in all {
        if *inspection.policy_id == **key {
            writeln!(out, "{key}")?;
        } else {
            writeln!(out, "{key} ({})", inspection.policy_id)?;
        }
        if !inspection.actions.is_empty() {
            writeln!(out, "  actions: {}", inspection.actions.join(", "))?;
        }
        for attribute in &inspection.attributes {
            let owner = match attribute.kind {
                AttributeKind::Principal => "P",
                AttributeKind::Resource => "R",
            };
            writeln!(out, "  attribute {owner}.attr.{}", attribute.name)?;
        }
        for constant in &inspection.constants {
            let value = constant.value.as_ref().map(ToString::to_string).unwrap_or_default();
            let origin = origin(constant.kind, &constant.source, constant.used);
            definition(out, "constant C", &constant.name, &value, &origin)?;
        }
        for variable in &inspection.variables {
            let value = if variable.kind == Kind::Undefined { "" } else { &*variable.value };
            let origin = origin(variable.kind, &variable.source, variable.used);
            definition(out, "variable V", &variable.name, value, &origin)?;
        }
        for role in &inspection.derived_roles {
            writeln!(out, "  derived role {}{}", role.name, origin(role.kind, &role.source, true))?;
        }
    }
    Ok(())
}

fn definition(
    out: &mut impl Write,
    what: &str,
    name: &str,
    value: &str,
    origin: &dyn Display,
) -> io::Result<()> {
    let equals = if value.is_empty() { "" } else { " = " };
    writeln!(out, "  {what}.{name}{equals}{value}{origin}")
}

fn origin(kind: Kind, source: &str, used: bool) -> String {
    match kind {
        Kind::Imported if !source.is_empty() => format!(" (from {source})"),
        Kind::Undefined => " (undefined)".to_owned(),
        Kind::Local if !used => " (unused)".to_owned(),
        _ => String::new(),
    }
}

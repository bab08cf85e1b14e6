//! `authz explain`: why a request is decided as it is.

use std::io::{self, Write};
use std::process::ExitCode;

use authz_engine::cel::Timestamp;
use authz_engine::explain::Explanation;
use authz_engine::{Engine, Map, Options, SchemaEnforcement};
use serde::Serialize;

use crate::exit;
use crate::load::Policies;
use crate::request::RequestArgs;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    policies: Policies,
    #[command(flatten)]
    request: RequestArgs,
    /// How to show the answer
    #[arg(short, long, value_enum, default_value_t = Output::Tree)]
    output: Output,
    /// The instant that conditions see, as RFC 3339; the present if not given
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<Timestamp>,
    /// Deny where an evaluated condition fails
    #[arg(long)]
    strict_evaluation: bool,
    /// Begin at the nearest scope that exists
    #[arg(long)]
    lenient_scope_search: bool,
    /// The scope of a request that names none
    #[arg(long, value_name = "SCOPE", default_value = "")]
    default_scope: Box<str>,
    /// The version of a request that names none
    #[arg(long, value_name = "VERSION", default_value = "default")]
    default_policy_version: Box<str>,
    /// What becomes of attributes that do not fit their schemas
    #[arg(long, value_enum, default_value_t = Enforcement::None)]
    schema_enforcement: Enforcement,
    /// Values of `globals`, as a JSON object
    #[arg(long, value_name = "JSON", value_parser = json)]
    globals: Option<Map>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Output {
    /// For people
    Tree,
    /// For programs
    Json,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Enforcement {
    /// They are not looked at
    None,
    /// They are reported
    Warn,
    /// They are reported, and everything is denied
    Reject,
}

#[derive(Serialize)]
struct Explained<'e> {
    kind: &'e str,
    id: &'e str,
    #[serde(flatten)]
    explanation: Explanation,
}

pub(crate) fn run(args: &Args, out: &mut impl Write, err: &mut impl Write) -> io::Result<ExitCode> {
    let request = match args.request.request() {
        Ok(request) => request,
        Err(error) => {
            writeln!(err, "error: {error}")?;
            return Ok(exit::BAD_ARGUMENTS.into());
        }
    };
    let set = match args.policies.load(err)? {
        Ok(set) => set,
        Err(code) => return Ok(code),
    };
    let engine = Engine::new(set, args.options());
    let now = args.now.unwrap_or_else(Timestamp::now);
    let mut all = Vec::with_capacity(request.resources.len());
    for (resource, actions) in &request.resources {
        let actions: Vec<&str> = actions.iter().map(|a| &**a).collect();
        let aux_data = Some(&request.aux_data);
        match engine.explain(&request.principal, resource, &actions, aux_data, now) {
            Ok(explanation) => {
                all.push(Explained { kind: &resource.kind, id: &resource.id, explanation });
            }
            Err(undecided) => {
                writeln!(err, "error: {}/{}: {undecided}", resource.kind, resource.id)?;
                return Ok(exit::FAILED.into());
            }
        }
    }
    match args.output {
        Output::Json => {
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)?;
        }
        Output::Tree => {
            for one in &all {
                let heading = format!("{}/{} for {}", one.kind, one.id, request.principal.id);
                writeln!(out, "{}", heading.replace(char::is_control, "?"))?;
                write!(out, "{}", one.explanation)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn options(&self) -> Options {
        let mut options = Options::default();
        options.default_scope.clone_from(&self.default_scope);
        options.default_policy_version.clone_from(&self.default_policy_version);
        options.lenient_scope_search = self.lenient_scope_search;
        options.strict_evaluation = self.strict_evaluation;
        options.schema_enforcement = match self.schema_enforcement {
            Enforcement::None => SchemaEnforcement::None,
            Enforcement::Warn => SchemaEnforcement::Warn,
            Enforcement::Reject => SchemaEnforcement::Reject,
        };
        options.globals = self.globals.clone().unwrap_or_default();
        options
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "write a time as 2026-01-31T12:00:00Z".to_owned())
}

fn json(text: &str) -> Result<Map, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

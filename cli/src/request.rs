//! A request to decide: from a file in the form of Cerbos' API, or from arguments.

use std::io::Read;
use std::path::{Path, PathBuf};

use authz_engine::request::{InvalidField, validate_actions};
use authz_engine::{AuxData, Map, Principal, Resource, Value};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(clap::Args)]
pub(crate) struct RequestArgs {
    /// A request as Cerbos' `CheckResources` takes it, JSON or YAML, `-` for standard input. `auxData` holds claims, as
    /// in test suites
    #[arg(long, value_name = "FILE", conflicts_with_all = ["principal", "role", "principal_attr", "resource", "attr", "action", "scope", "policy_version"])]
    request: Option<PathBuf>,
    /// Identifier of the principal
    #[arg(long, value_name = "ID", required_unless_present = "request")]
    principal: Option<Box<str>>,
    /// A role of the principal; may be given several times, in order
    #[arg(long, value_name = "ROLE", required_unless_present = "request")]
    role: Vec<Box<str>>,
    /// An attribute of the principal; the value is JSON, or else text
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute)]
    principal_attr: Vec<(Box<str>, Value)>,
    /// Kind and identifier of the resource
    #[arg(long, value_name = "KIND[/ID]", required_unless_present = "request")]
    resource: Option<String>,
    /// An attribute of the resource; the value is JSON, or else text
    #[arg(long, value_name = "NAME=VALUE", value_parser = attribute)]
    attr: Vec<(Box<str>, Value)>,
    /// An action; may be given several times
    #[arg(long, value_name = "ACTION", required_unless_present = "request")]
    action: Vec<Box<str>>,
    /// Scope of principal and resource
    #[arg(long, default_value = "")]
    scope: Box<str>,
    /// Policy version of principal and resource
    #[arg(long, default_value = "")]
    policy_version: Box<str>,
}

/// What to decide.
pub(crate) struct Request {
    pub(crate) principal: Principal,
    pub(crate) resources: Vec<(Resource, Vec<Box<str>>)>,
    pub(crate) aux_data: AuxData,
}

impl RequestArgs {
    pub(crate) fn request(&self) -> Result<Request, String> {
        let request = match &self.request {
            Some(file) => read(file)?,
            None => self.described(),
        };
        request.validated()
    }

    fn described(&self) -> Request {
        let subject = self.resource.as_deref().unwrap_or_default();
        let (kind, id) = subject.split_once('/').unwrap_or((subject, "-"));
        let principal = Principal {
            id: self.principal.clone().unwrap_or_default(),
            roles: self.role.clone(),
            attr: self.principal_attr.iter().cloned().collect(),
            policy_version: self.policy_version.clone(),
            scope: self.scope.clone(),
        };
        let resource = Resource {
            kind: kind.into(),
            id: id.into(),
            attr: self.attr.iter().cloned().collect(),
            policy_version: self.policy_version.clone(),
            scope: self.scope.clone(),
        };
        let resources = vec![(resource, self.action.clone())];
        Request { principal, resources, aux_data: AuxData::default() }
    }
}

impl Request {
    /// Refuses what Cerbos' API refuses, before it becomes a denial that nobody understands.
    fn validated(self) -> Result<Self, String> {
        let mut wrong: Vec<InvalidField> = Vec::new();
        wrong.extend(self.principal.validate().into_iter().map(|field| field.inside("principal")));
        for (resource, actions) in &self.resources {
            wrong.extend(resource.validate().into_iter().map(|field| field.inside("resource")));
            wrong.extend(validate_actions(actions));
        }
        let mut lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        if self.resources.is_empty() {
            lines.push("`resources` must not be empty".to_owned());
        }
        if lines.is_empty() { Ok(self) } else { Err(lines.join("\nerror: ")) }
    }
}

fn attribute(text: &str) -> Result<(Box<str>, Value), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.into(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))))
}

fn read(file: &Path) -> Result<Request, String> {
    let name = file.display();
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|e| format!("{name}: {e}"))?;
    let written: Written = serde_yaml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
    if written.aux_data.jwt.get("token").is_some() {
        return Err(format!(
            "{name}: `auxData.jwt` must hold the claims of the token, not the token"
        ));
    }
    let of = |w: WrittenResource| Resource {
        kind: w.kind,
        id: w.id,
        attr: w.attr,
        policy_version: w.policy_version,
        scope: w.scope,
    };
    let p = written.principal;
    let principal = Principal {
        id: p.id,
        roles: p.roles,
        attr: p.attr,
        policy_version: p.policy_version,
        scope: p.scope,
    };
    let tokens = written.aux_data.jwts.into_iter().map(|(name, token)| (name, token.claims));
    let aux_data = AuxData { jwt: written.aux_data.jwt, jwts: tokens.collect() };
    let resources = written.resources.into_iter().map(|e| (of(e.resource), e.actions)).collect();
    Ok(Request { principal, resources, aux_data })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a request with `principal` and `resources`")]
struct Written {
    principal: WrittenPrincipal,
    resources: Vec<WrittenEntry>,
    #[serde(default, alias = "aux_data")]
    aux_data: WrittenAuxData,
    // Of the API, and without meaning here.
    #[serde(default, rename = "requestId", alias = "request_id")]
    _request_id: IgnoredAny,
    #[serde(default, rename = "includeMeta", alias = "include_meta")]
    _include_meta: IgnoredAny,
    #[serde(default, rename = "requestContext", alias = "request_context")]
    _request_context: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenPrincipal {
    id: Box<str>,
    roles: Vec<Box<str>>,
    #[serde(default)]
    attr: Map,
    #[serde(default, alias = "policy_version")]
    policy_version: Box<str>,
    #[serde(default)]
    scope: Box<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    actions: Vec<Box<str>>,
    resource: WrittenResource,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenResource {
    kind: Box<str>,
    id: Box<str>,
    #[serde(default)]
    attr: Map,
    #[serde(default, alias = "policy_version")]
    policy_version: Box<str>,
    #[serde(default)]
    scope: Box<str>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenAuxData {
    jwt: Map,
    jwts: std::collections::BTreeMap<Box<str>, WrittenToken>,
}

#[derive(Deserialize)]
struct WrittenToken {
    claims: Map,
}

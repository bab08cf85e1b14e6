//! The table for programs.

use serde::{Serialize, Serializer};

use super::{
    super::{Access, Basis, Check, Route, Rule, Source},
    Manifest,
    text::{absent, method},
};

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TableView { routes: self.routes() }.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename = "Manifest")]
struct TableView<'a> {
    routes: &'a [Route],
}

/// As a member of the [`Manifest`]'s `routes`.
impl Serialize for Route {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let location = self.location();
        let view = RouteView {
            method: method(self),
            path: self.path(),
            fallback: self.is_fallback(),
            access: match self.rule() {
                Rule::Declared(access) => AccessView::of(&access),
                Rule::Unguarded(why) => AccessView::Unguarded { reason: why.reason() },
            },
            location: LocationView { file: location.file(), line: location.line() },
        };
        view.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename = "Route")]
struct RouteView<'a> {
    method: &'a str,
    path: &'a str,
    fallback: bool,
    access: AccessView,
    location: LocationView<'a>,
}

#[derive(Serialize)]
struct LocationView<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AccessView {
    Check(CheckView),
    Authenticated { scopes: Vec<&'static str> },
    Public { reason: &'static str },
    Unguarded { reason: &'static str },
    All { of: Vec<Self> },
}

#[derive(Serialize)]
struct CheckView {
    action: &'static str,
    resource: &'static str,
    basis: &'static str,
    id: SourceView,
    attributes: Vec<AttributeView>,
    scopes: Vec<&'static str>,
    concealed: bool,
}

#[derive(Serialize)]
struct AttributeView {
    name: &'static str,
    #[serde(flatten)]
    source: SourceView,
}

#[derive(Serialize)]
#[serde(tag = "from", content = "parameter", rename_all = "snake_case")]
enum SourceView {
    Path(&'static str),
    Query(&'static str),
    Header(&'static str),
    Resource,
    Absent,
}

impl AccessView {
    fn of(access: &Access) -> Self {
        match access {
            Access::Check(check) => Self::Check(CheckView::of(check)),
            Access::Authenticated { scope } => Self::Authenticated { scopes: scopes(*scope) },
            Access::Public { reason } => Self::Public { reason },
            Access::All(parts) => Self::All { of: parts.iter().map(Self::of).collect() },
        }
    }
}

impl CheckView {
    fn of(check: &Check) -> Self {
        let declared = check.attr_sources().iter();
        let declared = declared
            .filter(|(_, source)| *source != Source::Absent)
            .map(|&(name, source)| (name, SourceView::of(source)));
        let of_type = check.shape().map_or(&[][..], |shape| shape.attributes).iter();
        let of_type = of_type.map(|attribute| (attribute.name(), SourceView::Resource));
        let absent = absent(check).map(|name| (name, SourceView::Absent));
        let attributes = declared.chain(of_type).chain(absent);
        let id = match check.id_source() {
            Some(source) => SourceView::of(source),
            None if check.shape().is_some() => SourceView::Resource,
            None => SourceView::Absent,
        };
        Self {
            action: check.action(),
            resource: check.resource(),
            basis: match check.basis() {
                Basis::Request => "request",
                Basis::Loaded => "loaded",
                Basis::Body => "body",
                Basis::Changed => "changed",
            },
            id,
            attributes: attributes.map(|(name, source)| AttributeView { name, source }).collect(),
            scopes: scopes(check.required_scope()),
            concealed: check.is_concealed(),
        }
    }
}

impl SourceView {
    fn of(source: Source) -> Self {
        match source {
            Source::Path(name) => Self::Path(name),
            Source::Query(name) => Self::Query(name),
            Source::Header(name) => Self::Header(name),
            Source::Absent => Self::Absent,
        }
    }
}

fn scopes(scope: Option<&'static str>) -> Vec<&'static str> {
    scope.into_iter().flat_map(|scope| scope.split(' ')).collect()
}

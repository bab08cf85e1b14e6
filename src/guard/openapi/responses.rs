//! The responses of refused requests, as documents describe them.

use utoipa::openapi::{
    Content, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
};

/// The name of the schema of problems.
pub(super) const SCHEMA: &str = "AccessProblem";

pub(super) fn unauthorized() -> (&'static str, Response) {
    let challenge = text("What the caller has to bring (RFC 6750 section 3)");
    let response = problem("No access token, or one that is not valid");
    ("401", response.header("WWW-Authenticate", challenge).build())
}

pub(super) fn forbidden() -> (&'static str, Response) {
    ("403", problem("The caller may not do this").build())
}

pub(super) fn not_found() -> (&'static str, Response) {
    ("404", problem("There is no such resource").build())
}

pub(super) fn unavailable() -> (&'static str, Response) {
    let seconds = text("Seconds to wait before the next attempt");
    let response = problem("Whether the caller may do this cannot be decided at present");
    ("503", response.header("Retry-After", seconds).build())
}

/// RFC 9457, with the call id.
pub(super) fn schema() -> RefOr<Schema> {
    let string = || ObjectBuilder::new().schema_type(Type::String);
    let object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Why a request was refused (RFC 9457)"))
        .property("type", string())
        .property("title", string())
        .property("status", ObjectBuilder::new().schema_type(Type::Integer))
        .property("detail", string())
        .property("call_id", string().description(Some("What to ask the operator with")));
    let members = ["type", "title", "status", "detail", "call_id"];
    members.into_iter().fold(object, ObjectBuilder::required).into()
}

fn problem(description: &str) -> ResponseBuilder {
    let content = Content::new(Some(Ref::from_schema_name(SCHEMA)));
    ResponseBuilder::new().description(description).content("application/problem+json", content)
}

fn text(description: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String).build());
    header.description = Some(description.to_owned());
    header
}

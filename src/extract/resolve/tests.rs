use std::sync::{Arc, Mutex};

use authz_engine::{Resource, Value};
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

use super::{Fault, resolve};
use crate::guard::{Check, Source};

/// What is resolved when `uri` is asked for on `route`.
async fn resolved(
    check: Check,
    route: &str,
    uri: &str,
    headers: &[(&str, &[u8])],
) -> Result<Resource, Fault> {
    let result = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&result);
    let handler = async move |request: Request| {
        let (mut parts, _) = request.into_parts();
        let resource = resolve(&check, &mut parts).await;
        *seen.lock().unwrap() = Some(resource);
    };
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let router: Router = Router::new().route(route, get(handler));
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    result.lock().unwrap().take().expect("the route should be found")
}

const CHECK: Check = Check::new("view", "album").id(Source::Path("id")).attrs(&[
    ("owner", Source::Path("user")),
    ("tag", Source::Query("tag")),
    ("device", Source::Header("x-device")),
]);
const ROUTE: &str = "/{user}/albums/{id}";

fn string(text: &str) -> Value {
    Value::String(text.into())
}

#[tokio::test]
async fn values_are_decoded_as_their_places_encode_them() {
    let headers: &[(&str, &[u8])] = &[("X-Device", b"a+b%20c")];
    let resource = resolved(CHECK, ROUTE, "/a%2Fb+c/albums/%C3%A9?tag=x+y%26z&other=1", headers)
        .await
        .unwrap();
    assert_eq!((&*resource.kind, &*resource.id), ("album", "\u{e9}"));
    assert_eq!(resource.attr.get("owner"), Some(&string("a/b+c")));
    assert_eq!(resource.attr.get("tag"), Some(&string("x y&z")));
    assert_eq!(resource.attr.get("device"), Some(&string("a+b%20c")));
}

#[tokio::test]
async fn what_query_and_headers_do_not_have_is_absent_not_empty() {
    let resource = resolved(CHECK, ROUTE, "/bob/albums/1", &[]).await.unwrap();
    assert_eq!(resource.attr.len(), 1);
    let resource = resolved(CHECK, ROUTE, "/bob/albums/1?tag", &[("x-device", b"")]).await.unwrap();
    assert_eq!(resource.attr.get("tag"), Some(&string("")));
    assert_eq!(resource.attr.get("device"), Some(&string("")));
}

#[tokio::test]
async fn a_declaration_without_an_identifier_has_an_empty_one() {
    let resource =
        resolved(Check::new("list", "album"), "/albums", "/albums?id=1", &[]).await.unwrap();
    assert_eq!((&*resource.id, resource.attr.len()), ("", 0));
}

#[tokio::test]
async fn what_is_declared_absent_is_not_there() {
    const ABSENT: Check = Check::new("view", "album")
        .id(Source::Absent)
        .attrs(&[("frozen", Source::Absent), ("tag", Source::Query("tag"))]);

    let resource = resolved(ABSENT, "/albums", "/albums?frozen=yes&tag=x", &[]).await.unwrap();
    assert_eq!((&*resource.id, resource.attr.len()), ("", 1));
    assert_eq!(resource.attr.get("tag"), Some(&string("x")));
}

#[tokio::test]
async fn ambiguous_and_unreadable_values_are_the_requests_fault() {
    for (uri, headers, reason) in [
        ("/bob/albums/1?tag=a&tag=a", &[][..], "query_parameter_repeated"),
        ("/bob/albums/1?tag=a&t%61g=b", &[], "query_parameter_repeated"),
        ("/bob/albums/1", &[("x-device", &b"a"[..]), ("x-device", b"b")], "header_repeated"),
        ("/bob/albums/1", &[("x-device", b"\xff")], "header_not_ascii"),
        ("/%ff/albums/1", &[], "path_not_utf8"),
    ] {
        assert_eq!(
            resolved(CHECK, ROUTE, uri, headers).await.unwrap_err(),
            Fault::Request(reason),
            "{uri}"
        );
    }
    let by_query = Check::new("view", "album").id(Source::Query("id"));
    let fault = resolved(by_query, "/", "/", &[]).await.unwrap_err();
    assert_eq!(fault, Fault::Request("id_absent"));
}

#[tokio::test]
async fn a_path_parameter_the_route_does_not_have_is_the_services_fault() {
    let fault = resolved(CHECK, "/albums/{id}", "/albums/1", &[]).await.unwrap_err();
    assert_eq!(fault, Fault::NoPathParameter("user"));
}

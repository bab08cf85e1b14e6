use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};

use super::{Wire, respond};
use crate::{
    audit::CallId,
    layer::{Challenge, Refusal},
};

const INVALID: &str = "Bearer realm=\"photos\", error=\"invalid_token\", \
    error_description=\"the access token is malformed, expired or not meant for this service\"";
const REQUEST: &str = "Bearer realm=\"photos\", error=\"invalid_request\", \
    error_description=\"the credentials cannot be read or are given more than once\"";
const PLAIN: &str = "Bearer realm=\"photos\"";
const SCOPE: &str = "Bearer realm=\"photos\", error=\"insufficient_scope\", scope=\"albums:write\"";

struct Row {
    refusal: Refusal,
    status: u16,
    challenge: Option<&'static str>,
    grpc: &'static str,
}

fn table() -> Vec<Row> {
    let row = |refusal, status, challenge, grpc| Row { refusal, status, challenge, grpc };
    vec![
        row(Refusal::Anonymous, 401, Some(PLAIN), "16"),
        row(Refusal::UnsupportedScheme, 401, Some(PLAIN), "16"),
        row(Refusal::InvalidRequest("empty"), 400, Some(REQUEST), "16"),
        row(Refusal::InvalidToken("expired"), 401, Some(INVALID), "16"),
        row(Refusal::InsufficientScope("albums:write".into()), 403, Some(SCOPE), "7"),
        row(Refusal::Denied, 403, None, "7"),
        row(Refusal::Absent, 404, None, "5"),
        row(Refusal::Malformed("query"), 400, None, "3"),
        row(Refusal::Undecided("limit"), 503, None, "14"),
        row(Refusal::Wiring("layer"), 500, None, "13"),
    ]
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn every_outcome_has_the_status_and_the_challenge_of_the_table() {
    let challenge = Challenge::new("photos", None);
    for Row { refusal, status, challenge: expected, .. } in table() {
        let call_id = CallId::new();
        let response = respond(&refusal, call_id, Wire::Http, &challenge, None);
        let headers = response.headers();
        assert_eq!(response.status().as_u16(), status, "{refusal:?}");
        assert_eq!(text(headers, WWW_AUTHENTICATE.as_str()), expected, "{refusal:?}");
        assert_eq!(headers.contains_key(RETRY_AFTER), status == 503, "{refusal:?}");
        assert_eq!(text(headers, "content-type"), Some("application/problem+json"));
        assert_eq!(text(headers, "cache-control"), Some("no-store"));
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["status"], status);
        assert_eq!(
            body["title"],
            StatusCode::from_u16(status).unwrap().canonical_reason().unwrap()
        );
        assert_eq!(body["call_id"], call_id.to_string());
        assert_eq!(response.extensions().get::<CallId>(), Some(&call_id));
        assert_eq!(response.extensions().get::<Refusal>(), Some(&refusal));
    }
}

#[test]
fn the_reason_is_not_told_to_the_client() {
    for Row { refusal, .. } in table() {
        let reasons = ["empty", "expired", "query", "limit", "layer"];
        let response =
            respond(&refusal, CallId::new(), Wire::Http, &Challenge::new("photos", None), None);
        let said = format!("{:?} {:?}", response.headers(), response.body())
            .replace("malformed, expired or", "");
        assert!(reasons.iter().all(|reason| !said.contains(reason)), "{said}");
    }
}

#[test]
fn grpc_callers_get_a_status_in_the_headers_of_an_empty_response() {
    for Row { refusal, grpc, .. } in table() {
        for (wire, content_type) in
            [(Wire::Grpc, "application/grpc"), (Wire::GrpcWeb, "application/grpc-web")]
        {
            let response =
                respond(&refusal, CallId::new(), wire, &Challenge::new("photos", None), None);
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(text(response.headers(), "content-type"), Some(content_type));
            assert_eq!(text(response.headers(), "grpc-status"), Some(grpc), "{refusal:?}");
            let message = text(response.headers(), "grpc-message").unwrap();
            // The only character gRPC wants escaped among printable ASCII.
            assert!(!message.is_empty() && !message.contains('%'), "{message}");
            assert!(response.body().is_empty());
        }
    }
}

#[test]
fn grpc_is_told_by_the_content_type() {
    let wire = |content_type: &'static str| {
        Wire::of(
            &Method::POST,
            &HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]),
        )
    };
    assert_eq!(Wire::of(&Method::POST, &HeaderMap::new()), Wire::Http);
    for http in ["application/json", "application/grpcx", "text/application/grpc", ""] {
        assert_eq!(wire(http), Wire::Http, "{http}");
    }
    for grpc in [
        "application/grpc",
        "application/grpc+proto",
        "Application/GRPC;x=y",
        "application/grpc ; x",
    ] {
        assert_eq!(wire(grpc), Wire::Grpc, "{grpc}");
    }
    for web in
        ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text+proto"]
    {
        assert_eq!(wire(web), Wire::GrpcWeb, "{web}");
    }
}

#[test]
fn every_401_has_a_challenge() {
    for Row { status, challenge, refusal, .. } in table() {
        // RFC 9110 section 15.5.2.
        assert!(status != 401 || challenge.is_some(), "{refusal:?}");
    }
}

#[test]
fn an_answer_to_head_has_everything_but_the_content() {
    let head = |content_type: &'static str| {
        let content_type = HeaderValue::from_static(content_type);
        Wire::of(&Method::HEAD, &HeaderMap::from_iter([(CONTENT_TYPE, content_type)]))
    };
    assert_eq!(Wire::of(&Method::HEAD, &HeaderMap::new()), Wire::Head);
    assert_eq!(head("application/json"), Wire::Head);
    // gRPC is always POST.
    assert_eq!(head("application/grpc"), Wire::Head);
    let challenge = Challenge::new("photos", None);
    for Row { refusal, .. } in table() {
        let call_id = CallId::new();
        let get = respond(&refusal, call_id, Wire::Http, &challenge, None);
        let mut head = respond(&refusal, call_id, Wire::Head, &challenge, None);
        assert_eq!(head.status(), get.status());
        assert!(head.body().is_empty());
        let length = head.headers_mut().remove("content-length").unwrap();
        assert_eq!(length, get.body().len().to_string());
        assert_eq!(head.headers(), get.headers());
    }
}

#[test]
fn a_page_of_its_own_changes_the_body_and_nothing_else() {
    let challenge = Challenge::new("photos", None);
    for Row { refusal, .. } in table() {
        let page = || Some((HeaderValue::from_static("text/html"), "<p>no".to_owned()));
        let call_id = CallId::new();
        let mut plain = respond(&refusal, call_id, Wire::Http, &challenge, None);
        let own = respond(&refusal, call_id, Wire::Http, &challenge, page());
        assert_eq!((own.status(), &own.body()[..]), (plain.status(), &b"<p>no"[..]));
        plain.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        assert_eq!(own.headers(), plain.headers());
        assert_eq!(own.extensions().get::<Refusal>(), Some(&refusal));

        let grpc = respond(&refusal, call_id, Wire::Grpc, &challenge, page());
        assert!(grpc.body().is_empty());
        assert_eq!(text(grpc.headers(), "content-type"), Some("application/grpc"));
    }
}

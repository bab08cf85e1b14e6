//! Scopes that are asked for ahead of a body.

use axum::{Json, body::Body};
use axum_authz::{
    authorize,
    extract::Checked,
    guard::{Action, Router, post},
    prelude::Resource,
};
use http::{Method, StatusCode, header};
use tower::ServiceExt as _;

use super::{Service, Who};

#[derive(serde::Deserialize, Resource)]
#[resource(kind = "album")]
struct NewAlbum {
    #[attr]
    public: bool,
}

struct Create;

impl Action for Create {
    const KIND: &'static str = "album";
    const NAME: &'static str = "create";
}

#[authorize(Create, body, scope = "photos.read photos.write")]
async fn create(_: Method, new: Checked<Json<NewAlbum>, Create>) -> String {
    new.public.to_string()
}

#[tokio::test]
async fn a_scope_ahead_of_a_body_is_asked_for_before_the_policies_and_the_body() {
    let service = Service::of(Router::new().route("/albums", post(create))).await;
    let call = async |groups: &str, scope: &str, body: &'static str| {
        let token = service.issuer.token("bob").groups([groups]).scope(scope).sign();
        let mut request = service.request(&Method::POST, "/albums", Who::Nobody);
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        *request.body_mut() = Body::from(body);
        service.app.clone().oneshot(request).await.unwrap()
    };
    let refused = call("stranger", "photos.read", "{").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let challenge = refused.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"photos.read photos.write\""), "{challenge}");
    let both = "photos.write photos.read";
    assert_eq!(call("stranger", both, "{").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(call("user", both, "{").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(call("user", both, r#"{"public":true}"#).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_route_table_knows_of_it() {
    let service = Service::of(Router::new().route("/albums", post(create))).await;
    let [route] = service.app.manifest().routes() else { panic!("one route") };
    assert_eq!(route.access().unwrap().required_scope(), Some("photos.read photos.write"));
}

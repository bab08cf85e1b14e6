//! What handlers are given.

use axum::{Json, Router, body::Body, http::Request, routing::post};
use axum_authz::{
    extract::{All, Authorized, Changed, Checked, Loaded},
    guard::Ahead,
    policies::Effect,
};

use crate::{
    service::{Answer, Setup, bearer},
    world::{Add, Album, App, Create, Edit, Folder, List, policies},
};

async fn loaded(album: Loaded<Album, Edit>) -> String {
    assert_eq!(album.decision().effect(), Effect::Allow);
    assert_eq!(album.decision().policy(), Some("resource.album.vdefault"));
    let seen = format!("{} {}", album.principal().id(), album.stars);
    format!("{seen} {}", album.into_inner().id)
}

type Three = (Authorized<List>, Loaded<Album, Edit>, Loaded<Folder, Add>);

async fn all(All((who, album, folder)): All<Three>) -> String {
    let who = who.principal().unwrap().id();
    format!("{who} {} {} {}", album.id, folder.principal().id(), folder.owner)
}

async fn checked(
    ahead: Ahead<Checked<Json<Album>, Create>>,
    album: Checked<Json<Album>, Create>,
) -> String {
    let who = (ahead.principal().id(), album.principal().id().to_owned());
    let Json(album) = album.into_inner();
    format!("{} {} {}", who.0, who.1, album.stars)
}

async fn changed(album: Changed<Album, Json<Album>, Edit>) -> String {
    let seen = (album.old().stars, album.new().stars, album.body().id);
    let who = album.principal().id().to_owned();
    let (old, new, Json(body)) = album.into_parts();
    assert_eq!((old.stars, new.stars, body.id), seen);
    format!("{who} {} {} {} {}", old.id, old.stars, new.id, new.stars)
}

#[tokio::test]
async fn a_handler_is_given_what_was_decided_on_and_who_asked() {
    let setup = Setup::new(policies()).await;
    let router = Router::new()
        .route("/loaded/{id}", post(loaded))
        .route("/all/{id}/{folder}", post(all))
        .route("/checked", post(checked))
        .route("/changed/{id}", post(changed));
    let service = setup.plain(router.with_state(App));
    for (path, expected) in [
        ("/loaded/1", "alice 4.5 1"),
        ("/all/1/1", "alice 1 alice alice"),
        ("/checked", "alice alice 2"),
        // The identifier in the body counts for nothing.
        ("/changed/1", "alice 1 4.5 1 2"),
    ] {
        let request = Request::post(path)
            .header("authorization", bearer(setup.user("alice")))
            .header("content-type", "application/json")
            .body(Body::from(r#"{"id":9,"owner":"alice","stars":2}"#));
        let answer = Answer::to(&service, request.unwrap()).await;
        assert_eq!((answer.status, &*answer.body), (200, expected), "{path}");
    }
}

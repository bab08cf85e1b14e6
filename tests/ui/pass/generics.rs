//! Type parameters, bounds, raw names, `cfg` and patterns stay as they are.

use axum::extract::State;
use axum_authz::prelude::*;

trait Store: Clone + Send + Sync + 'static {
    fn name(&self) -> &'static str;
}

#[derive(Clone)]
struct Memory;

impl Store for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }
}

#[authorize(action = "view", resource = "album")]
async fn show<T>(State(store): State<T>, mut words: axum::http::HeaderMap) -> &'static str
where
    T: Store,
{
    words.clear();
    store.name()
}

#[authorize(action = "view", resource = "album")]
async fn r#type() {}

#[cfg(any())]
#[authorize(action = "view", resource = "album")]
async fn never(_: NoSuchType) {}

#[authorize(action = "view", resource = "album")]
#[cfg(any())]
async fn never_either(_: NoSuchType) {}

#[authenticated]
#[deprecated]
#[allow(dead_code)]
async fn old() {}

fn main() {
    let _: Router =
        Router::new().route("/show", get(show::<Memory>)).route("/type", get(r#type)).with_state(Memory);
}

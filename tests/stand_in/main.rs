//! The stand-in for Authentik does as Authentik does. It is asked over plain HTTP, and its tokens are read as text.

#![expect(clippy::unwrap_used, reason = "tests")]

mod documents;
mod encryption;
mod endings;
mod forgeries;
mod introspection;
mod keys;
mod switches;
mod token_endpoint;
mod tokens;

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use axum_authz::token::{Authentik, TokenError};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

/// One client for all: it is slow to make. Connections are not kept, since each test has a runtime of its own.
fn client() -> &'static reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
    });
    &CLIENT
}

async fn get(url: &str) -> (u16, Value) {
    answer(client().get(url)).await
}

/// Posts a form; `basic` is what stands behind the word `Basic`, before base64.
async fn post(url: &str, form: &[(&str, &str)], basic: Option<&str>) -> (u16, Value) {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    let body = body.extend_pairs(form).finish();
    let request = client().post(url).body(body);
    let mut request = request.header("content-type", "application/x-www-form-urlencoded");
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(basic)));
    }
    answer(request).await
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

fn segment(token: &str, number: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap()
}

fn json_segment(token: &str, number: usize) -> Value {
    serde_json::from_slice(&segment(token, number)).unwrap()
}

fn text_segment(token: &str, number: usize) -> String {
    String::from_utf8(segment(token, number)).unwrap()
}

fn is_hs256_with(token: &str, secret: &[u8]) -> bool {
    let (message, _) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::verify(&key, message.as_bytes(), &segment(token, 2)).is_ok()
}

async fn verify(authentik: &Authentik, token: &str) -> Result<(), TokenError> {
    authentik.verify(token).await.map(drop)
}

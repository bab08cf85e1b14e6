//! Published tokens through the whole verification: key set over HTTP, key by its name, signature.
//!
//! Their claims are not ours, so none of them becomes a principal. Whether the *signature* was accepted can be told
//! all the same: the token is verified once as it is and once with one bit of its signature changed. When the changed
//! one is refused for its signature, everything before the signature is in order and the signature is looked at; when
//! the unchanged one is then refused for something else, its signature was found to be good.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

use axum::{Router, extract::Path, routing::get};
use axum_authz::token::{Authentik, Invalid, TokenError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[path = "support/wycheproof.rs"]
mod wycheproof;

use wycheproof::Case;

/// Serves the key sets by their number.
async fn serve(key_sets: Vec<Value>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new().route(
        "/{number}",
        get(move |Path(number): Path<usize>| {
            let key_set = key_sets[number].to_string();
            async move { key_set }
        }),
    );
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

fn authentik(jwks_url: &str) -> Authentik {
    let builder = Authentik::issuer("https://id.example.org/application/o/photos/");
    builder.audience("photos").jwks_url(jwks_url).build().unwrap()
}

/// Why the signature is not accepted, if it is not.
async fn refusal(authentik: &Authentik, token: &str) -> Result<(), TokenError> {
    // Keys are not fetched for a token of another issuer. A set without a key for us has none to fetch.
    let _ = authentik.prepare().await;
    let refused = authentik.verify(token).await.expect_err("the claims are not ours");
    let Some(changed) = with_other_signature(token) else { return Err(refused) };
    let control = authentik.verify(&changed).await.expect_err("the signature is changed");
    let bad_signature = TokenError::Invalid(Invalid::Signature);
    if control == bad_signature && refused != bad_signature { Ok(()) } else { Err(refused) }
}

fn with_other_signature(token: &str) -> Option<String> {
    let (message, signature) = token.rsplit_once('.')?;
    let mut signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    *signature.last_mut()? ^= 1;
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// A key set of one key or as it is.
fn key_set(key: &Value) -> Value {
    if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) }
}

/// Why we refuse a vector that Wycheproof accepts.
fn stricter(case: &Case<'_>) -> Option<&'static str> {
    let key = case.key();
    let key = key.get("keys").map_or(key, |keys| &keys[0]);
    match key["alg"].as_str()? {
        "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => {
            Some("Authentik signs with RS256 when it has an RSA key")
        }
        "ES521" => Some("a key for an algorithm that there is not (RFC 7518 section 3.1)"),
        "HS256" | "HS384" | "HS512" => Some("secrets are not taken from key sets"),
        _ => None,
    }
}

#[tokio::test]
async fn tokens_of_wycheproof_with_published_keys() {
    for (name, expected) in [
        ("json_web_signature", (10, 355, 36)),
        ("json_web_key", (1, 21, 4)),
        ("json_web_crypto", (2, 45, 2)),
    ] {
        let Some(file) = wycheproof::file(name) else { return };
        let groups = file["testGroups"].as_array().unwrap();
        let key_of = |group| Case { group, vector: &Value::Null }.key().clone();
        let origin = serve(groups.iter().map(|group| key_set(&key_of(group))).collect()).await;
        let [mut accepted, mut refused, mut stricter_than] = [0; 3];
        for (number, group) in groups.iter().enumerate() {
            let authentik = authentik(&format!("{origin}/{number}"));
            for vector in group["tests"].as_array().unwrap() {
                let case = Case { group, vector };
                let Some(token) = case.token("jws") else { continue };
                match (case.is_valid(), refusal(&authentik, &token).await, stricter(&case)) {
                    (true, Ok(()), None) => accepted += 1,
                    (false, Err(_), _) => refused += 1,
                    (true, Err(_), Some(_)) => stricter_than += 1,
                    outcome => panic!("{name} {}: {outcome:?}", case.name()),
                }
            }
        }
        assert_eq!((accepted, refused, stricter_than), expected, "{name}");
    }
}

/// The payload of RFC 7520 section 4: "It's a dangerous business, Frodo, ..".
const FRODO: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9h\
    ZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

/// The keys of RFC 7520 sections 3.1 and 3.3. Both have one name, so that a set can hold one of them only.
fn bilbo() -> [Value; 2] {
    let ec = json!({
        "kty": "EC", "kid": "bilbo.baggins@hobbiton.example", "use": "sig", "crv": "P-521",
        "x": "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
        "y": "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1",
    });
    let rsa = json!({
        "kty": "RSA", "kid": "bilbo.baggins@hobbiton.example", "use": "sig", "e": "AQAB",
        "n": "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKr\
              Kb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5l\
              FHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__\
              kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
    });
    [ec, rsa]
}

/// RFC 7520 sections 4.1 to 4.4. Those after them are no compact tokens with their payload inside.
#[tokio::test]
async fn tokens_of_rfc_7520() {
    let [ec, rsa] = bilbo();
    let origin = serve(vec![key_set(&ec), key_set(&rsa)]).await;
    let (ec, rsa) = (authentik(&format!("{origin}/0")), authentik(&format!("{origin}/1")));
    let token = |header: &str, signature: &str| format!("{header}.{FRODO}.{signature}");
    let invalid = |reason| Err(TokenError::Invalid(reason));

    let rs256 = token(
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDk\
         oBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9Uzp\
         ERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogo\
         ree7vjbU5y18kDquDg",
    );
    assert_eq!(refusal(&rsa, &rs256).await, Ok(()));
    // The right name, and a key of another kind.
    assert_eq!(refusal(&ec, &rs256).await, invalid(Invalid::Algorithm));

    let ps384 = token(
        "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OL\
         PpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shn\
         r2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6\
         oD4ifKo8DYM-X72Eaw",
    );
    assert_eq!(refusal(&rsa, &ps384).await, invalid(Invalid::Algorithm));

    let es512 = token(
        "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnA\
         MDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
    );
    assert_eq!(refusal(&ec, &es512).await, Ok(()));
    assert_eq!(refusal(&rsa, &es512).await, invalid(Invalid::Algorithm));

    // Its secret is in `src/token/jwt/tests.rs`; here is none.
    let hs256 = token(
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9",
        "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
    );
    assert_eq!(refusal(&rsa, &hs256).await, invalid(Invalid::SymmetricAlgorithm));
}

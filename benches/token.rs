//! From a token to a principal: `cargo bench -p authz-benches --bench token`.
//!
//! Tokens have the claims that Authentik writes, for somebody with five groups. A *first* verification remembers
//! nothing; beside it stands what the cryptographic library takes for the same signature with a key that was parsed
//! before. A *repeated* token is one that is remembered. What the layer takes for it is the difference between a
//! request that goes through it and the same request without it, to a service that only takes the principal out.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unreachable,
    reason = "a program of its own: its output is the report"
)]

mod report;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use authz_benches::measure::{Side, medians, repeat};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RsaPublicKeyComponents,
    },
};
use axum_authz::{
    Principal,
    layer::AuthzLayer,
    policies::Policies,
    test::{Alg, TestIssuer},
    token::Authentik,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Request, Response, StatusCode, header::AUTHORIZATION};
use report::Report;
use tower::{Layer, Service, service_fn};

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut report = Report::new("token");
    for (name, algorithm) in [("RS256", Alg::RS256), ("ES256", Alg::ES256), ("EdDSA", Alg::EdDSA)] {
        let issuer = runtime.block_on(TestIssuer::builder().algorithm(algorithm).start());
        let forgetful = issuer.authentik().remembered_tokens(0).build().expect("a provider");
        let token = token(&issuer);
        runtime.block_on(forgetful.verify(&token)).expect("a token");
        first(name, &forgetful, &token, &bare(&issuer), &mut report);
        if algorithm == Alg::RS256 {
            let authentik = issuer.authentik().build().expect("a provider");
            runtime.block_on(authentik.verify(&token)).expect("a token");
            repeated(&authentik, &token, &mut report);
        }
    }
    report.keep().expect("the report is kept");
}

fn token(issuer: &TestIssuer) -> String {
    let groups = ["photos-users", "photos-moderators", "staff", "media", "everybody"];
    issuer.token("alice").groups(groups).sign()
}

/// The key that the issuer publishes, parsed.
fn bare(issuer: &TestIssuer) -> ParsedPublicKey {
    let jwk = issuer.jwk();
    let member = |name: &str| {
        let text = jwk.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let key = match jwk.get("kty").and_then(|kty| kty.as_str()) {
        Some("RSA") => RsaPublicKeyComponents { n: member("n"), e: member("e") }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256),
        Some("EC") => {
            let point = [&[4][..], &member("x"), &member("y")].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        }
        _ => ParsedPublicKey::new(&ED25519, member("x")),
    };
    key.expect("a key")
}

fn first(name: &str, ours: &Authentik, token: &str, key: &ParsedPublicKey, report: &mut Report) {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let whole: Side<'_> =
        Box::new(|turns| repeat(turns, || at_once(ours.verify(black_box(token))).is_ok()));
    let bare: Side<'_> = Box::new(|turns| {
        repeat(turns, || key.verify_sig(black_box(message).as_bytes(), &signature).is_ok())
    });
    let [whole, bare] = medians([whole, bare]);
    report.row(&format!("{name}: signature alone"), bare, "aws-lc, the key parsed");
    let note = format!("{:.2} times the signature alone; {} bytes", whole / bare, token.len());
    report.row(&format!("{name}: first verification"), whole, &note);
}

fn repeated(authentik: &Authentik, token: &str, report: &mut Report) {
    let header = HeaderValue::try_from(format!("Bearer {token}")).expect("a header");
    let policies = Policies::from_sources([]).expect("no policies");
    let mut bare = service_fn(take);
    let mut guarded = AuthzLayer::new(authentik.clone(), policies).layer(bare);
    let request = || {
        let mut request = Request::new(());
        request.headers_mut().insert(AUTHORIZATION, header.clone());
        request
    };
    let status = at_once(guarded.call(request())).map(|response| response.status());
    assert_eq!(status, Ok(StatusCode::OK), "a principal");
    let sides: [Side<'_>; 4] = [
        Box::new(|turns| repeat(turns, || at_once(bare.call(request())).is_ok())),
        Box::new(|turns| repeat(turns, || at_once(guarded.call(request())).is_ok())),
        Box::new(|turns| repeat(turns, || at_once(authentik.verify(black_box(token))).is_ok())),
        Box::new(|turns| repeat(turns, || digest(&SHA256, black_box(token).as_bytes()))),
    ];
    let [bare, guarded, text, sha] = medians(sides);
    report.row("request without the layer", bare, "made, called, dropped");
    report.row("request with a repeated token", guarded, "the same behind the layer");
    report.row("repeated, header to principal", guarded - bare, "the difference");
    report.row("repeated, text to verified token", text, "`Authentik::verify`");
    report.row("SHA-256 of the token", sha, "for comparison");
}

/// A service that takes out the principal, and tells by its answer whether there was one.
fn take(mut request: Request<()>) -> Ready<Result<Response<()>, Infallible>> {
    let principal = request.extensions_mut().remove::<Principal>();
    let mut response = Response::new(());
    if principal.is_none() {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    black_box(principal);
    ready(Ok(response))
}

/// What a future says that waits for nothing.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("it waits"),
    }
}

//! Many at once: how often the provider is asked, and who waits for it.
//!
//! Nothing here goes by the clock on the wall. The stand-in keeps requests waiting until it is told to answer,
//! time is what the test makes it, and whoever must not wait has its answer at the first poll.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod first_requests;
mod introspection;
mod remembered_tokens;
mod slow_provider;
#[path = "../support/mod.rs"]
mod support;
mod unknown_keys;

use std::time::Duration;

use axum_authz::{
    test::{Endpoint, TestClock, TestIssuer},
    token::{Authentik, Invalid, TokenError, VerifiedToken, Verifying},
};
use support::poll_once;

const SECOND: Duration = Duration::from_secs(1);
const CROWD: usize = 200;

type Outcome = Result<VerifiedToken, TokenError>;

const fn invalid(invalid: Invalid) -> Option<TokenError> {
    Some(TokenError::Invalid(invalid))
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

/// One presentation of each token, all of which wait.
fn waiting<'t>(
    authentik: &Authentik,
    tokens: impl IntoIterator<Item = &'t String>,
) -> Vec<Verifying> {
    let mut all: Vec<_> = tokens.into_iter().map(|token| authentik.verify(token)).collect();
    assert!(all.iter_mut().all(|one| poll_once(one).is_none()));
    all
}

/// The answer to a token for which nobody is asked.
fn at_once(authentik: &Authentik, token: &str) -> Outcome {
    at_first_poll(authentik, token).unwrap()
}

fn at_first_poll(authentik: &Authentik, token: &str) -> Option<Outcome> {
    poll_once(&mut authentik.verify(token))
}

/// Waits until the stand-in has seen so many requests. It ends, or the test hangs.
async fn seen(issuer: &TestIssuer, endpoint: Endpoint, requests: usize) {
    while issuer.hits(endpoint) < requests {
        tokio::task::yield_now().await;
    }
}

async fn on_clock() -> (TestClock, TestIssuer) {
    let clock = TestClock::new();
    let issuer = TestIssuer::builder().clock(&clock).start().await;
    (clock, issuer)
}

fn unknown(issuer: &TestIssuer, name: &str) -> String {
    issuer.token("mallory").kid(name).sign_with_other_key().sign()
}

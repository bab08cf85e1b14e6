//! What tests of the verification of tokens say most often.

#![allow(dead_code, reason = "each test binary uses a part")]

use axum_authz::{
    principal::Principal,
    test::TestToken,
    token::{Authentik, Invalid, TokenError, Undecided},
};

pub(crate) async fn verify(
    authentik: &Authentik,
    token: TestToken,
) -> Result<Principal, TokenError> {
    Ok(authentik.verify(&token.sign()).await?.into_principal())
}

pub(crate) async fn refusal(authentik: &Authentik, token: TestToken) -> Option<TokenError> {
    verify(authentik, token).await.err()
}

pub(crate) const fn invalid(invalid: Invalid) -> Option<TokenError> {
    Some(TokenError::Invalid(invalid))
}

pub(crate) const fn undecided(undecided: Undecided) -> Option<TokenError> {
    Some(TokenError::Undecided(undecided))
}

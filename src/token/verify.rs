//! The steps of a verification in order, and the witness at their end.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{
    Invalid, TokenError, Undecided,
    authentik::Config,
    claims::{Claims, Marking},
    jwt,
    raw::{RawToken, SignedWith},
};
use crate::principal::Principal;

/// Proof that a token was verified: there is no other way to get one.
///
/// `Debug` shows who it is, nothing of the token.
#[derive(Debug, Clone)]
pub struct VerifiedToken {
    principal: Principal,
}

impl VerifiedToken {
    /// Who presented the token.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Who presented the token.
    #[must_use]
    pub fn into_principal(self) -> Principal {
        self.principal
    }
}

/// The verification of one token, as a future.
///
/// When the token's key is known, or the token is refused without one, the future is ready at its first
/// poll and has waited for nothing. It may be dropped at any time; a fetch it has started goes on for others.
#[must_use = "futures do nothing unless polled"]
pub struct Verifying(State);

enum State {
    Ready(Option<Result<VerifiedToken, TokenError>>),
    Waiting(Pin<Box<dyn Future<Output = Result<VerifiedToken, TokenError>> + Send>>),
}

impl Verifying {
    pub(super) fn start(config: &Arc<Config>, token: &str) -> Self {
        match attempt(config, token) {
            Attempt::Done(result) => Self(State::Ready(Some(result))),
            Attempt::UnknownKey(key_id) => {
                let (config, token) = (Arc::clone(config), Box::from(token));
                Self(State::Waiting(Box::pin(wait(config, token, key_id))))
            }
        }
    }
}

impl Future for Verifying {
    type Output = Result<VerifiedToken, TokenError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(result) => result.take().map_or(Poll::Pending, Poll::Ready),
            State::Waiting(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Verifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifying").finish_non_exhaustive()
    }
}

/// How far a verification comes with the keys in memory.
enum Attempt {
    Done(Result<VerifiedToken, TokenError>),
    UnknownKey(Box<str>),
}

fn attempt(config: &Config, token: &str) -> Attempt {
    let raw = match RawToken::parse(token, config.max_length) {
        Ok(raw) => raw,
        Err(invalid) => return Attempt::Done(Err(invalid.into())),
    };
    if let Err(invalid) = raw.require_access() {
        return Attempt::Done(Err(invalid.into()));
    }
    let SignedWith::Published { algorithm, key_id } = &raw.signed_with else {
        return Attempt::Done(Err(Invalid::SymmetricAlgorithm.into()));
    };
    if !config.algorithms.contains(algorithm) {
        return Attempt::Done(Err(Invalid::Algorithm.into()));
    }
    let current = config.keys.current();
    let Some(key) = current.as_ref().and_then(|current| current.get(key_id)) else {
        return Attempt::UnknownKey(key_id.clone());
    };
    let verified = jwt::authenticate(raw, key)
        .and_then(|payload| {
            Claims::check(&payload, &config.expected, Marking::ByClaims, config.clock.now())
        })
        .and_then(|claims| {
            config.mapping.principal(claims, Arc::clone(&config.expected.issuer), None)
        })
        .map(|principal| VerifiedToken { principal });
    Attempt::Done(verified.map_err(TokenError::from))
}

async fn wait(
    config: Arc<Config>,
    token: Box<str>,
    key_id: Box<str>,
) -> Result<VerifiedToken, TokenError> {
    config.keys.obtain(&key_id).await?;
    match attempt(&config, &token) {
        Attempt::Done(result) => result,
        // Without any key, whether the token is good cannot be known.
        Attempt::UnknownKey(_)
            if config.keys.current().is_none_or(|current| current.is_empty()) =>
        {
            Err(Undecided::NoSigningKey.into())
        }
        Attempt::UnknownKey(_) => Err(Invalid::KeyUnknown.into()),
    }
}

//! The steps of a verification in order, and the witness at their end.

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    Invalid, Lookup, TokenError, TokenIdentity, Undecided,
    cache::{Cache, Entry, Remembered},
    claims::{Claims, Marking},
    fingerprint::{Fingerprint, Fingerprints},
    flights::Flights,
    introspection::{self, Answer},
    jwe::{self, DecryptionKey},
    jwt,
    keys::{Current, Keys},
    provider::{Provider, Session, Trust, identity},
    raw::{Claimed, RawToken, SignedWith},
};
use crate::principal::Principal;

mod standing;

/// Proof that a token was verified: there is no other way to get one.
///
/// `Debug` shows who it is, nothing of the token.
#[derive(Clone)]
pub struct VerifiedToken(Arc<Verified>);

/// What remains of a token.
pub(super) struct Verified {
    principal: Principal,
    identity: Arc<TokenIdentity>,
}

impl Verified {
    pub(super) fn identity(&self) -> &TokenIdentity {
        &self.identity
    }
}

impl VerifiedToken {
    /// Who presented the token.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// Who presented the token.
    #[must_use]
    pub fn into_principal(self) -> Principal {
        Arc::try_unwrap(self.0)
            .map_or_else(|shared| shared.principal.clone(), |verified| verified.principal)
    }

    /// What the token can be recognized by, for instance to revoke it.
    #[must_use]
    pub fn identity(&self) -> &TokenIdentity {
        &self.0.identity
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("principal", self.principal()).finish_non_exhaustive()
    }
}

/// The verification of one token, as a future.
///
/// When the token was verified before, its key is known, or it is refused without one, the future is ready at
/// its first poll and has waited for nothing, unless the issuer or a store of revocations has to be asked about
/// the token. It may be dropped at any time; a fetch it has started goes on for others.
#[must_use = "futures do nothing unless polled"]
pub struct Verifying(State);

enum State {
    Ready(Option<Result<VerifiedToken, TokenError>>),
    Waiting(Pin<Box<dyn Future<Output = Result<VerifiedToken, TokenError>> + Send>>),
}

impl Verifying {
    pub(super) fn start(verifier: &Arc<Verifier>, token: &str) -> Self {
        match verifier.attempt(token) {
            Attempt::Done(result) => Self(State::Ready(Some(result))),
            Attempt::Needs(need) => {
                let waiting = Arc::clone(verifier).wait(token.into(), need);
                Self(State::Waiting(Box::pin(waiting)))
            }
        }
    }

    /// What came of it, if it needs not wait for anything.
    pub(crate) fn at_once(self) -> Result<Result<VerifiedToken, TokenError>, Self> {
        match self.0 {
            State::Ready(Some(result)) => Ok(result),
            state => Err(Self(state)),
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

/// The providers, and what is remembered of their tokens.
pub(super) struct Verifier {
    pub(super) providers: Box<[Arc<Provider>]>,
    pub(super) decryption: Box<[Arc<DecryptionKey>]>,
    pub(super) max_length: usize,
    pub(super) cache: Cache,
    pub(super) fingerprints: Fingerprints,
    pub(super) questions: Arc<Flights<Fingerprint, Result<Answer, Undecided>>>,
}

/// How far a verification comes with what is in memory.
enum Attempt {
    Done(Result<VerifiedToken, TokenError>),
    Needs(Need),
}

/// What has to come from elsewhere.
enum Need {
    /// A key that is not in memory.
    Key { keys: Arc<Keys>, id: Box<str> },
    /// The issuer's word that the token is genuine.
    Word { provider: Arc<Provider> },
    /// Whether a token, good in itself, is in force: by the issuer's word, if that is needed, and by what the
    /// store of revocations says.
    Standing { token: Arc<Remembered>, needs_word: bool, lookup: Lookup },
}

/// How a token came to be known as good in itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Memory,
    Signature,
    /// The issuer has just said so: it need not be asked again, for how short a time it is believed.
    Issuer,
}

impl Verifier {
    fn attempt(&self, presented: &str) -> Attempt {
        if presented.len() > self.max_length {
            return Attempt::Done(Err(Invalid::TooLong.into()));
        }
        let fingerprint = self.fingerprints.of(presented.as_bytes());
        if let Some(attempt) = self.remembered(fingerprint) {
            return attempt;
        }
        self.judge(presented, fingerprint, None).unwrap_or_else(|error| Attempt::Done(Err(error)))
    }

    /// A token that was seen before, if all that was found out then still holds.
    fn remembered(&self, fingerprint: Option<Fingerprint>) -> Option<Attempt> {
        let holds = match self.cache.get(fingerprint)? {
            Entry::Inactive(provider, until) if provider.clock.monotonic() < until => {
                return Some(Attempt::Done(Err(Invalid::Inactive.into())));
            }
            Entry::Inactive(..) => None,
            Entry::Good(token) => match &token.provider.trust {
                Trust::Published { keys, .. } => keys
                    .current()
                    .is_some_and(|current| current.generation() == token.generation)
                    .then_some(token),
                Trust::Secret(_) | Trust::Introspection => Some(token),
            },
        };
        let Some(token) = holds.filter(|token| token.provider.clock.now() < token.ends_at) else {
            self.cache.remove(fingerprint);
            return None;
        };
        Some(self.standing(token, fingerprint, Source::Memory))
    }

    /// Verifies a token from its text. `word` is the issuer's, where genuineness rests on it.
    fn judge(
        &self,
        presented: &str,
        fingerprint: Option<Fingerprint>,
        word: Option<&Answer>,
    ) -> Result<Attempt, TokenError> {
        let text = self.opened(presented)?;
        let raw = RawToken::parse(&text, self.max_length)?;
        raw.require_access()?;
        let marking = Marking::of(raw.kind);
        let provider = match &*self.providers {
            [only] => only,
            _ => self.provider(&raw.claimed()?)?,
        };
        let now = provider.clock.now();
        let (payload, generation) = match (&provider.trust, word) {
            (Trust::Published { algorithms, keys }, _) => {
                let SignedWith::Published { algorithm, key_id } = &raw.signed_with else {
                    return Err(Invalid::SymmetricAlgorithm.into());
                };
                if !algorithms.contains(algorithm) {
                    return Err(Invalid::Algorithm.into());
                }
                let current = keys.current();
                let Some(key) = current.as_ref().and_then(|current| current.get(key_id)) else {
                    // Nothing is fetched for a token that is not for us, whatever the key.
                    provider.expected.check_claimed(&raw.claimed()?)?;
                    let need = Need::Key { keys: Arc::clone(keys), id: key_id.clone() };
                    return Ok(Attempt::Needs(need));
                };
                let generation = current.as_ref().map_or(0, Current::generation);
                (jwt::authenticate(raw, key)?, generation)
            }
            (Trust::Secret(secret), _) => (jwt::authenticate_with_secret(raw, secret)?, 0),
            (Trust::Introspection, Some(answer)) => (jwt::vouched_for(raw, answer)?, 0),
            (Trust::Introspection, None) => {
                // Nobody is asked about a token that is not for us, whatever the answer.
                provider.expected.check_claimed(&raw.claimed()?)?;
                return Ok(Attempt::Needs(Need::Word { provider: Arc::clone(provider) }));
            }
        };
        let claims = Claims::check(&payload, &provider.expected, marking, now)?;
        let identity = Arc::new(identity(&claims, &provider.expected.issuer));
        provider.check_lifetime(&identity)?;
        if let Some(Answer::Active(answer)) = word {
            introspection::agree(answer, &identity, &provider.expected.audiences, now)?;
        }
        let ends_at = claims.expires_at.checked_add(provider.expected.leeway);
        let ends_at = ends_at.unwrap_or(claims.expires_at);
        let session =
            Session { identity: Arc::clone(&identity), provider: Arc::clone(provider), ends_at };
        let issuer = Arc::clone(&provider.expected.issuer);
        let principal = provider.mapping.principal(claims, issuer, Some(Arc::new(session)))?;
        let token = Remembered {
            verified: Arc::new(Verified { principal, identity }),
            provider: Arc::clone(provider),
            generation,
            ends_at,
            active_until: word.map_or(Duration::ZERO, |_| provider.believed_until()),
        };
        let source = if word.is_some() { Source::Issuer } else { Source::Signature };
        Ok(self.standing(Arc::new(token), fingerprint, source))
    }

    /// The token inside, where the one presented is encrypted.
    pub(super) fn opened<'t>(&self, presented: &'t str) -> Result<Cow<'t, str>, Invalid> {
        if !jwe::is_encrypted(presented) {
            return Ok(Cow::Borrowed(presented));
        }
        let key = match &*self.decryption {
            [] => return Err(Invalid::Encrypted),
            [key] => key,
            // Each has a name: `Authentik::any` sees to that.
            several => {
                let name = jwe::key_id(presented);
                let named =
                    |key: &&Arc<DecryptionKey>| name.is_some() && key.name() == name.as_deref();
                several.iter().find(named).ok_or(Invalid::Decryption)?
            }
        };
        key.decrypt(presented, self.max_length).map(Cow::Owned)
    }

    /// The provider that a token says it is from. It will be held against that one only.
    pub(super) fn provider(&self, claimed: &Claimed) -> Result<&Arc<Provider>, Invalid> {
        let of_issuer = |provider: &&Arc<Provider>| *provider.expected.issuer == *claimed.issuer;
        let mut ours = self.providers.iter().filter(of_issuer);
        let first = ours.next().ok_or(Invalid::Issuer)?;
        if ours.next().is_none() {
            return Ok(first);
        }
        // Authentik's issuer mode "global": applications share the issuer, and have a key each.
        let takes = |audience: &str| {
            let accepts = |provider: &&Arc<Provider>| provider.expected.accepts(audience);
            self.providers.iter().filter(of_issuer).find(accepts)
        };
        let issued_to = claimed.client_id.as_deref().and_then(takes);
        issued_to
            .or_else(|| claimed.audiences.iter().find_map(|audience| takes(audience)))
            .ok_or(Invalid::Audience)
    }
}

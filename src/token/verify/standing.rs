//! Whether a token, good in itself, is in force; and the waiting for whoever has to be asked.

use std::sync::Arc;

use super::{
    super::{
        Invalid, Lookup, TokenError, Undecided,
        cache::{Entry, Remembered},
        fingerprint::Fingerprint,
        flights::{Answered, Ask},
        introspection::{self, Answer},
        provider::Provider,
        revocation::in_time,
    },
    Attempt, Need, Source, VerifiedToken, Verifier,
};

impl Verifier {
    /// Whether `token` is in force, as far as that is known here.
    pub(super) fn standing(
        &self,
        token: Arc<Remembered>,
        fingerprint: Option<Fingerprint>,
        source: Source,
    ) -> Attempt {
        let needs_word = source != Source::Issuer && token.needs_word();
        match token.provider.lookup(&token.verified.identity) {
            Lookup::Revoked => {
                self.cache.remove(fingerprint);
                Attempt::Done(Err(Invalid::Revoked.into()))
            }
            Lookup::Good if !needs_word => {
                let verified = VerifiedToken(Arc::clone(&token.verified));
                if source != Source::Memory {
                    self.cache.insert(fingerprint, Entry::Good(token));
                }
                Attempt::Done(Ok(verified))
            }
            lookup => Attempt::Needs(Need::Standing { token, needs_word, lookup }),
        }
    }

    /// Waits for what is needed, and goes on.
    pub(super) async fn wait(
        self: Arc<Self>,
        presented: Box<str>,
        mut need: Need,
    ) -> Result<VerifiedToken, TokenError> {
        let fingerprint = self.fingerprints.of(presented.as_bytes());
        let mut fetched = false;
        loop {
            let attempt = match need {
                Need::Key { keys, .. } if fetched => {
                    // Without any key, whether the token is good cannot be known.
                    let has_keys = keys.current().is_some_and(|current| !current.is_empty());
                    return Err(match has_keys {
                        true => Invalid::KeyUnknown.into(),
                        false => Undecided::NoSigningKey.into(),
                    });
                }
                Need::Key { keys, id } => {
                    keys.obtain(&id).await?;
                    fetched = true;
                    self.attempt(&presented)
                }
                Need::Word { provider } => {
                    let answer = self.ask(&provider, fingerprint, &presented).await?;
                    self.judge(&presented, fingerprint, Some(&answer))?
                }
                Need::Standing { mut token, needs_word, mut lookup } => {
                    if needs_word {
                        token = self.renewed(&token, fingerprint, &presented).await?;
                        // Again, so that what was revoked in the meantime is seen.
                        lookup = token.provider.lookup(&token.verified.identity);
                    }
                    return self.confirm(token, fingerprint, lookup).await;
                }
            };
            match attempt {
                Attempt::Done(result) => return result,
                Attempt::Needs(next) => need = next,
            }
        }
    }

    /// The same token, with the issuer's word of now.
    async fn renewed(
        &self,
        token: &Remembered,
        fingerprint: Option<Fingerprint>,
        presented: &str,
    ) -> Result<Arc<Remembered>, TokenError> {
        let provider = &token.provider;
        if let Answer::Active(answer) = self.ask(provider, fingerprint, presented).await? {
            let now = provider.clock.now();
            let identity = token.verified.identity();
            introspection::agree(&answer, identity, &provider.expected.audiences, now)?;
        }
        Ok(Arc::new(token.believed(provider.believed_until())))
    }

    /// Waits for what the store of revocations says about `token`.
    async fn confirm(
        &self,
        token: Arc<Remembered>,
        fingerprint: Option<Fingerprint>,
        lookup: Lookup,
    ) -> Result<VerifiedToken, TokenError> {
        let is_revoked = match lookup {
            Lookup::Good => false,
            Lookup::Revoked => true,
            Lookup::Later(answer) => in_time(answer).await.map_err(|_| Undecided::Revocations)?,
        };
        if is_revoked {
            self.cache.remove(fingerprint);
            return Err(Invalid::Revoked.into());
        }
        // The answers may have taken a while.
        if token.ends_at <= token.provider.clock.now() {
            return Err(Invalid::Expired.into());
        }
        let verified = VerifiedToken(Arc::clone(&token.verified));
        self.cache.insert(fingerprint, Entry::Good(token));
        Ok(verified)
    }

    /// The issuer's word on a token: active, or an error.
    async fn ask(
        &self,
        provider: &Arc<Provider>,
        fingerprint: Option<Fingerprint>,
        presented: &str,
    ) -> Result<Answer, TokenError> {
        let introspector = provider.introspector.as_ref().ok_or(Undecided::Introspection)?;
        let answer = match fingerprint {
            Some(fingerprint) => {
                let question = || {
                    let (introspector, token) = (Arc::clone(introspector), Box::from(presented));
                    Ask::Out(async move { introspector.ask(&token).await })
                };
                let answer = self.questions.join(fingerprint, question).await;
                answer.map_or(Err(Undecided::Introspection), Answered::into_inner)
            }
            // What cannot be told from others shares no answer with them.
            None => introspector.ask(presented).await,
        };
        match answer? {
            Answer::Inactive => {
                let until = provider.believed_until();
                self.cache.insert(fingerprint, Entry::Inactive(Arc::clone(provider), until));
                Err(Invalid::Inactive.into())
            }
            active @ Answer::Active(_) => Ok(active),
        }
    }
}

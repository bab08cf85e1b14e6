//! What an application publishes as its key set.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::digest;
use serde_json::{Map, Value, json};

use super::{
    Alg,
    certificate::Validity,
    encryption,
    keys::{Key, PublicMembers, base64, padded_base64},
};

/// How keys are named (`kid`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KidStyle {
    /// 86 letters of base64url, as Authentik names new keys since 2026.2. The default.
    #[default]
    Sha512,
    /// 32 hexadecimal digits, as Authentik named keys before, and still names keys from then.
    Md5,
    /// This name for every signing key, also after [`rotate`](super::TestApplication::rotate).
    Named(String),
}

/// The part of an application's settings that concerns keys.
#[derive(Debug, Clone)]
pub(super) struct KeySettings {
    pub(super) certificate: String,
    pub(super) algorithm: Alg,
    pub(super) kid: KidStyle,
    pub(super) validity: Validity,
    /// Changes to the published signing key: another value, or none at all.
    pub(super) members: Vec<(String, Option<Value>)>,
    pub(super) publishes_signing_key: bool,
    pub(super) publishes_encryption_key: bool,
    pub(super) extra: Vec<Value>,
}

impl KeySettings {
    pub(super) fn new(certificate: &str) -> Self {
        Self {
            certificate: certificate.to_owned(),
            algorithm: Alg::RS256,
            kid: KidStyle::default(),
            validity: Validity::Current,
            members: Vec::new(),
            publishes_signing_key: true,
            publishes_encryption_key: false,
            extra: Vec::new(),
        }
    }
}

/// An application's keys.
pub(super) struct KeySet {
    settings: KeySettings,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rotations: usize,
    /// Earlier keys that are still published.
    kept: Vec<usize>,
    withdrawn: BTreeSet<String>,
    added: Vec<Value>,
}

impl KeySet {
    pub(super) fn new(settings: KeySettings) -> Self {
        Self { settings, state: Mutex::default() }
    }

    pub(super) fn algorithm(&self) -> Alg {
        self.settings.algorithm
    }

    pub(super) fn validity(&self) -> Validity {
        self.settings.validity
    }

    pub(super) fn publishes_signing_key(&self) -> bool {
        self.settings.publishes_signing_key
    }

    pub(super) fn publishes_encryption_key(&self) -> bool {
        self.settings.publishes_encryption_key
    }

    pub(super) fn signing_key(&self) -> Arc<Key> {
        self.key(self.state().rotations)
    }

    /// The name under which `key` is published here.
    pub(super) fn kid(&self, key: &Key) -> String {
        match &self.settings.kid {
            KidStyle::Sha512 => digest_kid(key),
            // Of the length of MD5, which no library here has: a name is only compared.
            KidStyle::Md5 => {
                let digest = digest::digest(&digest::SHA256, key.public());
                hex(digest.as_ref().get(..16).unwrap_or_default())
            }
            KidStyle::Named(name) => name.clone(),
        }
    }

    /// The name of the encryption key, which is never that of a signing key.
    pub(super) fn encryption_kid(&self) -> String {
        let key = encryption::key();
        if let KidStyle::Named(_) = self.settings.kid { digest_kid(&key) } else { self.kid(&key) }
    }

    /// The signing key as it is published.
    pub(super) fn jwk(&self, key: &Key) -> Value {
        let certificate = key.certificate(self.settings.validity);
        let mut jwk = public_jwk(key);
        jwk.insert("kid".into(), self.kid(key).into());
        jwk.insert("use".into(), "sig".into());
        jwk.insert("alg".into(), key.algorithm.name().into());
        jwk.extend(certificate_members(certificate));
        for (name, value) in &self.settings.members {
            match value {
                Some(value) => jwk.insert(name.clone(), value.clone()),
                None => jwk.remove(name),
            };
        }
        Value::Object(jwk)
    }

    /// The key set document (RFC 7517 section 5). Without any key, Authentik leaves the member out.
    pub(super) fn document(&self) -> Value {
        let mut keys = Vec::new();
        let state = self.state();
        if self.settings.publishes_signing_key {
            let rotations = state.kept.iter().chain([&state.rotations]);
            keys.extend(rotations.map(|&rotations| self.jwk(&self.key(rotations))));
        }
        if self.settings.publishes_encryption_key {
            keys.push(self.encryption_jwk());
        }
        keys.extend(self.settings.extra.iter().chain(&state.added).cloned());
        keys.retain(|jwk| {
            let kid = jwk.get("kid").and_then(Value::as_str);
            kid.is_none_or(|kid| !state.withdrawn.contains(kid))
        });
        if keys.is_empty() { json!({}) } else { json!({ "keys": keys }) }
    }

    pub(super) fn rotate(&self, keep: bool) {
        let mut state = self.state();
        let old = state.rotations;
        if keep {
            state.kept.push(old);
        } else {
            state.kept.clear();
        }
        state.rotations = old.saturating_add(1);
    }

    pub(super) fn withdraw(&self, kid: &str) {
        let mut state = self.state();
        state.withdrawn.insert(kid.to_owned());
        state.added.retain(|jwk| jwk.get("kid").and_then(Value::as_str) != Some(kid));
    }

    pub(super) fn publish(&self, jwk: Value) {
        let mut state = self.state();
        if let Some(kid) = jwk.get("kid").and_then(Value::as_str) {
            state.withdrawn.remove(kid);
        }
        state.added.push(jwk);
    }

    fn encryption_jwk(&self) -> Value {
        let key = encryption::key();
        let mut jwk = public_jwk(&key);
        jwk.insert("kid".into(), self.encryption_kid().into());
        jwk.extend(encryption_members());
        jwk.extend(certificate_members(key.certificate(Validity::Current)));
        Value::Object(jwk)
    }

    fn key(&self, rotations: usize) -> Arc<Key> {
        Key::of(&self.settings.certificate, rotations, self.settings.algorithm)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What Authentik publishes when the encryption certificate holds an EC key: an algorithm for RSA beside it.
pub(super) fn ec_encryption_jwk() -> Value {
    let key = Key::of("ec-encryption", 0, Alg::ES256);
    let mut jwk = public_jwk(&key);
    jwk.insert("kid".into(), digest_kid(&key).into());
    jwk.extend(encryption_members());
    Value::Object(jwk)
}

/// What Authentik publishes of a key that is neither RSA nor EC: no type, no name.
pub(super) fn stub_jwk() -> Value {
    Value::Object(encryption_members())
}

fn digest_kid(key: &Key) -> String {
    base64(digest::digest(&digest::SHA512, key.public()))
}

/// Authentik adds `enc`, which RFC 7517 does not know.
fn encryption_members() -> Map<String, Value> {
    members(json!({ "use": "enc", "alg": "RSA-OAEP-256", "enc": "A256CBC-HS512" }))
}

/// One certificate, and its digests.
fn certificate_members(der: &[u8]) -> Map<String, Value> {
    let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    let sha256 = digest::digest(&digest::SHA256, der);
    members(json!({
        "x5c": [padded_base64(der)],
        "x5t": base64(sha1),
        "x5t#S256": base64(sha256),
    }))
}

fn public_jwk(key: &Key) -> Map<String, Value> {
    members(match key.public_members() {
        PublicMembers::Rsa { n, e } => json!({ "kty": "RSA", "n": base64(n), "e": base64(e) }),
        PublicMembers::Ec { crv, x, y } => {
            json!({ "kty": "EC", "crv": crv, "x": base64(x), "y": base64(y) })
        }
        PublicMembers::Okp { x } => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(x) }),
    })
}

fn members(value: Value) -> Map<String, Value> {
    if let Value::Object(members) = value { members } else { Map::new() }
}

pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

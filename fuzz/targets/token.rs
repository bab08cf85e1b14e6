//! Text of tokens through verification: as it comes, and signed and encrypted so that what is inside is looked
//! at too.
//!
//! The first byte chooses. What must never happen is a panic, or that a token passes that was not signed with
//! the secret.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use aws_lc_rs::{
    encoding::AsDer,
    hmac,
    rsa::{KeySize, PrivateDecryptingKey},
};
use axum_authz::token::{Authentik, DecryptionKey, Logouts, RevocationList, SharedSecret};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

const ISSUER: &str = "https://id.example.org/application/o/photos/";
const SECRET: &str = "a secret that is long enough for HMAC with SHA-256";

struct Setup {
    authentik: Authentik,
    logouts: Logouts,
    runtime: Runtime,
}

static SETUP: LazyLock<Setup> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let of = |issuer: &str, audience: &str| {
        Authentik::issuer(issuer)
            .audience(audience)
            .client_secret_signing(SharedSecret::new(SECRET).unwrap())
            .decryption_key(DecryptionKey::from_pem(&pem).unwrap().named(audience))
            .revocations(RevocationList::new(Duration::from_secs(1 << 32)))
            .roles_from("/ak_proxy/roles")
            .build()
            .unwrap()
    };
    let authentik = Authentik::any([
        of(ISSUER, "photos"),
        of("https://id.example.org/", "cli"),
        of("https://id.example.org/", "tv"),
    ])
    .unwrap();
    let logouts = authentik.logouts().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Setup { authentik, logouts, runtime }
});

fuzz_target!(|data: &[u8]| {
    let Some((&mode, rest)) = data.split_first() else { return };
    let Setup { authentik, logouts, runtime } = &*SETUP;
    let (text, is_ours) = match mode % 4 {
        0 => (String::from_utf8_lossy(rest).into_owned(), false),
        // A header and a payload of any bytes, under a signature that is good.
        1 => (sign(rest), true),
        // Claims that come far, with one that is anything.
        2 => {
            let name = if mode & 4 == 0 { "groups" } else { "scope" };
            (sign(&claims(name, &String::from_utf8_lossy(rest))), true)
        }
        // Five segments of any bytes.
        _ => {
            let mut parts = rest.split(|byte| *byte == 0);
            let segments =
                [(); 5].map(|()| URL_SAFE_NO_PAD.encode(parts.next().unwrap_or_default()));
            (segments.join("."), false)
        }
    };
    let accepted = runtime.block_on(authentik.verify(&text));
    if let Ok(token) = &accepted {
        assert!(is_ours, "accepted without a signature of ours");
        let _ = format!("{token:?}");
        assert!(!token.principal().id().is_empty());
    }
    let _ = runtime.block_on(logouts.take(&text));
});

/// `HEADER 0 PAYLOAD`, signed. Without a header of its own it gets a good one.
fn sign(parts: &[u8]) -> String {
    let mut parts = parts.splitn(2, |byte| *byte == 0);
    let first = parts.next().unwrap_or_default();
    let (header, payload) = match parts.next() {
        Some(payload) => (first, payload),
        None => (&br#"{"alg":"HS256","typ":"JWT"}"#[..], first),
    };
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn claims(name: &str, value: &str) -> Vec<u8> {
    format!(
        r#"{{"iss":"{ISSUER}","aud":"photos","sub":"alice","azp":"photos","uid":"u","iat":{now},"exp":{end},"{name}":{value}}}"#,
        now = 1_800_000_000u64,
        end = 4_000_000_000u64,
    )
    .into_bytes()
}

//! Tokens of a provider that others wrote and certified: npm `oidc-provider`, with Authentik's paths
//! (`provider.mjs`).
//!
//! Needs Node and `target/oidc-provider`, where `.ci/run` installs the package; without them it says so and is
//! skipped, but not where `CI` is set.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use aws_lc_rs::digest::{SHA256, digest};
use axum_authz::token::{Authentik, Invalid, TokenError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, header};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Listening {
    origin: String,
    issuer: String,
    client_id: String,
    client_secret: String,
}

struct Provider {
    child: Child,
    /// It writes more later, and ends when nobody takes it.
    _output: BufReader<ChildStdout>,
    at: Listening,
    client: Client,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: Option<String>,
}

impl Provider {
    /// `None` where it cannot be had.
    fn start(algorithm: &str) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let installed = root.join("target/oidc-provider");
        if !installed.join("node_modules/oidc-provider").is_dir() {
            let text = "skipped: `npm install --prefix target/oidc-provider oidc-provider@9.13.3` brings the provider";
            assert!(std::env::var_os("CI").is_none(), "{text}");
            eprintln!("{text}");
            return None;
        }
        let mut child = Command::new("node")
            .arg(root.join("tests/real_provider/provider.mjs"))
            .arg(&installed)
            .arg(algorithm)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build();
        let at = serde_json::from_str(&line).unwrap();
        Some(Self { child, _output: output, at, client: client.unwrap() })
    }

    fn authentik(&self) -> Authentik {
        Authentik::issuer(&self.at.issuer).audience(&self.at.client_id).build().unwrap()
    }

    async fn token(&self, form: &[(&str, &str)]) -> Tokens {
        let url = format!("{}/application/o/token/", self.at.origin);
        let request = self
            .client
            .post(url)
            .basic_auth(&self.at.client_id, Some(&self.at.client_secret))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(form));
        let answer = request.send().await.unwrap().text().await.unwrap();
        let tokens = serde_json::from_str(&answer);
        assert!(tokens.is_ok(), "{answer}");
        tokens.unwrap()
    }

    /// The authorization code flow with PKCE (RFC 7636), as a browser goes through it.
    async fn sign_in(&self, scope: &str) -> Tokens {
        let verifier = "a-verifier-of-forty-three-characters-at-least";
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let callback = format!("{}/callback", self.at.origin);
        let query = encode(&[
            ("client_id", &self.at.client_id),
            ("response_type", "code"),
            ("redirect_uri", &callback),
            ("scope", scope),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let start = format!("{}/application/o/authorize/?{query}", self.at.origin);
        let mut url = Url::parse(&start).unwrap();
        let mut cookies = BTreeMap::new();
        let code = loop {
            let sent: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let request = self.client.get(url.clone()).header(header::COOKIE, sent.join("; "));
            let response = request.send().await.unwrap();
            for cookie in response.headers().get_all(header::SET_COOKIE) {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let location = response.headers().get(header::LOCATION).unwrap().to_str().unwrap();
            url = url.join(location).unwrap();
            if url.path() == "/callback" {
                let code = url.query_pairs().find(|(name, _)| name == "code");
                break code.unwrap().1.into_owned();
            }
        };
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &callback),
            ("code_verifier", verifier),
        ])
        .await
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn encode(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

async fn refusal(authentik: &Authentik, token: &str) -> Option<TokenError> {
    authentik.verify(token).await.err()
}

#[tokio::test]
async fn a_person_who_signs_in_becomes_a_principal() {
    for algorithm in ["RS256", "ES256", "EdDSA", "ES512"] {
        let Some(provider) = Provider::start(algorithm) else { return };
        let authentik = provider.authentik();
        let tokens = provider.sign_in("openid profile photos.write").await;
        let alice = authentik.verify(&tokens.access_token).await.unwrap().into_principal();
        assert_eq!((alice.id(), alice.issuer()), ("alice", &*provider.at.issuer), "{algorithm}");
        assert!(alice.has_role("photos-moderators"));
        assert!(alice.has_scope("photos.write"));

        // The ID token is signed with the same key for the same audience.
        let id_token = refusal(&authentik, &tokens.id_token.unwrap()).await;
        assert_eq!(id_token, Some(Invalid::NotAccessToken.into()), "{algorithm}");
    }
}

#[tokio::test]
async fn a_client_that_signs_in_for_itself_becomes_a_principal_without_session() {
    let Some(provider) = Provider::start("RS256") else { return };
    let authentik = provider.authentik();
    let form = [("grant_type", "client_credentials"), ("scope", "photos.write")];
    let token = provider.token(&form).await.access_token;
    let robot = authentik.verify(&token).await.unwrap().into_principal();
    assert_eq!(robot.session_id(), None);
    assert_eq!(robot.scopes().collect::<Vec<_>>(), ["photos.write"]);
    assert_eq!(robot.roles().count(), 0);

    let other = Authentik::issuer(&provider.at.issuer).audience("other").build().unwrap();
    assert_eq!(refusal(&other, &token).await, Some(Invalid::Audience.into()));
}

#[tokio::test]
async fn another_provider_of_the_same_kind_is_not_believed() {
    let (Some(one), Some(two)) = (Provider::start("RS256"), Provider::start("RS256")) else {
        return;
    };
    let form = [("grant_type", "client_credentials"), ("scope", "photos.write")];
    let token = two.token(&form).await.access_token;
    assert_eq!(refusal(&one.authentik(), &token).await, Some(Invalid::Issuer.into()));
    // Its claims, but keys of the first.
    let jwks = format!("{}/application/o/photos/jwks/", one.at.origin);
    let confused = Authentik::issuer(&two.at.issuer).audience("photos").jwks_url(&jwks);
    let refused = refusal(&confused.build().unwrap(), &token).await;
    assert_eq!(refused, Some(Invalid::KeyUnknown.into()));
}

//! No secret, no token and no claim appears in events, answers, errors or `Debug`: everything is captured and
//! searched.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::BTreeMap,
    fmt::Debug,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    routing::{get, post_service},
};
use axum_authz::{
    Principal, authenticated, authorize,
    danger::LegacyLogoutTokens,
    endpoint::BackChannelLogout,
    extract::{Authorized, PrincipalOf, Rejection},
    guard::{Access, Check, DeclaresAccess, Source as From},
    layer::{AuthzLayer, ForwardAuth, Refusal},
    policies::{Policies, Source},
    test::{
        Alg, Endpoint, Fault, PublicKeyForm, TestApplication, TestClock, TestIssuer, TestToken,
    },
    token::{
        Authentik, DecryptionKey, Introspection, Lookup, PrincipalParts, Revocation,
        RevocationList, Revocations, SharedSecret, StoreFuture, StoreUnavailable, TokenError,
        TokenIdentity,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Request, header};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt;
use tracing_subscriber::fmt::format::FmtSpan;

mod support;

const HOUR: Duration = Duration::from_secs(3600);
/// Part of every claim that is not `sub`, of header members, and of secrets.
const MARK: &str = "qzmarkzq";
const SECRET: &str = "qzmarkzq-client-secret-0123456789-abcdefghij";
/// `sub` may be said: it identifies whose request it was.
const SUBJECT: &str = "subject-of-alice";

/// What must not be said, and what was said.
#[derive(Default)]
struct Watch {
    secrets: BTreeMap<String, String>,
    said: Vec<(String, String)>,
}

impl Watch {
    fn keep(&mut self, what: &str, secret: &str) {
        // Shorter ones are in every text.
        if secret.len() >= 8 {
            self.secrets.insert(secret.to_owned(), what.to_owned());
        }
    }

    /// A token, whole and in parts.
    fn token(&mut self, what: &str, token: TestToken) -> String {
        let token = token.sign();
        self.keep(&format!("the token with {what}"), &token);
        for (number, segment) in token.split('.').enumerate() {
            self.keep(&format!("segment {number} of the token with {what}"), segment);
        }
        token
    }

    fn pem(&mut self, pem: &str) -> String {
        for line in pem.lines().filter(|line| !line.starts_with("-----")) {
            self.keep("a line of the private key", line);
        }
        pem.to_owned()
    }

    fn say(&mut self, what: &str, text: impl Into<String>) {
        self.said.push((what.to_owned(), text.into()));
    }

    fn debug(&mut self, what: &str, value: &dyn Debug) {
        self.say(what, format!("{value:?} {value:#?}"));
    }

    fn error(&mut self, what: &str, error: &dyn std::error::Error) {
        self.debug(what, &error);
        let mut next = Some(error);
        while let Some(error) = next {
            self.say(what, error.to_string());
            next = error.source();
        }
    }

    /// Every place in which something was said that must not be.
    fn found<'a>(&self, text: &'a str) -> Vec<(&str, &'a str)> {
        let mut found = Vec::new();
        for line in text.lines() {
            found.extend(line.contains(MARK).then_some(("a marked claim or secret", line)));
            let secrets = self.secrets.iter().filter(|(secret, _)| line.contains(&***secret));
            found.extend(secrets.map(|(_, what)| (&**what, line)));
        }
        found
    }
}

fn marked(application: &TestApplication) -> TestToken {
    let mark = |name: &str| format!("{MARK}-{name}");
    let token = ["name", "given_name", "preferred_username", "nickname", "acr", "uid"]
        .iter()
        .fold(application.token("alice"), |token, name| token.claim(name, mark(name)));
    token
        .sub(SUBJECT)
        .groups([mark("group"), "user".to_owned()])
        .claim("email", mark("mail@example.com"))
        .claim("entitlements", [mark("entitlement")])
        .claim("department", json!({ "name": mark("department"), (mark("member")): [1] }))
        .scope(&format!("openid {}", mark("scope")))
        .sid(&mark("sid"))
        .jti(&mark("jti"))
        .act(&mark("actor"))
}

/// One refused token for each reason there is.
fn refused(issuer: &TestIssuer) -> Vec<(&'static str, TestToken)> {
    let token = || marked(issuer);
    let list = || json!([MARK, { "a": MARK }]);
    let mut all = vec![
        ("changed claims", token().tampered(1)),
        ("a changed signature", token().tampered(2)),
        ("another key", token().sign_with_other_key()),
        ("no signature", token().unsigned()),
        ("no signature, called so", token().unsigned_as(MARK)),
        ("an unknown algorithm", token().header("alg", MARK)),
        ("an unknown type", token().header("typ", MARK)),
        ("an unknown key", token().kid(&format!("{MARK}-kid"))),
        ("no key", token().without_header("kid")),
        ("a key in its header", token().header("jku", format!("https://{MARK}.example/jwks"))),
        ("an extension", token().header("crit", [MARK])),
        ("a header twice", token().repeated_header("kid", MARK)),
        ("a claim twice", token().repeated_claim("sub", MARK)),
        ("a public secret", token().hs256_with_public_key_as(PublicKeyForm::SpkiPem)),
        ("another issuer", token().issuer(&format!("https://{MARK}.example/"))),
        ("another audience", token().audience(MARK)),
        ("no expiry", token().without_claim("exp")),
        ("an expiry in words", token().claim("exp", MARK)),
        ("an expiry long ago", token().expired()),
        ("a start", token().valid_in(HOUR)),
        ("a long life", token().expires_in(48 * HOUR)),
        ("no time of issue", token().without_claim("iat")),
        ("no marks of an access token", token().id_token()),
        ("the marks of an ID token", token().hybrid_id_token()),
        ("the type of logout tokens", issuer.logout_token("alice").sid(MARK)),
        ("claims that are no JSON", token().raw_claims(&format!("{{\"sub\": {MARK}}}"))),
        ("a header that is no JSON", token().raw_header(&format!("{{\"alg\": {MARK}}}"))),
        ("too much in it", token().claim("long", MARK.repeat(3000))),
        ("encryption", token().encrypted_with_other_key()),
    ];
    let names = ["sub", "aud", "iss", "iat", "nbf", "sid", "jti", "azp", "groups", "scope", "act"];
    all.extend(names.map(|name| (name, token().claim(name, list()))));
    all
}

const POLICY: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: ["view"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      output:
        when:
          ruleActivated: P.attr.email
    - actions: ["edit"]
      effect: EFFECT_ALLOW
      roles: ["user"]
      condition:
        match:
          any:
            of:
              - expr: P.attr.email > 3
              - expr: int(P.attr.email) == 3
              - expr: request.auxData.jwt.department[P.attr.email] == timestamp(P.attr.name)
"#;

#[authorize(action = "view", resource = "album", id = path("id"))]
async fn view(me: Principal) -> String {
    format!("{me:?}")
}

#[authorize(action = "edit", resource = "album", id = path("id"))]
async fn edit() {}

#[authorize(action = "view", resource = "album", id = path("id"), scope = "photos.write")]
async fn scoped() {}

#[derive(Deserialize)]
struct Unfit {
    #[expect(dead_code, reason = "it is never read")]
    email: u64,
}

#[derive(Deserialize)]
struct Fit {
    email: String,
}

#[authenticated]
async fn typed(fit: PrincipalOf<Fit>, unfit: Result<PrincipalOf<Unfit>, Rejection>) -> String {
    assert!(fit.typed().email.contains(MARK));
    let rejection = unfit.unwrap_err();
    format!("{fit:?} {rejection:?} {rejection} {:?}", rejection.refusal())
}

struct View;

impl DeclaresAccess for View {
    const ACCESS: Access = Access::Check(Check::new("view", "album").id(From::Path("id")));
}

async fn explicit(by: Authorized<View>) -> String {
    format!("{by:?}")
}

fn router() -> Router {
    Router::new()
        .route("/view/{id}", get(view))
        .route("/edit/{id}", get(edit))
        .route("/scoped/{id}", get(scoped))
        .route("/typed", get(typed))
        .route("/explicit/{id}", get(explicit))
}

fn policies() -> Policies {
    Policies::from_sources([Source::new("album.yaml", POLICY)]).unwrap()
}

impl Watch {
    /// Sends a request with these headers and keeps all of the answer.
    async fn send(&mut self, app: &Router, path: &str, headers: &[(&str, &str)]) -> u16 {
        let peer = ConnectInfo(SocketAddr::new(IpAddr::from([10, 0, 3, 7]), 4711));
        let mut request = Request::get(path).extension(peer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
        let refusal = head.extensions.get::<Refusal>();
        let refusal = refusal.map(|refusal| format!("{refusal:?} {refusal}")).unwrap_or_default();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        self.say(path, format!("{:?} {refusal} {body}", head.headers));
        head.status.as_u16()
    }

    async fn bearer(&mut self, app: &Router, path: &str, token: &str) -> u16 {
        self.send(app, path, &[("authorization", &format!("Bearer {token}"))]).await
    }

    async fn verify(&mut self, authentik: &Authentik, token: &str) -> Option<TokenError> {
        self.debug("verifying", &authentik.verify(token));
        match authentik.verify(token).await {
            Ok(verified) => {
                self.debug("verified", &verified);
                self.debug("principal", verified.principal());
                None
            }
            Err(error) => {
                self.error("error", &error);
                Some(error)
            }
        }
    }
}

/// A store that sometimes fails.
struct Remote(Arc<Mutex<Option<bool>>>);

impl Revocations for Remote {
    fn lookup(&self, _: &TokenIdentity) -> Lookup {
        let answer = self.0.lock().unwrap().ok_or_else(StoreUnavailable::new);
        Lookup::Later(Box::pin(async move { answer }))
    }

    fn revoke(&self, _: Revocation) -> StoreFuture<Result<(), StoreUnavailable>> {
        let answer = self.0.lock().unwrap().map(drop).ok_or_else(StoreUnavailable::new);
        Box::pin(async move { answer })
    }

    fn retention(&self) -> Duration {
        24 * HOUR
    }
}

async fn good_and_bad_tokens(watch: &mut Watch) {
    for algorithm in [Alg::RS256, Alg::EdDSA] {
        let clock = TestClock::new();
        let builder = TestIssuer::builder().algorithm(algorithm).clock(&clock);
        let issuer = builder.client_secret(SECRET).start().await;
        let list = RevocationList::on_clock(24 * HOUR, &clock);
        let authentik = issuer.authentik().revocations(list.clone()).roles_from("entitlements");
        watch.debug("builder", &authentik);
        let authentik = authentik.build().unwrap();
        let layer = AuthzLayer::new(authentik.clone(), policies());
        watch.debug("layer", &layer);
        let app = router().layer(layer);

        let good = watch.token("nothing wrong", marked(&issuer));
        for (path, expected) in [
            ("/view/1", 200),
            ("/edit/1", 403),
            ("/scoped/1", 403),
            ("/typed", 200),
            ("/explicit/1", 200),
        ] {
            assert_eq!(watch.bearer(&app, path, &good).await, expected, "{path}");
        }
        let basic = STANDARD.encode(format!("{MARK}:{SECRET}"));
        watch.keep("credentials", &basic);
        let (bearer, basic) = (format!("Bearer {good}"), format!("Basic {basic}"));
        for headers in [
            &[("authorization", &*bearer), ("authorization", &*bearer)][..],
            &[("authorization", &*basic)],
            &[("authorization", MARK)],
            &[("authorization", &*format!("Bearer {MARK} {MARK}"))],
            &[("x-authentik-jwt", &*good), ("x-authentik-groups", MARK)],
        ] {
            assert!(watch.send(&app, "/view/1", headers).await >= 400);
        }
        for (what, token) in refused(&issuer) {
            let token = watch.token(what, token);
            watch.bearer(&app, "/view/1", &token).await;
            watch.verify(&authentik, &token).await;
        }

        clock.advance(Duration::from_secs(60));
        issuer.rotate();
        let rotated = watch.token("a new key", marked(&issuer));
        assert_eq!(watch.verify(&authentik, &rotated).await, None);
        let ended = authentik.verify(&rotated).await.unwrap().into_principal().until_ended();
        let revocation = Revocation::session(issuer.issuer(), &format!("{MARK}-sid"));
        watch.debug("revocation", &revocation);
        list.revoke(revocation).await.unwrap();
        watch.debug("revocations", &list);
        watch.debug("end", &ended.await);
        assert_eq!(watch.bearer(&app, "/view/1", &rotated).await, 401);

        clock.advance(25 * HOUR);
        issuer.fail(Endpoint::KeySet, Fault::Body(format!("{{\"keys\": \"{MARK}\"}}")));
        let late = watch.token("no keys for it", marked(&issuer).sid("another"));
        assert_eq!(watch.bearer(&app, "/view/1", &late).await, 503);
        clock.advance(Duration::from_secs(60));
        issuer.go_down();
        assert_eq!(watch.bearer(&app, "/view/1", &late).await, 503);
        watch.debug("health", &authentik.health());
        watch.debug("provider", &authentik);
    }
}

async fn asking_the_issuer(watch: &mut Watch) {
    let builder = TestIssuer::builder().client_secret(SECRET).client_secret_signing();
    let issuer = builder.start().await;
    let right = Introspection::by_client("photos", SECRET).cache_for(Duration::ZERO);
    let wrong = Introspection::by_client("photos", &format!("{MARK}-wrong"));
    watch.debug("introspection", &right);
    let builder = issuer.authentik().verify_by_introspection(wrong);
    watch.debug("builder", &builder);
    let (mistaken, authentik) =
        (builder.clone().build().unwrap(), builder.verify_by_introspection(right).build().unwrap());
    let token = watch.token("the issuer's word", marked(&issuer));
    assert!(watch.verify(&mistaken, &token).await.is_some());
    assert_eq!(watch.verify(&authentik, &token).await, None);
    let seen = issuer.last_request(Endpoint::Introspection).unwrap();
    let credentials = seen.authorization().unwrap().strip_prefix("Basic ").unwrap();
    watch.keep("introspection's credentials", credentials);
    watch.keep("introspection's form", &seen.body);
    let elsewhere = format!("http://127.0.0.2:1/{MARK}?token={token}");
    for fault in [
        Fault::Member("active".into(), json!(MARK)),
        Fault::Member("sub".into(), json!(MARK)),
        Fault::Member("client_id".into(), json!(MARK)),
        Fault::Member("exp".into(), json!(MARK)),
        Fault::Body(format!("<html>{token} {MARK}")),
        Fault::Padding(300 * 1024),
        Fault::Redirect(elsewhere),
        Fault::Status(500),
    ] {
        issuer.fail(Endpoint::Introspection, fault);
        assert!(watch.verify(&authentik, &token).await.is_some());
    }
    issuer.recover(Endpoint::Introspection);
    issuer.revoke(&token);
    assert!(watch.verify(&authentik, &token).await.is_some());
    issuer.go_down();
    assert!(watch.verify(&authentik, &token).await.is_some());

    for (client, secret, time) in
        [("", SECRET, HOUR), (MARK, "", HOUR), (MARK, SECRET, HOUR), (MARK, SECRET, Duration::ZERO)]
    {
        let bad = Introspection::by_client(client, secret).cache_for(time);
        let builder = Authentik::issuer("https://id.example.org/").audience("photos");
        let builder = builder.jwks_url("https://id.example.org/jwks/").introspect(bad);
        watch.error("configuration", &builder.build().unwrap_err());
    }
    let url = format!("https://photos:{SECRET}@id.example.org/");
    watch.error("configuration", &Authentik::issuer(&url).audience("a").build().unwrap_err());
}

async fn encrypted_and_with_a_shared_secret(watch: &mut Watch) {
    let issuer = TestIssuer::builder().encrypted_tokens().start().await;
    let pem = watch.pem(&issuer.encryption_key_pem());
    let key = DecryptionKey::from_pem(&pem).unwrap();
    watch.debug("decryption key", &key);
    let broken = pem.replacen('M', "N", 3);
    if let Err(error) = DecryptionKey::from_pem(&broken) {
        watch.error("key", &error);
    }
    watch.error("key", &DecryptionKey::from_pem(pem.split_at(pem.len() / 2).0).unwrap_err());
    let authentik = issuer.authentik().decryption_key(key).build().unwrap();
    let without = issuer.authentik().build().unwrap();
    // What is inside must not be said either.
    let inside = watch.token("no encryption", marked(&issuer).unencrypted());
    let good = issuer.encrypt(&inside);
    watch.keep("an encrypted token", &good);
    assert_eq!(watch.verify(&authentik, &good).await, None);
    assert!(watch.verify(&without, &good).await.is_some());
    for (what, token) in [
        ("another encryption key", marked(&issuer).encrypted_with_other_key()),
        ("a changed wrapped key", marked(&issuer).tampered(1)),
        ("a changed text", marked(&issuer).tampered(3)),
        ("a changed tag", marked(&issuer).tampered(4)),
        ("another encryption", marked(&issuer).jwe_header("enc", MARK)),
    ] {
        let token = watch.token(what, token);
        assert!(watch.verify(&authentik, &token).await.is_some());
    }
    for text in [MARK, "", "a.b.c"] {
        assert!(watch.verify(&authentik, &issuer.encrypt(text)).await.is_some());
    }

    let builder = TestIssuer::builder().client_secret(SECRET).client_secret_signing();
    let issuer = builder.start().await;
    let secret = SharedSecret::new(SECRET).unwrap();
    watch.debug("secret", &secret);
    for bad in [MARK.to_owned(), format!("{SECRET}\n"), format!("-----BEGIN {SECRET}{SECRET}")] {
        watch.error("secret", &SharedSecret::new(&bad).unwrap_err());
    }
    let authentik = issuer.authentik().client_secret_signing(secret).build().unwrap();
    let good = watch.token("HS256", marked(&issuer));
    assert_eq!(watch.verify(&authentik, &good).await, None);
    let forged = watch.token("HS256 and another secret", marked(&issuer).sign_with_other_key());
    assert!(watch.verify(&authentik, &forged).await.is_some());

    // Behind an outpost.
    let bearers = TestIssuer::start().await.authentik().build().unwrap();
    let forward = ForwardAuth::new(authentik).peers(["10.0.3.0/24"]).unwrap();
    watch.debug("forward auth", &forward);
    let layer = AuthzLayer::new(bearers, policies()).forward_auth(forward);
    watch.debug("layer", &layer);
    let app = router().layer(layer);
    for (token, expected) in [
        (marked(&issuer), 200),
        (marked(&issuer).expired(), 401),
        (marked(&issuer).sign_with_other_key(), 401),
    ] {
        let headers = token.outpost_headers();
        let mut headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let (_, token) = headers.iter().find(|(name, _)| *name == "x-authentik-jwt").unwrap();
        for segment in token.split('.') {
            watch.keep("a segment of an outpost's token", segment);
        }
        assert_eq!(watch.send(&app, "/view/1", &headers).await, expected);
        headers.push(("authorization", "Bearer qzmarkzq"));
        assert_eq!(watch.send(&app, "/view/1", &headers).await, 401);
    }
}

async fn logouts(watch: &mut Watch) {
    let issuer = TestIssuer::start().await;
    let remote = Arc::new(Mutex::new(Some(false)));
    let authentik = issuer.authentik().revocations(Remote(Arc::clone(&remote))).build().unwrap();
    watch.debug("logouts", &authentik.logouts().unwrap());
    let endpoint = BackChannelLogout::new(&authentik).unwrap().accept_legacy(LegacyLogoutTokens);
    watch.debug("endpoint", &endpoint);
    let app = Router::new().route("/logout", post_service(endpoint));
    let logout = |name: &str| {
        let mark = |claim: &str| format!("{MARK}-{name}-{claim}");
        issuer.logout_token("alice").sub(&mark("sub")).sid(&mark("sid")).jti(&mark("jti"))
    };
    let good = logout("good");
    for (what, token, expected) in [
        ("a logout", good.clone(), 200),
        ("the same logout", good, 400),
        ("a nonce", logout("nonce").nonce(MARK), 400),
        ("odd events", logout("events").claim("events", json!({ MARK: MARK })), 400),
        ("an odd session", logout("session").claim("sid", [MARK]), 400),
        ("another logout key", logout("key").sign_with_other_key(), 400),
        ("an unknown logout key", logout("kid").kid(MARK), 400),
        ("an old logout", logout("old").expired(), 400),
        ("an access token", marked(&issuer), 400),
    ] {
        let token = watch.token(what, token);
        let request = Request::post("/logout")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = format!("logout_token={token}&{MARK}={MARK}");
        let response = app.clone().oneshot(request.body(Body::from(form)).unwrap());
        let (head, body) = response.await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        watch.say("logout", format!("{:?} {body:?}", head.headers));
        assert_eq!(head.status, expected, "{what}");
    }
    for says in [Some(true), None] {
        *remote.lock().unwrap() = says;
        let token = watch.token("a store that does not say yes", marked(&issuer));
        assert!(watch.verify(&authentik, &token).await.is_some());
    }
    let token = watch.token("a store that is down", logout("down"));
    let taken = authentik.logouts().unwrap().take(&token).await;
    watch.error("logout", &taken.unwrap_err());
}

async fn values_of_a_mapping(watch: &mut Watch) {
    let issuer = TestIssuer::start().await;
    let said: Arc<Mutex<String>> = Arc::default();
    let text = Arc::clone(&said);
    let builder = issuer.authentik().principal(move |claims| {
        let parts = PrincipalParts::new()
            .role(format!("{MARK}-role"))
            .attribute("mail", format!("{MARK}-mail"));
        *text.lock().unwrap() = format!("{claims:?} {parts:?}");
        Ok(parts)
    });
    watch.debug("builder", &builder);
    let authentik = builder.build().unwrap();
    let token = watch.token("a mapping", marked(&issuer));
    assert_eq!(watch.verify(&authentik, &token).await, None);
    watch.say("claims", said.lock().unwrap().clone());
}

#[tokio::test]
async fn nothing_of_a_token_and_no_secret_is_said() {
    let log = support::Log::default();
    // Of all threads, and with what dependencies say by way of `log`.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();
    let mut watch = Watch::default();
    good_and_bad_tokens(&mut watch).await;
    asking_the_issuer(&mut watch).await;
    encrypted_and_with_a_shared_secret(&mut watch).await;
    logouts(&mut watch).await;
    values_of_a_mapping(&mut watch).await;

    let text = log.text();
    assert_eq!(watch.found(&text), []);
    for (what, said) in &watch.said {
        assert_eq!(watch.found(said), [], "{what}");
    }

    // The search finds what is there, and all of this was listened to.
    assert!(watch.secrets.len() > 300, "{} secrets", watch.secrets.len());
    for secret in watch.secrets.keys() {
        assert!(!watch.found(&format!("event {secret} event")).is_empty());
    }
    for (level, target) in [
        ("TRACE", "hyper_util::client::legacy"),
        ("DEBUG", "reqwest::connect"),
        ("DEBUG", "axum_authz::decision"),
        ("INFO", "axum_authz::decision"),
        ("WARN", "axum_authz::token"),
        ("ERROR", "axum_authz::token"),
    ] {
        let is_there = |line: &str| line.contains(level) && line.contains(target);
        assert!(text.lines().any(is_there), "{level} {target}");
    }
    assert!(text.contains(SUBJECT));
    for reason in [
        "algorithm",
        "audience",
        "claim",
        "claims_unfit",
        "critical_header",
        "encrypted",
        "expired",
        "issuer",
        "key_in_header",
        "key_missing",
        "key_unknown",
        "lifetime",
        "malformed",
        "missing_claim",
        "not_access_token",
        "not_logout_token",
        "not_yet_valid",
        "provider_unavailable",
        "provider_unusable",
        "replayed",
        "revoked",
        "signature",
        "symmetric_algorithm",
        "too_long",
    ] {
        assert!(text.contains(&format!("reason=\"{reason}\"")), "{reason}");
    }
}

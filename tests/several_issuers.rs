//! Several issuers in one service: each token is held against its own issuer, and against nothing else.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/tokens.rs"]
mod tokens;

use axum_authz::{
    test::{
        Alg, Endpoint, IssuerMode, KidStyle, PublicKeyForm, TestApplication, TestClock, TestIssuer,
        TestToken,
    },
    token::{
        Authentik, ConfigErrorKind, DecryptionKey, Introspection, Invalid, RevocationList,
        SharedSecret, TokenError, Undecided,
    },
};
use serde_json::json;
use tokens::{invalid, refusal, verify};

fn any<'a>(applications: impl IntoIterator<Item = &'a TestApplication>) -> Authentik {
    let providers = applications.into_iter().map(|it| it.authentik().build().unwrap());
    Authentik::any(providers).unwrap()
}

fn fetches(issuer: &TestIssuer) -> (usize, usize) {
    (issuer.discovery_hits(), issuer.jwks_hits())
}

/// A token of `signer` that says of itself that it is one of `victim`, with the name of the victim's key.
fn disguised(signer: &TestApplication, victim: &TestApplication) -> TestToken {
    let token = signer.token("mallory").issuer(victim.issuer()).audience(victim.audience());
    token.claim("azp", victim.audience()).kid(&victim.kid())
}

async fn with_own_key(slug: &str) -> TestIssuer {
    TestIssuer::builder().slug(slug).audience(slug).certificate(slug).start().await
}

#[tokio::test]
async fn two_providers_with_an_issuer_each() {
    let (photos, cli) = (with_own_key("photos").await, with_own_key("cli").await);
    let both = any([&*photos, &*cli]);
    assert_eq!(both.issuers().collect::<Vec<_>>(), [photos.issuer(), cli.issuer()]);
    assert_eq!(both.audiences().collect::<Vec<_>>(), ["photos", "cli"]);

    // Keys are fetched of the issuer that a token is from, when its first one comes.
    assert_eq!(verify(&both, photos.token("alice")).await.unwrap().issuer(), photos.issuer());
    assert_eq!((fetches(&photos), fetches(&cli)), ((1, 1), (0, 0)));
    assert_eq!(verify(&both, cli.token("alice")).await.unwrap().issuer(), cli.issuer());
    assert_eq!((fetches(&photos), fetches(&cli)), ((1, 1), (1, 1)));

    // The same subject of two issuers is two people.
    let [one, two] = [&photos, &cli].map(|it| it.token("alice").sub("7"));
    let (one, two) = (verify(&both, one).await.unwrap(), verify(&both, two).await.unwrap());
    assert_eq!(one.id(), two.id());
    assert_ne!(one.issuer(), two.issuer());
}

#[tokio::test]
async fn a_key_signs_for_its_own_issuer_only() {
    let (photos, cli) = (with_own_key("photos").await, with_own_key("cli").await);
    let both = any([&*photos, &*cli]);
    for (signer, victim) in [(&photos, &cli), (&cli, &photos)] {
        assert_eq!(refusal(&both, signer.token("alice")).await, None);
        let before = fetches(signer);
        assert_eq!(refusal(&both, disguised(signer, victim)).await, invalid(Invalid::Signature));
        // Under its own name, the key is none of the victim's: it is asked, and the signer is not.
        let own_name = disguised(signer, victim).kid(&signer.kid());
        assert_eq!(refusal(&both, own_name).await, invalid(Invalid::KeyUnknown));
        assert_eq!(fetches(signer), before);
        // Of the right issuer, for the audience of the other.
        let for_other = signer.token("alice").audience(victim.audience());
        assert_eq!(refusal(&both, for_other).await, invalid(Invalid::Audience));
    }
}

#[tokio::test]
async fn one_name_under_two_issuers_is_two_keys() {
    for algorithms in [[Alg::RS256; 2], [Alg::ES256, Alg::RS256], [Alg::EdDSA, Alg::ES384]] {
        let named = |slug: &str, algorithm| {
            let builder = TestIssuer::builder().slug(slug).audience(slug).certificate(slug);
            builder.kid_style(KidStyle::Named("k".to_owned())).algorithm(algorithm).start()
        };
        let (photos, cli) =
            (named("photos", algorithms[0]).await, named("cli", algorithms[1]).await);
        let both = any([&*photos, &*cli]);
        for (signer, victim) in [(&photos, &cli), (&cli, &photos)] {
            assert_eq!(refusal(&both, signer.token("alice")).await, None);
            assert_eq!(refusal(&both, victim.token("alice")).await, None);
            let expected = if algorithms[0] == algorithms[1] {
                Invalid::Signature
            } else {
                Invalid::Algorithm
            };
            assert_eq!(refusal(&both, disguised(signer, victim)).await, invalid(expected));
        }
    }
}

/// In issuer mode "global" all applications have the issuer `https://HOST/`, and each its own key set.
#[tokio::test]
async fn applications_with_one_issuer_are_told_apart_by_client() {
    for named in [false, true] {
        let style = || if named { KidStyle::Named("k".to_owned()) } else { KidStyle::Sha512 };
        let issuer = TestIssuer::builder().mode(IssuerMode::Global).kid_style(style());
        let issuer = issuer.application("cli").kid_style(style()).start().await;
        let (photos, cli) = (issuer.of("photos"), issuer.of("cli"));
        assert_eq!(photos.issuer(), cli.issuer());
        assert_eq!(photos.kid() == cli.kid(), named);
        let both = any([&photos, &cli]);

        assert_eq!(refusal(&both, photos.token("alice")).await, None);
        assert_eq!(
            issuer.last_request(Endpoint::KeySet).unwrap().uri,
            "/application/o/photos/jwks/"
        );
        assert_eq!(issuer.jwks_hits(), 1);
        assert_eq!(refusal(&both, cli.token("alice")).await, None);
        assert_eq!(issuer.last_request(Endpoint::KeySet).unwrap().uri, "/application/o/cli/jwks/");
        assert_eq!(issuer.jwks_hits(), 2);

        for (signer, victim) in [(&photos, &cli), (&cli, &photos)] {
            assert_eq!(
                refusal(&both, disguised(signer, victim)).await,
                invalid(Invalid::Signature)
            );
            // Issued to one client, for the audience of the other: no trying whether one of them takes it.
            let mixed = signer.token("alice").audience(victim.audience());
            assert_eq!(refusal(&both, mixed).await, invalid(Invalid::Audience));
            // A mapping can make a list of `aud`.
            let several =
                signer.token("alice").claim("aud", [victim.audience(), signer.audience()]);
            assert_eq!(refusal(&both, several).await, None);
        }
        // Issued to a client that is not configured.
        let unknown = photos.token("alice").audience("other").claim("azp", "other");
        assert_eq!(refusal(&both, unknown).await, invalid(Invalid::Audience));
        let only_the_audience = photos.token("alice").claim("azp", "other");
        assert_eq!(refusal(&both, only_the_audience).await, invalid(Invalid::Client));
        assert_eq!(issuer.jwks_hits(), 2);
    }
}

/// One accepts HS256 with its secret, the other published keys, and the token has no say in it.
#[tokio::test]
async fn a_secret_and_published_keys_side_by_side() {
    let (photos, wiki) = (
        with_own_key("photos").await,
        TestIssuer::builder().slug("wiki").audience("wiki").client_secret_signing().start().await,
    );
    let secret = SharedSecret::new(wiki.client_secret()).unwrap();
    let by_secret = wiki.authentik().client_secret_signing(secret).build().unwrap();
    let both = Authentik::any([photos.authentik().build().unwrap(), by_secret]).unwrap();
    assert_eq!(verify(&both, photos.token("alice")).await.unwrap().issuer(), photos.issuer());
    assert_eq!(verify(&both, wiki.token("alice")).await.unwrap().issuer(), wiki.issuer());

    let as_photos =
        |token: TestToken| token.issuer(photos.issuer()).audience("photos").claim("azp", "photos");
    let as_wiki =
        |token: TestToken| token.issuer(wiki.issuer()).audience("wiki").claim("azp", "wiki");
    let symmetric = invalid(Invalid::SymmetricAlgorithm);
    // Signed with the secret of the one, for the other, with and without the name of a key.
    assert_eq!(refusal(&both, as_photos(wiki.token("alice"))).await, symmetric);
    assert_eq!(refusal(&both, as_photos(wiki.token("alice")).kid(&photos.kid())).await, symmetric);
    let with_secret = photos.token("alice").hs256_with_secret(wiki.client_secret());
    assert_eq!(refusal(&both, with_secret.clone()).await, symmetric);
    // Signed with a published key, for the one with the secret.
    assert_eq!(refusal(&both, as_wiki(photos.token("alice"))).await, invalid(Invalid::Algorithm));
    let as_hs256 = as_wiki(photos.token("alice")).header("alg", "HS256");
    assert_eq!(refusal(&both, as_hs256).await, invalid(Invalid::Signature));
    // The secret of the one is made of the published key of the other.
    for form in PublicKeyForm::ALL {
        let forged = photos.token("alice").hs256_with_public_key_as(form);
        assert_eq!(refusal(&both, forged.clone()).await, symmetric, "{form:?}");
        assert_eq!(refusal(&both, as_wiki(forged)).await, invalid(Invalid::Signature), "{form:?}");
    }
    let photos_secret = photos.token("alice").hs256_with_secret(photos.client_secret());
    assert_eq!(refusal(&both, as_wiki(photos_secret)).await, invalid(Invalid::Signature));
    assert_eq!((fetches(&photos), fetches(&wiki)), ((1, 1), (0, 0)));
}

#[tokio::test]
async fn tokens_of_nobody_and_for_nobody_fetch_nothing() {
    let (photos, cli) = (with_own_key("photos").await, with_own_key("cli").await);
    let both = any([&*photos, &*cli]);
    let stranger = with_own_key("stranger").await;
    let token = || photos.token("alice");
    for (token, expected) in [
        (stranger.token("alice"), Invalid::Issuer),
        (stranger.token("alice").audience("photos"), Invalid::Issuer),
        (token().issuer(photos.issuer().trim_end_matches('/')), Invalid::Issuer),
        (token().issuer(&photos.issuer().to_uppercase()), Invalid::Issuer),
        (token().issuer(""), Invalid::Claim("iss")),
        (token().claim("iss", [photos.issuer()]), Invalid::Claim("iss")),
        (token().without_claim("iss"), Invalid::MissingClaim("iss")),
        (token().repeated_claim("iss", cli.issuer()), Invalid::Malformed),
        (token().audience("cli"), Invalid::Audience),
        (token().audience("other"), Invalid::Audience),
        (token().without_claim("aud"), Invalid::MissingClaim("aud")),
    ] {
        assert_eq!(refusal(&both, token).await, invalid(expected), "{expected:?}");
    }
    for issuer in [&photos, &cli, &stranger] {
        assert_eq!(fetches(issuer), (0, 0));
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_is_no_trouble_to_the_other() {
    let (photos, cli) = (with_own_key("photos").await, with_own_key("cli").await);
    let both = any([&*photos, &*cli]);
    photos.go_down();
    let unavailable = Some(TokenError::Undecided(Undecided::Unavailable));
    assert_eq!(refusal(&both, photos.token("alice")).await, unavailable);
    assert_eq!(refusal(&both, cli.token("alice")).await, None);
    let health = both.health();
    assert!(!health.is_ready());
    let ready: Vec<_> = health.issuers.iter().map(|it| (&*it.issuer, it.is_ready())).collect();
    assert_eq!(ready, [(photos.issuer(), false), (cli.issuer(), true)]);
}

#[tokio::test]
async fn each_issuer_has_its_audiences_and_its_mapping() {
    let (photos, cli) = (with_own_key("photos").await, with_own_key("cli").await);
    let of_photos = photos.authentik().audience("photos-web").roles_from("entitlements");
    let of_photos = of_photos.static_role("user").build().unwrap();
    let of_cli = cli.authentik().without_groups().id_with_issuer().static_role("machine");
    let both = Authentik::any([of_photos, of_cli.build().unwrap()]).unwrap();
    assert_eq!(both.audiences().collect::<Vec<_>>(), ["photos", "photos-web", "cli"]);

    let of = |issuer: &TestIssuer| {
        issuer.token("alice").groups(["staff"]).claim("entitlements", ["moderate"])
    };
    let alice = verify(&both, of(&photos).audience("photos-web")).await.unwrap();
    assert_eq!(alice.id(), "alice");
    assert_eq!(alice.roles().collect::<Vec<_>>(), ["staff", "moderate", "user"]);
    let alice = verify(&both, of(&cli)).await.unwrap();
    assert!(alice.id().contains(cli.issuer()) && alice.id().contains("alice"), "{}", alice.id());
    assert_eq!(alice.roles().collect::<Vec<_>>(), ["machine"]);

    let foreign = cli.token("alice").audience("photos-web");
    assert_eq!(refusal(&both, foreign).await, invalid(Invalid::Audience));
}

#[tokio::test]
async fn each_issuer_is_asked_about_its_own_tokens() {
    let (photos, cli) = (with_own_key("photos").await, with_own_key("cli").await);
    let asking = Introspection::by_client("photos", photos.client_secret());
    let of_photos = photos.authentik().introspect(asking).build().unwrap();
    let both = Authentik::any([of_photos, cli.authentik().build().unwrap()]).unwrap();
    let token = photos.token("alice").sign();
    assert!(both.verify(&token).await.is_ok());
    assert_eq!(refusal(&both, cli.token("alice")).await, None);
    assert_eq!((photos.introspection_hits(), cli.introspection_hits()), (1, 0));
}

/// A logout token of one issuer ends no session of the other.
#[tokio::test]
async fn a_logout_reaches_the_issuer_it_comes_from() {
    let clock = TestClock::new();
    let start = |slug: &str| {
        TestIssuer::builder().slug(slug).audience(slug).certificate(slug).clock(&clock).start()
    };
    let (photos, cli) = (start("photos").await, start("cli").await);
    let list = RevocationList::on_clock(std::time::Duration::from_secs(7200), &clock);
    let with = |issuer: &TestIssuer| issuer.authentik().revocations(list.clone()).build().unwrap();
    let both = Authentik::any([with(&photos), with(&cli)]).unwrap();
    let tokens = [&photos, &cli].map(|it| it.token("alice").sign());
    for token in &tokens {
        assert!(both.verify(token).await.is_ok());
    }
    // The user has one session at Authentik, and `sid` is the same for both.
    assert_eq!(photos.sid("alice"), cli.sid("alice"));
    let logouts = both.logouts().unwrap();
    let forged = disguised_logout(&cli, &photos);
    assert_eq!(logouts.take(&forged).await.err(), invalid(Invalid::Signature));
    logouts.take(&photos.logout_token("alice").sign()).await.unwrap();
    assert_eq!(both.verify(&tokens[0]).await.err(), invalid(Invalid::Revoked));
    assert!(both.verify(&tokens[1]).await.is_ok());

    let without_store = Authentik::any([with(&photos), cli.authentik().build().unwrap()]).unwrap();
    let refused = without_store.logouts().unwrap_err();
    assert_eq!(refused.kind(), ConfigErrorKind::NoRevocations);
}

fn disguised_logout(signer: &TestApplication, victim: &TestApplication) -> String {
    let token = signer.logout_token("alice").issuer(victim.issuer()).audience(victim.audience());
    token.kid(&victim.kid()).sign()
}

#[test]
fn what_cannot_be_told_apart_is_no_configuration() {
    let of = |issuer: &str, audiences: &[&str]| {
        let builder = Authentik::issuer(&format!("https://id.example.org/{issuer}"));
        let builder =
            audiences.iter().fold(builder, |builder, audience| builder.audience(audience));
        builder.build().unwrap()
    };
    let kind = |providers: &[&Authentik]| {
        let any = Authentik::any(providers.iter().map(|&it| it.clone()));
        any.err().map(|error| error.kind())
    };
    let ambiguous = Some(ConfigErrorKind::Ambiguous);
    let (a, b) = (of("", &["photos", "shared"]), of("", &["cli", "shared"]));
    assert_eq!(kind(&[]), Some(ConfigErrorKind::NoProvider));
    assert_eq!(kind(&[&a, &b]), ambiguous);
    assert_eq!(kind(&[&a, &a.clone()]), ambiguous);
    assert_eq!(kind(&[&a, &of("", &["cli"]), &of("", &["photos"])]), ambiguous);
    // An audience in common is no trouble where the issuers differ, and they differ by a slash.
    assert_eq!(kind(&[&a, &of("other/", &["shared"]), &of("other", &["shared"])]), None);
    assert_eq!(kind(&[&a, &of("", &["cli"]), &of("", &["cli2"])]), None);
    // Several of several.
    let both = Authentik::any([a.clone(), of("", &["cli"])]).unwrap();
    assert_eq!(kind(&[&both, &of("", &["photos"])]), ambiguous);
    assert_eq!(kind(&[&both, &of("", &["web"])]), None);
}

#[tokio::test]
async fn several_decryption_keys_need_names() {
    let start = |slug: &str| {
        let builder = TestIssuer::builder().slug(slug).audience(slug).certificate(slug);
        builder.encrypted_tokens().start()
    };
    let (photos, cli) = (start("photos").await, start("cli").await);
    let keys = [photos.encryption_key_pem(), photos.other_encryption_key_pem()];
    let keys = keys.map(|pem| DecryptionKey::from_pem(&pem).unwrap());
    let any = |names: [Option<&str>; 2]| {
        let with = |issuer: &TestIssuer, number: usize| {
            let key = keys[number].clone();
            let key = names[number].map_or(key.clone(), |name| key.named(name));
            issuer.authentik().decryption_key(key).build().unwrap()
        };
        Authentik::any([with(&photos, 0), with(&cli, 1)])
    };
    for names in [[None, None], [Some("one"), None], [None, Some("two")]] {
        assert_eq!(any(names).unwrap_err().kind(), ConfigErrorKind::Ambiguous);
    }
    let both = any([Some("one"), Some("two")]).unwrap();
    let [for_one, for_two] = [&photos, &cli].map(|issuer| {
        let token = issuer.token("alice");
        (
            token.clone().jwe_header("kid", "one"),
            token.encrypted_with_other_key().jwe_header("kid", "two"),
        )
    });
    assert_eq!(refusal(&both, for_one.0).await, None);
    assert_eq!(refusal(&both, for_two.1.clone()).await, None);
    // The name decides, and there is no trying.
    for wrong in [
        for_two.1.clone().jwe_header("kid", "one"),
        for_two.1.clone().jwe_header("kid", "three"),
        for_two.1.jwe_header("kid", json!(2)),
    ] {
        assert_eq!(refusal(&both, wrong).await, invalid(Invalid::Decryption));
    }
    // One key for all needs none.
    let one = photos.authentik().decryption_key(keys[0].clone()).build().unwrap();
    let one = Authentik::any([one, cli.authentik().build().unwrap()]).unwrap();
    for issuer in [&photos, &cli] {
        assert_eq!(refusal(&one, issuer.token("alice")).await, None);
    }
}

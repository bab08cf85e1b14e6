//! From claims to principals, through whole tokens: what is refused, what grants, and what never does.

#![expect(clippy::unwrap_used, reason = "tests")]

use axum_authz::{
    Principal,
    principal::Value,
    test::{TestIssuer, TestToken},
    token::{AuthentikBuilder, Invalid, PrincipalParts, TokenError, VerifiedClaims},
};
use serde_json::{Value as Json, json};

struct Case {
    issuer: TestIssuer,
}

impl Case {
    async fn new() -> Self {
        Self { issuer: TestIssuer::start().await }
    }

    fn token(&self) -> TestToken {
        self.issuer.token("alice")
    }

    async fn verify(
        &self,
        describe: impl Fn(AuthentikBuilder) -> AuthentikBuilder,
        token: TestToken,
    ) -> Result<Principal, TokenError> {
        let authentik = describe(self.issuer.authentik()).build().unwrap();
        Ok(authentik.verify(&token.sign()).await?.into_principal())
    }

    async fn plain(&self, token: TestToken) -> Result<Principal, TokenError> {
        self.verify(|builder| builder, token).await
    }

    async fn refusal(&self, token: TestToken) -> Option<TokenError> {
        self.plain(token).await.err()
    }

    async fn roles(
        &self,
        describe: impl Fn(AuthentikBuilder) -> AuthentikBuilder,
        token: TestToken,
    ) -> Vec<String> {
        roles(&self.verify(describe, token).await.unwrap())
    }
}

fn roles(principal: &Principal) -> Vec<String> {
    principal.roles().map(str::to_owned).collect()
}

fn attributes(principal: &Principal) -> Vec<&str> {
    let mut names: Vec<&str> = principal.attributes().iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

const fn wrong(claim: &'static str) -> Option<TokenError> {
    Some(TokenError::Invalid(Invalid::Claim(claim)))
}

const NOT_ACCESS: Option<TokenError> = Some(TokenError::Invalid(Invalid::NotAccessToken));

#[tokio::test]
async fn groups_missing_duplicated_or_of_another_form_never_grant() {
    let case = Case::new().await;
    assert!(case.roles(|b| b, case.token().without_claim("groups")).await.is_empty());
    for (groups, expected) in [
        (json!(["a", "b", "a"]), vec!["a", "b"]),
        (json!(["a|admins", "b,admins", "c admins"]), vec!["a|admins", "b,admins", "c admins"]),
        (json!([]), vec![]),
        (json!(null), vec![]),
        (json!("admins"), vec![]),
        (json!("[\"admins\"]"), vec![]),
        (json!({ "admins": true }), vec![]),
        (json!([["admins"]]), vec![]),
        (json!([["admins"], { "name": "admins" }, 1, null, true, "", "users"]), vec!["users"]),
    ] {
        let found = case.roles(|b| b, case.token().claim("groups", &groups)).await;
        assert_eq!(found, expected, "{groups}");
    }
    // The claim itself twice: which one counts is nobody's to guess.
    let twice = case.token().groups(["users"]).repeated_claim("groups", ["admins"]);
    assert_eq!(case.refusal(twice).await, Some(TokenError::Invalid(Invalid::Malformed)));
}

#[tokio::test]
async fn roles_come_from_where_the_description_says() {
    let case = Case::new().await;
    let token = || {
        let token = case.token().groups(["staff"]);
        let token = token.claim("entitlements", ["moderate", "staff"]);
        token.claim("org", json!({ "a/b": [{ "roles": ["lead", 7] }] }))
    };
    for (name, expected) in [
        ("entitlements", vec!["staff", "moderate"]),
        ("/entitlements", vec!["staff", "moderate"]),
        ("/org/a~1b/0/roles", vec!["staff", "lead"]),
        ("/org/a~1b/0/roles/0", vec!["staff"]),
        ("/org/a~1b/00/roles", vec!["staff"]),
        ("/org/a/b/0/roles", vec!["staff"]),
        ("org", vec!["staff"]),
        ("email", vec!["staff"]),
        ("absent", vec!["staff"]),
    ] {
        assert_eq!(case.roles(|b| b.roles_from(name), token()).await, expected, "{name}");
    }
    let without = case.roles(|b| b.without_groups().roles_from("entitlements"), token()).await;
    assert_eq!(without, ["moderate", "staff"]);
    assert!(case.roles(AuthentikBuilder::without_groups, token()).await.is_empty());
    let fixed = case.roles(|b| b.without_groups().static_role("user"), token()).await;
    assert_eq!(fixed, ["user"]);
}

#[tokio::test]
async fn all_claims_are_attributes_until_some_are_chosen() {
    let case = Case::new().await;
    let token = || {
        let token = case.token().claim("org", json!({ "unit": "press", "team": null }));
        token.claim("department", "media").claim("level", 3)
    };
    let all = case.plain(token()).await.unwrap();
    assert_eq!(all.attributes(), all.claims());

    let chosen = ["department", "/org/unit", "/org/absent", "absent"];
    let chosen = case.verify(|b| b.attributes(chosen), token()).await.unwrap();
    assert_eq!(attributes(&chosen), ["department", "unit"]);
    assert_eq!(chosen.attr("unit"), Some(&Value::from("press")));
    assert_eq!(chosen.claims().get("level"), Some(&Value::from(3.0)));

    let none = case.verify(|b| b.attributes([]), token()).await.unwrap();
    assert!(none.attributes().is_empty());

    let renamed = |b: AuthentikBuilder| b.attributes(["level"]).attribute("unit", "department");
    let renamed = case.verify(renamed, token()).await.unwrap();
    assert_eq!(attributes(&renamed), ["level", "unit"]);
    assert_eq!(renamed.attr("unit"), Some(&Value::from("media")));
}

#[tokio::test]
async fn a_renamed_attribute_hides_the_claim_of_its_name() {
    let case = Case::new().await;
    let describe = |b: AuthentikBuilder| b.attribute("department", "/org/department");
    let token = || case.token().claim("department", "forged").claim("level", 3);
    let with = token().claim("org", json!({ "department": "media" }));
    let with = case.verify(describe, with).await.unwrap();
    assert_eq!(with.attr("department"), Some(&Value::from("media")));
    assert_eq!(with.attr("level"), Some(&Value::from(3.0)));
    let without = case.verify(describe, token()).await.unwrap();
    assert_eq!(without.attr("department"), None);
    assert_eq!(without.attr("level"), Some(&Value::from(3.0)));
}

#[tokio::test]
async fn identifiers_can_tell_issuers_apart() {
    let case = Case::new().await;
    let alone = case.plain(case.token()).await.unwrap();
    assert_eq!(alone.id(), "alice");
    let unique = case.verify(AuthentikBuilder::id_with_issuer, case.token()).await.unwrap();
    assert_eq!(unique.id(), format!("{}#alice", case.issuer.issuer()));
    assert_eq!(unique.attr("sub"), Some(&Value::from("alice")));
    // What stands in the subject cannot make it another issuer's: an issuer has no fragment.
    let odd =
        case.verify(AuthentikBuilder::id_with_issuer, case.token().sub("x#alice")).await.unwrap();
    assert_eq!(odd.id().split_once('#'), Some((case.issuer.issuer(), "x#alice")));
}

fn tenant_user(claims: &VerifiedClaims<'_>) -> Result<PrincipalParts, Invalid> {
    let tenant = claims.get("tenant").and_then(Value::as_str);
    let tenant = tenant.ok_or(Invalid::MissingClaim("tenant"))?;
    Ok(PrincipalParts::new()
        .id(format!("{tenant}/{}", claims.subject()))
        .roles(claims.strings("/org/roles"))
        .role("")
        .attribute("tenant", tenant)
        .attribute("machine", claims.session_id().is_none()))
}

#[tokio::test]
async fn a_closure_replaces_the_mapping() {
    let case = Case::new().await;
    let describe = |b: AuthentikBuilder| {
        let b = b.roles_from("entitlements").attribute("unit", "department").static_role("user");
        b.id_with_issuer().principal(tenant_user)
    };
    let token = || {
        let token = case.token().groups(["staff"]).claim("department", "media");
        token.claim("tenant", "acme").claim("org", json!({ "roles": ["lead", "lead", 1] }))
    };
    let alice = case.verify(describe, token()).await.unwrap();
    assert_eq!((alice.id(), alice.issuer()), ("acme/alice", case.issuer.issuer()));
    assert_eq!(roles(&alice), ["lead", "user"]);
    assert_eq!(attributes(&alice), ["machine", "tenant"]);
    assert_eq!(alice.attr("machine"), Some(&Value::from(false)));
    assert_eq!(alice.claims().get("department"), Some(&Value::from("media")));

    let refused = case.verify(describe, token().without_claim("tenant")).await.unwrap_err();
    assert_eq!(refused, TokenError::Invalid(Invalid::MissingClaim("tenant")));
}

#[tokio::test]
async fn a_closure_is_asked_about_verified_tokens_only() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let case = Case::new().await;
    let describe = |b: AuthentikBuilder| {
        b.principal(|claims| {
            CALLS.fetch_add(1, Ordering::Relaxed);
            assert_eq!(claims.client_id(), Some("photos"));
            assert_eq!(claims.scopes().collect::<Vec<_>>(), ["openid", "email", "profile"]);
            assert!(claims.issued_at().is_some_and(|issued| issued < claims.expires_at()));
            assert!(claims.token_id().is_some() && claims.actor().is_none());
            assert_eq!(claims.all().get("iss"), Some(&Value::from(claims.issuer())));
            assert_eq!(format!("{claims:?}"), "VerifiedClaims { .. }");
            Ok(PrincipalParts::new())
        })
    };
    for bad in [
        case.token().sign_with_other_key(),
        case.token().expired(),
        case.token().audience("other"),
        case.token().id_token(),
        case.token().claim("jti", 5),
    ] {
        assert!(case.verify(describe, bad).await.is_err());
    }
    assert_eq!(CALLS.load(Ordering::Relaxed), 0);
    let alice = case.verify(describe, case.token()).await.unwrap();
    assert_eq!((alice.id(), CALLS.load(Ordering::Relaxed)), ("alice", 1));
    assert!(alice.attributes().is_empty());
}

#[tokio::test]
async fn an_empty_identifier_is_refused() {
    let case = Case::new().await;
    let describe = |b: AuthentikBuilder| b.principal(|_| Ok(PrincipalParts::new().id("")));
    assert_eq!(case.verify(describe, case.token()).await.err(), wrong("sub"));
}

#[tokio::test]
async fn single_claims_are_read_or_refused() {
    let case = Case::new().await;
    let alice = case.plain(case.token().sid("s").jti("t").scope("a b a")).await.unwrap();
    assert_eq!((alice.session_id(), alice.token_id()), (Some("s"), Some("t")));
    assert_eq!(alice.scopes().collect::<Vec<_>>(), ["a", "b", "a"]);
    assert!(alice.has_scope("b") && !alice.has_scope("a b") && !alice.has_scope(""));

    let null = case.plain(case.token().claim("sid", json!(null)).without_claim("jti")).await;
    let null = null.unwrap();
    assert_eq!((null.session_id(), null.token_id(), null.actor()), (None, None, None));

    for claim in ["sid", "jti", "azp"] {
        for value in [json!(1), json!(true), json!(["x"]), json!({ "x": 1 })] {
            let token = case.token().claim(claim, &value);
            assert_eq!(case.refusal(token).await, wrong(claim), "{claim}: {value}");
        }
    }
}

/// Policies are shown what Cerbos would show them, and Cerbos refuses these.
#[tokio::test]
async fn registered_claims_that_policies_cannot_be_shown_are_refused() {
    let case = Case::new().await;
    for (claim, value) in [
        ("iat", json!("yesterday")),
        ("iat", json!(-1)),
        ("iat", json!(null)),
        ("nbf", json!(null)),
        ("exp", json!(1e15)),
    ] {
        assert_eq!(case.refusal(case.token().claim(claim, &value)).await, wrong(claim), "{value}");
    }
    let exp = case.plain(case.token()).await.unwrap();
    let exp = exp.claims().get("exp").and_then(Value::as_f64).unwrap();
    // The clock of the issuer may be ahead.
    assert_eq!(case.refusal(case.token().claim("iat", exp + 5.0)).await, None);
    assert_eq!(case.refusal(case.token().without_claim("iat")).await, None);
}

#[tokio::test]
async fn delegation_is_read_or_refused() {
    let case = Case::new().await;
    let actor = |act: Json| {
        let token = case.token().claim("act", act);
        async { case.plain(token).await.map(|alice| alice.actor().map(str::to_owned)) }
    };
    assert_eq!(actor(json!({ "sub": "printer" })).await, Ok(Some("printer".to_owned())));
    let chain =
        json!({ "sub": "printer", "iss": "https://id.example.org/", "act": { "sub": "scanner" } });
    assert_eq!(actor(chain).await, Ok(Some("printer".to_owned())));
    for act in [
        json!(null),
        json!("printer"),
        json!(["printer"]),
        json!([{ "sub": "printer" }]),
        json!({}),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
        json!({ "client_id": "printer" }),
        json!(false),
    ] {
        assert_eq!(actor(act.clone()).await.err(), wrong("act"), "{act}");
    }
}

/// Authentik writes `azp` and `uid` into every access token since 2023, and into nothing else.
#[tokio::test]
async fn an_access_token_has_both_marks_and_no_mark_of_another() {
    let case = Case::new().await;
    assert_eq!(case.refusal(case.token().without_claim("scope")).await, None);
    for mark in ["azp", "uid"] {
        assert_eq!(case.refusal(case.token().without_claim(mark)).await, NOT_ACCESS, "{mark}");
        let null = case.token().claim(mark, json!(null));
        assert_eq!(case.refusal(null).await, NOT_ACCESS, "{mark}");
    }
    for mark in ["at_hash", "c_hash", "events"] {
        for value in [json!("x"), json!({}), json!(null)] {
            let token = case.token().claim(mark, &value);
            assert_eq!(case.refusal(token).await, NOT_ACCESS, "{mark}: {value}");
        }
    }
}

/// RFC 9068 section 2.1: the header's type says it all. Authentik does not write it yet.
#[tokio::test]
async fn an_access_token_by_its_type_needs_no_marks() {
    let case = Case::new().await;
    let typed = |token: TestToken| token.header("typ", "at+jwt").id_token();
    assert_eq!(case.refusal(typed(case.token())).await, None);
    assert_eq!(case.refusal(typed(case.token().claim("at_hash", "x"))).await, NOT_ACCESS);
    assert_eq!(case.refusal(case.token().header("typ", "JWT").id_token()).await, NOT_ACCESS);
}

/// A scope mapping can replace nearly every claim; what it cannot reach decides what kind of token it is.
#[tokio::test]
async fn extra_claims_change_nothing() {
    let case = Case::new().await;
    let token = case.token().claim("role", "admin").claim("roles", ["admin"]);
    let token = token.claim("isAdmin", true);
    let alice = case.plain(token).await.unwrap();
    assert!(roles(&alice).is_empty());
    assert_eq!(alice.attr("isAdmin"), Some(&Value::from(true)));
    // Bound to a key that nobody has proved to have: no bearer token.
    let bound = case.token().claim("cnf", json!({ "jwk": {} }));
    assert_eq!(case.refusal(bound).await, NOT_ACCESS);
}

//! Case 23: asking whether a token is in force.

use axum_authz::{
    test::{Endpoint, Fault, IssuerMode, TestIssuer},
    token::{AuthentikBuilder, Invalid, Undecided},
};
use serde_json::json;

use crate::{Answer, Service, asking, invalid, refusal};

/// RFC 7662 section 2.2, and what Authentik makes of it.
#[tokio::test]
async fn case_23_introspection() {
    let builder = TestIssuer::builder().application("cli").certificate("default");
    let issuer = builder.start().await;
    let authentik = issuer.authentik().static_role("user").introspect(asking(&issuer));
    let authentik = authentik.build().unwrap();
    let service = Service::new(&authentik);
    let token = issuer.token("alice").sign();
    assert_eq!(service.get("/view", &token).await, Answer::granted());

    // A failure is neither yes nor no, also for a token that was in force a moment ago.
    let misbehaviours = [
        Fault::Member("active".to_owned(), json!("true")),
        Fault::Member("active".to_owned(), json!(1)),
        Fault::Member("active".to_owned(), json!(null)),
        Fault::WithoutMember("active".to_owned()),
        Fault::Body("<html>".to_owned()),
        Fault::Body(String::new()),
        Fault::Body("[true]".to_owned()),
        Fault::Body(r#"{"active":false,"active":true}"#.to_owned()),
        Fault::Padding(1024 * 1024),
        Fault::Status(204),
        Fault::Status(401),
        Fault::Status(500),
        Fault::Status(503),
        // The answer is about somebody else.
        Fault::Member("sub".to_owned(), json!("bob")),
        Fault::Member("jti".to_owned(), json!("another")),
        Fault::Member("iss".to_owned(), json!("https://id.example.org/")),
    ];
    for fault in misbehaviours {
        issuer.fail(Endpoint::Introspection, fault.clone());
        let answer = service.get("/view", &token).await;
        assert_eq!(answer, Answer::unavailable(Undecided::Introspection), "{fault:?}");
    }
    issuer.recover(Endpoint::Introspection);
    assert_eq!(service.get("/view", &token).await, Answer::granted());

    // An answer about another client's token is no answer for us.
    for member in ["aud", "client_id"] {
        issuer.fail(Endpoint::Introspection, Fault::Member(member.to_owned(), json!("cli")));
        assert_eq!(authentik.verify(&token).await.err(), invalid(Invalid::Audience), "{member}");
    }
    issuer.recover(Endpoint::Introspection);

    // With one certificate for both applications, the signature says nothing about who issued it. Authentik does.
    let of_another = issuer.of("cli").token("alice").issuer(issuer.issuer());
    let of_another = of_another.audience("photos").claim("azp", "photos");
    assert_eq!(refusal(&authentik, of_another.clone()).await, invalid(Invalid::Inactive));
    let without = issuer.authentik().build().unwrap();
    assert_eq!(refusal(&without, of_another).await, None);
    // One that nobody issued.
    let forged = issuer.token("alice").forged();
    assert_eq!(refusal(&authentik, forged).await, invalid(Invalid::Inactive));

    // A revoked token keeps its claims in Authentik's answer.
    issuer.revoke(&token);
    let answer = service.get("/view", &token).await;
    assert_eq!(answer, Answer::unauthorized(Invalid::Inactive));

    // A refresh token is active, and no access token: nobody is asked.
    let asked = issuer.introspection_hits();
    let refresh = issuer.refresh_token("alice");
    for authentik in
        [authentik, issuer.authentik().verify_by_introspection(asking(&issuer)).build().unwrap()]
    {
        assert_eq!(authentik.verify(&refresh).await.err(), invalid(Invalid::Malformed));
    }
    assert_eq!(issuer.introspection_hits(), asked);
}

/// A client that asks about tokens of federated providers too (since 2026.2.3) hears that they are active.
#[tokio::test]
async fn case_23_introspection_of_a_federated_token() {
    let builder = TestIssuer::builder().mode(IssuerMode::Global).application("cli");
    let issuer = builder.certificate("default").federated_with("photos").start().await;
    let of_cli = || issuer.of("cli").token("alice");
    for describe in [AuthentikBuilder::introspect, AuthentikBuilder::verify_by_introspection] {
        let photos = describe(issuer.authentik(), asking(&issuer)).build().unwrap();
        assert_eq!(refusal(&photos, issuer.token("alice")).await, None);
        let asked = issuer.introspection_hits();
        assert_eq!(refusal(&photos, of_cli()).await, invalid(Invalid::Audience));
        assert_eq!(issuer.introspection_hits(), asked);
        // A mapping can set `aud`. Whose token it is, the answer tells.
        let aimed = of_cli().audience("photos").claim("azp", "photos");
        assert_eq!(refusal(&photos, aimed).await, invalid(Invalid::Audience));

        let both = describe(issuer.authentik().audience("cli"), asking(&issuer)).build().unwrap();
        assert_eq!(refusal(&both, of_cli()).await, None);
    }
}

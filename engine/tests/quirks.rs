//! What Cerbos 0.55 does and its authors may not have meant, kept (docs/semantics.md, section 15): one test each,
//! with the answers of the real binary. Quirks that the small cases show already are there.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/short.rs"]
mod short;

use authz_engine::cel::Timestamp;
use serde_json::json;
use short::{Ask, answers, ask, consenting, derived, importing, outputs, policies, resource, role};

/// Rule Q3. Kinds are looked up with `_` for `:`, and entries of role policies are not.
#[test]
fn entries_of_role_policies_with_a_colon_never_match() {
    let engine = policies([
        resource("album:photo", &["ALLOW view @*"]),
        role("colon", &[], &["album:photo: view"]),
        role("underscore", &[], &["album_photo: view"]),
        role("star", &[], &["album*: view"]),
    ])
    .engine();
    for (name, answer) in [
        ("colon", "DENY role.colon.vdefault"),
        ("underscore", "ALLOW resource.album_photo.vdefault"),
        ("star", "ALLOW resource.album_photo.vdefault"),
    ] {
        let mut question = ask(&engine).roles(&[name]);
        question.resource.kind = "album:photo".into();
        question.gives("view", answer);
    }
}

/// Rule Q7.
#[test]
fn outputs_of_conditional_allows_that_need_consent_are_the_wrong_way_round() {
    let rules = ["ALLOW view @* if R.attr.a == 1 => 'x'", "ALLOW always @* => 'x'"];
    let engine =
        policies([resource("doc", &["ALLOW * @*"]), consenting(resource("doc/rq", &rules))])
            .engine();
    let said = |a, action| {
        let output = ask(&engine).scope("rq").attr(json!({"a": a})).check(&[action]);
        (outputs(&output), answers(&output))
    };
    let key = "resource.doc.vdefault/rq";
    let (out, answer) = said(1, "view");
    assert_eq!(out, [format!("{key}#rule-001 \"not x\"")]);
    assert_eq!(answer, [format!("ALLOW {key}")]);
    let (out, answer) = said(2, "view");
    assert_eq!(out, [format!("{key}#rule-001 \"x\"")]);
    assert_eq!(answer, [format!("DENY {key} rq")]);
    assert_eq!(said(1, "always").0, [format!("{key}#rule-002 \"x\"")]);
}

/// Rule Q8.
#[test]
fn a_rule_whose_derived_role_is_not_active_speaks_only_when_asked_again() {
    let engine = policies([
        derived("dr", &["owner: user if R.attr.owner == P.id"]),
        importing(resource("doc", &["ALLOW a,b #owner => 'x'"]), &["dr"]),
    ])
    .engine();
    let question = ask(&engine).attr(json!({"owner": "bob"}));
    assert_eq!(outputs(&question.check(&["a"])), [""; 0]);
    let second = question.check(&["a", "b"]);
    assert_eq!(outputs(&second), ["resource.doc.vdefault#rule-001 \"not x\""]);
    assert_eq!(&*second.outputs[0].action, "b");
}

/// Rule Q11. Over HTTP Cerbos fails as a whole; here the output has an error.
#[test]
fn an_output_that_is_no_finite_number_is_an_error() {
    let engine = policies([resource("doc", &["ALLOW a @* => string(1)"])]).engine();
    assert_eq!(outputs(&ask(&engine).check(&["a"])), ["resource.doc.vdefault#rule-001 \"1\""]);
    let mut nan = resource("doc", &["ALLOW a @*"]);
    nan["resourcePolicy"]["rules"][0]["output"] = json!({"when": {"ruleActivated": "0.0 / 0.0"}});
    let engine = policies([nan]).engine();
    let output = ask(&engine).check(&["a"]);
    assert!(output.outputs[0].value.is_err(), "{:?}", output.outputs);
    assert_eq!(answers(&output), ["ALLOW resource.doc.vdefault"]);
}

/// Rule Q12.
#[test]
fn a_derived_role_may_be_effective_and_not_count() {
    let mut roles = derived("dr", &["odd: user if V.missing == null"]);
    roles["derivedRoles"]["variables"] = json!({"local": {"missing": "R.attr.missing"}});
    let rules = ["ALLOW a #odd", "ALLOW b @user if 'odd' in runtime.effectiveDerivedRoles"];
    let engine = policies([roles, importing(resource("doc", &rules), &["dr"])]).engine();
    let output = ask(&engine).check(&["a", "b"]);
    assert_eq!(answers(&output), ["DENY resource.doc.vdefault", "ALLOW resource.doc.vdefault"]);
    assert_eq!(output.effective_derived_roles, [Box::from("odd")]);
}

/// Rule Q15.
#[test]
fn derived_roles_see_those_of_the_scope_before() {
    let all = [
        derived("dr", &["x: user", "own: user if 'x' in runtime.effectiveDerivedRoles"]),
        importing(resource("doc/acme", &["ALLOW zz #x"]), &["dr"]),
        importing(
            resource(
                "doc",
                &[
                    "DENY view @user if 'own' in runtime.effectiveDerivedRoles",
                    "ALLOW view @user",
                    "ALLOW zz #x,own",
                ],
            ),
            &["dr"],
        ),
    ];
    let engine = policies(all).engine();
    let question = ask(&engine).scope("acme");
    question.gives("view", "DENY resource.doc.vdefault/acme");
    let Ask { principal, resource, .. } = &question;
    let decision = engine.decide(principal, resource, "view", None, Timestamp::now()).unwrap();
    assert!(!decision.effect.is_allow());
    ask(&engine).gives("view", "ALLOW resource.doc.vdefault");
}

/// Rules Q15 and C4.
#[test]
fn derived_roles_fail_with_those_of_the_scope_before() {
    let all = [
        derived("bad", &["x: user if R.attr.missing == 1"]),
        derived("dr", &["own: user if 'x' in runtime.effectiveDerivedRoles"]),
        importing(resource("doc/acme", &["ALLOW zz #x"]), &["bad"]),
        importing(resource("doc", &["ALLOW view #own", "ALLOW free @user"]), &["dr"]),
    ];
    let engine = policies(all).strict().engine();
    let output = ask(&engine).scope("acme").check(&["free"]);
    assert_eq!(answers(&output), ["ALLOW resource.doc.vdefault/acme"]);
    let failed: Vec<&str> = output.evaluation_errors.iter().map(|e| &*e.message).collect();
    assert_eq!(failed, ["failed to compute effective derived roles [x]", "no such key: missing"]);
}

/// Rule Q13.
#[test]
fn a_policy_below_a_scope_with_a_role_policy_only_is_left_out() {
    let engine = policies([
        resource("doc", &["DENY view @user"]),
        resource("doc/acme.hr", &["ALLOW view @user"]),
        role("jr/acme", &[], &["doc: view"]),
    ])
    .engine();
    ask(&engine).scope("acme.hr").gives("view", "DENY NO_MATCH");
}

/// Rule Z13. Cerbos gives both roles the answers of the rule that it loaded first.
#[test]
fn rules_that_differ_in_an_operator_only_are_not_confused() {
    let none = "ALLOW a @r2 if {none: {of: [{expr: R.attr.s == 'x'}]}}";
    let engine = policies([resource("doc", &["ALLOW a @r1 if R.attr.s == 'x'", none])]).engine();
    for (role, s, effect) in
        [("r1", "x", "ALLOW"), ("r2", "x", "DENY"), ("r1", "y", "DENY"), ("r2", "y", "ALLOW")]
    {
        let question = ask(&engine).roles(&[role]).attr(json!({"s": s}));
        question.gives("a", &format!("{effect} resource.doc.vdefault"));
    }
}

/// Rule C4, as the binary answered.
#[test]
fn in_strict_evaluation_runtime_fails_with_any_derived_role() {
    let set = policies([
        derived(
            "dr",
            &["z: user if R.attr.missing == 1", "a: user if R.attr.missing == 1", "good: user"],
        ),
        importing(
            resource(
                "doc",
                &[
                    "ALLOW c @user if 'good' in runtime.effectiveDerivedRoles",
                    "ALLOW o @user => string(runtime.effectiveDerivedRoles.size())",
                    "ALLOW g #good",
                    "ALLOW x #z,a",
                ],
            ),
            &["dr"],
        ),
    ])
    .strict();
    let output = ask(&set.engine()).check(&["c", "o", "g"]);
    let key = "resource.doc.vdefault";
    assert_eq!(
        answers(&output),
        [format!("DENY {key}"), format!("ALLOW {key}"), format!("ALLOW {key}")]
    );
    let message = "failed to compute effective derived roles [a, z]";
    assert_eq!(outputs(&output), [format!("{key}#rule-002 error: {message}")]);
    assert_eq!(output.effective_derived_roles, [Box::from("good")]);
    let errors: Vec<String> =
        output.evaluation_errors.iter().map(|e| e.message.to_string()).collect();
    assert_eq!(errors, [message, "no such key: missing"]);
}

//! What random policies brought up (`tests/differential/policies`): one test each, with the answers of the real Cerbos
//! 0.55.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/short.rs"]
mod short;

use authz_engine::cel::Timestamp;
use serde_json::json;
use short::{
    Ask, answers, ask, derived, importing, outputs, policies, resource, role, with_variables,
};

/// Rule R2.
#[test]
fn an_allow_list_denies_only_where_anything_speaks_of_the_resource_to_the_role() {
    let all = [
        resource("doc", &["ALLOW view @user", "ALLOW view @other"]),
        resource("doc/acme", &["ALLOW edit @other"]),
        role("user/acme", &[], &["album: view"]),
        role("other/acme", &[], &["album: view"]),
    ];
    let engine = policies(all).engine();
    let acme = |role| ask(&engine).scope("acme").roles(&[role]);
    acme("user").gives("view", "ALLOW resource.doc.vdefault/acme");
    acme("other").gives("view", "DENY role.other.vdefault/acme acme");
}

/// Rule R6.
#[test]
fn the_scope_of_a_role_policy_without_rules_does_not_exist_by_it() {
    let all = [resource("doc", &["ALLOW view @user"]), role("user/acme", &["admin"], &[])];
    ask(&policies(all).engine()).scope("acme").gives("view", "DENY NO_MATCH");
}

/// Rule R7. What it inherits from itself is asked again.
#[test]
fn a_role_that_inherits_from_itself_is_asked_twice() {
    let all = [
        resource("doc", &["ALLOW view @a"]),
        role("a", &["b"], &["doc: view => 'x'"]),
        role("b", &["a"], &[]),
    ];
    let output = ask(&policies(all).engine()).roles(&["a"]).check(&["view"]);
    assert_eq!(outputs(&output), ["role.a.vdefault# \"x\"", "role.a.vdefault# \"x\""]);
}

/// Rule G2.
#[test]
fn resources_of_role_policies_are_patterns_only_with_a_star() {
    let all = [role("user", &[], &["d?c: view"])];
    ask(&policies(all).engine()).gives("view", "DENY NO_MATCH");
    let all = [role("user", &[], &["d?c*: view"])];
    ask(&policies(all).engine()).gives("view", "DENY resource.doc.vdefault");
}

/// Rule O5.
#[test]
fn a_name_that_a_rule_without_one_has_already_shares_its_result() {
    let mut policy = resource("doc", &["ALLOW a @user if R.attr.a == 1", "ALLOW b @user"]);
    policy["resourcePolicy"]["rules"][1]["name"] = json!("rule-001");
    let engine = policies([policy]).engine();
    let asked = |actions: &[&str]| answers(&ask(&engine).check(actions));
    let (allow, deny) = ("ALLOW resource.doc.vdefault", "DENY resource.doc.vdefault");
    assert_eq!(asked(&["b"]), [allow]);
    assert_eq!(asked(&["a", "b"]), [deny, deny]);
    assert_eq!(asked(&["b", "a"]), [allow, allow]);
}

/// Rule V6.
#[test]
fn the_same_variables_are_evaluated_once_whichever_policy_they_are_of() {
    let seen = json!({"seen": "runtime.effectiveDerivedRoles"});
    let policy = |subject: &str, derived_role: &str, output: &str| {
        let rules = [
            &*format!("ALLOW * @user if false => {output}"),
            &*format!("ALLOW zz #{derived_role} if false"),
        ];
        let mut policy = importing(resource(subject, &rules), &["dr"]);
        policy["resourcePolicy"]["rules"][0]["output"] =
            json!({"when": {"conditionNotMet": output}});
        policy["resourcePolicy"]["constants"] = json!({"local": {"c": 1}});
        with_variables(policy, &seen)
    };
    let said = |output_in_the_root: &str| {
        let all = [
            derived("dr", &["one: user", "two: user"]),
            policy("doc", "one", output_in_the_root),
            policy("doc/acme", "two", "V.seen"),
        ];
        outputs(&ask(&policies(all).engine()).scope("acme").check(&["view"]))
    };
    let acme = "resource.doc.vdefault/acme#rule-001 [\"two\"]";
    assert_eq!(said("V.seen"), [acme, "resource.doc.vdefault#rule-001 [\"two\"]"]);
    // Constants that are used count as well.
    let other = "resource.doc.vdefault#rule-001 [[\"one\"],1]";
    assert_eq!(said("[V.seen, C.c]"), [acme, other]);
}

/// Rule D1.
#[test]
fn role_policies_see_derived_roles_in_a_single_decision_too() {
    let all = [
        derived("dr", &["owner: user"]),
        importing(resource("doc", &["ALLOW view @user", "ALLOW zz #owner"]), &["dr"]),
        role("user", &[], &["doc: view if 'owner' in runtime.effectiveDerivedRoles"]),
    ];
    let engine = policies(all).engine();
    let question = ask(&engine);
    question.gives("view", "ALLOW resource.doc.vdefault");
    let Ask { principal, resource, .. } = &question;
    let decision = engine.decide(principal, resource, "view", None, Timestamp::now()).unwrap();
    assert!(decision.effect.is_allow());
}

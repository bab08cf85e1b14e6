//! What a check tells, and answers that the real Cerbos 0.55 gave. More stand in `tests/micro_cases.rs`.

use super::{CheckOutput, Effect, Engine, Options};
use crate::cel::Timestamp;
use crate::policy::{PolicySet, Source};
use crate::request::{Principal, Resource};
use crate::value::{Map, Value};

/// A resource policy for `doc`: scope, permissions, rules in flow style.
fn doc(scope: &str, consent: bool, rules: &str) -> String {
    let permissions = if consent {
        "\n  scopePermissions: SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS"
    } else {
        ""
    };
    let rules: String = rules
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| format!("\n    - {}", l.trim()))
        .collect();
    format!(
        "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: doc\n  version: default\n  scope: \"{scope}\"{permissions}\n  rules:{rules}\n"
    )
}

fn role(role: &str, scope: &str, parents: &str, rules: &str) -> String {
    let rules: String = rules
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| format!("\n    - {}", l.trim()))
        .collect();
    format!(
        "apiVersion: api.cerbos.dev/v1\nrolePolicy:\n  role: {role}\n  version: default\n  scope: \"{scope}\"\n  parentRoles: [{parents}]\n  rules:{rules}\n"
    )
}

fn engine_with(policies: &[String], options: Options) -> Engine {
    let sources = policies
        .iter()
        .enumerate()
        .map(|(i, text)| Source::new(format!("{i}.yaml"), text.as_str()));
    Engine::new(PolicySet::load(sources).unwrap_or_else(|d| panic!("{d}")), options)
}

fn engine(policies: &[String]) -> Engine {
    engine_with(policies, Options::default())
}

fn ask(
    engine: &Engine,
    roles: &[&str],
    scope: &str,
    attr: &[(&str, f64)],
    action: &str,
) -> CheckOutput {
    let principal = Principal {
        id: "pu".into(),
        roles: roles.iter().map(|r| (*r).into()).collect(),
        ..Principal::default()
    };
    let attr: Map = attr.iter().map(|(name, n)| (*name, Value::from(*n))).collect();
    let resource = Resource {
        kind: "doc".into(),
        id: "1".into(),
        attr,
        scope: scope.into(),
        ..Resource::default()
    };
    engine.check(&principal, &resource, &[action], None, Timestamp::now()).unwrap()
}

/// Effect, policy and scope of the one decision.
#[track_caller]
fn answers(output: &CheckOutput, effect: Effect, policy: &str, scope: &str) {
    let (_, decision) = &output.decisions[0];
    let named = decision.policy.as_ref().map_or("NO_MATCH", |p| p.as_str());
    assert_eq!((decision.effect, named, &*decision.scope), (effect, policy, scope));
}

const ALLOW: Effect = Effect::Allow;
const DENY: Effect = Effect::Deny;

#[test]
fn deciding_and_checking_agree() {
    let engine = engine(&[doc(
        "",
        false,
        "{actions: ['view:*'], effect: EFFECT_ALLOW, roles: ['adm*'], condition: {match: {expr: R.attr.a > 1}}}",
    )]);
    for (role, a, action) in [
        ("admin", 2.0, "view:x"),
        ("admin", 1.0, "view:x"),
        ("user", 2.0, "view:x"),
        ("admin", 2.0, "view:x:y"),
    ] {
        let output = ask(&engine, &[role], "", &[("a", a)], action);
        let principal =
            Principal { id: "pu".into(), roles: vec![role.into()], ..Principal::default() };
        let attr: Map = [("a", Value::from(a))].into_iter().collect();
        let resource = Resource { kind: "doc".into(), id: "1".into(), attr, ..Resource::default() };
        let decision =
            engine.decide(&principal, &resource, action, None, Timestamp::now()).unwrap();
        assert_eq!(output.decisions[0].1, decision);
        assert_eq!(decision.effect == ALLOW, (role, a, action) == ("admin", 2.0, "view:x"));
    }
}

#[test]
fn an_output_without_a_form_in_json_says_why() {
    let rule = |action: &str, output: &str| {
        format!(
            "{{actions: [{action}], effect: EFFECT_ALLOW, roles: ['*'], output: {{when: {{ruleActivated: \"{output}\"}}}}}}"
        )
    };
    let rules = [rule("a", "[ip('1.2.3.4')]"), rule("b", "{1: 2}"), rule("c", "[1, P.id]")];
    let engine = engine(&[doc("", false, &rules.join("\n"))]);
    let said = |action| ask(&engine, &["x"], "", &[], action).outputs[0].value.clone();
    let refused = |text: &str| Err(text.into());
    assert_eq!(said("a"), refused("unsupported type conversion to '*structpb.Value'"));
    assert_eq!(said("b"), refused("unsupported type conversion from 'int' to string"));
    let list = [Value::Double(1.0), Value::from("pu")];
    assert_eq!(said("c"), Ok(Value::List(list.into())));
}

/// Answers that the binary gave for scopes in which a role policy stands beside resource policies.
#[test]
fn where_nothing_is_said_to_a_role_of_the_kind_its_allow_list_is_not_asked() {
    let base = doc("", false, "{actions: [edit, view], effect: EFFECT_ALLOW, roles: [user]}");
    let jr = role("jr", "x", "user", "{resource: other, allowActions: [view]}");
    // Nothing in the scope, and nothing in it for the role.
    let alone = [base.clone(), jr.clone()];
    answers(&ask(&engine(&alone), &["jr"], "x", &[], "edit"), ALLOW, "resource.doc.vdefault/x", "");
    let for_others = doc("x", false, "{actions: [edit], effect: EFFECT_ALLOW, roles: [zzz]}");
    let beside = [base.clone(), jr.clone(), for_others];
    answers(
        &ask(&engine(&beside), &["jr"], "x", &[], "edit"),
        ALLOW,
        "resource.doc.vdefault/x",
        "",
    );
    // A rule for the role or one of its parents, whatever the action, brings the list in.
    let for_it = doc("x", false, "{actions: [other], effect: EFFECT_DENY, roles: [user]}");
    let ruled = [base.clone(), jr.clone(), for_it];
    answers(&ask(&engine(&ruled), &["jr"], "x", &[], "edit"), DENY, "role.jr.vdefault/x", "x");
    // So does the list of another role that it inherits from.
    let hh = role("hh", "x", "yy, user", "{resource: other, allowActions: [edit]}");
    let yy = role("yy", "x", "", "{resource: doc, allowActions: [edit]}");
    let listed = [base, hh, yy];
    answers(&ask(&engine(&listed), &["hh"], "x", &[], "edit"), DENY, "role.hh.vdefault/x", "x");
}

/// What the decision log of the binary said.
#[test]
fn policies_with_a_say_are_those_with_a_rule_for_action_and_role_and_their_ancestors() {
    let policies = [
        doc(
            "",
            false,
            "{actions: [view], effect: EFFECT_ALLOW, roles: [user]}
             {actions: [cond], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: \"false\"}}}",
        ),
        doc("x", false, "{actions: [other], effect: EFFECT_ALLOW, roles: [user]}"),
        doc("x.y", false, "{actions: [view], effect: EFFECT_ALLOW, roles: [user]}"),
        role("jr", "", "user", "{resource: doc, allowActions: [view]}"),
        role("cr", "", "user", "{resource: doc, allowActions: [view], condition: {match: {expr: \"true\"}}}"),
    ];
    let engine = engine(&policies);
    let told = |role: &str, scope: &str, action: &str| -> Vec<String> {
        let output = ask(&engine, &[role], scope, &[], action);
        output.effective_policies.iter().map(|p| format!("{} {}", p.key, p.source)).collect()
    };
    assert_eq!(told("user", "", "view"), ["resource.doc.vdefault 0.yaml"]);
    assert_eq!(told("user", "", "cond"), ["resource.doc.vdefault 0.yaml"]);
    assert_eq!(told("nobody", "", "view"), [""; 0]);
    assert_eq!(told("user", "", "nope"), [""; 0]);
    assert_eq!(told("user", "x", "view"), ["resource.doc.vdefault 0.yaml"]);
    assert_eq!(
        told("user", "x.y", "view"),
        [
            "resource.doc.vdefault 0.yaml",
            "resource.doc.vdefault/x 1.yaml",
            "resource.doc.vdefault/x.y 2.yaml"
        ]
    );
    assert_eq!(told("jr", "", "view"), ["resource.doc.vdefault 0.yaml"]);
    assert_eq!(told("jr", "", "cond"), ["role.jr.vdefault 3.yaml"]);
    assert_eq!(told("cr", "", "view"), ["resource.doc.vdefault 0.yaml", "role.cr.vdefault 4.yaml"]);
}

#[test]
fn a_resource_of_a_role_policy_is_a_pattern_only_if_it_has_a_star() {
    // Cerbos: `do?`, `{doc,x}` and `[d]oc` are names, `d*c` and `{d*,x}` are patterns.
    for (pattern, allowed) in
        [("do?", false), ("{doc,x}", false), ("[d]oc", false), ("d*c", true), ("{d*,x}", true)]
    {
        let entry = format!("{{resource: '{pattern}', allowActions: ['*']}}");
        let rule = "{actions: ['*'], effect: EFFECT_ALLOW, roles: ['*']}";
        let engine = engine(&[doc("", false, rule), role("jr", "", "", &entry)]);
        let output = ask(&engine, &["jr"], "", &[], "view");
        let effect = output.decisions.first().map(|(_, d)| d.effect);
        assert_eq!(effect == Some(Effect::Allow), allowed, "{pattern}");
    }
}

//! Small questions whose answers the real Cerbos 0.55 gave: what the rules of docs/semantics.md, sections 3 to 8, come
//! to.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/short.rs"]
mod short;

use authz_engine::check::SchemaEnforcement;
use serde_json::json;
use short::{
    answers, ask, consenting, derived, importing, outputs, policies, principal, resource, role,
    with_variables,
};

#[test]
fn case_1_no_policy_at_all() {
    ask(&policies([]).engine()).gives("view", "DENY NO_MATCH");
}

#[test]
fn case_2_an_action_that_no_rule_names() {
    let engine = policies([resource("doc", &["ALLOW edit @user"])]).engine();
    ask(&engine).gives("other", "DENY resource.doc.vdefault");
}

#[test]
fn case_3_each_role_is_evaluated_by_itself() {
    let engine = policies([resource("doc", &["DENY w @r1", "ALLOW w @r1,r2"])]).engine();
    ask(&engine).roles(&["r1", "r2"]).gives("w", "ALLOW resource.doc.vdefault");
    ask(&engine).roles(&["r1"]).gives("w", "DENY resource.doc.vdefault");
}

#[test]
fn case_4_a_denial_ends_the_scope_and_its_outputs() {
    let rules = ["ALLOW o @* => 'x'", "DENY o @* => 'x'", "ALLOW o @* => 'x'"];
    let engine = policies([resource("doc", &rules)]).engine();
    let once = ["resource.doc.vdefault#rule-001 \"x\"", "resource.doc.vdefault#rule-002 \"x\""];
    let one = ask(&engine).check(&["o"]);
    assert_eq!(answers(&one), ["DENY resource.doc.vdefault"]);
    assert_eq!(outputs(&one), once);
    assert_eq!(outputs(&ask(&engine).roles(&["a", "b"]).check(&["o"])), [once, once].concat());
}

#[test]
fn cases_5_to_9_scopes_that_need_consent() {
    let engine = policies([
        resource("doc", &["ALLOW view @*"]),
        consenting(resource(
            "doc/acme",
            &["ALLOW view @user if R.attr.a == 1", "ALLOW onlyhere @user"],
        )),
    ])
    .engine();
    let acme = || ask(&engine).scope("acme");
    let key = "resource.doc.vdefault/acme";
    acme().attr(json!({"a": 1})).gives("view", &format!("ALLOW {key}"));
    acme().attr(json!({"a": 2})).gives("view", &format!("DENY {key} acme"));
    acme().attr(json!({"a": 2})).roles(&["x"]).gives("view", &format!("ALLOW {key}"));
    acme().attr(json!({"a": 2})).roles(&["user", "x"]).gives("view", &format!("ALLOW {key}"));
    acme().gives("onlyhere", &format!("DENY {key}"));
}

#[test]
fn case_10_a_root_that_needs_consent_never_allows() {
    let engine = policies([consenting(resource("doc", &["ALLOW v @user"]))]).engine();
    ask(&engine).gives("v", "DENY resource.doc.vdefault");
}

#[test]
fn case_11_a_scope_counts_when_any_policy_uses_it() {
    let engine = policies([
        resource("doc", &["ALLOW view @user"]),
        resource("other", &[]),
        resource("other/acme", &[]),
    ])
    .engine();
    ask(&engine).scope("acme").gives("view", "ALLOW resource.doc.vdefault/acme");
}

#[test]
fn case_12_a_scope_that_nobody_uses() {
    let mut set = policies([
        resource("doc", &["ALLOW view @user"]),
        resource("doc/acme", &["DENY view @user"]),
    ]);
    ask(&set.engine()).scope("acme.zzz").gives("view", "DENY NO_MATCH");
    set.1.lenient_scope_search = true;
    let acme = "DENY resource.doc.vdefault/acme acme";
    ask(&set.engine()).scope("acme.zzz").gives("view", acme);
}

#[test]
fn case_13_a_lone_dot_is_the_root_whatever_the_default() {
    let mut set = policies([
        resource("doc", &["ALLOW view @user"]),
        resource("doc/acme", &["DENY view @user"]),
    ]);
    set.1.default_scope = "acme".into();
    let engine = set.engine();
    ask(&engine).gives("view", "DENY resource.doc.vdefault/acme acme");
    ask(&engine).scope(".").gives("view", "ALLOW resource.doc.vdefault");
}

#[test]
fn cases_14_and_15_overlapping_entries_of_a_role_policy_must_all_hold() {
    let engine = policies([
        resource("doc", &["ALLOW view,edit @*"]),
        role("m4", &[], &["doc: view", "doc: v* if R.attr.b == 1"]),
        role("m1", &[], &["doc: view if R.attr.a == 1", "doc: view if R.attr.b == 1"]),
    ])
    .engine();
    ask(&engine).roles(&["m4"]).attr(json!({"b": 2})).gives("view", "DENY role.m4.vdefault");
    let m1 = |a, b| ask(&engine).roles(&["m1"]).attr(json!({"a": a, "b": b}));
    m1(1, 2).gives("view", "DENY role.m1.vdefault");
    m1(1, 1).gives("view", "ALLOW resource.doc.vdefault");
}

#[test]
fn case_16_a_role_policy_inherits_and_restricts() {
    let engine = policies([
        resource("doc", &["ALLOW view,edit @admin"]),
        role("base", &["admin"], &["doc: view"]),
    ])
    .engine();
    let base = || ask(&engine).roles(&["base"]);
    base().gives("view", "ALLOW resource.doc.vdefault");
    base().gives("edit", "DENY role.base.vdefault");
}

#[test]
fn case_17_parents_count_in_exactly_the_requested_scope() {
    let rules = ["ALLOW view,edit @admin"];
    let engine = policies([
        resource("doc", &rules),
        resource("doc/acme", &[]),
        resource("doc/acme.x", &[]),
        role("jr/acme", &["admin"], &["doc: view"]),
    ])
    .engine();
    let jr = || ask(&engine).roles(&["jr"]).scope("acme.x");
    jr().gives("view", "DENY resource.doc.vdefault/acme.x");
    jr().gives("edit", "DENY role.jr.vdefault/acme acme");
    jr().scope("acme").gives("view", "ALLOW resource.doc.vdefault/acme");
}

#[test]
fn case_18_inheritance_knows_no_version() {
    let engine =
        policies([resource("doc", &["ALLOW view,edit @admin"]), role("jr@v2", &["admin"], &[])])
            .engine();
    ask(&engine).roles(&["jr"]).gives("edit", "ALLOW resource.doc.vdefault");
}

#[test]
fn case_19_another_role_may_still_allow() {
    let engine =
        policies([resource("doc", &["ALLOW view,edit @admin"]), role("jr", &[], &["doc: view"])])
            .engine();
    ask(&engine).roles(&["jr", "admin"]).gives("edit", "ALLOW resource.doc.vdefault");
}

#[test]
fn case_20_a_role_rule_without_a_name_has_none() {
    let engine =
        policies([resource("doc", &["ALLOW view @*"]), role("m5", &[], &["doc: view => 'seen'"])])
            .engine();
    let output = ask(&engine).roles(&["m5"]).check(&["view"]);
    assert_eq!(outputs(&output), ["role.m5.vdefault# \"seen\""]);
}

#[test]
fn cases_21_to_25_failing_conditions() {
    let missing = "R.attr.missing == 1";
    let none = format!("ALLOW a1 @* if {{none: {{of: [{{expr: {missing}}}]}}}}");
    let any = format!("ALLOW a1 @* if {{any: {{of: [{{expr: {missing}}}, {{expr: 'true'}}]}}}}");
    let absorbed = format!("ALLOW a1 @* if {missing} || true");
    let denied = format!("DENY a1 @* if {missing} => 'deny'");
    let cases: [(&[&str], &str, &str); 6] = [
        (&[&denied, "ALLOW a1 @*"], "ALLOW", "DENY"),
        (&[&none], "ALLOW", "DENY"),
        (&[&any], "ALLOW", "DENY"),
        (&[&absorbed], "ALLOW", "ALLOW"),
        (&["ALLOW a1 @* if R.attr.str"], "DENY", "DENY"),
        (&["ALLOW a1 @* if R.attr.nothing"], "DENY", "DENY"),
    ];
    for (rules, default, strict) in cases {
        let (policy, attr) = (resource("doc", rules), json!({"str": "x", "nothing": null}));
        let engine = policies([policy.clone()]).engine();
        let lenient = ask(&engine).attr(attr.clone()).check(&["a1"]);
        assert_eq!(answers(&lenient), [format!("{default} resource.doc.vdefault")], "{rules:?}");
        if rules.len() == 2 {
            assert_eq!(outputs(&lenient), ["resource.doc.vdefault#rule-001 \"not deny\""]);
        }
        let engine = policies([policy]).strict().engine();
        let wanted = format!("{strict} resource.doc.vdefault");
        ask(&engine).attr(attr).gives("a1", &wanted);
    }
}

#[test]
fn cases_26_and_27_variables_that_fail_or_are_null() {
    for strict in [false, true] {
        let variables = json!({"bad": "R.attr.missing", "nul": "R.attr.nul"});
        let rules = ["ALLOW unset @* if !has(V.bad)", "ALLOW nul @* if V.nul == null"];
        let set = policies([with_variables(resource("doc", &rules), &variables)]);
        let engine = if strict { set.strict() } else { set }.engine();
        let with_null = || ask(&engine).attr(json!({"nul": null}));
        with_null().gives("unset", "ALLOW resource.doc.vdefault");
        with_null().gives("nul", "ALLOW resource.doc.vdefault");
    }
}

#[test]
fn case_28_what_was_allowed_before_an_error_stays_allowed() {
    let rules = ["ALLOW v @r1", "ALLOW v @r2 if R.attr.missing == 1"];
    let engine = policies([resource("doc", &rules)]).strict().engine();
    ask(&engine).roles(&["r1", "r2"]).gives("v", "ALLOW resource.doc.vdefault");
    ask(&engine).roles(&["r2", "r1"]).gives("v", "DENY resource.doc.vdefault");
}

#[test]
fn case_29_two_patterns_for_one_action_are_two_rows() {
    let engine = policies([resource("doc", &["ALLOW view,* @user => 'x'"])]).engine();
    assert_eq!(
        outputs(&ask(&engine).check(&["view"])),
        ["resource.doc.vdefault#rule-001 \"x\""; 2]
    );
}

#[test]
fn case_30_a_principal_policy_sees_the_derived_roles_of_the_action_before() {
    let engine = policies([
        derived("dr", &["owner: user"]),
        importing(resource("doc", &["ALLOW a1 #owner", "DENY a2 @*"]), &["dr"]),
        principal("pu", &["ALLOW a2 if 'owner' in runtime.effectiveDerivedRoles"]),
    ])
    .engine();
    ask(&engine).gives("a2", "DENY resource.doc.vdefault");
    let both = ask(&engine).check(&["a1", "a2"]);
    assert_eq!(answers(&both), ["ALLOW resource.doc.vdefault", "ALLOW principal.pu.vdefault"]);
}

#[test]
fn cases_31_and_32_principal_rules_go_by_the_version_of_the_resource() {
    let engine = policies([
        principal("pu@pv", &["ALLOW view"]),
        principal("pu", &["ALLOW old"]),
        principal("pu@v2", &["ALLOW only2"]),
        resource("doc@rv", &[]),
        resource("doc@v2", &[]),
    ])
    .engine();
    ask(&engine).versions("pv", "rv").gives("view", "DENY resource.doc.vrv");
    // Named by a version that no principal policy has, which is why no policy is named.
    ask(&engine).versions("zz", "v2").gives("only2", "ALLOW NO_MATCH");
}

#[test]
fn cases_33_and_34_attributes_that_do_not_fit_their_schemas() {
    let mut policy = resource("doc", &["ALLOW view,create,del:x @user"]);
    policy["resourcePolicy"]["schemas"] = json!({
        "principalSchema": {"ref": "cerbos:///who.json"},
        "resourceSchema": {"ref": "cerbos:///what.json", "ignoreWhen": {"actions": ["create", "del:*"]}},
    });
    let text = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let schemas = [("who.json", text("team")), ("what.json", text("owner"))];
    let mut set = policies([policy, principal("pu", &["ALLOW view"])]);
    set.1.schema_enforcement = SchemaEnforcement::Reject;
    let engine = set.engine_with_schemas(&schemas);

    // The principal policy would allow.
    let mut question = ask(&engine);
    question.gives("view", "ALLOW principal.pu.vdefault");
    question.principal.attr = [("team", 1.0.into())].into_iter().collect();
    let output = question.check(&["view"]);
    assert_eq!(answers(&output), ["DENY resource.doc.vdefault"]);
    assert_eq!(output.validation_errors.len(), 1);
    assert_eq!(&*output.validation_errors[0].path, "/team");

    // A request is validated as a whole, unless all of its actions are ignored.
    let question = ask(&engine).attr(json!({"owner": 1}));
    let ignored = question.check(&["create", "del:x"]);
    assert_eq!(answers(&ignored), ["ALLOW resource.doc.vdefault"; 2]);
    assert!(ignored.validation_errors.is_empty());
    let mixed = question.check(&["create", "view"]);
    assert_eq!(answers(&mixed), ["DENY resource.doc.vdefault"; 2]);
    assert_eq!(&*mixed.validation_errors[0].path, "/owner");

    set.1.schema_enforcement = SchemaEnforcement::Warn;
    let warned = ask(&set.engine_with_schemas(&schemas)).attr(json!({"owner": 1})).check(&["view"]);
    assert_eq!(answers(&warned), ["ALLOW principal.pu.vdefault"]);
    assert_eq!(warned.validation_errors, mixed.validation_errors);
}

#[test]
fn case_35_derived_roles_of_the_scopes_that_were_visited() {
    let engine = policies([
        derived("dr1", &["d1: *"]),
        derived("dr2", &["d2: *"]),
        importing(resource("doc", &["ALLOW root #d1"]), &["dr1"]),
        importing(resource("doc/acme", &["ALLOW leaf #d2"]), &["dr2"]),
    ])
    .engine();
    let roles = |action| {
        let output = ask(&engine).scope("acme").check(&[action]);
        assert!(output.decisions.iter().all(|(_, d)| d.effect.is_allow()));
        output.effective_derived_roles
    };
    assert_eq!(roles("leaf"), [Box::from("d2")]);
    assert_eq!(roles("root"), [Box::from("d1"), Box::from("d2")]);
}

/// 36 to 39 are about query plans; these are the checks of the same policies.
#[test]
fn cases_36_to_39_checks_of_the_policies_that_are_planned() {
    let rules = [
        "ALLOW v @a if R.attr.a == 1",
        "DENY v @a if R.attr.locked",
        "ALLOW v @b if R.attr.b == 1",
    ];
    let engine = policies([resource("doc", &rules)]).engine();
    let attr = json!({"b": 1, "locked": true});
    ask(&engine).roles(&["a", "b"]).attr(attr).gives("v", "ALLOW resource.doc.vdefault");

    let engine = policies([
        resource("doc", &["ALLOW v @user if R.attr.base == 1", "DENY d @user if R.attr.dd == 1"]),
        resource("doc/ov", &["ALLOW v @user if R.attr.child == 1", "ALLOW d @user"]),
        consenting(resource("doc/rq", &["ALLOW v @user if R.attr.child == 1"])),
    ])
    .engine();
    let answer = |scope, base, child| {
        let attr = json!({"base": base, "child": child, "dd": 1});
        ask(&engine).scope(scope).attr(attr).check(&["v"]).decisions.remove(0).1.effect.is_allow()
    };
    for (base, child) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        assert_eq!(answer("ov", base, child), base == 1 || child == 1);
        assert_eq!(answer("rq", base, child), base == 1 && child == 1);
    }
    ask(&engine).scope("ov").attr(json!({"dd": 1})).gives("d", "ALLOW resource.doc.vdefault/ov ov");

    let engine = policies([
        resource("doc", &["ALLOW v @user if R.attr.base == 1"]),
        role("rr", &["user"], &["doc: v if R.attr.mine == 1"]),
    ])
    .engine();
    for (base, mine) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let attr = json!({"base": base, "mine": mine});
        let output = ask(&engine).roles(&["rr"]).attr(attr).check(&["v"]);
        assert_eq!(output.decisions[0].1.effect.is_allow(), base == 1 && mine == 1);
    }
}

/// `now` is one instant for a whole call.
#[test]
fn a_batch_sees_one_instant_and_answers_in_order() {
    let rules = ["ALLOW view @user if R.attr.a == 1 => string(now())"];
    let engine = policies([resource("doc", &rules)]).engine();
    let (yes, no) = (ask(&engine).attr(json!({"a": 1})), ask(&engine).attr(json!({"a": 2})));
    let batch = [(&yes.resource, ["view"].as_slice()), (&no.resource, &["other", "view"])];
    let now = authz_engine::cel::Timestamp::now();
    let answered = engine.check_batch(&yes.principal, &batch, None, now).unwrap();
    let key = "resource.doc.vdefault";
    assert_eq!(answers(&answered[0]), [format!("ALLOW {key}")]);
    assert_eq!(answers(&answered[1]), [format!("DENY {key}"), format!("DENY {key}")]);
    let said = outputs(&answered[0]).remove(0);
    assert_eq!(outputs(&answered[1]), [said.replace("#rule-001 \"", "#rule-001 \"not ")]);
    assert!(answered[0].time_dependent);
}

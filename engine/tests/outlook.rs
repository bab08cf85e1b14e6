//! What is foreseen of decisions, form by form. That it is never wrong is in `foresight.rs`.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/short.rs"]
mod short;

use authz_engine::cel::Timestamp;
use authz_engine::check::{Outline, Outlook};
use authz_engine::{AuxData, Engine, Map, SchemaEnforcement, Undecided};
use serde_json::{Value as Json, json};
use short::*;

use Outlook::{Always, Depends, Never};

fn map(json: Json) -> Map {
    serde_json::from_value(json).unwrap()
}

fn outlook(engine: &Engine, outline: Outline<'_>, action: &str) -> Result<Outlook, Undecided> {
    let mut principal = ask(engine).principal;
    principal.attr = map(json!({"yes": true, "no": false, "level": 3}));
    let aux = AuxData { jwt: map(json!({"amr": "mfa"})), ..AuxData::default() };
    let now = Timestamp::from_unix(1_700_000_000, 0).unwrap();
    engine.foresee(&principal, &outline, action, Some(&aux), now)
}

/// Of any `doc` in the default scope.
#[track_caller]
fn foresees(engine: &Engine, action: &str, expected: Outlook) {
    let outline = Outline::new("doc").by_default();
    assert_eq!(outlook(engine, outline, action), Ok(expected), "{action}");
}

/// What one policy with such rules lets foresee of `view`.
#[track_caller]
fn rules(rules: &[&str], expected: Outlook) {
    foresees(&policies([resource("doc", rules)]).engine(), "view", expected);
}

/// What one rule that allows `view` under a condition lets foresee, in lenient and in strict evaluation.
#[track_caller]
fn condition(text: &str, lenient: Outlook, strict: Outlook) {
    let rule = format!("ALLOW view @user if {text}");
    let set = || policies([resource("doc", &[&rule])]);
    for (how, set, expected) in [("lenient", set(), lenient), ("strict", set().strict(), strict)] {
        let outline = Outline::new("doc").by_default();
        assert_eq!(outlook(&set.engine(), outline, "view"), Ok(expected), "{how}: {text}");
    }
}

#[test]
fn rules_without_conditions_are_for_every_resource() {
    rules(&["ALLOW view @user"], Always);
    rules(&["ALLOW view @*"], Always);
    rules(&["ALLOW v* @us*"], Always);
    rules(&["ALLOW view @admin"], Never);
    rules(&["ALLOW edit @user"], Never);
    rules(&["ALLOW view @user", "DENY view @user"], Never);
    foresees(&policies([resource("other", &["ALLOW view @user"])]).engine(), "view", Never);
}

#[test]
fn conditions_that_do_not_look_at_the_resource_are_evaluated() {
    for (yes, no) in [
        ("P.attr.yes", "P.attr.no"),
        ("P.id == 'pu'", "P.id == 'someone'"),
        ("'user' in P.roles", "'admin' in P.roles"),
        ("P.attr.level >= 2 && P.attr.yes", "P.attr.level >= 4 || P.attr.no"),
        ("request.auxData.jwt.amr == 'mfa'", "request.aux_data.jwt.amr == 'pwd'"),
        ("R.kind == 'doc'", "request.resource.kind == 'album'"),
        ("now() > timestamp('2020-01-01T00:00:00Z')", "now() > timestamp('2030-01-01T00:00:00Z')"),
        ("P.roles.exists(r, r.startsWith('u'))", "P.roles.all(r, r.startsWith('a'))"),
        ("R.scope == ''", "R.scope == 'acme'"),
        ("R.policyVersion == ''", "request.resource.policyVersion == 'next'"),
    ] {
        condition(yes, Always, Always);
        condition(no, Never, Never);
    }
}

#[test]
fn conditions_that_look_at_the_resource_are_open() {
    for text in [
        "R.attr.public",
        "R.attr.public == true",
        "R.attr.amount < 5",
        "R.attr['public']",
        "has(R.attr.public)",
        "R.attr.owner == P.id",
        "R.attr == {}",
        "R.id == '1'",
        "R.id == P.id",
        "request.resource.attr.public",
        "has(R.id)",
        "size(R.attr.tags) > 1",
        "P.roles.exists(r, r == R.attr.role)",
        "runtime.effectiveDerivedRoles.size() == 0",
        "P.attr.yes ? R.attr.public : true",
        "cel.bind(who, R.attr.owner, who == P.id)",
        "R.attr.?public.orValue(true)",
    ] {
        condition(text, Depends, Depends);
    }
}

#[test]
fn logic_decides_as_far_as_what_is_known_decides() {
    condition("P.attr.yes && R.attr.public", Depends, Depends);
    condition("P.attr.no && R.attr.public", Never, Never);
    condition("R.attr.public && P.attr.no", Never, Never);
    condition("P.attr.no || R.attr.public", Depends, Depends);
    condition("R.attr.public || P.attr.yes", Always, Always);
    condition("!(R.attr.public && P.attr.no)", Always, Always);
    condition("!(R.attr.public || P.attr.yes)", Never, Never);
    condition("(R.attr.a || P.attr.no) && (R.attr.b || P.attr.yes) && P.attr.no", Never, Never);
    condition("P.attr.no ? R.attr.public : true", Always, Always);
    // What is no boolean does not hold and is no failure (rule C1).
    condition("{none: {of: [{expr: 'R.attr.public ? 7 : 8'}]}}", Always, Depends);
}

#[test]
fn a_list_of_conditions_is_open_as_far_as_its_members_are() {
    let of = |operator: &str, members: &[&str]| {
        let list: Vec<String> = members.iter().map(|m| format!("{{expr: {m}}}")).collect();
        format!("{{{operator}: {{of: [{}]}}}}", list.join(", "))
    };
    let (yes, no, open) = ("P.attr.yes", "P.attr.no", "R.attr.public");
    for (operator, known, expected) in [
        ("all", yes, Depends),
        ("all", no, Never),
        ("any", yes, Always),
        ("any", no, Depends),
        ("none", yes, Never),
        ("none", no, Depends),
    ] {
        condition(&of(operator, &[known, open]), expected, expected);
    }
    // In strict evaluation what stands first may fail, and end it.
    condition(&of("all", &[open, no]), Never, Never);
    condition(&of("any", &[open, yes]), Always, Depends);
    condition(&of("none", &[open, yes]), Never, Never);
}

#[test]
fn what_fails_does_not_hold_and_ends_strict_evaluation() {
    let fails = "P.attr.missing == 1";
    condition(fails, Never, Never);
    condition(&format!("{{none: {{of: [{{expr: {fails}}}]}}}}"), Always, Never);
    condition(&format!("{{any: {{of: [{{expr: {fails}}}, {{expr: R.attr.b}}]}}}}"), Depends, Never);
    let set =
        || policies([resource("doc", &["DENY view @user if P.attr.missing", "ALLOW view @user"])]);
    foresees(&set().engine(), "view", Always);
    foresees(&set().strict().engine(), "view", Never);
}

#[test]
fn a_denial_counts_as_far_as_it_is_certain() {
    rules(&["ALLOW view @user", "DENY view @user if R.attr.locked"], Depends);
    rules(&["ALLOW view @user", "DENY view @user if P.attr.no && R.attr.locked"], Always);
    rules(&["ALLOW view @user if R.attr.public", "DENY view @user if P.attr.yes"], Never);
    rules(&["ALLOW view @user if R.attr.a", "ALLOW view @user if R.attr.b"], Depends);
    rules(&["ALLOW view @user if R.attr.a", "ALLOW view @user if P.attr.yes"], Always);
}

#[test]
fn one_role_that_is_allowed_is_enough() {
    let rules = ["DENY view @guest", "ALLOW view @user", "ALLOW edit @user if R.attr.public"];
    let engine = policies([resource("doc", &rules)]).engine();
    for (roles, view, edit) in [
        (&["guest", "user"][..], Always, Depends),
        (&["user", "guest"], Always, Depends),
        (&["guest"], Never, Never),
        (&[], Never, Never),
    ] {
        let principal = ask(&engine).roles(roles).principal;
        for (action, expected) in [("view", view), ("edit", edit)] {
            let outline = Outline::new("doc").by_default();
            let found = engine.foresee(&principal, &outline, action, None, Timestamp::now());
            assert_eq!(found, Ok(expected), "{roles:?} {action}");
        }
    }
}

#[test]
fn variables_are_open_when_what_they_read_is() {
    let variables = json!({
        "theirs": "P.attr.no", "public": "R.attr.public", "both": "V.theirs && V.public",
        "either": "V.theirs || V.public", "deep": "[V.public]", "broken": "P.attr.missing",
    });
    for (text, expected) in [
        ("V.theirs", Never),
        ("!V.theirs", Always),
        ("V.public", Depends),
        ("V.both", Never),
        ("!V.both", Always),
        ("V.either", Depends),
        ("V.deep.size() == 1", Depends),
        ("has(V.public)", Depends),
        ("has(V.theirs)", Always),
        ("has(V.broken)", Never),
        ("V.broken == 1 || true", Always),
        ("V.broken == 1", Never),
    ] {
        let policy = resource("doc", &[&format!("ALLOW view @user if {text}")]);
        let engine = policies([with_variables(policy, &variables)]).engine();
        let outline = Outline::new("doc").by_default();
        assert_eq!(outlook(&engine, outline, "view"), Ok(expected), "{text}");
    }
}

#[test]
fn derived_roles_are_open_when_their_conditions_are() {
    let roles = [
        "verified: user if P.attr.yes",
        "barred: user if P.attr.no",
        "owner: user if R.attr.mine",
        "boss: admin",
    ];
    let of = |rules: &[&str]| {
        policies([derived("dr", &roles), importing(resource("doc", rules), &["dr"])])
    };
    for (rule, expected) in [
        ("ALLOW view #verified", Always),
        ("ALLOW view #verified if R.attr.public", Depends),
        ("ALLOW view #barred", Never),
        ("ALLOW view #barred if R.attr.public", Never),
        ("ALLOW view #owner", Depends),
        ("ALLOW view #owner if P.attr.no", Never),
        ("ALLOW view #boss", Never),
        ("ALLOW view @user if 'owner' in runtime.effectiveDerivedRoles", Depends),
    ] {
        foresees(&of(&[rule]).engine(), "view", expected);
    }
    foresees(&of(&["ALLOW view @user", "DENY view #owner"]).engine(), "view", Depends);
    foresees(&of(&["ALLOW view @user", "DENY view #barred"]).engine(), "view", Always);
}

#[test]
fn principal_policies_come_first() {
    let open = resource("doc", &["ALLOW view @user if R.attr.public", "ALLOW edit @user"]);
    for (rule, view, edit) in [
        ("ALLOW view", Always, Always),
        ("DENY view", Never, Always),
        ("DENY edit", Depends, Never),
        ("DENY edit if R.attr.locked", Depends, Depends),
        ("ALLOW view if P.attr.no", Depends, Always),
        ("DENY view if P.attr.yes", Never, Always),
    ] {
        let engine = policies([principal("pu", &[rule]), open.clone()]).engine();
        foresees(&engine, "view", view);
        foresees(&engine, "edit", edit);
    }
    // Of somebody else, and by another version (rule Q1).
    foresees(&policies([principal("who", &["DENY edit"]), open.clone()]).engine(), "edit", Always);
    foresees(&policies([principal("pu@next", &["DENY edit"]), open]).engine(), "edit", Always);
}

/// Rules Q1 and Q2: by the version of the resource they are found, by that of the principal they exist.
#[test]
fn a_principal_policy_that_does_not_exist_allows_nothing() {
    let next = Outline { policy_version: Some("next"), ..Outline::new("doc").by_default() };
    let policy = principal("pu@next", &["ALLOW view"]);
    let engine = policies([policy.clone()]).engine();
    assert_eq!(outlook(&engine, next, "view"), Ok(Never));
    let engine = policies([policy, resource("doc@next", &[])]).engine();
    assert_eq!(outlook(&engine, next, "view"), Ok(Always));
}

#[test]
fn role_policies_narrow() {
    let open = resource("doc", &["ALLOW view,edit,print,share @user"]);
    let engine = policies([
        role("user", &[], &["doc: view", "doc: edit if R.attr.public", "doc: print if P.attr.no"]),
        open,
    ])
    .engine();
    foresees(&engine, "view", Always);
    foresees(&engine, "edit", Depends);
    foresees(&engine, "print", Never);
    foresees(&engine, "share", Never);
    // A role that a policy gives rights to by what it inherits from.
    let engine = policies([
        role("user", &["staff"], &["doc: view,edit"]),
        resource("doc", &["ALLOW view @staff", "ALLOW edit @staff if R.attr.public"]),
    ])
    .engine();
    foresees(&engine, "view", Always);
    foresees(&engine, "edit", Depends);
    foresees(&engine, "print", Never);
}

#[test]
fn a_scope_that_needs_consent_only_narrows() {
    let rules =
        ["ALLOW view @user", "ALLOW edit @user if R.attr.public", "ALLOW print @user if P.attr.no"];
    let scoped = consenting(resource("doc/acme", &rules));
    let root = resource("doc", &["ALLOW view,edit,print @user"]);
    let in_acme = |engine: &Engine, action: &str, expected: Outlook| {
        let outline = Outline { scope: Some("acme"), ..Outline::new("doc").by_default() };
        assert_eq!(outlook(engine, outline, action), Ok(expected), "{action}");
    };
    let engine = policies([scoped.clone(), root]).engine();
    in_acme(&engine, "view", Always);
    in_acme(&engine, "edit", Depends);
    in_acme(&engine, "print", Never);
    let engine = policies([scoped, resource("doc", &[])]).engine();
    in_acme(&engine, "view", Never);
    in_acme(&engine, "edit", Never);
}

#[test]
fn an_identifier_may_be_known() {
    let engine = policies([resource(
        "doc",
        &["ALLOW view @user if R.id == '1'", "ALLOW edit @user if R.id == P.id"],
    )])
    .engine();
    let of = |id| Outline { id: Some(id), ..Outline::new("doc").by_default() };
    assert_eq!(outlook(&engine, of("1"), "view"), Ok(Always));
    assert_eq!(outlook(&engine, of("2"), "view"), Ok(Never));
    assert_eq!(outlook(&engine, of("pu"), "edit"), Ok(Always));
    foresees(&engine, "view", Depends);
}

#[test]
fn an_unknown_scope_may_be_any() {
    let mut set = policies([
        resource("doc", &["ALLOW view @user"]),
        resource("doc/acme", &["ALLOW edit @user"]),
        resource("doc/acme.hr", &["DENY list @user"]),
        role("user/parents", &["staff"], &[]),
        resource("note", &["ALLOW view @staff"]),
    ]);
    let unknown = |kind| Outline { scope: None, ..Outline::new(kind).by_default() };
    for lenient in [false, true] {
        set.1.lenient_scope_search = lenient;
        let engine = set.engine();
        foresees(&engine, "edit", Never);
        assert_eq!(outlook(&engine, unknown("doc"), "edit"), Ok(Depends));
        assert_eq!(outlook(&engine, unknown("doc"), "list"), Ok(Never));
        // In strict search nothing is allowed in a scope that no policy uses.
        let expected = if lenient { Always } else { Depends };
        assert_eq!(outlook(&engine, unknown("doc"), "view"), Ok(expected));
        // Roles are inherited in one scope, which only lenient search finds (rule R6).
        let expected = if lenient { Depends } else { Never };
        assert_eq!(outlook(&engine, unknown("note"), "view"), Ok(expected));
    }
    let engine = policies([resource("doc", &["ALLOW view @user if R.scope == ''"])]).engine();
    assert_eq!(outlook(&engine, unknown("doc"), "view"), Ok(Depends));
}

/// A policy for each of so many tenants, which all let the first do something else.
fn tenants(count: usize) -> Engine {
    let all = (0..count).map(|i| resource(&format!("doc/t{i}"), &[&format!("ALLOW act{i} @user")]));
    policies(all.chain([resource("doc", &[])])).engine()
}

#[test]
fn where_there_are_too_many_scopes_nothing_is_foreseen() {
    let unknown = Outline { scope: None, ..Outline::new("doc").by_default() };
    for (count, expected) in [(3, Never), (250, Never), (300, Depends)] {
        let engine = tenants(count);
        assert_eq!(outlook(&engine, unknown, "view"), Ok(expected), "{count}");
        assert_eq!(outlook(&engine, unknown, "act1"), Ok(Depends), "{count}");
        // A scope that is known is found among however many.
        for i in 0..count {
            let (scope, action) = (format!("t{i}"), format!("act{i}"));
            let known = Outline { scope: Some(&scope), ..unknown };
            assert_eq!(outlook(&engine, known, &action), Ok(Always), "{scope}");
            assert_eq!(outlook(&engine, known, &format!("{action}0")), Ok(Never), "{scope}");
        }
    }
}

#[test]
fn in_lenient_search_a_scope_below_a_known_one_is_another() {
    // In `acme` a role is inherited that is denied, and nowhere below (rule R5).
    let mut set = policies([
        role("user/acme", &["staff"], &["doc: view"]),
        resource("doc/acme", &["ALLOW view @user", "DENY view @staff"]),
        resource("doc", &[]),
    ]);
    let scoped = |scope| Outline { scope, ..Outline::new("doc").by_default() };
    for (lenient, below, unknown) in [(false, Never, Never), (true, Always, Depends)] {
        set.1.lenient_scope_search = lenient;
        let engine = set.engine();
        assert_eq!(outlook(&engine, scoped(Some("acme")), "view"), Ok(Never));
        assert_eq!(outlook(&engine, scoped(Some("acme.x")), "view"), Ok(below));
        assert_eq!(outlook(&engine, scoped(None), "view"), Ok(unknown));
    }
}

#[test]
fn an_unknown_version_may_be_any() {
    let unknown = Outline { policy_version: None, ..Outline::new("doc").by_default() };
    let engine = policies([
        resource("doc", &["ALLOW view @user"]),
        resource("doc@next", &["ALLOW edit @user"]),
    ])
    .engine();
    foresees(&engine, "edit", Never);
    assert_eq!(outlook(&engine, unknown, "edit"), Ok(Depends));
    assert_eq!(outlook(&engine, unknown, "list"), Ok(Never));
    // Principal policies are found by it as well (rule Q1), and so are role policies.
    let engine =
        policies([principal("pu", &["ALLOW view"]), principal("pu@next", &["ALLOW edit"])])
            .engine();
    assert_eq!(outlook(&engine, unknown, "edit"), Ok(Depends));
    let engine =
        policies([resource("doc", &["ALLOW view @user"]), role("user@next", &[], &["doc: edit"])])
            .engine();
    assert_eq!(outlook(&engine, unknown, "view"), Ok(Depends));
}

#[test]
fn rules_that_share_a_name_are_not_told_apart() {
    let mut policy =
        resource("doc", &["ALLOW edit,view @user if P.attr.no", "ALLOW view @user if P.attr.yes"]);
    foresees(&policies([policy.clone()]).engine(), "view", Always);
    policy["resourcePolicy"]["rules"][1]["name"] = "rule-001".into();
    foresees(&policies([policy]).engine(), "view", Depends);
}

#[test]
fn a_schema_that_is_enforced_may_reject() {
    let mut policy = resource("doc", &["ALLOW view,create @user"]);
    policy["resourcePolicy"]["schemas"] = json!({"resourceSchema":
        {"ref": "cerbos:///doc.json", "ignoreWhen": {"actions": ["create"]}}});
    let schemas =
        [("doc.json", json!({"required": ["owner"]})), ("p.json", json!({"required": ["team"]}))];
    let mut set = policies([policy.clone()]);
    foresees(&set.engine_with_schemas(&schemas), "view", Always);
    set.1.schema_enforcement = SchemaEnforcement::Reject;
    let engine = set.engine_with_schemas(&schemas);
    foresees(&engine, "view", Depends);
    foresees(&engine, "create", Always);
    policy["resourcePolicy"]["schemas"]["principalSchema"] = json!({"ref": "cerbos:///p.json"});
    set.0 = vec![policy];
    foresees(&set.engine_with_schemas(&schemas), "view", Never);
}

#[test]
fn a_spent_budget_is_no_outlook() {
    let long = "cel.bind(l, lists.range(4000), l.all(a, !(-1 in l)))";
    let rule = format!("ALLOW view @user if R.attr.public || {long}");
    let engine = policies([resource("doc", &[&rule])]).engine();
    let outline = Outline::new("doc").by_default();
    assert_eq!(outlook(&engine, outline, "view"), Err(Undecided::StepsExhausted));
}

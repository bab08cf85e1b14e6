//! What broken and odd suites come to. The texts and results are those of Cerbos 0.55.

use super::*;
use crate::policy::{PolicySet, Source};

const POLICY: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  importDerivedRoles: [common]
  rules:
    - actions: [view]
      effect: EFFECT_ALLOW
      roles: [user]
      output: {when: {ruleActivated: '"seen"'}}
    - actions: [time]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: 'now() > timestamp("2020-01-01T00:00:00Z")'}}
    - actions: [fragile]
      effect: EFFECT_DENY
      roles: [user]
      condition: {match: {expr: R.attr.missing == 1}}
    - actions: [fragile]
      effect: EFFECT_ALLOW
      roles: [user]
      output: {when: {ruleActivated: '1 / 0'}}
    - actions: [tune]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: G.level == 3.0}}
    - actions: [own]
      effect: EFFECT_ALLOW
      derivedRoles: [owner]
"#;
const ROLES: &str = r#"
apiVersion: api.cerbos.dev/v1
derivedRoles:
  name: common
  definitions:
    - {name: owner, parentRoles: [user], condition: {match: {expr: R.attr.owner == P.id}}}
    - {name: unused, parentRoles: [user]}
"#;
const FIXTURES: &str = "principals:
  a: {id: a, roles: [user]}
  b: {id: b, roles: [guest]}
resources:
  r: {kind: album, id: r, attr: {owner: a}}
  q: {kind: album, id: q}
";

fn engine() -> Engine {
    let sources = [Source::new("album.yaml", POLICY), Source::new("roles.yaml", ROLES)];
    Engine::new(PolicySet::load(sources).unwrap(), crate::Options::default())
}

fn run_text(text: &str, options: &Options) -> TestResults {
    run(&engine(), &Suites::new([Source::new("x_test.yaml", text)]), options)
}

/// A suite with one test: its input, what it expects, and fields of the suite.
fn one(input: &str, expected: &str, more: &str) -> String {
    format!(
        "name: s\n{more}{FIXTURES}tests:\n  - name: t\n    input: {input}\n    expected: {expected}\n"
    )
}

fn asking(actions: &str) -> String {
    format!("{{principals: [a], resources: [r], actions: [{actions}]}}")
}

#[track_caller]
fn errs(text: &str, wanted: &str) {
    let results = run_text(text, &Options::default());
    assert_eq!(&*results.suites[0].error, wanted, "for {text}");
    assert_eq!(results.suites[0].summary.overall_result, Outcome::Errored);
    assert!(!results.is_success());
}

#[track_caller]
fn unreadable(text: &str, wanted: &str) {
    errs(text, &format!("failed to load test suite:\n{wanted}"));
}

/// Results in a row, one letter for each action.
fn letters(results: &TestResults) -> String {
    let letter = |action: &ActionResults| match action.details.result {
        Outcome::Nothing => '?',
        Outcome::Skipped => 's',
        Outcome::Passed => 'p',
        Outcome::Failed => 'f',
        Outcome::Errored => 'e',
    };
    results.suites.iter().flat_map(SuiteResults::actions).map(letter).collect()
}

#[test]
fn what_has_not_the_shape_of_a_suite_ends_the_reading_at_the_first_mistake() {
    unreadable("x", "1:1 invalid document: contents are not valid YAML or JSON");
    unreadable("", "1:1 invalid document: contents are not valid YAML or JSON");
    unreadable("- a\n", "1:1 invalid document: contents are not valid YAML or JSON");
    unreadable("name: s\nfoo: 1\nbar: []\ntests: {}\n", "2:1 unknown field \"foo\"");
    unreadable("name: [a]\n", "1:7 expected string value got Sequence");
    unreadable("name: 1.5\n", "1:7 expected string value got Float");
    unreadable("tests: {}\n", "1:8 expected sequence got Mapping");
    unreadable("tests: |\n  abc\n", "1:8 expected sequence got Literal");
    unreadable("principals:\n  a: abc\n", "2:6 expected object got String");
    unreadable("principals:\n  a:\n  b: {}\n", "2:5 expected object got Null");
    unreadable("tests:\n  -\n  - {}\n", "2:4 expected object got Null");
    unreadable(
        "principals:\n  a:\n    id:\n      x: 1\n      y: 2\n",
        "4:8 expected string value got Mapping",
    );
    unreadable("skip: yes\n", "1:7 expected boolean value got String");
    unreadable("skip: \"true\"\n", "1:7 expected boolean value got String");
    unreadable("1: s\n", "1:1 unexpected key type Integer");
    unreadable("options: {now: 2020}\n", "1:16 expected string got Integer");
    unreadable("options: {globals: {a: .inf}}\n", "1:24 unexpected Infinity");
    unreadable(
        "skip_reason: a\nskipReason: b\n",
        "2:1 duplicate field definition: previous definition at [1:1]",
    );
    unreadable("name: a\nname: b\n", "2:1 mapping key \"name\" already defined at [1:1]");
    unreadable("name: a\n---\nname: b\n", "more than one YAML document detected");
    unreadable(
        "name: \"x\" y\n",
        "1:7 invalid YAML string: use a literal or folded block for strings containing quotes",
    );
}

#[test]
fn what_breaks_a_rule_is_told_in_full_by_position() {
    unreadable("{}\n", "name: value is required\ntests: value is required");
    unreadable(
        "name: \"\"\ntests: []\n",
        "1:1 name: value is required\n2:1 tests: value is required",
    );
    unreadable(
        &one("{actions: [view, view, '']}", "[{principal: a, principals: [a], actions: {}}]", ""),
        "10:5 tests[0].input: principals or principalGroups must be present
10:5 tests[0].input: resources or resourceGroups must be present
10:13 tests[0].input.actions: repeated value must contain unique items
10:35 tests[0].input.actions[2]: must be at least 1 characters
11:16 tests[0].expected[0]: principal and principals may not both be present
11:16 tests[0].expected[0]: resource, resources, or resourceGroups must be present
11:48 tests[0].expected[0].actions: value is required",
    );
    unreadable(
        "name: s\nprincipals: {a: {roles: [r], scope: '!'}}\nauxData: {x: {jwt: {a: 1}, jwts: {t: {claims: {b: 2}}}}}\ntests: [{name: t, input: {principals: [a], resources: [a], actions: [a]}, expected: [{principal: a, resource: a, actions: {a: EFFECT_NO_MATCH}}]}]\n",
        r#"2:30 principals["a"].scope: does not match regex pattern `^(^$|\.|[0-9a-zA-Z][\w\-]*(\.\w[\w\-]*)*)$`
3:14 auxData["x"]: Only one of the jwt or jwts fields must be set
4:127 tests[0].expected[0].actions["a"]: must be one of [EFFECT_ALLOW, EFFECT_DENY]
principals["a"].id: value is required"#,
    );
}

#[test]
fn a_block_of_keys_stands_where_its_first_colon_stands() {
    let text =
        one(&asking("view"), "\n      - resource: r\n        actions: {view: EFFECT_ALLOW}", "");
    unreadable(
        &text,
        "12:17 tests[0].expected[0]: principal, principals, or principalGroups must be present",
    );
}

#[test]
fn effects_are_names_or_numbers() {
    let with = |effect: &str| {
        one(
            &asking("view"),
            &format!("[{{principal: a, resource: r, actions: {{view: {effect}}}}}]"),
            "",
        )
    };
    assert!(run_text(&with("1"), &Options::default()).is_success());
    unreadable(&with("ALLOW"), "11:60 invalid enum value \"ALLOW\"");
    unreadable(&with("[1]"), "11:60 invalid enum value");
    unreadable(
        &with("7"),
        "11:60 tests[0].expected[0].actions[\"view\"]: must be one of [EFFECT_ALLOW, EFFECT_DENY]",
    );
}

#[test]
fn what_does_not_fit_together_fails_the_suite() {
    let invalid =
        |problem: &str| format!("Failed to load the test suite: invalid test \"t\": {problem}");
    let case = |input: &str, expected: &str, more: &str, problem: &str| {
        errs(&one(input, expected, more), &invalid(problem));
    };
    let view = asking("view");
    let allowed = "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}}]";
    case(
        &view,
        "[{principal: b, resource: r, actions: {view: EFFECT_ALLOW}}]",
        "",
        "found an expectation for principal \"b\" and resource \"r\", but at least one of these is not present in input",
    );
    case(
        &view,
        "[{principal: a, resource: r, actions: {zz: EFFECT_DENY, edit: EFFECT_DENY}}]",
        "",
        "found expectations for actions that do not exist in the input actions list: [edit,zz]",
    );
    case(
        &view,
        "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}, outputs: [{action: zz, expected: [{src: x, val: 1}]}]}]",
        "",
        "found output expectations for actions that are not in the input actions list: [zz]",
    );
    case(
        &view,
        "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}}, {principals: [a], resource: r, actions: {view: EFFECT_DENY}}]",
        "",
        "found inconsistent expectations for principal \"a\" performing action \"view\" on resource \"r\"",
    );
    let output = |value: &str| {
        format!(
            "{{principal: a, resource: r, actions: {{view: EFFECT_ALLOW}}, outputs: [{{action: view, expected: [{{src: x, val: {value}}}]}}]}}"
        )
    };
    case(
        &view,
        &format!("[{}, {}]", output("1"), output("2")),
        "",
        "found inconsistent expectations for output \"x\" from principal \"a\" performing action \"view\" on resource \"r\"",
    );
    let nobody = "[{principal: z, resource: r, actions: {view: EFFECT_ALLOW}}]";
    case(
        "{principals: [z], resources: [r], actions: [view]}",
        nobody,
        "",
        "principal \"z\" not found",
    );
    case(
        "{principals: [a], resourceGroups: [g], actions: [view]}",
        allowed,
        "",
        "principal group \"g\" not found",
    );
    case(
        "{principals: [a], resources: [r], actions: [view], auxData: x}",
        allowed,
        "",
        "auxData \"x\" not found",
    );
    errs(
        &one(&view, allowed, "skip: true\nprincipalGroups: {g: {principals: [z]}}\n"),
        "Invalid principal groups in test suite: missing fixture \"z\" referenced in group \"g\"",
    );
    let twice = one(&view, allowed, "");
    let (_, test) = twice.split_once("tests:\n").unwrap();
    errs(&format!("{twice}{test}"), "Invalid test suite: another test named t already exists");
}

#[test]
fn fixtures_are_those_beside_the_suite_and_the_suite_shadows_them() {
    let suite = "name: s\nprincipals: {a: {id: a, roles: [guest]}}\ntests:\n  - name: t\n    input: {principals: [a, c], resources: [r], actions: [view]}\n    expected: [{principal: c, resource: r, actions: {view: EFFECT_ALLOW}}]\n";
    let people = "principals: {a: {id: a, roles: [user]}, c: {id: c, roles: [user]}}\n";
    let things = "resources: {r: {kind: album, id: r}}\n";
    let run_with = |people: &str| {
        let suites = Suites::new([
            Source::new("sub/testdata/principals.yml", people),
            Source::new("sub/testdata/resources.yaml", things),
            Source::new("sub/x_test.yaml", suite),
            Source::new("testdata/principals.yaml", "nonsense"),
        ]);
        run(&engine(), &suites, &Options::default())
    };
    assert_eq!(letters(&run_with(people)), "pp");
    let broken = run_with("principals: {a: {ID: a}}\n");
    assert_eq!(
        &*broken.suites[0].error,
        "failed to load test fixtures from sub/testdata: failed to load principals:\n1:18 unknown field \"ID\""
    );
    let group = run_with("principals: {}\nprincipalGroups: {g: {principals: [a]}}\n");
    assert_eq!(
        &*group.suites[0].error,
        "failed to load test fixtures from sub/testdata: failed to load principals: missing fixture \"a\" referenced in group \"g\""
    );
}

#[test]
fn groups_follow_single_fixtures_and_nobody_comes_twice() {
    let groups =
        "principalGroups: {g: {principals: [b, a]}}\nresourceGroups: {h: {resources: [q, r]}}\n";
    let text = one(
        "{principals: [a], principalGroups: [g], resourceGroups: [h], actions: [view]}",
        "[{principal: a, resourceGroups: [h], actions: {view: EFFECT_ALLOW}}]",
        groups,
    );
    let suites = Suites::new([Source::new("x_test.yaml", text)]);
    let cases = suites.cases("x_test.yaml").unwrap().unwrap();
    let pairs: Vec<_> = cases.iter().map(|c| (c.principal_name, c.resource_name)).collect();
    assert_eq!(pairs, [("a", "q"), ("a", "r"), ("b", "q"), ("b", "r")]);
    assert_eq!(letters(&run(&engine(), &suites, &Options::default())), "pppp");
}

#[test]
fn who_reads_the_clock_must_be_given_a_time() {
    let expected =
        "[{principal: a, resource: r, actions: {time: EFFECT_ALLOW, view: EFFECT_ALLOW}}]";
    let text = one(&asking("time, view"), expected, "");
    let results = run_text(&text, &Options::default());
    assert_eq!(letters(&results), "ee");
    let action = &results.suites[0].test_cases[0].principals[0].resources[0].actions[1];
    assert_eq!(
        action.details.finding,
        Finding::Error(
            "a policy used a time-based condition, but `now` was not provided in the test options"
                .into()
        )
    );
    let single = Options { skip_batching: true, ..Options::default() };
    assert_eq!(letters(&run_text(&text, &single)), "ep");
    let timed = one(&asking("time, view"), expected, "options: {now: 2024-01-01T00:00:00Z}\n");
    assert_eq!(letters(&run_text(&timed, &Options::default())), "pp");
    let early = one(&asking("time, view"), expected, "options: {now: \"2019-01-01T00:00:00Z\"}\n");
    assert_eq!(letters(&run_text(&early, &Options::default())), "fp");
}

#[test]
fn options_of_a_test_replace_those_of_the_suite() {
    let expected = "[{principal: a, resource: r, actions: {fragile: EFFECT_ALLOW}}]";
    let strict = "options: {strictEvaluation: true}\n";
    let text = one(&asking("fragile"), expected, strict);
    assert_eq!(letters(&run_text(&text, &Options::default())), "f");
    let replaced = text.replace("- name: t\n", "- name: t\n    options: {}\n");
    assert_eq!(letters(&run_text(&replaced, &Options::default())), "p");
    let always = Options { strict_evaluation: true, ..Options::default() };
    assert_eq!(letters(&run_text(&replaced, &always)), "f");
}

#[test]
fn globals_are_those_of_the_test_and_never_those_of_the_engine() {
    let expected = "[{principal: a, resource: r, actions: {tune: EFFECT_ALLOW}}]";
    let globals = [("level", crate::Value::from(3.0))].into_iter().collect();
    let options = crate::Options { globals, ..crate::Options::default() };
    let engine = engine().with_options(options);
    let ask = |more: &str| {
        let text = one(&asking("tune"), expected, more);
        letters(&run(
            &engine,
            &Suites::new([Source::new("x_test.yaml", text)]),
            &Options::default(),
        ))
    };
    assert_eq!(ask(""), "f");
    assert_eq!(ask("options: {globals: {level: 3}}\n"), "p");
}

#[test]
fn outputs_are_compared_when_the_effect_is_right() {
    let outputs = |action: &str, src: &str, val: &str, effect: &str| {
        let text = one(
            &asking(action),
            &format!(
                "[{{principal: a, resource: r, actions: {{{action}: {effect}}}, outputs: [{{action: {action}, expected: [{{src: {src}, {val}}}]}}]}}]"
            ),
            "",
        );
        let results = run_text(&text, &Options::default());
        let details =
            &results.suites[0].test_cases[0].principals[0].resources[0].actions[0].details;
        serde_json::to_value(details).unwrap()
    };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let rule = "resource.album.vdefault#rule-001";
    assert_eq!(
        outputs("view", rule, "val: seen", "EFFECT_ALLOW"),
        json(
            r#"{"result": "RESULT_PASSED", "success": {"effect": "EFFECT_ALLOW", "outputs":
            [{"src": "resource.album.vdefault#rule-001", "val": "seen", "action": "view"}]}}"#
        )
    );
    assert_eq!(
        outputs("view", rule, "val: [1]", "EFFECT_ALLOW"),
        json(
            r#"{"result": "RESULT_FAILED", "failure": {"expected": "EFFECT_ALLOW", "actual": "EFFECT_ALLOW", "outputs":
            [{"src": "resource.album.vdefault#rule-001", "mismatched": {"expected": [1], "actual": "seen"}}]}}"#
        )
    );
    assert_eq!(
        outputs("view", "x", "error: ignored", "EFFECT_ALLOW"),
        json(
            r#"{"result": "RESULT_FAILED", "failure": {"expected": "EFFECT_ALLOW", "actual": "EFFECT_ALLOW", "outputs":
            [{"src": "x", "missing": {}}]}}"#
        )
    );
    assert_eq!(
        outputs("fragile", "resource.album.vdefault#rule-004", "val: 1", "EFFECT_ALLOW"),
        json(
            r#"{"result": "RESULT_FAILED", "failure": {"expected": "EFFECT_ALLOW", "actual": "EFFECT_ALLOW", "outputs":
            [{"src": "resource.album.vdefault#rule-004", "errored": {"expected": 1, "error": "division by zero"}}]}}"#
        )
    );
    assert_eq!(
        outputs("view", "x", "val: 1", "EFFECT_DENY"),
        json(
            r#"{"result": "RESULT_FAILED", "failure": {"expected": "EFFECT_DENY", "actual": "EFFECT_ALLOW"}}"#
        )
    );
}

#[test]
fn filters_leave_out_and_only_some_count() {
    let text = one(
        "{principals: [a, b], resources: [r], actions: [view, own]}",
        "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW, own: EFFECT_ALLOW}}]",
        "",
    );
    let with = |filter: Filter| {
        let options = Options { filter, ..Options::default() };
        let results = run_text(&text, &options);
        (letters(&results), results.summary.tests_count, results.summary.overall_result)
    };
    let named = |pattern| with(Filter::default().names(pattern).unwrap());
    assert_eq!(named("^s/.*principal_key:\"a\""), ("ppss".into(), 4, Outcome::Passed));
    assert_eq!(named("^t$"), ("ssss".into(), 4, Outcome::Skipped));
    let globs = |text| with(Filter::default().globs(text).unwrap());
    assert_eq!(globs("principal=b"), ("sspp".into(), 2, Outcome::Passed));
    assert_eq!(globs("action=o*"), ("psps".into(), 2, Outcome::Passed));
    assert_eq!(globs("suite=other"), ("ssss".into(), 0, Outcome::Skipped));
    assert_eq!(globs("test=t; resource=r,q"), ("pppp".into(), 4, Outcome::Passed));
    let without = Filter::default().without_resource_policy("cerbos.resource.album.vdefault");
    assert_eq!(with(without), ("ssss".into(), 4, Outcome::Skipped));
    let without = Filter::default().without_principal_policy("cerbos.principal.a.vdefault");
    assert_eq!(with(without), ("sspp".into(), 4, Outcome::Passed));
}

#[test]
fn what_is_no_filter_is_refused() {
    let refused = |text: &str| Filter::default().globs(text).unwrap_err().to_string();
    assert_eq!(
        refused("foo"),
        "invalid filter dimension format \"foo\": expected 'dimension=glob1,glob2'"
    );
    assert_eq!(
        refused("zoo=1"),
        "unknown filter dimension \"zoo\": valid dimensions are suite, test, principal, resource, action"
    );
    assert_eq!(
        refused("test=, ;"),
        "filter must contain at least one glob pattern in at least one dimension"
    );
    assert_eq!(
        Filter::default().names("(").unwrap_err().to_string(),
        "invalid run specification: error parsing regexp: missing closing ): `(`"
    );
}

#[test]
fn a_skipped_suite_is_not_run_and_a_skipped_test_counts() {
    let expected = "[{principal: a, resource: r, actions: {view: EFFECT_DENY}}]";
    let suite = run_text(
        &one(&asking("view"), expected, "skip: true\nskipReason: later\n"),
        &Options::default(),
    );
    assert_eq!(
        serde_json::to_value(&suite).unwrap(),
        serde_json::json!({
            "suites": [{"file": "x_test.yaml", "name": "s", "summary": {"overallResult": "RESULT_SKIPPED"}, "skipReason": "later"}],
            "summary": {"overallResult": "RESULT_SKIPPED"},
        })
    );
    let test =
        one(&asking("view"), expected, "").replace("- name: t\n", "- name: t\n    skip: true\n");
    let test = run_text(&test, &Options::default());
    assert_eq!((letters(&test).as_str(), test.summary.tests_count), ("s", 1));
    assert!(test.is_success());
}

#[test]
fn no_suites_are_an_empty_summary() {
    let results = run(&engine(), &Suites::new([]), &Options::default());
    assert_eq!(serde_json::to_string(&results).unwrap(), r#"{"summary":{}}"#);
}

#[test]
fn the_order_of_files_does_not_matter() {
    let text =
        one(&asking("view"), "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}}]", "");
    let names = ["b/x_test.yaml", "B_test.yaml", "b.a/x_test.json", "a_TEST.YML", ".h/_test.yaml"];
    let sources = || names.map(|name| Source::new(name, text.as_str()));
    let forth = run(&engine(), &Suites::new(sources()), &Options::default());
    let back = run(&engine(), &Suites::new(sources().into_iter().rev()), &Options::default());
    assert_eq!(forth, back);
    let files: Vec<&str> = forth.suites.iter().map(|s| &*s.file).collect();
    assert_eq!(
        files,
        [".h/_test.yaml", "B_test.yaml", "a_TEST.YML", "b.a/x_test.json", "b/x_test.yaml"]
    );
}

#[test]
fn fixtures_hold_no_suites_and_other_files_are_none() {
    let suites = Suites::new(
        [
            "testdata/x_test.yaml",
            "testdata/sub/x_test.yaml",
            "x.yaml",
            "x_test.txt",
            "x_tests.yaml",
        ]
        .map(|name| Source::new(name, "nonsense")),
    );
    assert!(suites.is_empty());
}

#[test]
fn a_suite_that_asks_for_billions_is_refused() {
    let list = (0..1000).map(|i| format!("a{i}")).collect::<Vec<_>>().join(", ");
    let input = format!("{{principals: [{list}], resources: [{list}], actions: [{list}]}}");
    errs(
        &one(&input, "[{principal: a1, resource: a1, actions: {a1: EFFECT_DENY}}]", ""),
        "Failed to load the test suite: invalid test \"t\": the suite comes to more than 1000000 questions",
    );
    let expected = format!(
        "[{{principals: [{list}], resources: [{list}], actions: {{view: EFFECT_DENY, edit: EFFECT_DENY}}}}]"
    );
    errs(
        &one(&asking("view, edit"), &expected, ""),
        "Failed to load the test suite: invalid test \"t\": the test expects more than 1000000 answers",
    );
}

#[test]
fn coverage_lists_rules_and_derived_roles_that_never_held() {
    let text = one(
        "{principals: [a], resources: [r], actions: [view, own, fragile]}",
        "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}}]",
        "",
    );
    let coverage = run_text(&text, &Options::default()).coverage;
    let missed: Vec<String> = coverage
        .missed()
        .map(|rule| format!("{}:{}: {}#{}", rule.file, rule.line, rule.policy, rule.name))
        .collect();
    assert_eq!(
        missed,
        [
            "album.yaml:12: resource.album.vdefault#rule-002",
            "album.yaml:16: resource.album.vdefault#rule-003",
            "album.yaml:24: resource.album.vdefault#rule-005",
            "roles.yaml:7: derived_roles.common#unused",
        ]
    );
    assert_eq!((coverage.activated(), coverage.rules().len()), (4, 8));
    assert_eq!(coverage.percent(), 50.0);
}

#[test]
fn coverage_knows_principal_and_role_policies_and_what_needs_consent() {
    let policies = [
        ("album.yaml", "resourcePolicy: {resource: album, version: default, rules: [{actions: ['*'], effect: EFFECT_ALLOW, roles: [user]}]}"),
        ("acme.yaml", "resourcePolicy: {resource: album, version: default, scope: acme, scopePermissions: SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS, rules: [
           {actions: [view], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: R.id == 'r'}}},
           {actions: [edit], effect: EFFECT_ALLOW, roles: [user], condition: {match: {expr: R.id == 'other'}}}]}"),
        ("anna.yaml", "principalPolicy: {principal: anna, version: default, rules: [{resource: album, actions: [
           {action: view, effect: EFFECT_DENY}, {action: edit, effect: EFFECT_DENY}]}]}"),
        ("junior.yaml", "rolePolicy: {role: junior, version: default, parentRoles: [user], rules: [
           {resource: album, allowActions: [view]},
           {resource: album, allowActions: [edit], condition: {match: {expr: R.id == 'other'}}}]}"),
    ];
    let sources = policies
        .map(|(file, text)| Source::new(file, format!("apiVersion: api.cerbos.dev/v1\n{text}\n")));
    let engine = Engine::new(PolicySet::load(sources).unwrap(), crate::Options::default());
    let suite = "name: s
principals: {anna: {id: anna, roles: [user]}, ben: {id: ben, roles: [junior]}, cora: {id: cora, roles: [user]}}
resources: {root: {kind: album, id: r}, acme: {kind: album, id: r, scope: acme}}
tests:
  - {name: anna, input: {principals: [anna], resources: [root], actions: [view]}, expected: [{principal: anna, resource: root, actions: {view: EFFECT_DENY}}]}
  - {name: ben, input: {principals: [ben], resources: [root], actions: [view, edit]}, expected: [{principal: ben, resource: root, actions: {view: EFFECT_ALLOW}}]}
  - {name: cora, input: {principals: [cora], resources: [acme], actions: [view, edit]}, expected: [{principal: cora, resource: acme, actions: {view: EFFECT_ALLOW}}]}
";
    let suites = Suites::new([Source::new("x_test.yaml", suite)]);
    let results = run(&engine, &suites, &Options::default());
    assert_eq!(letters(&results), "ppppp");
    let missed: Vec<String> = results
        .coverage
        .missed()
        .map(|rule| format!("{}:{}:{} {}", rule.file, rule.line, rule.column, rule.name))
        .collect();
    assert_eq!(
        missed,
        ["acme.yaml:4:12 rule-002", "anna.yaml:3:49 album_rule-002", "junior.yaml:4:12 "]
    );
}

#[test]
fn junit_escapes_as_go_does() {
    let text = one(
        &asking("view"),
        "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}, outputs: [{action: view, expected: [{src: x, val: {b: 'x]]>y', a: [1.5, 1.0e21, 1.0e-7, 12, \"<é>\\n\"]}}]}]}]",
        "description: \"a\\nb\\tc\"\n",
    )
    .replace("name: s\n", "name: \"s <&\\\"'>\"\n");
    let report = junit::report(&run_text(&text, &Options::default()), false).to_string();
    assert!(
        report.contains(
            "<testsuite description=\"a&#xA;b&#x9;c\" name=\"s &lt;&amp;&#34;&#39;&gt;\" file=\"x_test.yaml\" errors=\"0\" failures=\"1\" skipped=\"0\" tests=\"1\">"
        ),
        "{report}"
    );
    assert!(
        report.contains(
            "<expected><![CDATA[{\"a\":[1.5,1e+21,1e-7,12,\"<é>\\n\"],\"b\":\"x]]]]><![CDATA[>y\"}]]></expected>\n            <actual></actual>"
        ),
        "{report}"
    );
}

#[test]
fn junit_shows_no_tests_of_suites_that_errored_or_were_left_out() {
    let time =
        one(&asking("time"), "[{principal: a, resource: r, actions: {time: EFFECT_ALLOW}}]", "");
    let skipped = one(
        &asking("view"),
        "[{principal: a, resource: r, actions: {view: EFFECT_DENY}}]",
        "skip: true\n",
    );
    let suites = Suites::new([
        Source::new("a_test.yaml", time),
        Source::new("b_test.yaml", "name: [x]\n"),
        Source::new("c_test.yaml", skipped),
    ]);
    let results = run(&engine(), &suites, &Options::default());
    let wanted = |skipped: &str| {
        format!(
            r#"<testsuites errors="3" failures="0" skipped="1" tests="1">
  <testsuite name="s" file="a_test.yaml" errors="1" failures="0" skipped="0" tests="1">
    <error type="RESULT_ERRORED"></error>
    <properties></properties>
  </testsuite>
  <testsuite name="Unknown" file="b_test.yaml" errors="1" failures="0" skipped="0" tests="0">
    <error type="RESULT_ERRORED">failed to load test suite:&#xA;1:7 expected string value got Sequence</error>
    <properties></properties>
  </testsuite>
  <testsuite name="s" file="c_test.yaml" errors="0" failures="0" skipped="1" tests="0">{skipped}
    <properties></properties>
  </testsuite>
</testsuites>"#
        )
    };
    assert_eq!(junit::report(&results, false).to_string(), wanted(""));
    assert_eq!(
        junit::report(&results, true).to_string(),
        wanted("\n    <skipped message=\"This test suite was skipped\"></skipped>")
    );
}

#[test]
fn junit_counts_what_a_pattern_left_out() {
    let text = one(
        &asking("view, edit"),
        "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}}]",
        "",
    );
    let filter = Filter::default().globs("action=view").unwrap();
    let results = run_text(&text, &Options { filter, ..Options::default() });
    let report = junit::report(&results, false).to_string();
    assert!(
        report.starts_with("<testsuites errors=\"0\" failures=\"0\" skipped=\"0\" tests=\"1\">")
    );
    assert!(report.contains("errors=\"0\" failures=\"0\" skipped=\"1\" tests=\"1\">"));
}

#[test]
fn no_piece_of_a_suite_brings_the_runner_down() {
    let text = format!(
        "{}options: {{now: 2024-01-01T00:00:00Z, globals: {{a: [1, {{b: ~}}]}}}}\nauxData: {{x: {{jwt: {{a: 1}}}}}}\n",
        one(
            "{principals: [a], principalGroups: [g], resources: [r], actions: [view], auxData: x}",
            "[{principal: a, resource: r, actions: {view: EFFECT_ALLOW}, outputs: [{action: view, expected: [{src: x, val: \"é\"}]}]}]",
            "principalGroups: {g: {principals: [b]}}\n",
        )
    );
    let engine = Engine::new(PolicySet::load([]).unwrap(), crate::Options::default());
    let check = |text: String| {
        let suites = Suites::new([
            Source::new("x_test.yaml", text.as_str()),
            Source::new("testdata/principals.yaml", text.as_str()),
            Source::new("testdata/auxdata.yaml", text),
        ]);
        let results = run(&engine, &suites, &Options::default());
        assert_eq!(results.suites.len(), 1);
        assert!(!results.to_string().is_empty());
    };
    let junk = ["", ":", "\n", "\"", "[", "}", "- ", "&x ", "*x", "<<: ", "|\n", "\0", "\t"];
    for ((at, c), junk) in text.char_indices().zip(junk.into_iter().cycle()) {
        let (before, rest) = text.split_at(at);
        check(before.to_owned());
        check(format!("{before}{junk}{}", rest.strip_prefix(c).unwrap()));
    }
}

//! Input that is made to be expensive: it loads, or ends as a diagnostic, within the bounds of what it is.

use super::super::{PolicySet, Source};
use crate::check::{Engine, Options};
use crate::diag::{Code, Diagnostics};

const HEAD: &str = "apiVersion: api.cerbos.dev/v1\n";

fn load(text: String) -> Result<PolicySet, Diagnostics> {
    PolicySet::load([Source::new("p.yaml", text)])
}

fn resource(more: &str) -> String {
    format!("{HEAD}resourcePolicy:\n  resource: album\n  version: default\n{more}")
}

#[track_caller]
fn refused(text: String, code: Code) -> String {
    let found = load(text).unwrap_err();
    assert!(found.iter().any(|d| d.code == code), "{:?}", found.iter().map(|d| d.code).next());
    assert!(found.len() <= 501, "{} diagnostics", found.len());
    let shown = found.to_string();
    assert!(shown.len() < 2_000_000, "{} bytes of messages", shown.len());
    shown
}

fn list(n: usize, item: impl Fn(usize) -> String) -> String {
    (0..n).map(item).collect::<Vec<_>>().join(", ")
}

#[test]
fn deep_nesting_ends() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        for depth in [300, 100_000] {
            let nested = format!("{}{}", open.repeat(depth), close.repeat(depth));
            assert!(load(resource(&format!("  constants: {{local: {{a: {nested}}}}}\n"))).is_err());
        }
    }
    let blocks: String = (0..5_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert!(load(blocks).is_err());
    let minus = "- ".repeat(100_000);
    assert!(load(minus).is_err());
}

#[test]
fn deep_conditions_load_as_far_as_files_may_nest() {
    let nested = |depth: usize| {
        let (open, close) = ("{any: {of: [".repeat(depth), "]}}".repeat(depth));
        resource(&format!(
            "  rules: [{{actions: [a], effect: 1, roles: [a], condition: {{match: {open}{{expr: 'true'}}{close}}}}}]\n"
        ))
    };
    assert!(load(nested(50)).is_ok());
    assert!(load(nested(100)).is_err());
}

#[test]
fn a_million_lines_of_comments_load_and_a_million_values_do_not() {
    assert!(load(format!("{}{}", "# x\n".repeat(1_000_000), resource(""))).is_ok());
    refused(
        resource(&format!("  importDerivedRoles:\n{}", "    - a\n".repeat(1_000_001))),
        Code::Limit,
    );
}

#[test]
fn a_file_full_of_mistakes_lists_some_of_them() {
    // In one line, which is not shown, since it is long.
    let rules = list(3_000, |i| format!("{{wat{i}: 1}}"));
    let shown = refused(resource(&format!("  rules: [{rules}]\n")), Code::UnknownField);
    assert!(!shown.contains("wat2999"));
    refused(
        resource(&format!("  rules: [{}]\n", list(3_000, |_| "{<<: 1, a, b}".to_owned()))),
        Code::WrongType,
    );
    let keys = "  a: 1\n".repeat(3_000);
    refused(resource(&keys), Code::DuplicateKey);
    let fields: String = (0..3_000).map(|i| format!("  f{i}: 1\n")).collect();
    refused(resource(&fields), Code::UnknownField);
}

#[test]
fn names_of_any_length_are_cut_in_messages() {
    let long = "x".repeat(1_000_000);
    let shown = refused(resource(&format!("  rules: [{{effect: {long}}}]\n")), Code::WrongType);
    assert!(shown.len() < 10_000);
    let shown = refused(
        resource(&format!("  version2: '{long}'\n  scope: '!{long}'\n")),
        Code::InvalidValue,
    );
    assert!(shown.len() < 10_000);
}

#[test]
fn a_long_chain_of_variables_is_ordered() {
    let n = 20_000;
    let definitions: String = (0..n).map(|i| format!("      v{i}: V.v{} + 1\n", i + 1)).collect();
    let rule =
        "  rules: [{actions: [a], effect: 1, roles: [a], condition: {match: {expr: V.v0 == 1}}}]\n";
    let chain = format!("  variables:\n    local:\n{definitions}      v{n}: '1'\n{rule}");
    let set = load(resource(&chain)).unwrap();
    let order = &set.policies[0].params.variables;
    assert_eq!((order.len(), &*order[0].name, &*order[n].name), (n + 1, "v20000", "v0"));

    let cycle = format!("  variables:\n    local:\n{definitions}      v{n}: V.v0\n");
    let found = load(resource(&cycle)).unwrap_err();
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::CyclicalVariables]);
    assert!(found.to_string().len() < 3_000);

    let undefined: String = (0..n).map(|i| format!("      v{i}: V.w{i}\n")).collect();
    let found = load(resource(&format!("  variables:\n    local:\n{undefined}"))).unwrap_err();
    assert_eq!(found.len(), 10_000);
}

#[test]
fn many_imports_of_many_mistakes_stay_within_bounds() {
    let definitions: String = (0..500).map(|i| format!("    v{i}: V.nothing{i}\n")).collect();
    let export = format!("{HEAD}exportVariables:\n  name: ev\n  definitions:\n{definitions}");
    let importers = (0..100).map(|i| {
        let text = resource("  variables: {import: [ev]}\n").replace("album", &format!("k{i}"));
        Source::new(format!("{i}.yaml"), text)
    });
    let found = PolicySet::load(importers.chain([Source::new("e.yaml", export)])).unwrap_err();
    assert_eq!(found.len(), 500);
}

#[test]
fn scopes_have_a_length() {
    let scope = |parts: usize| resource(&format!("  scope: {}\n", vec!["a"; parts].join(".")));
    assert_eq!(load(scope(300)).unwrap_err().len(), 300);
    refused(scope(100_000), Code::Limit);
}

#[test]
fn patterns_have_a_length_a_depth_and_a_number() {
    let rule = |action: &str| {
        resource(&format!("  rules: [{{actions: ['{action}'], effect: 1, roles: [a]}}]\n"))
    };
    assert!(load(rule(&"*a".repeat(2_000))).is_ok());
    assert!(load(rule(&"?".repeat(4_000))).is_ok());
    refused(rule(&"*a".repeat(500_000)), Code::Limit);
    assert!(load(rule(&format!("{}*{}", "{".repeat(40), "}".repeat(40)))).is_ok());
    refused(rule(&format!("{}*{}", "{".repeat(1_000), "}".repeat(1_000))), Code::Limit);
    let many = list(10_000, |i| format!("'a{i}*'"));
    refused(
        resource(&format!("  rules: [{{actions: [{many}], effect: 1, roles: [a]}}]\n")),
        Code::Limit,
    );
    // Without a wildcard it is a name, of any length.
    assert!(load(rule(&"a".repeat(100_000))).is_ok());
}

#[test]
fn actions_times_roles_have_a_bound() {
    let (actions, roles) = (list(2_000, |i| format!("a{i}")), list(2_000, |i| format!("r{i}")));
    let rules = format!("  rules: [{{actions: [{actions}], effect: 1, roles: [{roles}]}}]\n");
    refused(resource(&rules), Code::Limit);
    let derived = format!(
        "{HEAD}derivedRoles: {{name: dr, definitions: [{{name: d, parentRoles: [{roles}]}}]}}\n"
    );
    let user = resource(&format!(
        "  importDerivedRoles: [dr]\n  rules: [{{actions: [{actions}], effect: 1, derivedRoles: [d]}}]\n"
    ));
    let found = PolicySet::load([Source::new("d", derived), Source::new("p", user)]).unwrap_err();
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::Limit]);
}

#[test]
fn a_policy_with_very_many_rules_loads() {
    let rules: String = (0..10_000)
        .map(|i| {
            format!("    - {{actions: [a{i}, 'view'], effect: 1, roles: [r{i}], name: n{i}}}\n")
        })
        .collect();
    let set = load(resource(&format!("  rules:\n{rules}"))).unwrap();
    assert_eq!(set.policies[0].rules.len(), 10_000);
    drop(Engine::new(set, Options::default()));
}

#[test]
fn expressions_have_bounds_of_their_own() {
    let rule = |expr: &str| {
        resource(&format!(
            "  rules: [{{actions: [a], effect: 1, roles: [a], condition: {{match: {{expr: \"{expr}\"}}}}}}]\n"
        ))
    };
    refused(rule(&"(".repeat(90_000)), Code::InvalidExpression);
    refused(rule(&format!("1{}", " + 1".repeat(100_000))), Code::InvalidExpression);
    let many = list(20_000, |i| format!("V.x{i}"));
    assert!(load(rule(&format!("[{many}] == []"))).is_err());
}

#[test]
fn odd_text_is_no_reason_to_panic() {
    for text in [
        "\0",
        "\u{feff}",
        "%YAML 1.2\n---\na: 1\n",
        "&a",
        "*a",
        "? ",
        "- ? :",
        "!!",
        "a: !<",
        "\"\\x",
        "|",
        "> \t",
        "<<: *a\n",
        "---\n...\n---\n",
        "a: b: c",
        "\u{85}: \u{2028}",
        "{[: }",
        "apiVersion: &a *a\n",
    ] {
        for wrapped in
            [text.to_owned(), format!("{HEAD}{text}"), resource(&format!("  rules: {text}\n"))]
        {
            let _ = load(wrapped);
        }
    }
}

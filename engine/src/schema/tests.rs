//! What the validator of Cerbos 0.55 said, and what no schema may do.

#![cfg(feature = "schema")]

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Library, Schema};
use crate::value::Map;

fn library(files: &[(&str, &str)]) -> Library {
    Library::new(files.iter().map(|(name, text)| (*name, Arc::from(*text))))
}

fn load(schema: &Json) -> Schema {
    Schema::new("cerbos:///s.json", &library(&[("_schemas/s.json", &schema.to_string())]))
}

fn refused(text: &str) -> String {
    let schema = Schema::new("cerbos:///s.json", &library(&[("_schemas/s.json", text)]));
    schema.problem().unwrap_or_else(|| panic!("{text} is a schema")).to_owned()
}

fn found(schema: &Schema, attributes: Json) -> Vec<String> {
    let attributes: Map = serde_json::from_value(attributes).unwrap();
    let violations = schema.check(&attributes).unwrap_or_else(|why| panic!("{why}"));
    violations.iter().map(|v| format!("{}: {}", v.path, v.message)).collect()
}

/// What is wrong with the value of an attribute `a`.
#[track_caller]
fn says(schema: Json, value: Json, wanted: &[&str]) {
    let properties = Json::from_iter([("a", schema)]);
    let schema = load(&json!({"properties": properties, "$defs": {"text": {"type": "string"}}}));
    let mut got = found(&schema, Json::from_iter([("a", value)]));
    got.sort();
    assert_eq!(got, wanted);
}

#[test]
fn mistakes_are_told_in_the_words_of_cerbos() {
    says(json!({"type": "string"}), json!(1), &["/a: expected string, but got number"]);
    says(
        json!({"type": ["string", "null", "integer"]}),
        json!(1.5),
        &["/a: expected string or null or integer, but got number"],
    );
    says(
        json!({"enum": [1, 2.5, true, null, "a'b\"c"]}),
        json!("z"),
        &[r#"/a: value must be one of "1", "2.5", true, <nil>, "a'b\"c""#],
    );
    says(json!({"enum": ["a"]}), json!("z"), &[r#"/a: value must be "a""#]);
    says(json!({"enum": ["a", {"x": 1}]}), json!("z"), &["/a: enum failed"]);
    says(json!({"const": 5}), json!("z"), &[r#"/a: value must be "5""#]);
    says(json!({"const": null}), json!("z"), &["/a: value must be <nil>"]);
    says(json!({"const": {"a": 1}}), json!("z"), &["/a: const failed"]);
    says(json!({"minLength": 3}), json!("ab"), &["/a: length must be >= 3, but got 2"]);
    says(json!({"maxLength": 3}), json!("abcd"), &["/a: length must be <= 3, but got 4"]);
    says(
        json!({"pattern": "^a'\"\\d$"}),
        json!("zz"),
        &[r#"/a: does not match pattern '^a\'"\\d$'"#],
    );
    says(json!({"format": "email"}), json!("z'z"), &[r"/a: 'z\'z' is not valid 'email'"]);
    says(json!({"minimum": 3.5}), json!(2), &["/a: must be >= 3.5 but found 2"]);
    says(json!({"maximum": 3}), json!(12_345_678), &["/a: must be <= 3 but found 1.2345678e+07"]);
    says(json!({"exclusiveMinimum": 3}), json!(3), &["/a: must be > 3 but found 3"]);
    says(json!({"exclusiveMaximum": 3}), json!(3), &["/a: must be < 3 but found 3"]);
    says(json!({"multipleOf": 2}), json!(3), &["/a: 3 not multipleOf 2"]);
    says(json!({"not": {"type": "number"}}), json!(1), &["/a: not failed"]);
    says(json!(false), json!(1), &["/a: not allowed"]);
    says(json!({"contentEncoding": "base64"}), json!("!!"), &["/a: value is not base64 encoded"]);
    says(
        json!({"contentMediaType": "application/json"}),
        json!("{x"),
        &["/a: value is not of mediatype 'application/json'"],
    );
}

#[test]
fn lists_and_maps_are_told_about_in_the_words_of_cerbos() {
    says(json!({"minItems": 3}), json!([1]), &["/a: minimum 3 items required, but found 1 items"]);
    says(
        json!({"maxItems": 1}),
        json!([1, 2]),
        &["/a: maximum 1 items required, but found 2 items"],
    );
    says(json!({"uniqueItems": true}), json!([1, 2, 1]), &["/a: items at index 0 and 2 are equal"]);
    says(
        json!({"contains": {"type": "string"}}),
        json!([1]),
        &["/a/0: expected string, but got number"],
    );
    says(
        json!({"contains": {"type": "string"}}),
        json!([]),
        &["/a: valid must be >= 1, but got 0"],
    );
    says(
        json!({"contains": {"type": "string"}, "maxContains": 1}),
        json!(["a", "b"]),
        &["/a: valid must be <= 1, but got 2"],
    );
    says(
        json!({"minProperties": 2}),
        json!({"x": 1}),
        &["/a: minimum 2 properties allowed, but found 1 properties"],
    );
    says(
        json!({"maxProperties": 0}),
        json!({"x": 1}),
        &["/a: maximum 0 properties allowed, but found 1 properties"],
    );
    says(json!({"required": ["x", "y'z"]}), json!({}), &[r"/a: missing properties: 'x', 'y\'z'"]);
    says(
        json!({"additionalProperties": false, "properties": {"x": true}}),
        json!({"b": 1, "a'c": 2}),
        &[r"/a: additionalProperties 'a\'c', 'b' not allowed"],
    );
    says(
        json!({"properties": {"x": true}, "unevaluatedProperties": false}),
        json!({"b": 1}),
        &["/a/b: not allowed"],
    );
    says(
        json!({"dependentRequired": {"x": ["y", "z"]}}),
        json!({"x": 1}),
        &[
            "/a: property 'y' is required, if 'x' property exists",
            "/a: property 'z' is required, if 'x' property exists",
        ],
    );
    says(
        json!({"anyOf": [{"$ref": "#/$defs/text"}, {"minimum": 3}]}),
        json!(1),
        &["/a: expected string, but got number", "/a: must be >= 3 but found 1"],
    );
    says(
        json!({"oneOf": [{"type": "number"}, {"minimum": 0}]}),
        json!(1),
        &["/a: valid against schemas at indexes 0 and 1"],
    );
}

#[test]
fn names_of_properties_are_told_where_they_stand() {
    let short = json!({"propertyNames": {"pattern": "^z", "maxLength": 2}});
    says(
        json!({"items": {"allOf": [short]}}),
        json!([{"abc": {"abc": 1}}, {"z": 1}, {"z": 1, "abc": 1}]),
        &[
            "/a/0/abc: does not match pattern '^z'",
            "/a/0/abc: length must be <= 2, but got 3",
            "/a/2/abc: does not match pattern '^z'",
            "/a/2/abc: length must be <= 2, but got 3",
        ],
    );
}

#[test]
fn many_names_are_refused_in_one_walk() {
    // A walk for each name would visit 9 million places.
    let schema = load(&json!({
        "propertyNames": {"maxLength": 3}, "additionalProperties": {"type": "string"},
    }));
    let attributes: Json = (0..3_000).map(|i| (format!("name{i}"), json!(""))).collect();
    let found = found(&schema, attributes.clone());
    assert_eq!(found.len(), 3_000);
    assert!(found.contains(&"/name2999: length must be <= 3, but got 8".to_owned()));

    let Ok(compiled) = schema.compiled() else { panic!("it is a schema") };
    let steps = crate::schema::walk::Named::new(&compiled.graph, &attributes).steps();
    assert_eq!(steps, 3_000);
}

#[test]
fn what_is_told_is_bounded() {
    let long = "x".repeat(100_000);
    let schema = load(&json!({"additionalProperties": {"items": {"type": "string"}}}));
    let in_path = found(&schema, json!({long.clone(): vec![1; 2_000]}));
    assert_eq!(in_path.len(), 11);
    assert_eq!(in_path.last().unwrap(), "/: there are more mistakes than can be told");
    let schema = load(&json!({"additionalProperties": {"const": long}}));
    let attributes: Json = (0..500).map(|i| (format!("a{i}"), json!(1))).collect();
    assert_eq!(found(&schema, attributes).len(), 11);
    // However long, one is told.
    let longer = "x".repeat(2 << 20);
    let one = found(&load(&json!({"additionalProperties": false})), json!({longer: 1}));
    assert_eq!(one.len(), 1);
    assert!(one[0].ends_with("xx' not allowed"));
}

#[test]
fn wide_objects_and_long_names_count_for_each_subschema() {
    const TOO_MUCH: [&str; 1] = ["/: validation takes more steps than one request may"];
    let parts: Vec<Json> = (0..3_000).map(|_| json!({"minProperties": 1})).collect();
    let wide: Json = (0..5_000).map(|i| (format!("a{i}"), json!(1))).collect();
    let schema = load(&json!({"allOf": parts, "unevaluatedProperties": true}));
    assert_eq!(found(&schema, wide), TOO_MUCH);
    let patterns: serde_json::Map<String, Json> =
        (0..1_000).map(|i| (format!("a{i}$"), json!(true))).collect();
    let long = json!({"x".repeat(1 << 20): 1});
    assert_eq!(found(&load(&json!({"patternProperties": patterns})), long.clone()), TOO_MUCH);
    let names: Vec<Json> = (0..1_000).map(|i| json!({"pattern": format!("a{i}$")})).collect();
    assert_eq!(found(&load(&json!({"propertyNames": {"allOf": names}})), long), TOO_MUCH);
}

#[test]
fn paths_are_pointers_escaped_as_urls() {
    let schema = load(&json!({"additionalProperties": {"type": "string"}}));
    assert_eq!(
        found(&schema, json!({"~/ %é": 1})),
        ["/~0~1%20%25%C3%A9: expected string, but got number"]
    );
    assert_eq!(
        found(&load(&json!({"required": ["x"]})), json!({})),
        ["/: missing properties: 'x'"]
    );
}

#[test]
fn whole_doubles_are_integers_and_formats_are_asserted() {
    let schema = load(&json!({"properties": {
        "n": {"type": "integer"}, "d": {"format": "date-time"}, "i": {"format": "idn-email"},
    }}));
    assert_eq!(found(&schema, json!({"n": 1.0, "d": "2024-01-01T00:00:00Z", "i": "x"})), [""; 0]);
    assert_eq!(
        found(&schema, json!({"n": 1.5, "d": "today"})),
        ["/d: 'today' is not valid 'date-time'", "/n: expected integer, but got number"]
    );
}

#[test]
fn durations_leave_no_unit_out_and_quoted_names_are_not_empty() {
    let cases: [(&str, &[&str], &[&str]); 3] = [
        (
            "duration",
            &["P1Y", "P1Y2M3D", "P2M3D", "P4W", "PT1H2M", "PT1M2S", "P1DT1S", "P1Y2MT3H4M5S"],
            &[
                "PT1H1S", "P1Y1D", "P1DT1H1S", "P1YT", "PT", "P", "1D", "P1", "PD", "P1D1D",
                "P1W1D", "P1M1Y", "PW", "P1S", "P1T1S", "",
            ],
        ),
        (
            "period",
            &["P1D/2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z/PT1H1M"],
            &["P1Y1D/2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z/PT1H1S", "P1D", "x/P1D"],
        ),
        ("email", &["\"a b\"@x.org", "a@x.org", "\"@\"@x"], &["\"\"@x", "@x", "a"]),
    ];
    for (format, right, wrong) in cases {
        let schema = load(&json!({"properties": {"a": {"format": format}}}));
        for text in right {
            assert_eq!(found(&schema, json!({"a": text})), [""; 0]);
        }
        for text in wrong {
            assert_eq!(found(&schema, json!({"a": text})).len(), 1, "{format}: {text}");
        }
        assert_eq!(found(&schema, json!({"a": 1})), [""; 0]);
    }
}

#[test]
fn schemas_refer_to_one_another_by_path() {
    let files = library(&[
        (
            "_schemas/a.json",
            r#"{"properties": {"x": {"$ref": "sub/b.json"}, "y": {"$ref": "/sub/c.json#/$defs/d"}}}"#,
        ),
        ("_schemas/sub/b.json", r#"{"properties": {"z": {"$ref": "c.json"}}}"#),
        ("_schemas/sub/c.json", r#"{"type": "string", "$defs": {"d": {"type": "boolean"}}}"#),
    ]);
    let schema = Schema::new("cerbos:///a.json", &files);
    assert_eq!(
        found(&schema, json!({"x": {"z": 1}, "y": 1})),
        ["/x/z: expected string, but got number", "/y: expected boolean, but got number"]
    );
    let part = Schema::new("cerbos:///sub/c.json#/$defs/d", &files);
    assert_eq!(found(&part, json!({})), ["/: expected boolean, but got object"]);
}

#[test]
fn what_is_no_schema_is_refused_with_the_reason() {
    let missing = Schema::new("cerbos:///nope.json", &Library::default());
    assert_eq!(missing.problem(), Some("schema _schemas/nope.json doesn't exist"));
    assert_eq!(
        refused(r#"{"$ref": "cerbos:///nope.json"}"#),
        "schema _schemas/nope.json referenced by cerbos:///s.json doesn't exist"
    );
    for (text, wanted) in [
        (r#""this": "is no schema""#, "compilation failed: '' does not validate with https://json"),
        (r#"{"type": 5}"#, "'/type' does not validate"),
        (r#"{"pattern": "("}"#, "`(` is not valid 'regex'"),
        (r#"{"patternProperties": {"(?=a)": true}}"#, "`(?=a)` is not valid 'regex'"),
        (r#"{"pattern": "\\u0041"}"#, "is not valid 'regex'"),
        ("", "is empty"),
        ("{ /* */ }", "is no JSON"),
        (r##"{"$ref": "#/nope"}"##, "cerbos:///s.json#/nope not found"),
        (r##"{"$ref": "#nope"}"##, "cerbos:///s.json#nope not found"),
        (r##"{"$ref": "#"}"##, "infinite loop"),
        (r#"{"$ref": "https://example.org/x.json"}"#, "nothing else is read or fetched"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "nothing else is read or fetched"),
        (r#"{"$schema": "https://example.org/meta"}"#, "nothing else is read or fetched"),
        (
            r#"{"$id": "https://example.org/x", "$ref": "y.json"}"#,
            "nothing else is read or fetched",
        ),
    ] {
        let got = refused(text);
        assert!(got.contains(wanted), "{text}: {got}");
    }
}

#[test]
fn identifiers_of_other_hosts_are_names_only() {
    let schema = load(&json!({
        "$id": "https://example.org/x",
        "$defs": {"y": {"$id": "y.json", "$anchor": "here", "type": "string"}},
        "properties": {"a": {"$ref": "y.json"}, "b": {"$ref": "y.json#here"}},
    }));
    assert_eq!(
        found(&schema, json!({"a": 1, "b": 1})),
        ["/a: expected string, but got number", "/b: expected string, but got number"]
    );
}

#[test]
fn patterns_are_those_of_go() {
    let schema = load(&json!({
        "properties": {
            "digit": {"pattern": "^\\d$"}, "space": {"pattern": "^\\s$"}, "text": {"pattern": "\\Qa.b\\E"},
            "end": {"pattern": "(?i)x\\z"}, "named": {"properties": {"pattern": {"type": "string"}}},
        },
        "patternProperties": {"^\\d+$": {"type": "string"}},
    }));
    assert_eq!(
        found(
            &schema,
            json!({"digit": "\u{663}", "space": "\u{a0}", "text": "axb", "end": "x\n", "12": 1})
        ),
        [
            "/12: expected string, but got number",
            r"/digit: does not match pattern '^\\d$'",
            r"/end: does not match pattern '(?i)x\\z'",
            r"/space: does not match pattern '^\\s$'",
            r"/text: does not match pattern '\\Qa.b\\E'",
        ]
    );
    assert_eq!(
        found(&schema, json!({"digit": "5", "space": " ", "text": "a.b", "end": "X"})),
        [""; 0]
    );
}

#[test]
fn patterns_that_mean_the_same_keep_their_schemas() {
    for (one, other) in [("^a", "^\\x61"), ("^(?P<n>a)", "^(a)"), ("^(?P<n>a)", "^(?P<m>a)")] {
        for (one, other) in [(one, other), (other, one)] {
            let schema = load(&json!({
                "patternProperties": {one: {"type": "string"}, other: {"minLength": 3}},
            }));
            assert_eq!(found(&schema, json!({"a": "x"})), ["/a: length must be >= 3, but got 1"]);
            assert_eq!(found(&schema, json!({"a": 1})), ["/a: expected string, but got number"]);
            assert_eq!(found(&schema, json!({"b": 1, "a": "xyz"})), [""; 0]);
        }
    }
    let many: serde_json::Map<String, Json> =
        (0..50).map(|i| (format!("^(?P<n{i}>a)"), json!({"minLength": 3}))).collect();
    assert_eq!(found(&load(&json!({"patternProperties": many})), json!({"a": ""})).len(), 50);
    let referred = load(&json!({
        "patternProperties": {"^a": {"type": "string"}, "^\\x61": {"minLength": 3}},
        "properties": {"b": {"$ref": "#/patternProperties/%5Ea"}, "c": {"pattern": "^a"}, "d": {"pattern": "^\\x61"}},
    }));
    assert_eq!(
        found(&referred, json!({"b": 1, "c": "x", "d": "x"})),
        [
            "/b: expected string, but got number",
            "/c: does not match pattern '^a'",
            r"/d: does not match pattern '^\\x61'",
        ]
    );
}

#[test]
fn recursive_schemas_follow_the_attributes() {
    let schema = load(&json!({
        "$ref": "#/$defs/tree",
        "$defs": {"tree": {
            "properties": {"left": {"$ref": "#/$defs/tree"}, "right": {"$ref": "#/$defs/tree"}, "n": {"type": "number"}},
        }},
    }));
    let mut tree = json!({"n": "x"});
    for _ in 0..20 {
        tree = json!({"left": tree, "right": {"n": 1}});
    }
    let found = found(&schema, tree);
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("/left/n: expected number, but got string"), "{found:?}");
}

#[test]
fn a_schema_that_asks_for_2_to_the_64_visits_is_not_followed() {
    // Each level of the schema applies the next one twice.
    let mut defs = serde_json::Map::new();
    for i in 0..64 {
        let next = json!({"$ref": format!("#/$defs/d{}", i + 1)});
        defs.insert(format!("d{i}"), json!({"allOf": [next.clone(), next]}));
    }
    defs.insert("d64".into(), json!({"type": "string"}));
    let wide = load(&json!({"$ref": "#/$defs/d0", "$defs": defs}));
    assert_eq!(found(&wide, json!({})), ["/: validation takes more steps than one request may"]);
    // Each level of the attributes does.
    let node = json!({"$ref": "#/$defs/node"});
    let deep = load(&json!({
        "$ref": "#/$defs/node",
        "$defs": {"node": {"properties": {"x": {"allOf": [node.clone(), node]}}}},
    }));
    let mut chain = json!({});
    for _ in 0..60 {
        chain = json!({"x": chain});
    }
    assert_eq!(found(&deep, chain), ["/: validation takes more steps than one request may"]);
    assert_eq!(found(&deep, json!({"x": {"x": {}}})), [""; 0]);
}

/// `d0` is a chain of 40 definitions, each of which applies the next one twice.
fn costly() -> serde_json::Map<String, Json> {
    let mut defs = serde_json::Map::new();
    for i in 0..40 {
        let next = json!({"$ref": format!("#/definitions/d{}", i + 1)});
        defs.insert(format!("d{i}"), json!({"allOf": [next.clone(), next]}));
    }
    defs.insert("d40".into(), json!({"type": "object"}));
    defs
}

#[test]
fn names_count_where_the_validator_looks_for_them() {
    const TOO_MUCH: [&str; 1] = ["/: validation takes more steps than one request may"];
    let other = json!({"$ref": "#/definitions/d0", "definitions": costly()}).to_string();
    let among = |schema: Json| {
        let files =
            [("_schemas/s.json", schema.to_string()), ("_schemas/other.json", other.clone())];
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let schema = Schema::new("cerbos:///s.json", &library(&files));
        assert_eq!(found(&schema, json!({})), TOO_MUCH, "{schema:?}");
    };
    let d7 = "http://json-schema.org/draft-07/schema#";
    // In an unknown keyword, in `id` of another draft, and beside `$ref`.
    among(json!({"$ref": "other.json", "x-foo": {"$id": "cerbos:///other.json"}}));
    among(json!({"$ref": "other.json", "$defs": {"a": {"id": "cerbos:///other.json"}}}));
    among(json!({"$ref": "other.json", "id": "cerbos:///sub/"}));
    among(json!({
        "$schema": d7, "allOf": [{"$ref": "other.json"}],
        "definitions": {"a": {"$id": "cerbos:///other.json", "$ref": "#/definitions/b"}, "b": true},
    }));
    among(json!({"$schema": d7, "$id": "cerbos:///zz.json", "$ref": "other.json"}));
    among(json!({
        "$schema": d7, "allOf": [{"$ref": "other.json"}],
        "$defs": {"a": {"$id": "cerbos:///other.json"}},
    }));
    let mut twice = costly();
    twice["d0"]["$anchor"] = json!("foo");
    among(json!({"$ref": "#foo", "definitions": twice, "x-foo": {"$anchor": "foo"}}));
    // The file's own URL, and a fragment with a tab, which is no part of a URL.
    let mut own = costly();
    own.insert("a".into(), json!({"$id": "cerbos:///s.json", "$defs": {"x": true}}));
    among(json!({
        "$id": "https://example.org/", "$defs": {"x": {"$ref": "#/definitions/d0"}},
        "$ref": "cerbos:///s.json#/$defs/x", "definitions": own,
    }));
    let mut tabs = costly();
    tabs.insert("ab".into(), json!({}));
    tabs.insert("a\tb".into(), json!({"$ref": "#/definitions/d0"}));
    among(json!({
        "$schema": "http://json-schema.org/draft-04/schema#", "definitions": tabs,
        "allOf": [{"$ref": "#/definitions/a\tb"}],
    }));
    let hidden = json!({
        "$ref": "#/x-foo", "properties": {"a": {"$ref": "other.json"}},
        "x-foo": {"$defs": {"b": {"$id": "cerbos:///other.json"}}},
    });
    assert!(refused(&hidden.to_string()).contains("where no keyword of its draft leads"));
    let known =
        load(&json!({"$ref": "#/x-foo", "x-foo": {"properties": {"id": {"type": "string"}}}}));
    assert_eq!(found(&known, json!({"id": 1})), ["/id: expected string, but got number"]);
}

#[test]
fn names_of_older_drafts_are_followed() {
    for (draft, id) in [("draft-04", "id"), ("draft-06", "$id"), ("draft-07", "$id")] {
        let schema = load(&json!({
            "$schema": format!("http://json-schema.org/{draft}/schema#"),
            id: "http://example.org/root.json",
            "definitions": {"t": {id: "#text", "type": "string"}, "n": {id: "n.json", "type": "number"}},
            "properties": {"a": {"$ref": "#text"}, "b": {"$ref": "n.json"}},
        }));
        assert_eq!(
            found(&schema, json!({"a": 1, "b": ""})),
            ["/a: expected string, but got number", "/b: expected number, but got string"]
        );
    }
    let meta = r#"{"$schema": "http://json-schema.org/draft-04/schema#"}"#;
    let text = r##"{"$schema": "cerbos:///meta.json", "id": "http://example.org/", "$ref": "x",
        "allOf": [{"$ref": "#/definitions/t"}], "definitions": {"t": {"id": "x", "type": "string"}}}"##;
    let files = library(&[("_schemas/s.json", text), ("_schemas/meta.json", meta)]);
    let schema = Schema::new("cerbos:///s.json", &files);
    assert_eq!(found(&schema, json!({})), ["/: expected string, but got object"]);
    let looping = r#"{"$schema": "cerbos:///s.json"}"#;
    assert!(refused(looping).contains("leads to itself"));
}

#[test]
fn recursive_references_lead_where_the_resource_was_entered() {
    let again = json!({"$recursiveRef": "#"});
    let tree = json!({
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$recursiveAnchor": true,
        "$defs": {"x": {"properties": {"p": {"allOf": [again.clone(), again]}}}},
    });
    let files = [
        ("_schemas/s.json", r##"{"$ref": "tree.json#/$defs/x"}"##),
        ("_schemas/tree.json", &tree.to_string()),
    ];
    let schema = Schema::new("cerbos:///s.json", &library(&files));
    let mut chain = json!({});
    for _ in 0..28 {
        chain = json!({"p": chain});
    }
    assert_eq!(found(&schema, chain), ["/: validation takes more steps than one request may"]);
    assert_eq!(found(&schema, json!({"p": {"p": {}}})), [""; 0]);
}

#[test]
fn long_chains_and_deep_nesting_leave_the_stack_alone() {
    // The stack of a thread of tests is as large as that of a worker.
    let mut defs = serde_json::Map::new();
    for i in 0..3_000 {
        defs.insert(format!("d{i}"), json!({"$ref": format!("#/$defs/d{}", i + 1)}));
    }
    defs.insert("d3000".into(), json!({"type": "object"}));
    let chain = load(&json!({"$ref": "#/$defs/d0", "$defs": defs}));
    assert_eq!(found(&chain, json!({})), ["/: validation takes more steps than one request may"]);

    for (open, close) in
        [("{\"not\":", "}"), ("{\"properties\":{\"a\":", "}}"), ("{\"enum\":[", "]}"), ("[", "]")]
    {
        for depth in [20, 31, 60, 100, 100_000] {
            let text = format!("{}{}{}", open.repeat(depth), "true", close.repeat(depth));
            let schema = Schema::new("cerbos:///s.json", &library(&[("_schemas/s.json", &text)]));
            if schema.problem().is_none() {
                found(&schema, json!({"a": {"a": 1}}));
            }
        }
    }

    let everything = load(&json!({"additionalProperties": {"$ref": "#"}, "items": {"$ref": "#"}}));
    let mut nested = json!(1);
    for _ in 0..25 {
        nested = json!({"a": nested});
    }
    assert_eq!(found(&everything, nested.clone()), [""; 0]);
    for _ in 0..20 {
        nested = json!({"a": nested});
    }
    assert_eq!(found(&everything, nested), ["/: validation takes more steps than one request may"]);

    let mut value = crate::Value::Null;
    for _ in 0..1_000 {
        value = vec![value].into();
    }
    let attributes: Map = [("a", value)].into_iter().collect();
    let found = load(&json!({})).check(&attributes).unwrap();
    assert!(found[0].message.starts_with("attributes are nested too deeply"), "{found:?}");
}

#[test]
fn large_schemas_are_refused() {
    let many: serde_json::Map<String, Json> =
        (0..5_000).map(|i| (format!("p{i}"), json!({"type": "string"}))).collect();
    assert!(
        refused(&json!({"properties": many}).to_string()).contains("more than 4000 subschemas")
    );
    let long = format!("{{\"description\": \"{}\"}}", "x".repeat(2 << 20));
    assert!(refused(&long).contains("larger than 1024 KiB"));
    let many: Vec<(String, String)> = (0..200)
        .map(|i| (format!("_schemas/{i}.json"), format!("{{\"$ref\": \"{}.json\"}}", i + 1)))
        .collect();
    let files: Vec<(&str, &str)> = many.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let schema = Schema::new("cerbos:///0.json", &library(&files));
    assert!(schema.problem().unwrap().contains("more than 100 files"), "{schema:?}");
    for pattern in ["(a{1000}){1000}", "((((x{30}){30}){30}){30}){30}"] {
        refused(&json!({"pattern": pattern}).to_string());
    }
    let patterns: Vec<Json> =
        (0..500).map(|i| json!({"pattern": format!("[a-z]{{999}}{i}")})).collect();
    assert!(refused(&json!({"allOf": patterns}).to_string()).contains("patterns are too large"));
}

#[test]
fn large_attributes_are_bounded_by_steps() {
    let names: Vec<String> = (0..10_000).map(|i| format!("name {i}")).collect();
    let schema = load(&json!({"properties": {"a": {"items": {"enum": names}}}}));
    let some: Vec<&String> = names.iter().rev().take(50).collect();
    assert_eq!(found(&schema, json!({"a": some})), [""; 0]);
    assert_eq!(
        found(&schema, json!({"a": names})),
        ["/: validation takes more steps than one request may"]
    );
}

#[test]
fn dynamic_references_are_followed() {
    let schema = load(&json!({
        "$id": "https://example.org/strict",
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "unevaluatedProperties": false,
        "$defs": {"tree": {
            "$id": "tree",
            "$dynamicAnchor": "node",
            "properties": {"data": true, "children": {"items": {"$dynamicRef": "#node"}}},
        }},
    }));
    assert_eq!(
        found(&schema, json!({"data": 1, "children": [{"data": 2, "children": []}]})),
        [""; 0]
    );
    assert_eq!(
        found(&schema, json!({"children": [{"daat": 2}]})),
        ["/children/0/daat: not allowed", "/children: not allowed"]
    );
}

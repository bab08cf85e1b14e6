//! Resources: what the derive makes of a struct, and what policies see of its values.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
    sync::Arc,
    time::SystemTime,
};

use authz_engine::Principal;
use axum_authz::{
    policies::{Map, Options, Policies, Source, Value},
    resource::{Attribute, AttributeValue, NoneIs, OptionalValue, Resource, describe},
};

struct State(u8);

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "state {}", self.0)
    }
}

fn json<T: AttributeValue + ?Sized>(value: &T) -> String {
    serde_json::to_string(&value.to_value()).unwrap()
}

fn attributes<R: Resource>(resource: &R) -> String {
    serde_json::to_string(&resource.attributes()).unwrap()
}

#[test]
fn a_bare_resource_has_a_kind_and_nothing_else() {
    #[derive(Resource)]
    #[resource(kind = "note")]
    struct Note {}

    assert_eq!(Note::KIND, "note");
    assert_eq!((Note::ATTRIBUTES, Note::ABSENT), (&[][..], &[][..]));
    assert_eq!((Note::CONCEAL, Note::SCOPED), (false, false));
    assert_eq!((Note::TABLE, Note::ID_COLUMN, Note::VERSION_COLUMN), (None, None, None));
    let note = describe(&Note {}).unwrap();
    assert_eq!((&*note.kind, &*note.id, &*note.scope), ("note", "", ""));
    assert!(note.attr.is_empty() && note.policy_version.is_empty());
    assert_eq!(Note {}.version(), None);
}

#[test]
fn the_keys_of_the_struct_become_constants() {
    #[derive(Resource)]
    #[resource(kind = "album", table = "photos.albums", conceal)]
    #[resource(absent("frozen", "legal_hold"))]
    struct Album {}

    let (kind, table) = (Album::KIND, Album::TABLE);
    assert_eq!((kind, table, Album::CONCEAL), ("album", Some("photos.albums"), true));
    assert_eq!(Album::ABSENT, ["frozen", "legal_hold"]);
}

#[test]
fn attributes_are_listed_in_the_order_of_the_fields_with_names_and_columns() {
    #[derive(Resource)]
    #[resource(kind = "album")]
    struct Album {
        #[attr]
        r#type: String,
        #[no_attr]
        _title: String,
        #[attr(name = "owner")]
        user: String,
        #[attr(column = "is_public")]
        public: bool,
        #[attr(name = "on-behalf-of", column = "delegate", none = null)]
        delegate: Option<String>,
        #[attr(none = omit)]
        team: Option<String>,
    }

    let expected = [
        Attribute::new("type"),
        Attribute::new("owner").column("user"),
        Attribute::new("public").column("is_public"),
        Attribute::new("on-behalf-of").column("delegate").none(NoneIs::Null),
        Attribute::new("team").none(NoneIs::Omitted),
    ];
    assert_eq!(Album::ATTRIBUTES, expected);
    let mut album = Album {
        r#type: "t".into(),
        _title: "secret".into(),
        user: "alice".into(),
        public: true,
        delegate: None,
        team: None,
    };
    assert_eq!(
        attributes(&album),
        r#"{"on-behalf-of":null,"owner":"alice","public":true,"type":"t"}"#
    );
    (album.delegate, album.team) = (Some("bob".into()), Some("red".into()));
    assert_eq!(
        attributes(&album),
        r#"{"on-behalf-of":"bob","owner":"alice","public":true,"team":"red","type":"t"}"#
    );
}

#[test]
fn identifier_version_and_scope_are_text_and_attributes_only_where_they_say_so() {
    #[derive(Resource)]
    #[resource(kind = "album")]
    struct Plain {
        #[id]
        id: State,
        #[version]
        rev: i64,
        #[scope]
        tenant: Arc<str>,
    }

    #[derive(Resource)]
    #[resource(kind = "album")]
    struct Visible {
        #[id(column = "album_id")]
        #[attr(name = "number")]
        id: u64,
        #[attr]
        #[version(column = "row_version")]
        rev: i64,
        #[scope]
        #[attr]
        tenant: String,
    }

    let plain = Plain { id: State(7), rev: -1, tenant: "acme.hr".into() };
    assert_eq!((&*plain.id(), plain.version().as_deref()), ("state 7", Some("-1")));
    assert_eq!((Plain::ID_COLUMN, Plain::VERSION_COLUMN), (Some("id"), Some("rev")));
    assert!(Plain::SCOPED && Plain::ATTRIBUTES.is_empty() && plain.attributes().is_empty());
    let seen = describe(&plain).unwrap();
    assert_eq!((&*seen.id, &*seen.scope), ("state 7", "acme.hr"));

    let visible = Visible { id: 7, rev: 3, tenant: "acme".into() };
    assert_eq!(attributes(&visible), r#"{"number":7,"rev":3,"tenant":"acme"}"#);
    let columns: Vec<&str> = Visible::ATTRIBUTES.iter().map(Attribute::column_name).collect();
    assert_eq!(columns, ["album_id", "row_version", "tenant"]);
    assert_eq!(
        (Visible::ID_COLUMN, Visible::VERSION_COLUMN),
        (Some("album_id"), Some("row_version"))
    );
}

#[test]
fn values_are_converted_as_the_field_says() {
    fn first(tags: &[String]) -> Option<&String> {
        tags.first()
    }

    #[derive(Resource)]
    #[resource(kind = "album")]
    struct Album {
        #[attr(display)]
        state: State,
        #[attr(display, none = omit)]
        previous: Option<State>,
        #[attr(none = null, display)]
        next: Option<State>,
        #[attr(with = Vec::len)]
        pictures: Vec<u8>,
        #[attr(with = Option::is_some)]
        deleted: Option<State>,
        #[attr(with = first, none = null, name = "tag")]
        tags: Vec<String>,
    }

    let mut album = Album {
        state: State(1),
        previous: None,
        next: None,
        pictures: vec![0, 0],
        deleted: None,
        tags: vec![],
    };
    assert_eq!(
        attributes(&album),
        r#"{"deleted":false,"next":null,"pictures":2,"state":"state 1","tag":null}"#
    );
    (album.previous, album.next, album.deleted) = (Some(State(0)), Some(State(2)), Some(State(3)));
    album.tags.push("sea".into());
    assert_eq!(
        attributes(&album),
        r#"{"deleted":true,"next":"state 2","pictures":2,"previous":"state 0","state":"state 1","tag":"sea"}"#
    );
    let none: Vec<_> = Album::ATTRIBUTES.iter().map(Attribute::none_is).collect();
    let (omitted, null) = (Some(NoneIs::Omitted), Some(NoneIs::Null));
    assert_eq!(none, [None, omitted, null, None, None, null]);
}

#[test]
fn none_is_missing_or_null_to_policies_as_the_field_says() {
    #[derive(Resource)]
    #[resource(kind = "album")]
    struct Album {
        #[id]
        id: u8,
        #[attr(none = omit)]
        omitted: Option<String>,
        #[attr(none = null)]
        nulled: Option<String>,
    }

    let policies = policies(&[
        ("has_omitted", "has(R.attr.omitted)"),
        ("has_null", "has(R.attr.nulled)"),
        ("omitted_is_not_red", "R.attr.omitted != 'red'"),
        ("null_is_not_red", "R.attr.nulled != 'red'"),
        ("null_is_null", "R.attr.nulled == null"),
    ]);
    let album = Album { id: 1, omitted: None, nulled: None };
    assert_eq!(allowed(&policies, &album), ["has_null", "null_is_not_red", "null_is_null"]);
    let album = Album { id: 1, omitted: Some("red".into()), nulled: Some("red".into()) };
    assert_eq!(allowed(&policies, &album), ["has_omitted", "has_null"]);
}

#[test]
fn the_scope_chooses_the_policies() {
    #[derive(Resource)]
    #[resource(kind = "album")]
    struct Album {
        #[id]
        id: u8,
        #[scope]
        tenant: &'static str,
    }

    let rule = |scope: &str, action: &str| {
        let text = format!(
            "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: album\n  version: default\n  scope: '{scope}'\n  \
             rules: [{{actions: [{action}], effect: EFFECT_ALLOW, roles: [user]}}]\n"
        );
        Source::new(format!("{action}.yaml"), text)
    };
    let policies =
        Policies::from_sources([rule("", "everywhere"), rule("acme", "acme_only")]).unwrap();
    let ask = |tenant| {
        let album = describe(&Album { id: 1, tenant }).unwrap();
        answers(&policies, &album, &["everywhere", "acme_only"])
    };
    assert_eq!(ask(""), ["everywhere"]);
    assert_eq!(ask("acme"), ["everywhere", "acme_only"]);
}

#[test]
fn numbers_are_doubles() {
    assert_eq!(7_u8.to_value(), Value::Double(7.0));
    assert_eq!((-7_i64).to_value(), Value::Double(-7.0));
    assert_eq!(0.5_f32.to_value(), Value::Double(0.5));
    assert_eq!((1_i64 << 53).to_value(), ((1_i64 << 53) + 1).to_value(), "digits beyond 2^53");
    assert_ne!(((1_i64 << 53) - 1).to_value(), (1_i64 << 53).to_value());
}

#[test]
fn text_is_text_however_it_is_held() {
    let texts = [
        "a".to_value(),
        String::from("a").to_value(),
        Box::<str>::from("a").to_value(),
        Arc::<str>::from("a").to_value(),
        Cow::Borrowed("a").to_value(),
        (&&"a").to_value(),
    ];
    assert!(texts.iter().all(|text| *text == Value::from("a")));
}

#[test]
fn lists_and_maps_nest() {
    assert_eq!(json(&vec![vec![1, 2], vec![]]), "[[1,2],[]]");
    assert_eq!(json(&[true, false]), "[true,false]");
    assert_eq!(json::<[&str]>(&["b", "a"]), r#"["b","a"]"#);
    assert_eq!(json(&BTreeSet::from(["b", "a"])), r#"["a","b"]"#);
    let many: HashSet<String> = (0..100).map(|n| format!("{n:02}")).collect();
    let sorted: BTreeSet<String> = many.iter().cloned().collect();
    assert_eq!(json(&many), json(&sorted));
    let nested = BTreeMap::from([("a", vec![HashMap::from([(String::from("b"), 1.5)])])]);
    assert_eq!(json(&nested), r#"{"a":[{"b":1.5}]}"#);
    let map: Map = [("a", Value::Null)].into_iter().collect();
    assert_eq!(json(&Box::new(map)), r#"{"a":null}"#);
    assert_eq!(json(&vec![Value::Null, Value::from("a")]), r#"[null,"a"]"#);
}

#[test]
fn an_option_has_a_value_only_if_it_is_some() {
    assert_eq!(None::<bool>.to_optional_value(), None);
    assert_eq!(Some(true).to_optional_value(), Some(Value::Bool(true)));
}

/// A resource whose attribute is given by each test.
struct Any(Value);

impl Resource for Any {
    const KIND: &'static str = "any";
    const ATTRIBUTES: &'static [Attribute] = &[Attribute::new("value")];

    fn id(&self) -> Cow<'_, str> {
        "1".into()
    }

    fn attributes(&self) -> Map {
        [("fine", Value::Bool(true)), ("value", self.0.clone())].into_iter().collect()
    }
}

#[test]
fn what_is_not_json_cannot_be_decided_on_however_deep_it_is() {
    let map = |value: Value| Value::Map([("a", value)].into_iter().collect());
    for bad in [
        f64::NAN.to_value(),
        f32::INFINITY.to_value(),
        f64::NEG_INFINITY.to_value(),
        vec![1.0, f64::NAN].to_value(),
        map(vec![map(f64::NAN.to_value())].to_value()),
        Value::Int(1),
        Value::UInt(1),
        Value::Bytes([1_u8].into()),
    ] {
        let error = describe(&Any(bad.clone())).unwrap_err();
        assert_eq!((error.kind(), error.name()), ("any", "value"), "{bad:?}");
    }
    let fine = map(vec![Value::Null, f64::MAX.to_value(), "NaN".to_value()].to_value());
    assert_eq!(describe(&Any(fine.clone())).unwrap().attr.get("value"), Some(&fine));
}

#[test]
fn the_error_names_the_attribute_and_not_its_value() {
    let secret = vec![Value::from("hunter2"), f64::NAN.to_value()].to_value();
    let error = describe(&Any(secret)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "attribute `value` of a resource of the kind `any` is not JSON: numbers are finite doubles there"
    );
    assert!(!format!("{error:?}").contains("hunter2"));
}

/// Why a number that is not finite is an error: neither as it is nor left out does it fit all rules.
#[test]
fn a_number_that_is_not_finite_would_pass_by_rules() {
    let policies =
        policies(&[("small", "!(R.attr.value > 100.0)"), ("not_large", "R.attr.value < 100.0")]);
    let nan = [("value", Value::Double(f64::NAN))].into_iter().collect();
    let resource = axum_authz::policies::Resource {
        kind: "album".into(),
        id: "1".into(),
        attr: nan,
        ..Default::default()
    };
    assert_eq!(answers(&policies, &resource, &["small", "not_large"]), ["small"]);
}

/// A policy for albums: each action is allowed under its condition.
fn policies(rules: &[(&str, &str)]) -> Policies {
    let mut text = String::from(
        "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: album\n  version: default\n  rules:\n",
    );
    for (action, condition) in rules {
        text += &format!(
            "    - {{actions: [{action}], effect: EFFECT_ALLOW, roles: [user], condition: {{match: {{expr: \"{condition}\"}}}}}}\n"
        );
    }
    Policies::from_sources_with([Source::new("album.yaml", text)], Options::default()).unwrap()
}

/// Those of the questions about `None` that are answered with yes.
fn allowed<R: Resource>(policies: &Policies, resource: &R) -> Vec<String> {
    let actions =
        ["has_omitted", "has_null", "omitted_is_not_red", "null_is_not_red", "null_is_null"];
    answers(policies, &describe(resource).unwrap(), &actions)
}

/// Those of the actions that are allowed.
fn answers(
    policies: &Policies,
    resource: &axum_authz::policies::Resource,
    actions: &[&str],
) -> Vec<String> {
    let user = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
    let output = policies.check(&user, resource, actions, None, SystemTime::UNIX_EPOCH).unwrap();
    let allowed = output.decisions.iter().filter(|(_, decision)| decision.effect.is_allow());
    allowed.map(|(action, _)| action.to_string()).collect()
}

#[test]
fn mistakes_are_told_where_they_are() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui_resource/pass/*.rs");
    cases.compile_fail("tests/ui_resource/fail/*.rs");
}

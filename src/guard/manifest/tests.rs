use std::{borrow::Cow, panic::Location};

use http::Method;
use serde_json::{Value, json};

use super::{
    super::{Access, Action, Basis, Check, Route, Rule, Source, Unguarded},
    Manifest,
};
use crate::{
    policies::Map,
    resource::{Attribute, Resource},
};

struct Diary;
struct Read;

impl Resource for Diary {
    const KIND: &'static str = "diary";
    const ATTRIBUTES: &'static [Attribute] = &[Attribute::new("owner")];
    const ABSENT: &'static [&'static str] = &["frozen", "locked"];
    const CONCEAL: bool = true;

    fn id(&self) -> Cow<'_, str> {
        "".into()
    }

    fn attributes(&self) -> Map {
        Map::default()
    }
}

impl Action for Read {
    const KIND: &'static str = "diary";
    const NAME: &'static str = "read";
}

const LOADED: Access = Access::Check(Check::of::<Diary, Read>(Basis::Loaded));
const VIEW: Check = Check::new("view", "album");
const ATTRS: &[(&str, Source)] = &[("owner", Source::Path("user")), ("frozen", Source::Absent)];

#[track_caller]
fn route(method: Option<Method>, path: &str, fallback: bool, rule: Rule) -> Route {
    let (path, location) = (path.to_owned(), Location::caller());
    Route { method, path, fallback, rule, shows_manifest: false, location }
}

fn declared(path: &str, access: Access) -> Route {
    route(Some(Method::GET), path, false, Rule::Declared(access))
}

fn json(manifest: &Manifest) -> Value {
    serde_json::to_value(manifest).unwrap()
}

#[test]
fn each_declaration_has_its_words() {
    for (access, words) in [
        (Access::Check(VIEW.id(Source::Path("id"))), "view on album"),
        (Access::Check(VIEW.scope("a b")), "view on album with scope a b"),
        (Access::Check(VIEW.attrs(ATTRS)), "view on album, without frozen"),
        (LOADED, "read on diary, loaded, concealed, without frozen and locked"),
        (
            Access::Check(Check::of::<Diary, Read>(Basis::Body).scope("a")),
            "read on diary with scope a, with its body, concealed, without frozen and locked",
        ),
        (
            Access::Check(Check::of::<Diary, Read>(Basis::Changed)),
            "read on diary, before and after the change, concealed, without frozen and locked",
        ),
        (Access::Authenticated { scope: None }, "any caller"),
        (Access::Authenticated { scope: Some("a b") }, "any caller with scope a b"),
        (Access::Public { reason: "liveness\n    probe" }, "public: liveness probe"),
        (
            Access::All(&[Access::Check(VIEW), Access::Authenticated { scope: Some("a") }]),
            "view on album; and any caller with scope a",
        ),
    ] {
        assert_eq!(access.to_string(), words);
    }
    let unguarded = Rule::Unguarded(Unguarded::because("scraped on a private port"));
    assert_eq!(unguarded.to_string(), "unguarded: scraped on a private port");
}

#[test]
fn no_name_can_pass_for_another_row_or_hide_one() {
    let forged = "view\nGET     /users        public: a lie";
    let access = Access::Check(Check::new(forged, "al\u{202e}bum\u{1b}[2J").scope("a\rb"));
    let manifest = Manifest::new(vec![
        declared("/albums\n/{id}", access),
        route(None, "/x", false, Rule::Unguarded(Unguarded::because("so\u{1b}[8m\u{2028}so"))),
    ]);
    let table = format!("{manifest:#}");
    assert_eq!(table.lines().count(), 3, "{table}");
    let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{2028}';
    assert!(!table.contains(hidden), "{table:?}");
    assert!(table.contains(r"on al\u{202e}bum\u{1b}[2J with scope a b"), "{table}");
    assert_eq!(
        manifest.routes().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["GET /albums /{id}", "any /x"]
    );
}

#[test]
fn the_table_is_aligned_and_names_places_unless_told_not_to() {
    let line = line!() + 1;
    let files = route(None, "/files/{*rest}", false, Rule::Unguarded(Unguarded::because("shared")));
    let rest = route(None, "/", true, Rule::Declared(Access::Authenticated { scope: None }));
    let manifest = Manifest::new(vec![files, rest]);
    let at = format!("{}:", file!());
    assert_eq!(
        manifest.to_string(),
        format!(
            "METHOD  PATH            ACCESS             LOCATION\n\
             any     / (fallback)    any caller         {at}{}\n\
             any     /files/{{*rest}}  unguarded: shared  {at}{line}",
            line + 1
        )
    );
    assert_eq!(
        format!("{manifest:#}"),
        "METHOD  PATH            ACCESS\n\
         any     / (fallback)    any caller\n\
         any     /files/{*rest}  unguarded: shared"
    );
    assert_eq!(Manifest::new(Vec::new()).to_string(), "METHOD  PATH  ACCESS  LOCATION");
}

#[test]
fn json_tells_everything_that_was_declared() {
    let line = line!() + 1;
    let manifest = Manifest::new(vec![route(
        None,
        "/{user}/albums",
        false,
        Rule::Declared(Access::Check(VIEW.id(Source::Query("id")).attrs(ATTRS).scope("a b"))),
    )]);
    let expected = json!({ "routes": [{
        "method": "any",
        "path": "/{user}/albums",
        "fallback": false,
        "access": {
            "type": "check",
            "action": "view",
            "resource": "album",
            "basis": "request",
            "id": { "from": "query", "parameter": "id" },
            "attributes": [
                { "name": "owner", "from": "path", "parameter": "user" },
                { "name": "frozen", "from": "absent" },
            ],
            "scopes": ["a", "b"],
            "concealed": false,
        },
        "location": { "file": file!(), "line": line },
    }] });
    assert_eq!(json(&manifest), expected);
}

#[test]
fn json_has_a_type_for_each_kind_of_access() {
    let all = Access::All(&[LOADED, Access::Authenticated { scope: Some("a") }]);
    let manifest = Manifest::new(vec![
        declared("/1", all),
        declared("/2", Access::Public { reason: "why" }),
        route(None, "/", true, Rule::Unguarded(Unguarded::because("why"))),
    ]);
    let json = json(&manifest);
    assert_eq!(json["routes"][0]["access"], json!({ "type": "unguarded", "reason": "why" }));
    assert_eq!(json["routes"][0]["fallback"], true);
    assert_eq!(
        json["routes"][1]["access"],
        json!({ "type": "all", "of": [
            {
                "type": "check",
                "action": "read",
                "resource": "diary",
                "basis": "loaded",
                "id": { "from": "resource" },
                "attributes": [
                    { "name": "owner", "from": "resource" },
                    { "name": "frozen", "from": "absent" },
                    { "name": "locked", "from": "absent" },
                ],
                "scopes": [],
                "concealed": true,
            },
            { "type": "authenticated", "scopes": ["a"] },
        ] })
    );
    assert_eq!(json["routes"][2]["access"], json!({ "type": "public", "reason": "why" }));
}

mod foresight {
    use std::time::SystemTime;

    use super::*;
    use crate::{
        Principal,
        decide::{Answer, Decide, Question},
        guard::manifest::outlook,
        policies::{Decision, Effect, Outline, Outlook, Undecided},
    };

    /// Actions have their answers in their names.
    struct ByName;

    impl Decide for ByName {
        fn decide<'a>(&'a self, _: Question<'a>, action: &'a str) -> Answer<'a, Decision> {
            Answer::now(Ok(Decision::new(if action == "exact" {
                Effect::Allow
            } else {
                Effect::Deny
            })))
        }

        fn foresee<'a>(
            &'a self,
            _: &'a Principal,
            _: Outline<'a>,
            action: &'a str,
            _: SystemTime,
        ) -> Answer<'a, Outlook> {
            Answer::later(async move {
                match action {
                    "always" => Ok(Outlook::Always),
                    "depends" => Ok(Outlook::Depends),
                    "never" => Ok(Outlook::Never),
                    _ => Err(Undecided::unavailable("test")),
                }
            })
        }
    }

    const fn on_one(action: &'static str) -> Access {
        Access::Check(Check::new(action, "album").id(Source::Path("id")))
    }

    const ALWAYS: Access = on_one("always");
    const DEPENDS: Access = on_one("depends");
    const NEVER: Access = on_one("never");
    const UNDECIDED: Access = on_one("nobody knows");
    const PUBLIC: Access = Access::Public { reason: "test" };
    const SCOPED: Access = Access::Authenticated { scope: Some("read write") };

    async fn of(access: Access, caller: Option<&Principal>) -> Option<Outlook> {
        outlook(Rule::Declared(access), caller, &ByName, SystemTime::UNIX_EPOCH).await.ok()
    }

    #[tokio::test]
    async fn it_is_that_of_the_least_part() {
        let bob = Principal::test("bob").scope("read");
        let reader_and_writer = bob.clone().scope("write");
        for (access, anonymous, with_one_scope, with_both) in [
            (PUBLIC, Some(Outlook::Always), Some(Outlook::Always), Some(Outlook::Always)),
            (SCOPED, Some(Outlook::Never), Some(Outlook::Never), Some(Outlook::Always)),
            (ALWAYS, Some(Outlook::Never), Some(Outlook::Always), Some(Outlook::Always)),
            (DEPENDS, Some(Outlook::Never), Some(Outlook::Depends), Some(Outlook::Depends)),
            (NEVER, Some(Outlook::Never), Some(Outlook::Never), Some(Outlook::Never)),
            (UNDECIDED, Some(Outlook::Never), None, None),
            (
                Access::All(&[DEPENDS, PUBLIC, ALWAYS]),
                Some(Outlook::Never),
                Some(Outlook::Depends),
                Some(Outlook::Depends),
            ),
            (
                Access::All(&[DEPENDS, Access::All(&[SCOPED])]),
                Some(Outlook::Never),
                Some(Outlook::Never),
                Some(Outlook::Depends),
            ),
            (Access::All(&[DEPENDS, UNDECIDED]), Some(Outlook::Never), None, None),
        ] {
            assert_eq!(of(access, None).await, anonymous, "{access}");
            assert_eq!(of(access, Some(&bob)).await, with_one_scope, "{access}");
            assert_eq!(of(access, Some(&reader_and_writer)).await, with_both, "{access}");
        }
    }

    #[tokio::test]
    async fn a_question_that_no_request_changes_is_answered_exactly() {
        let bob = Principal::test("bob");
        let absent = &[("frozen", Source::Absent)];
        for (check, expected) in [
            (Check::new("exact", "album"), Some(Outlook::Always)),
            (Check::new("exact", "album").attrs(absent), Some(Outlook::Always)),
            (Check::new("depends", "album"), Some(Outlook::Never)),
            (Check::new("exact", "album").id(Source::Path("id")), None),
            (Check::of::<Diary, Read>(Basis::Loaded), None),
        ] {
            assert_eq!(of(Access::Check(check), Some(&bob)).await, expected, "{check:?}");
        }
    }

    #[tokio::test]
    async fn routes_without_a_guard_are_open_to_all() {
        let rule = Rule::Unguarded(Unguarded::because("test"));
        let nobody = outlook(rule, None, &ByName, SystemTime::UNIX_EPOCH).await;
        assert_eq!(nobody.unwrap(), Outlook::Always);
    }
}

//! What is written for which policies, and what is said about mistakes in them.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;

use axum_authz_build::{Actions, Error};
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let header = "apiVersion: api.cerbos.dev/v1\n";
        fs::write(dir.path().join(name), format!("{header}{text}")).unwrap();
    }
    dir
}

fn render(files: &[(&str, &str)]) -> Result<String, Error> {
    Actions::dir(folder(files).path()).render()
}

fn kind(name: &str, actions: &str) -> String {
    format!(
        "resourcePolicy: {{resource: {name:?}, version: default, rules: [{{actions: {actions}, effect: EFFECT_ALLOW, roles: [user]}}]}}\n"
    )
}

#[test]
fn every_action_is_a_type_in_the_module_of_its_kind() {
    let album = "description: What people do with albums.
resourcePolicy:
  resource: album
  version: default
  rules:
    - {name: visitors-look, actions: ['view:public', share], effect: EFFECT_ALLOW, roles: [user]}
    - {name: nobody-shares, actions: [share], effect: EFFECT_DENY, roles: ['*']}
    - {actions: [list, '*', 'view:*'], effect: EFFECT_ALLOW, roles: [user]}
";
    assert_eq!(
        render(&[("album.yaml", album)]).unwrap(),
        r#"// Written by `axum-authz-build` from the policies.

/// Actions on resources of the kind `album`.
///
/// What people do with albums.
#[allow(
    clippy::allow_attributes,
    clippy::doc_markdown,
    dead_code,
    rustdoc::bare_urls,
    unreachable_pub,
    reason = "written from the policies, whatever the service uses of it"
)]
pub mod album {
    /// The kind, as policies name it.
    pub const KIND: &str = "album";

    /// The names of all its actions, sorted.
    pub const ALL: &[&str] = &["list", "share", "view:public"];

    /// The action `list`.
    #[derive(Debug, Clone, Copy)]
    pub enum List {}

    impl ::axum_authz::guard::Action for List {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "list";
    }

    /// The action `share`.
    ///
    /// Rules: `nobody-shares`, `visitors-look`.
    #[derive(Debug, Clone, Copy)]
    pub enum Share {}

    impl ::axum_authz::guard::Action for Share {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "share";
    }

    /// The action `view:public`.
    ///
    /// Rules: `visitors-look`.
    #[derive(Debug, Clone, Copy)]
    pub enum ViewPublic {}

    impl ::axum_authz::guard::Action for ViewPublic {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "view:public";
    }
}
"#
    );
}

#[test]
fn the_order_of_files_and_rules_does_not_matter() {
    let (album, photo) = (kind("album", "[view, edit]"), kind("photo", "[view]"));
    let one = render(&[("a.yaml", &album), ("b.yaml", &photo)]).unwrap();
    let other = render(&[("b.yaml", &kind("album", "[edit, view]")), ("a.yaml", &photo)]).unwrap();
    assert_eq!(one, other);
    let modules: Vec<&str> = one.lines().filter(|line| line.starts_with("pub mod")).collect();
    assert_eq!(modules, ["pub mod album {", "pub mod photo {"]);
}

#[test]
fn a_renamed_action_is_another_type() {
    let before = render(&[("album.yaml", &kind("album", "[edit]"))]).unwrap();
    let after = render(&[("album.yaml", &kind("album", "[change]"))]).unwrap();
    assert!(before.contains("pub enum Edit {}") && !before.contains("Change"));
    assert!(after.contains("pub enum Change {}") && !after.contains("Edit"));
}

#[test]
fn principals_and_roles_add_actions_to_kinds_and_no_kinds() {
    let text = render(&[
        ("album.yaml", &kind("album", "[view]")),
        (
            "bob.yaml",
            "principalPolicy: {principal: bob, version: default, rules: [
               {resource: album, actions: [{name: bob-archives, action: archive, effect: EFFECT_ALLOW}]},
               {resource: 'al*', actions: [{action: never, effect: EFFECT_ALLOW}]},
               {resource: photo, actions: [{action: view, effect: EFFECT_ALLOW}]}]}\n",
        ),
        (
            "clerk.yaml",
            "rolePolicy: {role: clerk, rules: [{resource: album, allowActions: [view, stamp, 'do:*']}]}\n",
        ),
    ])
    .unwrap();
    assert!(text.contains(r#"ALL: &[&str] = &["archive", "stamp", "view"];"#), "{text}");
    assert!(text.contains("/// Rules: `bob-archives`."), "{text}");
    assert_eq!(text.matches("pub mod").count(), 1);
}

#[test]
fn a_disabled_policy_says_nothing() {
    let photo = format!("disabled: true\n{}", kind("photo", "[view]"));
    let text = render(&[("photo.yaml", &photo), ("album.yaml", &kind("album", "[view]"))]).unwrap();
    assert!(!text.contains("photo"), "{text}");
}

#[test]
fn each_description_of_a_kind_is_told_once_and_as_plain_text() {
    let policy = |description: &str, version: &str| {
        format!(
            "description: \"{description}\"\nresourcePolicy: {{resource: album, version: {version}, rules: []}}\n"
        )
    };
    let text = render(&[
        (
            "a.yaml",
            &policy(r"See [photos] and <b>\n\n    let x = `y`;\n1. one\n- two_three\x01", "a"),
        ),
        ("b.yaml", &policy("Another.", "b")),
        ("c.yaml", &policy("Another.", "c")),
    ])
    .unwrap();
    let docs: Vec<&str> = text.lines().skip(2).take_while(|line| line.starts_with("///")).collect();
    assert_eq!(
        docs,
        [
            "/// Actions on resources of the kind `album`.",
            "///",
            r"/// See \[photos\] and \<b\>",
            r"/// let x = \`y\`;",
            r"/// 1\. one",
            "/// \\- two\\_three\u{fffd}",
            "///",
            "/// Another.",
        ]
    );
}

#[test]
fn names_that_become_the_same_are_told_together() {
    let error = render(&[
        ("a.yaml", &kind("a.b", "['a-b', a_b, 'a:b']")),
        ("b.yaml", &kind("a_b", "[view]")),
    ])
    .unwrap_err();
    let text = error.to_string();
    for expected in [
        "the kinds `a.b` and `a_b` would both be the module `a_b`: rename one of them",
        "the actions `a-b` and `a:b` of `a.b` would both be the type `AB`: rename one of them",
        "the actions `a-b` and `a_b` of `a.b` would both be the type `AB`: rename one of them",
    ] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn mistakes_in_policies_are_shown_with_their_places() {
    let error = render(&[
        ("album.yaml", "resourcePolcy: {}\n"),
        ("photo.yaml", "resourcePolicy:\n  resource: photo\n  version: default\n  rules: 3\n"),
    ])
    .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("--> album.yaml:2:1") && text.contains("--> photo.yaml:5:"), "{text}");
    assert!(text.contains("did you mean `resourcePolicy`?"), "{text}");
    assert_eq!(format!("{error:?}"), text, "Cargo shows `Debug`");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = Actions::dir("no/such/folder").render().unwrap_err();
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}

#[test]
fn the_crate_can_have_another_name() {
    let dir = folder(&[("album.yaml", &kind("album", "[view]"))]);
    let at = |path: &str| Actions::dir(dir.path()).crate_path(path).render();
    assert!(at("authz").unwrap().contains("impl ::authz::guard::Action for View"));
    assert!(
        at("crate::my::authz").unwrap().contains("impl crate::my::authz::guard::Action for View")
    );
    let text = at("self::authz").unwrap_err().to_string();
    assert!(text.contains("`self::authz`") && text.contains("`crate::`"), "{text}");
}

//! The types that `axum-authz-build` writes: that they compile without a warning, and are what handlers can name.
//! That a handler which names an action that is not there does not compile is in `tests/ui/fail/missing_action.rs`.
//!
//! `UPDATE_ACTIONS=1 cargo test --test actions` writes the texts in `tests/ui/actions` anew.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path};

use axum_authz::{
    authorize,
    extract::Authorized,
    guard::{Access, Action, Check, DeclaresAccess, Source},
};
use axum_authz_build::Actions;

include!("ui/actions/photos.rs");

/// Names that cannot stand in Rust as they are.
pub mod awkward {
    include!("ui/actions/awkward.rs");
}

const AWKWARD: &str = r#"
apiVersion: api.cerbos.dev/v1
description: |
  Reads [nothing], see https://example.org/x_y <br> and `self`.
  - CamelCase and snake_case

      indented
resourcePolicy:
  resource: type
  version: default
  rules:
    - name: all-of-them
      actions: [self, Self2, action, clone, copy, debug, KIND, ALL, str, 2fa, "view:own", "GET /x", prüfen, "q\"`\\", "x*"]
      effect: EFFECT_ALLOW
      roles: [user]
"#;

const NUMBERED: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy: {resource: "2-Factor.Auth", version: default, rules: []}
"#;

/// The checked-in text is what is written for the policies today.
fn check(file: &str, dir: &Path) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/actions").join(file);
    let text = Actions::dir(dir).render().unwrap();
    if std::env::var_os("UPDATE_ACTIONS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap();
    assert_eq!(known, text, "run with UPDATE_ACTIONS=1 when the policies were meant to change");
}

#[test]
fn the_types_of_photos_are_those_of_its_policies() {
    check("photos.rs", Path::new("policies/photos"));
}

#[test]
fn the_types_of_awkward_names_are_those_of_their_policies() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("awkward.yaml"), AWKWARD).unwrap();
    fs::write(dir.path().join("numbered.yaml"), NUMBERED).unwrap();
    check("awkward.rs", dir.path());
}

#[test]
fn names_stay_as_policies_have_them() {
    use awkward::{n2_factor_auth, type_};

    assert_eq!((n2_factor_auth::KIND, type_::KIND), ("2-Factor.Auth", "type"));
    assert_eq!((type_::Self_::KIND, type_::Self_::NAME), ("type", "self"));
    assert_eq!((type_::GetX::NAME, type_::N2fa::NAME), ("GET /x", "2fa"));
}

#[test]
fn handlers_name_the_types() {
    #[authorize(album::View, id = path("id"))]
    async fn show() {}

    #[authorize(album::Create)]
    async fn create() {}

    fn access<D: DeclaresAccess, R>(_: impl Fn(Authorized<D>) -> R) -> Access {
        D::ACCESS
    }

    let view = Check::new("view", "album").id(Source::Path("id"));
    assert_eq!(access(show), Access::Check(view));
    assert_eq!(access(create), Access::Check(Check::new("create", "album")));
    assert!(album::ALL.contains(&album::View::NAME));
}

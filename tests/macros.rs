//! The attributes: what they declare, what they leave alone, and what they say about mistakes.

use axum_authz::{
    authenticated, authorize,
    extract::Authorized,
    guard::{Access, Action, Check, DeclaresAccess, Source},
    public,
};

/// The declaration in front of a handler's arguments.
trait Handler<Arguments> {
    const ACCESS: Access;
}

impl<F, R, D: DeclaresAccess> Handler<(D,)> for F
where
    F: Fn(Authorized<D>) -> R,
{
    const ACCESS: Access = D::ACCESS;
}

impl<F, R, D: DeclaresAccess, A> Handler<(D, A)> for F
where
    F: Fn(Authorized<D>, A) -> R,
{
    const ACCESS: Access = D::ACCESS;
}

fn access<Arguments, H: Handler<Arguments>>(_: H) -> Access {
    H::ACCESS
}

#[test]
fn the_declaration_is_a_constant_and_the_first_argument() {
    #[authorize(
        action = "view",
        resource = "album",
        id = path("id"),
        attr(owner = path("user"), tag = query("t"), "on-behalf-of" = header("X-For"))
    )]
    async fn show(_: String) {}

    let attrs = &[
        ("owner", Source::Path("user")),
        ("tag", Source::Query("t")),
        ("on-behalf-of", Source::Header("X-For")),
    ];
    let check = Check::new("view", "album").id(Source::Path("id")).attrs(attrs);
    assert_eq!(access(show), Access::Check(check));
}

#[test]
fn keys_that_are_not_given_declare_nothing() {
    #[authorize(resource = "album", action = "list")]
    async fn list() {}

    let Access::Check(check) = access(list) else { panic!("not a check") };
    assert_eq!((check.action(), check.resource()), ("list", "album"));
    assert_eq!((check.id_source(), check.attr_sources()), (None, &[][..]));
}

#[test]
fn the_short_forms_declare_what_they_are_called() {
    #[authenticated]
    async fn whoami() {}

    #[public(reason = "liveness probe")]
    async fn healthz() {}

    assert_eq!(access(whoami), Access::Authenticated { scope: None });
    assert_eq!(access(healthz), Access::Public { reason: "liveness probe" });
}

#[test]
fn scopes_are_part_of_the_declaration() {
    #[authorize(action = "edit", resource = "album", scope = "photos.read photos.write")]
    async fn edit() {}

    #[authenticated(scope = "photos.read")]
    async fn whoami() {}

    #[authorize(action = "edit", resource = "album")]
    async fn without() {}

    let Access::Check(check) = access(edit) else { panic!("not a check") };
    assert_eq!(check, Check::new("edit", "album").scope("photos.read photos.write"));
    assert_eq!(check.required_scope(), Some("photos.read photos.write"));
    assert_eq!(access(whoami), Access::Authenticated { scope: Some("photos.read") });
    assert_eq!(access(whoami).required_scope(), Some("photos.read"));
    assert_eq!(access(without).required_scope(), None);
}

#[test]
fn a_type_declares_what_it_implements() {
    struct Edit;
    impl DeclaresAccess for Edit {
        const ACCESS: Access = Access::Check(Check::new("edit", "album"));
    }

    #[authorize(Edit)]
    async fn edit() {}

    assert_eq!(access(edit), Edit::ACCESS);
}

#[test]
fn an_action_takes_the_keys_that_names_take() {
    struct Edit;
    impl Action for Edit {
        const KIND: &'static str = "album";
        const NAME: &'static str = "edit";
    }

    #[authorize(Edit, id = path("id"), attr(owner = path("user"), frozen = absent), scope = "photos.write")]
    async fn edit() {}

    #[authorize(Edit)]
    async fn alone() {}

    let check = Check::new("edit", "album").id(Source::Path("id")).scope("photos.write");
    let attrs = &[("owner", Source::Path("user")), ("frozen", Source::Absent)];
    assert_eq!(access(edit), Access::Check(check.attrs(attrs)));
    assert_eq!(access(alone), Access::Check(Check::new("edit", "album")));
}

#[test]
fn mistakes_are_told_where_they_are() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}

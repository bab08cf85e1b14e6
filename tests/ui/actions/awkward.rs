// Written by `axum-authz-build` from the policies.

/// Actions on resources of the kind `2-Factor.Auth`.
#[allow(
    clippy::allow_attributes,
    clippy::doc_markdown,
    dead_code,
    rustdoc::bare_urls,
    unreachable_pub,
    reason = "written from the policies, whatever the service uses of it"
)]
pub mod n2_factor_auth {
    /// The kind, as policies name it.
    pub const KIND: &str = "2-Factor.Auth";

    /// The names of all its actions, sorted.
    pub const ALL: &[&str] = &[];
}

/// Actions on resources of the kind `type`.
///
/// Reads \[nothing\], see https://example.org/x\_y \<br\> and \`self\`.
/// \- CamelCase and snake\_case
/// indented
#[allow(
    clippy::allow_attributes,
    clippy::doc_markdown,
    dead_code,
    rustdoc::bare_urls,
    unreachable_pub,
    reason = "written from the policies, whatever the service uses of it"
)]
pub mod type_ {
    /// The kind, as policies name it.
    pub const KIND: &str = "type";

    /// The names of all its actions, sorted.
    pub const ALL: &[&str] = &[
        "2fa",
        "ALL",
        "GET /x",
        "KIND",
        "Self2",
        "action",
        "clone",
        "copy",
        "debug",
        "prüfen",
        "q\"`\\",
        "self",
        "str",
        "view:own",
    ];

    /// The action `action`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Action {}

    impl ::axum_authz::guard::Action for Action {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "action";
    }

    /// The action `ALL`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum All {}

    impl ::axum_authz::guard::Action for All {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "ALL";
    }

    /// The action `clone`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Clone {}

    impl ::axum_authz::guard::Action for Clone {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "clone";
    }

    /// The action `copy`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Copy {}

    impl ::axum_authz::guard::Action for Copy {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "copy";
    }

    /// The action `debug`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Debug {}

    impl ::axum_authz::guard::Action for Debug {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "debug";
    }

    /// The action `GET /x`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum GetX {}

    impl ::axum_authz::guard::Action for GetX {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "GET /x";
    }

    /// The action `KIND`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Kind {}

    impl ::axum_authz::guard::Action for Kind {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "KIND";
    }

    /// The action `2fa`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum N2fa {}

    impl ::axum_authz::guard::Action for N2fa {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "2fa";
    }

    /// The action `prüfen`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Pru00fcfen {}

    impl ::axum_authz::guard::Action for Pru00fcfen {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "prüfen";
    }

    /// The action `q\"'\\`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Q {}

    impl ::axum_authz::guard::Action for Q {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "q\"`\\";
    }

    /// The action `Self2`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Self2 {}

    impl ::axum_authz::guard::Action for Self2 {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "Self2";
    }

    /// The action `self`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Self_ {}

    impl ::axum_authz::guard::Action for Self_ {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "self";
    }

    /// The action `str`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum Str {}

    impl ::axum_authz::guard::Action for Str {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "str";
    }

    /// The action `view:own`.
    ///
    /// Rules: `all-of-them`.
    #[derive(Debug, Clone, Copy)]
    pub enum ViewOwn {}

    impl ::axum_authz::guard::Action for ViewOwn {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "view:own";
    }
}

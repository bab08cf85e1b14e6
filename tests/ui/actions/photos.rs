// Written by `axum-authz-build` from the policies.

/// Actions on resources of the kind `album`.
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
    pub const ALL: &[&str] = &["create", "delete", "edit", "flag", "list", "share", "view"];

    /// The action `create`.
    ///
    /// Rules: `moderators-stay-neutral`, `use-the-service`.
    #[derive(Debug, Clone, Copy)]
    pub enum Create {}

    impl ::axum_authz::guard::Action for Create {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "create";
    }

    /// The action `delete`.
    ///
    /// Rules: `moderators-clean-up`, `owner-does-everything`.
    #[derive(Debug, Clone, Copy)]
    pub enum Delete {}

    impl ::axum_authz::guard::Action for Delete {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "delete";
    }

    /// The action `edit`.
    ///
    /// Rules: `owner-does-everything`.
    #[derive(Debug, Clone, Copy)]
    pub enum Edit {}

    impl ::axum_authz::guard::Action for Edit {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "edit";
    }

    /// The action `flag`.
    ///
    /// Rules: `moderators-clean-up`, `report-what-one-sees`.
    #[derive(Debug, Clone, Copy)]
    pub enum Flag {}

    impl ::axum_authz::guard::Action for Flag {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "flag";
    }

    /// The action `list`.
    ///
    /// Rules: `use-the-service`.
    #[derive(Debug, Clone, Copy)]
    pub enum List {}

    impl ::axum_authz::guard::Action for List {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "list";
    }

    /// The action `share`.
    ///
    /// Rules: `not-with-everybody`, `owner-does-everything`.
    #[derive(Debug, Clone, Copy)]
    pub enum Share {}

    impl ::axum_authz::guard::Action for Share {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "share";
    }

    /// The action `view`.
    ///
    /// Rules: `friend-looks`, `moderators-clean-up`, `owner-does-everything`, `public-is-public`.
    #[derive(Debug, Clone, Copy)]
    pub enum View {}

    impl ::axum_authz::guard::Action for View {
        const KIND: &'static str = KIND;
        const NAME: &'static str = "view";
    }
}

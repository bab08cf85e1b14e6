//! What can be wrong with a request, one thing at a time.

use axum::{body::Body, http::Request};

use crate::{
    service::{Setup, bearer},
    trail::watched,
    world::{ABSENT, ALICES, BOBS, HUGE, LOST, NOT_A_NUMBER},
};

macro_rules! wrong {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Wrong {
            $($(#[$doc])* $name,)*
        }

        impl Wrong {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

wrong! {
    Nothing,
    /// No credentials.
    Anonymous,
    /// No token of the issuer's.
    Token,
    /// The token lacks the scope.
    Scope,
    /// The caller does not have the role without which nothing is allowed.
    Role,
    /// The same, and the body cannot be read.
    RoleAndText,
    /// What the policies ask of the caller takes too long.
    Claim,
    /// The path has no number.
    Key,
    /// There is no such album.
    Absent,
    /// It cannot be looked for.
    Loader,
    /// It is somebody else's, in the path as in the body.
    Owner,
    /// It is somebody else's, and the body cannot be read.
    OwnerAndText,
    /// What the policies ask of the album takes too long.
    Huge,
    /// An attribute is not a number.
    Stars,
    /// It would be somebody else's.
    NewOwner,
    /// It would be too much to ask about.
    NewHuge,
    /// An attribute would not be a number any more.
    NewStars,
    /// The body is no JSON.
    Text,
    /// The body does not say that it is JSON.
    ContentType,
    /// There is no such folder.
    FolderAbsent,
    /// It is somebody else's folder.
    FolderOwner,
}

impl Wrong {
    /// A request to `path`, with an album for `{id}` and a folder for `{folder}`.
    ///
    /// Owner and size of the album are in the query, too: for those who do not load it.
    pub(crate) fn request(self, path: &str, setup: &Setup) -> Request<Body> {
        let id = match self {
            Self::Owner | Self::OwnerAndText => BOBS,
            Self::Stars => NOT_A_NUMBER,
            Self::Huge => HUGE,
            Self::Loader => LOST,
            Self::Absent => ABSENT,
            _ => ALICES,
        };
        let id = if self == Self::Key { "x".into() } else { id.to_string() };
        let folder = match self {
            Self::FolderAbsent => ABSENT,
            Self::FolderOwner => BOBS,
            _ => ALICES,
        };
        let path = path.replace("{id}", &id).replace("{folder}", &folder.to_string());
        let owner = if matches!(self, Self::Owner | Self::OwnerAndText) { "bob" } else { "alice" };
        let huge = if self == Self::Huge { "&huge=yes" } else { "" };

        let mut request = Request::post(format!("{path}?owner={owner}&stars=4{huge}"));
        if let Some(credentials) = self.credentials(setup) {
            request = request.header("authorization", credentials);
        }
        let content_type =
            if self == Self::ContentType { "text/plain" } else { "application/json" };
        request.header("content-type", content_type).body(watched(self.body(owner))).unwrap()
    }

    fn credentials(self, setup: &Setup) -> Option<String> {
        let alice = setup.user("alice");
        match self {
            Self::Anonymous => None,
            Self::Token => Some("Bearer x".into()),
            Self::Scope => Some(bearer(alice.scope("photos.read"))),
            Self::Role | Self::RoleAndText => Some(bearer(alice.groups(["guest"]))),
            Self::Claim => Some(bearer(alice.claim("huge", true))),
            _ => Some(bearer(alice)),
        }
    }

    fn body(self, owner: &str) -> String {
        let (owner, stars, huge) = match self {
            Self::Text | Self::RoleAndText | Self::OwnerAndText => return "{".into(),
            Self::NewOwner => ("bob", r#","stars":4"#, ""),
            Self::Stars | Self::NewStars => (owner, "", ""),
            Self::Huge | Self::NewHuge => (owner, r#","stars":4"#, r#","huge":true"#),
            _ => (owner, r#","stars":4"#, ""),
        };
        format!(r#"{{"id":1,"owner":"{owner}"{stars}{huge}}}"#)
    }

    /// The challenge that a refusal comes with.
    pub(crate) fn challenge(self, status: u16) -> Option<&'static str> {
        match (self, status) {
            (Self::Anonymous, 401) => Some(r#"Bearer realm="photos""#),
            (Self::Token, 401) => Some(concat!(
                r#"Bearer realm="photos", error="invalid_token", "#,
                r#"error_description="the access token is malformed, expired or not meant for this service""#
            )),
            (Self::Scope, 403) => {
                Some(r#"Bearer realm="photos", error="insufficient_scope", scope="photos.write""#)
            }
            _ => None,
        }
    }
}

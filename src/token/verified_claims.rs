//! Claims as a mapping of the service's own sees them, and what it makes of them.

use std::{fmt, time::SystemTime};

use super::{claims::Claims, pointer::Pointer};
use crate::principal::{Map, Value};

/// The claims of a token that has been verified; see
/// [`AuthentikBuilder::principal`](super::AuthentikBuilder::principal).
///
/// `Debug` shows nothing of them.
#[derive(Clone, Copy)]
pub struct VerifiedClaims<'a> {
    claims: &'a Claims,
    issuer: &'a str,
}

impl<'a> VerifiedClaims<'a> {
    pub(super) fn new(claims: &'a Claims, issuer: &'a str) -> Self {
        Self { claims, issuer }
    }

    /// The issuer, byte for byte as configured (`iss`).
    #[must_use]
    pub fn issuer(&self) -> &'a str {
        self.issuer
    }

    /// Whom the token is about (`sub`). Never empty.
    #[must_use]
    pub fn subject(&self) -> &'a str {
        &self.claims.subject
    }

    /// The client the token was issued to (`azp`).
    #[must_use]
    pub fn client_id(&self) -> Option<&'a str> {
        self.claims.client_id.as_deref()
    }

    /// Who acts for the subject (`act.sub`, RFC 8693 section 4.1).
    #[must_use]
    pub fn actor(&self) -> Option<&'a str> {
        self.claims.actor.as_deref()
    }

    /// The login session (`sid`); tokens without a login have none.
    #[must_use]
    pub fn session_id(&self) -> Option<&'a str> {
        self.claims.session_id.as_deref()
    }

    /// The token's own identifier (`jti`).
    #[must_use]
    pub fn token_id(&self) -> Option<&'a str> {
        self.claims.token_id.as_deref()
    }

    /// When the token was issued (`iat`), by the issuer's clock.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.claims.issued_at
    }

    /// When the token expires (`exp`).
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.claims.expires_at
    }

    /// What the client was granted (`scope`).
    pub fn scopes(&self) -> impl Iterator<Item = &'a str> {
        self.claims.scopes()
    }

    /// The claim of this name, or what a JSON pointer that begins with `/` leads to (RFC 6901).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        Pointer::parse(name)?.find(&self.claims.all)
    }

    /// The strings in the list that [`get`](Self::get) finds. None if it finds something else, or nothing.
    pub fn strings(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        strings(self.get(name))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &'a Map {
        &self.claims.all
    }
}

impl fmt::Debug for VerifiedClaims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedClaims").finish_non_exhaustive()
    }
}

/// The members of a list that are strings with something in them.
pub(super) fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = value.and_then(Value::as_list).into_iter().flatten();
    items.filter_map(Value::as_str).filter(|text| !text.is_empty())
}

/// What a mapping of the service's own makes of claims; see
/// [`AuthentikBuilder::principal`](super::AuthentikBuilder::principal). Whatever is not given here the
/// principal does not have, but for its identifier.
///
/// `Debug` shows nothing of it.
#[derive(Clone, Default)]
#[must_use]
pub struct PrincipalParts {
    pub(super) id: Option<Box<str>>,
    pub(super) roles: Vec<Box<str>>,
    pub(super) attributes: Vec<(Box<str>, Value)>,
}

impl PrincipalParts {
    /// No roles, no attributes, and the identifier as it is without a mapping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the identifier. It must be unique among everybody whose tokens are accepted; a token whose
    /// identifier is empty is refused.
    pub fn id(mut self, id: impl Into<Box<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds a role. Roles that are empty, or there already, are left out.
    pub fn role(self, role: impl Into<Box<str>>) -> Self {
        self.roles([role])
    }

    /// Adds roles, as [`role`](Self::role) does.
    pub fn roles(mut self, roles: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        for role in roles {
            add_role(&mut self.roles, role.into());
        }
        self
    }

    /// Sets an attribute.
    pub fn attribute(mut self, name: impl Into<Box<str>>, value: impl Into<Value>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for PrincipalParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrincipalParts").finish_non_exhaustive()
    }
}

/// Each role once: Authentik concatenates the lists of several scope mappings, so that names may repeat.
pub(super) fn add_role(roles: &mut Vec<Box<str>>, role: Box<str>) {
    if !role.is_empty() && !roles.contains(&role) {
        roles.push(role);
    }
}

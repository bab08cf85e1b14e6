//! From verified claims to a principal.

use std::{fmt, sync::Arc};

use super::{
    AuthentikBuilder, ConfigError, ConfigErrorKind, Invalid, PrincipalParts, VerifiedClaims,
    claims::Claims,
    pointer::Pointer,
    verified_claims::{add_role, strings},
};
use crate::principal::{InvalidClaim, Lifetime, Map, Parts, Principal, Value};

/// The claim that holds the names of a user's groups in Authentik, with scope `profile`.
const GROUPS: &str = "groups";

/// What becomes of claims.
///
/// Unless told otherwise, the principal's identifier is the subject (`sub`), its roles are the names in
/// `groups`, and its attributes are all claims. `groups` is there when the client has asked for the scope
/// `profile`.
///
/// Where a claim's *name* is taken, text that begins with `/` is a JSON pointer into the claims (RFC 6901):
/// `/org/roles` are the `roles` in the object `org`. A claim that is absent, or not of the form that is needed,
/// grants nothing.
impl AuthentikBuilder {
    /// Gives every verified caller this role, besides those of the token. May be repeated.
    pub fn static_role(mut self, role: &str) -> Self {
        add_role(&mut self.mapping.static_roles, role.into());
        self
    }

    /// Makes roles of the strings in the list `name` too, for instance `entitlements`. May be repeated.
    ///
    /// Roles come in the order of these calls, those of `groups` first. Whatever is no list of strings gives
    /// none: a string is not split, and members of a list that are no strings are left out.
    pub fn roles_from(mut self, name: &str) -> Self {
        if let Some(pointer) = self.mapping.pointer(name) {
            self.mapping.roles.push(pointer);
        }
        self
    }

    /// Makes no roles of `groups`, unless [`roles_from`](Self::roles_from) says so.
    ///
    /// Entitlements belong to one application and are granted by its administrators; groups belong to the whole
    /// of Authentik and may be given by anybody to whom their management was delegated.
    pub fn without_groups(mut self) -> Self {
        self.mapping.uses_groups = false;
        self
    }

    /// Makes attributes of these claims only, instead of all. May be repeated.
    ///
    /// What a pointer leads to is called by the pointer's last part: `/org/department` becomes `department`.
    pub fn attributes<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.mapping.all_attributes = false;
        for name in names {
            if let Some(pointer) = self.mapping.pointer(name) {
                let name = Box::from(pointer.name());
                self.mapping.add_attribute(name, pointer);
            }
        }
        self
    }

    /// Makes an attribute `name` of the claim `from`, besides the others. May be repeated.
    ///
    /// It takes the place of the claim that is itself called `name`, even in tokens that have no `from`.
    ///
    /// ```
    /// use axum_authz::token::Authentik;
    ///
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
    ///     .audience("photos")
    ///     .without_groups()
    ///     .roles_from("entitlements")
    ///     .attributes(["email", "/ak_proxy/user_attributes/team"]) // P.attr.email, P.attr.team
    ///     .attribute("unit", "/org/department/0") // P.attr.unit
    ///     .build()?;
    /// # Ok::<(), axum_authz::token::ConfigError>(())
    /// ```
    pub fn attribute(mut self, name: &str, from: &str) -> Self {
        if let Some(pointer) = self.mapping.pointer(from) {
            self.mapping.add_attribute(name.into(), pointer);
        }
        self
    }

    /// Makes identifiers unique over several issuers: `ISSUER#SUBJECT`, for instance
    /// `https://id.example.org/application/o/photos/#alice`. No issuer has a `#` in it. An identifier that a
    /// closure gives ([`principal`](Self::principal)) stays as it is.
    ///
    /// Without this the identifier is the subject alone, and whoever accepts tokens of two issuers believes
    /// each of them about the same people.
    pub fn id_with_issuer(mut self) -> Self {
        self.mapping.id_with_issuer = true;
        self
    }

    /// Lets `map` say what the principal is, instead of everything else here but for
    /// [`static_role`](Self::static_role) and [`id_with_issuer`](Self::id_with_issuer). It is called once for
    /// each token that has passed verification.
    ///
    /// It may refuse the token: with [`Invalid::MissingClaim`] or [`Invalid::Claim`] and the claim's name, for
    /// the client 401.
    ///
    /// ```
    /// use axum_authz::token::{Authentik, Invalid, PrincipalParts, VerifiedClaims};
    ///
    /// fn tenant_user(claims: &VerifiedClaims<'_>) -> Result<PrincipalParts, Invalid> {
    ///     let tenant = claims.get("tenant").and_then(|tenant| tenant.as_str()).ok_or(Invalid::MissingClaim("tenant"))?;
    ///     let prefix = format!("{tenant}:");
    ///     Ok(PrincipalParts::new()
    ///         .id(format!("{tenant}/{}", claims.subject()))
    ///         .roles(claims.strings("groups").filter_map(|group| group.strip_prefix(&prefix)))
    ///         .attribute("tenant", tenant))
    /// }
    ///
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
    ///     .audience("photos")
    ///     .principal(tenant_user)
    ///     .build()?;
    /// # Ok::<(), axum_authz::token::ConfigError>(())
    /// ```
    pub fn principal<F>(mut self, map: F) -> Self
    where
        F: Fn(&VerifiedClaims<'_>) -> Result<PrincipalParts, Invalid> + Send + Sync + 'static,
    {
        self.mapping.own = Some(Own(Arc::new(map)));
        self
    }
}

/// Where a principal's identifier, roles and attributes come from.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    uses_groups: bool,
    /// Lists whose strings become roles, in this order and after the groups.
    roles: Vec<Pointer>,
    /// Roles of every verified caller.
    static_roles: Vec<Box<str>>,
    all_attributes: bool,
    /// Attributes by their names; each name once.
    attributes: Vec<(Box<str>, Pointer)>,
    id_with_issuer: bool,
    own: Option<Own>,
    /// The first name that is no pointer although it begins like one.
    misspelt: Option<Box<str>>,
}

/// A mapping of the service's own.
#[derive(Clone)]
struct Own(Arc<OwnFn>);

type OwnFn = dyn Fn(&VerifiedClaims<'_>) -> Result<PrincipalParts, Invalid> + Send + Sync;

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            uses_groups: true,
            roles: Vec::new(),
            static_roles: Vec::new(),
            all_attributes: true,
            attributes: Vec::new(),
            id_with_issuer: false,
            own: None,
            misspelt: None,
        }
    }
}

impl Mapping {
    /// Whether every name can be used.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let Some(text) = &self.misspelt else { return Ok(()) };
        let message = format!(
            "`{text}` is no JSON pointer: write `~0` for `~` and `~1` for `/` within a name"
        );
        Err(ConfigError::new(ConfigErrorKind::InvalidPointer, message))
    }

    /// The principal of a token. `lifetime` knows when it ends.
    pub(super) fn principal(
        &self,
        claims: Claims,
        issuer: Arc<str>,
        lifetime: Option<Arc<dyn Lifetime>>,
    ) -> Result<Principal, Invalid> {
        let PrincipalParts { id, mut roles, attributes } = match &self.own {
            Some(Own(own)) => own(&VerifiedClaims::new(&claims, &issuer))?,
            None => self.parts(&claims.all),
        };
        for role in &self.static_roles {
            add_role(&mut roles, role.clone());
        }
        let id = match id {
            Some(id) if id.is_empty() => return Err(Invalid::Claim("sub")),
            Some(id) => id,
            None if self.id_with_issuer => format!("{issuer}#{}", claims.subject).into(),
            None => claims.subject,
        };
        let parts = Parts {
            issuer,
            id,
            roles,
            attributes: self.attributes(&claims.all, attributes),
            claims: claims.all,
            expires_at: Some(claims.expires_at),
            lifetime,
        };
        Principal::from_parts(parts).map_err(|wrong| Invalid::Claim(registered(&wrong)))
    }

    fn parts(&self, claims: &Map) -> PrincipalParts {
        let groups = self.uses_groups.then(|| claims.get(GROUPS)).flatten();
        let others = self.roles.iter().flat_map(|pointer| strings(pointer.find(claims)));
        let attributes = self
            .attributes
            .iter()
            .filter_map(|(name, pointer)| Some((name.clone(), pointer.find(claims)?.clone())));
        PrincipalParts {
            id: None,
            attributes: attributes.collect(),
            ..PrincipalParts::new().roles(strings(groups).chain(others))
        }
    }

    fn attributes(&self, claims: &Map, named: Vec<(Box<str>, Value)>) -> Map {
        if self.own.is_some() || !self.all_attributes {
            return named.into_iter().collect();
        }
        if self.attributes.is_empty() {
            return claims.clone();
        }
        let is_named = |name: &str| self.attributes.iter().any(|(other, _)| **other == *name);
        let claims = claims.iter().filter(|(name, _)| !is_named(name));
        claims.map(|(name, value)| (name.into(), value.clone())).chain(named).collect()
    }

    /// The last of several attributes of one name counts.
    fn add_attribute(&mut self, name: Box<str>, pointer: Pointer) {
        self.attributes.retain(|(other, _)| *other != name);
        self.attributes.push((name, pointer));
    }

    fn pointer(&mut self, text: &str) -> Option<Pointer> {
        let pointer = Pointer::parse(text);
        if pointer.is_none() {
            self.misspelt.get_or_insert_with(|| text.into());
        }
        pointer
    }
}

/// The name of the claim that policies cannot be shown.
fn registered(wrong: &InvalidClaim) -> &'static str {
    const NAMES: [&str; 7] = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"];
    NAMES.into_iter().find(|name| **name == *wrong.claim).unwrap_or("registered")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{Authentik, json};

    fn builder() -> AuthentikBuilder {
        Authentik::issuer("https://id.example.org/").audience("photos")
    }

    fn roles(builder: &AuthentikBuilder, claims: &str) -> Vec<String> {
        let claims = json::object(claims.as_bytes()).unwrap();
        builder.mapping.parts(&claims).roles.into_iter().map(String::from).collect()
    }

    #[test]
    fn groups_are_roles_without_duplicates() {
        let claims = r#"{"groups":["staff","a|b","staff","media team"]}"#;
        assert_eq!(roles(&builder(), claims), ["staff", "a|b", "media team"]);
        assert!(roles(&builder().without_groups(), claims).is_empty());
        assert_eq!(roles(&builder().without_groups().roles_from("/groups/0"), claims), [""; 0]);
    }

    #[test]
    fn groups_of_another_form_give_no_roles() {
        for claims in
            [r#"{}"#, r#"{"groups":null}"#, r#"{"groups":"admin"}"#, r#"{"groups":{"admin":true}}"#]
        {
            assert!(roles(&builder(), claims).is_empty(), "{claims}");
        }
        let mixed = r#"{"groups":[1,null,{"name":"admin"},["admin"],"","user"]}"#;
        assert_eq!(roles(&builder(), mixed), ["user"]);
    }

    #[test]
    fn other_lists_come_after_groups_in_their_order() {
        let builder = builder().roles_from("entitlements").roles_from("/org/0/roles");
        let claims = r#"{"entitlements":["moderate","staff"],"groups":["staff"],"roles":["root"],"org":[{"roles":["a"]}]}"#;
        assert_eq!(roles(&builder, claims), ["staff", "moderate", "a"]);
    }

    #[test]
    fn a_misspelt_pointer_is_told() {
        for builder in [
            builder().roles_from("/a~b"),
            builder().attributes(["a", "/a~b"]),
            builder().attribute("a", "/a~b"),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ConfigErrorKind::InvalidPointer);
            assert!(error.to_string().contains("`/a~b`"));
        }
        assert!(builder().roles_from("a~b").attribute("x", "/a~0b").build().is_ok());
    }

    #[test]
    fn a_mapping_with_a_closure_can_be_shown() {
        let builder = builder().principal(|_| Ok(PrincipalParts::new()));
        assert!(format!("{builder:?}").contains("own: Some(..)"));
    }

    #[test]
    fn every_claim_that_policies_refuse_has_a_name() {
        for name in ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"] {
            let claims: Map = [(name, Value::Bool(true))].into_iter().collect();
            let wrong = authz_engine::AuxData::from_claims(&claims).unwrap_err();
            assert_eq!(registered(&wrong), name);
        }
    }
}

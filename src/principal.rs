//! Who asks: the verified caller of a request.
//!
//! A [`Principal`] is what remains of a token once it has been verified: the identity, the roles and
//! the claims, in the form in which policies read them. It knows nothing of HTTP or of tokens.

use std::{fmt, sync::Arc, time::SystemTime};

pub use authz_engine::{Map, Value};

/// The verified caller of a request.
///
/// Cloning is cheap, and a clone can be moved into another task. The identity is the pair of
/// [`issuer`](Self::issuer) and [`id`](Self::id): two issuers may use the same subject, and in some of
/// Authentik's subject modes (user name, e-mail address) a subject can pass to another person.
///
/// `Debug` shows the issuer and the identifier, never roles or claims.
///
/// ```
/// # #[cfg(feature = "test-kit")] {
/// use axum_authz::principal::Principal;
///
/// let bob = Principal::test("bob").role("user").attribute("department", "media");
/// assert_eq!(bob.id(), "bob");
/// assert!(bob.has_role("user"));
/// # }
/// ```
#[derive(Clone)]
pub struct Principal(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    engine: authz_engine::Principal,
    issuer: Arc<str>,
    claims: Map,
    expires_at: Option<SystemTime>,
}

/// What a principal is made of, filled in by the mapping of verified claims.
pub(crate) struct Parts {
    pub(crate) issuer: Arc<str>,
    pub(crate) subject: Box<str>,
    pub(crate) roles: Vec<Box<str>>,
    pub(crate) attributes: Map,
    pub(crate) claims: Map,
    pub(crate) expires_at: Option<SystemTime>,
}

impl Principal {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        let Parts { issuer, subject, roles, attributes, claims, expires_at } = parts;
        let engine =
            authz_engine::Principal { id: subject, roles, attr: attributes, ..Default::default() };
        Self(Arc::new(Inner { engine, issuer, claims, expires_at }))
    }

    /// The identifier: the token's subject (`sub`, RFC 7519 section 4.1.2), `P.id` in policies.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.engine.id
    }

    /// The issuer that vouches for the identifier (`iss`), byte for byte as configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The roles, in the order in which policies try them; without duplicates.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.0.engine.roles.iter().map(|role| &**role)
    }

    /// Whether the principal has `role`, compared byte for byte.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|own| own == role)
    }

    /// The attribute `name`, `P.attr.name` in policies.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&Value> {
        self.attributes().get(name)
    }

    /// All attributes, `P.attr` in policies.
    #[must_use]
    pub fn attributes(&self) -> &Map {
        &self.0.engine.attr
    }

    /// The verified claims of the token, as the issuer signed them.
    #[must_use]
    pub fn claims(&self) -> &Map {
        &self.0.claims
    }

    /// When the token expires (`exp`), without the leeway that verification grants.
    ///
    /// `None` for principals that did not come from a token.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// The principal as the policy engine takes it.
    pub(crate) fn engine(&self) -> &authz_engine::Principal {
        &self.0.engine
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("issuer", &self.issuer())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// Principals without a token, for tests of handlers and policies.
#[cfg(feature = "test-kit")]
impl Principal {
    /// A principal without roles and attributes; its issuer is `https://authentik.test/`.
    #[must_use]
    pub fn test(id: &str) -> Self {
        let claims: Map =
            [(Box::<str>::from("sub"), Value::String(id.into()))].into_iter().collect();
        Self::from_parts(Parts {
            issuer: "https://authentik.test/".into(),
            subject: id.into(),
            roles: Vec::new(),
            attributes: claims.clone(),
            claims,
            expires_at: None,
        })
    }

    /// The same principal with one more role.
    #[must_use]
    pub fn role(mut self, role: &str) -> Self {
        if !self.has_role(role) {
            Arc::make_mut(&mut self.0).engine.roles.push(role.into());
        }
        self
    }

    /// The same principal with the claim and attribute `name` set to `value` in its JSON form.
    ///
    /// # Panics
    ///
    /// When `value` has no JSON form, for instance a map whose keys are not strings.
    #[must_use]
    #[expect(clippy::expect_used, reason = "part of the test kit")]
    pub fn attribute(mut self, name: &str, value: impl serde::Serialize) -> Self {
        let value = serde_json::to_value(value).expect("the attribute should have a JSON form");
        let inner = Arc::make_mut(&mut self.0);
        let with = |map: &Map| -> Map {
            let others = map.iter().filter(|(key, _)| *key != name);
            others
                .map(|(key, value)| (Box::<str>::from(key), value.clone()))
                .chain([(name.into(), from_json(value.clone()))])
                .collect()
        };
        inner.claims = with(&inner.claims);
        inner.engine.attr = with(&inner.engine.attr);
        self
    }
}

/// A JSON value as policies see it: every number is a double.
#[cfg(feature = "test-kit")]
fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::String(text.into()),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(entries) => {
            let entries = entries.into_iter();
            Value::Map(
                entries.map(|(key, value)| (key.into_boxed_str(), from_json(value))).collect(),
            )
        }
    }
}

#[cfg(all(test, feature = "test-kit"))]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_roles_nor_claims() {
        let bob = Principal::test("bob").role("moderator").attribute("salary", "4711");
        let text = format!("{bob:?}");
        assert!(text.contains("bob"), "{text}");
        assert!(!text.contains("moderator") && !text.contains("4711"), "{text}");
    }

    #[test]
    fn attributes_are_claims_and_numbers_are_doubles() {
        let bob = Principal::test("bob").attribute("level", 3).attribute("level", 4);
        assert_eq!(bob.attr("level"), Some(&Value::Double(4.0)));
        assert_eq!(bob.claims().get("level"), Some(&Value::Double(4.0)));
        assert_eq!(bob.attr("sub"), Some(&Value::String("bob".into())));
    }

    #[test]
    fn a_clone_that_gains_a_role_leaves_the_original_alone() {
        let bob = Principal::test("bob");
        let admin = bob.clone().role("admin").role("admin");
        assert_eq!(bob.roles().count(), 0);
        assert_eq!(admin.roles().collect::<Vec<_>>(), ["admin"]);
    }
}

//! From verified claims to a principal.

use std::sync::Arc;

use super::{AuthentikBuilder, claims::Claims};
use crate::principal::{Map, Parts, Principal, Value};

/// The claim that holds the names of a user's groups in Authentik, with scope `profile`.
const GROUPS: &str = "groups";

/// What becomes of claims.
impl AuthentikBuilder {
    /// Gives every verified caller this role, besides those of the token. May be repeated.
    pub fn static_role(mut self, role: &str) -> Self {
        self.mapping.add_static_role(role);
        self
    }

    /// Makes roles of the strings in the claim `name` too, for instance `entitlements`. May be repeated.
    ///
    /// The claim `groups` is always used: in Authentik it holds the names of the user's groups when the client
    /// has asked for the scope `profile`. A claim that is absent or no array of strings gives no roles.
    pub fn roles_from(mut self, name: &str) -> Self {
        self.mapping.add_role_claim(name);
        self
    }
}

/// Where a principal's roles come from.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    /// Claims whose strings become roles, in this order.
    role_claims: Vec<Box<str>>,
    /// Roles of every verified caller.
    static_roles: Vec<Box<str>>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self { role_claims: vec![GROUPS.into()], static_roles: Vec::new() }
    }
}

impl Mapping {
    pub(super) fn add_role_claim(&mut self, name: &str) {
        self.role_claims.push(name.into());
    }

    pub(super) fn add_static_role(&mut self, role: &str) {
        self.static_roles.push(role.into());
    }

    pub(super) fn principal(&self, claims: Claims, issuer: Arc<str>) -> Principal {
        let Claims { all, subject, expires_at } = claims;
        Principal::from_parts(Parts {
            issuer,
            subject,
            roles: self.roles(&all),
            attributes: all.clone(),
            claims: all,
            expires_at: Some(expires_at),
        })
    }

    /// A claim that is absent, or has another form than it should, gives no roles. Authentik concatenates
    /// the lists of several mappings, so names may repeat.
    fn roles(&self, claims: &Map) -> Vec<Box<str>> {
        let mut roles: Vec<Box<str>> = Vec::new();
        let mut add = |role: &str| {
            if !role.is_empty() && !roles.iter().any(|known| **known == *role) {
                roles.push(role.into());
            }
        };
        for name in &self.role_claims {
            let Some(Value::List(items)) = claims.get(name) else { continue };
            for item in items.iter() {
                if let Value::String(role) = item {
                    add(role);
                }
            }
        }
        for role in &self.static_roles {
            add(role);
        }
        roles
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::json;

    fn roles(mapping: &Mapping, claims: &str) -> Vec<String> {
        let claims = json::object(claims.as_bytes()).unwrap();
        mapping.roles(&claims).into_iter().map(String::from).collect()
    }

    #[test]
    fn groups_are_roles_without_duplicates() {
        let claims = r#"{"groups":["staff","a|b","staff","media team"]}"#;
        assert_eq!(roles(&Mapping::default(), claims), ["staff", "a|b", "media team"]);
    }

    #[test]
    fn groups_of_another_form_give_no_roles() {
        for claims in
            [r#"{}"#, r#"{"groups":null}"#, r#"{"groups":"admin"}"#, r#"{"groups":{"admin":true}}"#]
        {
            assert!(roles(&Mapping::default(), claims).is_empty(), "{claims}");
        }
        let mixed = r#"{"groups":[1,null,{"name":"admin"},["admin"],"","user"]}"#;
        assert_eq!(roles(&Mapping::default(), mixed), ["user"]);
    }

    #[test]
    fn other_claims_and_static_roles_come_after_groups() {
        let mut mapping = Mapping::default();
        mapping.add_role_claim("entitlements");
        mapping.add_static_role("user");
        mapping.add_static_role("staff");
        let claims = r#"{"entitlements":["moderate","staff"],"groups":["staff"],"roles":["root"]}"#;
        assert_eq!(roles(&mapping, claims), ["staff", "moderate", "user"]);
        assert_eq!(roles(&mapping, "{}"), ["user", "staff"]);
    }
}

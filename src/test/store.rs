//! What the stand-in remembers of the tokens it issued.
//!
//! Authentik keeps tokens in its database and finds them by their full text: that is how introspection, userinfo and
//! revocation know them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Refresh,
    /// Found only as `id_token_hint`.
    Id,
}

/// A token that was issued.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) client_id: String,
    pub(super) claims: Map<String, Value>,
    pub(super) scope: String,
    pub(super) revoked: bool,
}

impl Row {
    pub(super) fn sid(&self) -> Option<&str> {
        self.claims.get("sid").and_then(Value::as_str)
    }

    pub(super) fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|scope| scope == name)
    }

    fn is_over(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let end = self.claims.get("exp").and_then(Value::as_f64);
        end.is_some_and(|end| end <= now.as_secs_f64())
    }
}

#[derive(Default)]
pub(super) struct Store {
    rows: Mutex<BTreeMap<String, Row>>,
}

impl Store {
    pub(super) fn insert(&self, token: &str, row: Row) {
        self.rows().insert(token.to_owned(), row);
    }

    /// The access or refresh token with this text, unless it has expired.
    pub(super) fn find(&self, token: &str, now: SystemTime) -> Option<Row> {
        let row = self.rows().get(token).cloned()?;
        (row.kind != Kind::Id && !row.is_over(now)).then_some(row)
    }

    /// The ID token with this text, expired or not.
    pub(super) fn find_id_token(&self, token: &str) -> Option<Row> {
        self.rows().get(token).filter(|row| row.kind == Kind::Id).cloned()
    }

    /// Marks a token as revoked; whether there is one.
    pub(super) fn revoke(&self, token: &str) -> bool {
        let mut rows = self.rows();
        let row = rows.get_mut(token);
        row.map(|row| row.revoked = true).is_some()
    }

    /// Deletes a client's token.
    pub(super) fn delete(&self, token: &str, client_id: &str) {
        let mut rows = self.rows();
        if rows.get(token).is_some_and(|row| row.client_id == client_id) {
            rows.remove(token);
        }
    }

    /// Deletes the access tokens of a login session: of one client, or of all. Refresh tokens outlive it.
    pub(super) fn end_session(&self, sid: &str, client_id: Option<&str>) {
        self.rows().retain(|_, row| {
            let concerned = client_id.is_none_or(|id| id == row.client_id);
            !(row.kind == Kind::Access && concerned && row.sid() == Some(sid))
        });
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<String, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What a service's `main.rs` needs, in one import.
//!
//! Besides this crate's own names it has the few of axum and tokio without which there is no service. `Router` and
//! `get` are axum's; with `use axum_authz::guard::{Router, get}` beside this import they are the guarded ones.

pub use axum::{self, Router, extract::Path, routing::get};
pub use tokio::net::TcpListener;

pub use crate::{
    Principal, authenticated, authorize,
    endpoint::BackChannelLogout,
    extract::{All, Authorized, Changed, Checked, Decider, Loaded, Permissions, PrincipalOf},
    guard,
    layer::{AuthzLayer, ForwardAuth, ResourceMetadata},
    policies::Policies,
    public,
    resource::{Load, Resource},
    token::{
        Authentik, DecryptionKey, Introspection, Revocation, RevocationList, Revocations,
        SharedSecret,
    },
};

//! What a service's `main.rs` needs, in one import.
//!
//! Besides this crate's own names it has the few of axum and tokio without which there is no service.

pub use axum::{self, Router, extract::Path, routing::get};
pub use tokio::net::TcpListener;

pub use crate::{
    Principal, authenticated, authorize,
    endpoint::BackChannelLogout,
    extract::{Authorized, PrincipalOf},
    layer::{AuthzLayer, ForwardAuth, ResourceMetadata},
    policies::Policies,
    public,
    resource::{Load, Resource},
    token::{
        Authentik, DecryptionKey, Introspection, Revocation, RevocationList, Revocations,
        SharedSecret,
    },
};

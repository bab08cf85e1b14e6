//! Endpoints that a service offers to Authentik.

mod logout;

pub use logout::BackChannelLogout;

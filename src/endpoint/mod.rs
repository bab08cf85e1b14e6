//! Endpoints that a service offers to Authentik, and to its own user interface.

mod capabilities;
mod logout;

pub use capabilities::capabilities;
pub use logout::BackChannelLogout;

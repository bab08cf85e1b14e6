//! The test kit: an in-process stand-in for Authentik, and a clock that tests move.
//!
//! [`TestIssuer`] listens on loopback and answers as Authentik does, slash for slash: discovery document, key
//! set, token endpoint, introspection, revocation, userinfo, end of session. It issues access tokens with
//! Authentik's claims, ID tokens and logout tokens, signed with a key or with the client secret, encrypted or
//! not, and forged ones on request; its keys can be rotated, and it can go down, come up again, be slow, and
//! misbehave at each [`Endpoint`]. For handlers that need no token there is
//! [`Principal::test`](crate::principal::Principal::test). [`policy_suite!`] makes a test of the test suites
//! beside policies, and [`assert_access_matrix!`] holds who may call which route against a file that is checked in.
//!
//! What fails in here is the test's fault, so functions panic instead of returning errors.
//!
//! ```
//! use axum_authz::test::TestIssuer;
//! use axum_authz::token::{Invalid, TokenError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let issuer = TestIssuer::start().await;
//! let authentik = issuer.authentik().build().unwrap();
//!
//! let token = issuer.token("alice").groups(["moderators"]).sign();
//! let alice = authentik.verify(&token).await.unwrap().into_principal();
//! assert!(alice.has_role("moderators"));
//!
//! let token = issuer.token("alice").expired().sign();
//! let refused = authentik.verify(&token).await.unwrap_err();
//! assert_eq!(refused, TokenError::Invalid(Invalid::Expired));
//! # }
//! ```

mod application;
mod builder;
mod certificate;
mod claims;
mod encryption;
mod forgery;
mod issuer;
mod key_set;
mod keys;
mod logout;
mod matrix;
mod outpost;
mod person;
mod server;
mod shared;
mod store;
mod suite;
mod token;

pub use application::TestApplication;
pub use builder::{IssuerMode, TestIssuerBuilder};
pub use forgery::PublicKeyForm;
pub use issuer::TestIssuer;
pub use key_set::KidStyle;
pub use keys::Alg;
pub use matrix::{assert_access_matrix, check_access_matrix};
pub use person::TestPerson;
pub use server::{Endpoint, Fault, SeenRequest};
pub use suite::{policy_suite, run_policy_suites};
pub use token::TestToken;

pub use crate::token::TestClock;

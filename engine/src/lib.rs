//! Embedded evaluation of Cerbos policies: the same files, the same answers as Cerbos 0.55, in process.
//!
//! A [`PolicySet`](policy::PolicySet) is read from a folder or from texts, an [`Engine`] is made of it, and the engine
//! decides: [`Engine::decide`] one action, [`Engine::check`] several with all that Cerbos tells besides,
//! [`Engine::explain`] with the reasons.
//!
//! ```
//! use authz_engine::cel::Timestamp;
//! use authz_engine::policy::{PolicySet, Source};
//! use authz_engine::{Engine, Options, Principal, Resource};
//!
//! let album = Source::new("album.yaml", r#"
//! apiVersion: api.cerbos.dev/v1
//! resourcePolicy:
//!   resource: album
//!   version: default
//!   rules:
//!     - actions: [view]
//!       effect: EFFECT_ALLOW
//!       roles: [user]
//!       condition: {match: {expr: R.attr.public || R.attr.owner == P.id}}
//! "#);
//! let mut options = Options::default();
//! options.strict_evaluation = true;
//! let engine = Engine::new(PolicySet::load([album])?, options);
//!
//! let alice = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
//! let attr = [("public", false.into()), ("owner", "alice".into())].into_iter().collect();
//! let album = Resource { kind: "album".into(), id: "7".into(), attr, ..Resource::default() };
//! assert!(engine.decide(&alice, &album, "view", None, Timestamp::now())?.effect.is_allow());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`policy`] | files to a closed, compiled set |
//! | [`check`] | decisions |
//! | [`explain`] | why |
//! | [`suite`] | Cerbos' policy test suites |
//! | [`inspect`] | what policies define and use |
//! | [`diag`] | what is wrong with policies, where, and how to mend it |
//! | [`cel`] | expressions by themselves |
//!
//! The feature `schema` (on by default) validates attributes by JSON Schemas. Without it every schema counts as one that
//! cannot be loaded, so that nothing passes unvalidated.

pub mod cel;
pub mod check;
pub mod diag;
pub mod explain;
pub mod inspect;
pub mod policy;
pub mod request;
mod schema;
mod suggest;
pub mod suite;
mod table;
pub mod value;

pub use check::{Decision, Effect, Engine, Options, SchemaEnforcement, Undecided};
pub use request::{AuxData, Principal, Resource};
pub use value::{Map, Value};

//! Resources: types whose values policies decide on.
//!
//! A type says what it is in the policies' terms by the trait [`Resource`], which is derived, and where it comes
//! from by [`Load`]. Each field says whether policies may read it; nothing is told to them by accident, and nothing
//! they read is forgotten.
//!
//! ```
//! use axum_authz::{policies::Value, prelude::*, resource::describe};
//!
//! #[derive(Resource)]
//! #[resource(kind = "album", table = "albums")]
//! struct Album {
//!     #[id]
//!     id: i64,
//!     #[attr(column = "owner_id")]
//!     owner: String,
//!     #[attr(none = omit)]
//!     team: Option<String>,
//!     #[no_attr]
//!     title: String,
//! }
//!
//! let album = Album { id: 7, owner: "alice".into(), team: None, title: "Summer".into() };
//! let seen = describe(&album)?;
//! assert_eq!((&*seen.kind, &*seen.id), ("album", "7"));
//! assert_eq!(seen.attr.get("owner"), Some(&Value::from("alice")));
//! assert_eq!((seen.attr.get("team"), seen.attr.get("title")), (None, None));
//! # let _ = album.title;
//! # Ok::<(), axum_authz::resource::InvalidAttribute>(())
//! ```
//!
//! # What `None` means
//!
//! An `Option` has no meaning to policies until the field gives it one, because the two that it could have lead to
//! different decisions:
//!
//! | condition | `none = omit` | `none = null` |
//! |---|---|---|
//! | `has(R.attr.team)` | false | true |
//! | `R.attr.team == null` | fails | true |
//! | `R.attr.team != "red"` | fails | true |
//! | `!(R.attr.team in P.attr.teams)` | fails | true |
//!
//! A condition that fails is not fulfilled: the rule does not count, be it one that allows or one that denies.

mod attribute;
mod body;
mod describe;
mod load;
#[expect(clippy::module_inception, reason = "the file has the name of its trait")]
mod resource;
mod value;

pub use attribute::{Attribute, NoneIs};
pub use body::{Carries, Change};
pub use describe::{InvalidAttribute, describe};
pub use load::Load;
pub use resource::Resource;
pub use value::{AttributeValue, OptionalValue};

/// Makes a struct with named fields a resource that policies can decide on.
///
/// On the struct stands `#[resource(..)]`:
///
/// | key | meaning |
/// |---|---|
/// | `kind = "album"` | the kind, as policies name it; mandatory |
/// | `table = "albums"` | the table that holds the resources |
/// | `conceal` | who is refused is told that there is no such resource: 404 |
/// | `absent("frozen", "legal_hold")` | attributes that policies of this kind read and that this type never has |
/// | `crate = some::path` | where this crate is found, when not under its own name |
///
/// Each field says what it is:
///
/// | attribute | meaning |
/// |---|---|
/// | `#[attr]` | an attribute: policies read it as `R.attr.<field>` |
/// | `#[no_attr]` | policies do not read it |
/// | `#[id]` | the identifier, by its `Display`; a resource that is not stored yet has none |
/// | `#[version]` | the version of the row, by its `Display` |
/// | `#[scope]` | the scope whose policies apply, by its `AsRef<str>` |
///
/// The last three may be on a field with `#[attr]`, and are enough without it. An attribute takes these keys:
///
/// | key | meaning |
/// |---|---|
/// | `name = "owner"` | its name in policies, when not the field's |
/// | `column = "owner_id"` | its column, when not the field's name; `#[id]` and `#[version]` take it too |
/// | `none = omit` | what `None` means: there is no such attribute |
/// | `none = null` | what `None` means: the attribute is null |
/// | `display` | its value is text, by its `Display` |
/// | `with = path::to::function` | its value is what the function makes of a reference to the field |
///
/// What can be a value stands at [`AttributeValue`]. A function given by `with` returns such a value, or with `none`
/// an `Option` of one.
///
/// ```
/// use std::fmt;
///
/// use axum_authz::{policies::Value, prelude::*};
///
/// enum State {
///     Draft,
///     Published,
/// }
///
/// impl fmt::Display for State {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str(match self {
///             Self::Draft => "draft",
///             Self::Published => "published",
///         })
///     }
/// }
///
/// #[derive(Resource)]
/// #[resource(kind = "album", table = "albums", conceal, absent("frozen"))]
/// struct Album {
///     #[id(column = "album_id")]
///     id: i64,
///     #[attr(name = "owner", column = "owner_id")]
///     user: String,
///     #[attr]
///     tags: Vec<String>,
///     #[attr(none = omit)]
///     team: Option<String>,
///     #[attr(display)]
///     state: State,
///     #[attr(name = "empty", with = Vec::is_empty)]
///     pictures: Vec<u64>,
///     #[version]
///     revision: u32,
///     #[scope]
///     #[attr]
///     tenant: String,
///     #[no_attr]
///     title: String,
/// }
///
/// let album = Album {
///     id: 7,
///     user: "alice".into(),
///     tags: vec!["sea".into()],
///     team: None,
///     state: State::Draft,
///     pictures: Vec::new(),
///     revision: 3,
///     tenant: "acme".into(),
///     title: "Summer".into(),
/// };
/// let attr = album.attributes();
/// assert_eq!(attr.get("owner"), Some(&Value::from("alice")));
/// assert_eq!(attr.get("state"), Some(&Value::from("draft")));
/// assert_eq!(attr.get("empty"), Some(&Value::Bool(true)));
/// assert_eq!((attr.get("team"), attr.get("title")), (None, None));
/// assert_eq!((&*album.id(), album.version().as_deref(), album.scope()), ("7", Some("3"), "acme"));
///
/// assert!(Album::CONCEAL && Album::SCOPED);
/// assert_eq!(Album::ATTRIBUTES[0].column_name(), "owner_id");
/// assert_eq!((Album::TABLE, Album::ID_COLUMN), (Some("albums"), Some("album_id")));
/// # let _ = (State::Published, album.title);
/// ```
pub use axum_authz_macros::Resource;

//! From a resource to what the engine is asked about.

use std::fmt;

use super::Resource;
use crate::policies::{self, Value};

/// What policies see of a resource.
///
/// # Errors
///
/// When an attribute is not JSON, such as a number that is not finite. No decision can be made then: as a missing
/// attribute it would pass by rules that deny, and `!(NaN > 100)` would satisfy rules that allow.
///
/// ```
/// use axum_authz::{policies::Value, resource::{Resource, describe}};
///
/// #[derive(Resource)]
/// #[resource(kind = "album")]
/// struct Album {
///     #[id]
///     id: u64,
///     #[attr]
///     stars: f64,
/// }
///
/// let album = describe(&Album { id: 7, stars: 4.5 })?;
/// assert_eq!((&*album.kind, &*album.id), ("album", "7"));
/// assert_eq!(album.attr.get("stars"), Some(&Value::Double(4.5)));
///
/// let error = describe(&Album { id: 7, stars: f64::NAN }).unwrap_err();
/// assert_eq!(error.name(), "stars");
/// # Ok::<(), axum_authz::resource::InvalidAttribute>(())
/// ```
pub fn describe<R: Resource>(resource: &R) -> Result<policies::Resource, InvalidAttribute> {
    let attr = resource.attributes();
    if let Some((name, _)) = attr.iter().find(|(_, value)| !is_json(value)) {
        return Err(InvalidAttribute { kind: R::KIND, name: name.into() });
    }
    Ok(policies::Resource {
        kind: R::KIND.into(),
        id: resource.id().into(),
        attr,
        scope: resource.scope().into(),
        ..policies::Resource::default()
    })
}

/// Integers are left out: policies divide and compare them in other ways than the doubles of JSON.
fn is_json(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Double(number) => number.is_finite(),
        Value::List(items) => items.iter().all(is_json),
        Value::Map(map) => map.iter().all(|(_, value)| is_json(value)),
        _ => false,
    }
}

/// A resource has an attribute that cannot be decided on, because it is not JSON. Its value is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAttribute {
    kind: &'static str,
    name: Box<str>,
}

impl InvalidAttribute {
    /// The kind of the resource.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The attribute's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for InvalidAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name } = self;
        write!(
            f,
            "attribute `{name}` of a resource of the kind `{kind}` is not JSON: numbers are finite doubles there"
        )
    }
}

impl std::error::Error for InvalidAttribute {}

//! Claims as a type of the service's own.

use std::{
    any::Any,
    error::Error,
    fmt,
    sync::{Arc, OnceLock},
};

use serde::de::DeserializeOwned;
use serde_json::{Number, Value as Json};

use super::{Map, Principal, Value};

/// The claims of a token, read into the type that was asked for first. A token's claims do not change.
#[derive(Clone, Default)]
pub(super) struct Slot(OnceLock<Arc<dyn Any + Send + Sync>>);

/// The claims of a token do not fit into a type.
///
/// It does not say why: reports of what does not fit quote it, and claims are nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimsUnfit;

impl fmt::Display for ClaimsUnfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims of the token do not fit into the type")
    }
}

impl Error for ClaimsUnfit {}

impl Principal {
    /// The verified claims as a `C`. They are read once per token for the first type that is asked for.
    ///
    /// Handlers get this from [`PrincipalOf`](crate::extract::PrincipalOf); this is for code without axum.
    ///
    /// Numbers of claims are doubles. Whole ones fit into integers as far as doubles can tell them apart, up to 2⁵³.
    ///
    /// # Errors
    ///
    /// When the claims do not fit into a `C`.
    ///
    /// ```
    /// # use axum_authz::Principal;
    /// #[derive(serde::Deserialize)]
    /// struct Staff {
    ///     department: String,
    ///     level: u8,
    /// }
    ///
    /// let bob = Principal::test("bob").attribute("department", "media").attribute("level", 3);
    /// let staff = bob.claims_as::<Staff>()?;
    /// assert_eq!((staff.department.as_str(), staff.level), ("media", 3));
    /// # Ok::<(), axum_authz::principal::ClaimsUnfit>(())
    /// ```
    pub fn claims_as<C: DeserializeOwned + Send + Sync + 'static>(
        &self,
    ) -> Result<Arc<C>, ClaimsUnfit> {
        let Slot(slot) = &self.0.typed;
        if let Some(Ok(known)) = slot.get().map(|known| Arc::clone(known).downcast()) {
            return Ok(known);
        }
        let read = C::deserialize(object(self.claims())).map(Arc::new).map_err(|_| ClaimsUnfit)?;
        // Two that ask at once both read; one of the results is kept.
        let _ = slot.set(Arc::clone(&read) as Arc<dyn Any + Send + Sync>);
        Ok(read)
    }
}

fn object(map: &Map) -> Json {
    Json::Object(map.iter().map(|(name, value)| (name.to_owned(), json(value))).collect())
}

fn json(value: &Value) -> Json {
    match value {
        Value::Bool(value) => Json::Bool(*value),
        Value::Double(number) => double(*number).map_or(Json::Null, Json::Number),
        Value::String(text) => Json::String(String::from(&**text)),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(map) => object(map),
        // Null, and what JSON has no form for and claims therefore do not contain.
        _ => Json::Null,
    }
}

/// An integer where it can only be this one: from 2⁵³ on, a double may stand for its neighbour.
fn double(number: f64) -> Option<Number> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    let is_integer = number.fract() == 0.0 && number.abs() < LIMIT;
    if is_integer { Some(Number::from(number as i64)) } else { Number::from_f64(number) }
}

#[cfg(all(test, feature = "test-kit"))]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn read<C: DeserializeOwned + Clone + Send + Sync + 'static>(json: Json) -> Option<C> {
        #[derive(Deserialize)]
        struct Of<C> {
            it: C,
        }
        let principal = Principal::test("bob").attribute("it", json);
        principal.claims_as::<Of<C>>().ok().map(|of| of.it.clone())
    }

    #[test]
    fn whole_doubles_are_integers() {
        use serde_json::json;
        assert_eq!(read::<u64>(json!(3)), Some(3));
        assert_eq!(read::<i8>(json!(-3)), Some(-3));
        assert_eq!(read::<u8>(json!(256)), None);
        assert_eq!(read::<u64>(json!(-1)), None);
        assert_eq!(read::<u64>(json!(3.5)), None);
        assert_eq!(read::<f64>(json!(3)), Some(3.0));
        assert_eq!(read::<f64>(json!(3.5)), Some(3.5));
        assert_eq!(read::<Vec<u16>>(json!([1, 2])), Some(vec![1, 2]));
    }

    #[test]
    fn integers_that_may_have_been_rounded_do_not_fit() {
        use serde_json::json;
        const EDGE: u64 = 1 << 53;
        assert_eq!(read::<u64>(json!(EDGE - 1)), Some(EDGE - 1));
        assert_eq!(read::<u64>(json!(EDGE)), None);
        assert_eq!(read::<u64>(json!(EDGE + 1)), None);
        assert_eq!(read::<f64>(json!(EDGE)), Some(EDGE as f64));
    }

    #[test]
    fn the_first_type_is_read_once_and_others_each_time() {
        static FIRST: AtomicUsize = AtomicUsize::new(0);
        static OTHER: AtomicUsize = AtomicUsize::new(0);

        fn count<'de, D: serde::Deserializer<'de>>(
            counter: &AtomicUsize,
            deserializer: D,
        ) -> Result<(), D::Error> {
            counter.fetch_add(1, Ordering::Relaxed);
            serde::de::IgnoredAny::deserialize(deserializer).map(drop)
        }

        struct First;
        impl<'de> Deserialize<'de> for First {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                count(&FIRST, d).map(|()| Self)
            }
        }
        struct Other;
        impl<'de> Deserialize<'de> for Other {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                count(&OTHER, d).map(|()| Self)
            }
        }

        let bob = Principal::test("bob");
        for principal in [&bob, &bob.clone()] {
            assert!(principal.claims_as::<First>().is_ok());
            assert!(principal.claims_as::<Other>().is_ok());
        }
        let counts = (FIRST.load(Ordering::Relaxed), OTHER.load(Ordering::Relaxed));
        assert_eq!(counts, (1, 2));
    }

    #[test]
    fn a_changed_principal_is_read_anew() {
        #[derive(Deserialize)]
        struct Level {
            level: u8,
        }
        let bob = Principal::test("bob").attribute("level", 1);
        assert_eq!(bob.claims_as::<Level>().unwrap().level, 1);
        assert_eq!(bob.attribute("level", 2).claims_as::<Level>().unwrap().level, 2);
    }
}

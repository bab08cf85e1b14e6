//! Identifiers that tie what a client was told to what the operator's log says.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    time::{SystemTime, UNIX_EPOCH},
};

/// Identifies one call, so that a refused client and the operator can speak of the same one.
///
/// Written as a [ULID](https://github.com/ulid/spec): 26 characters of Crockford's base 32, of which the first ten are the
/// time in milliseconds, so that identifiers sort by time. It is unique for practical purposes and not a secret.
///
/// ```
/// use axum_authz::audit::CallId;
///
/// let id = CallId::new();
/// assert_eq!(id.to_string().len(), 26);
/// assert_ne!(id, CallId::new());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u128);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The bits that are not time.
const RANDOM: u128 = (1 << 80) - 1;
/// 128 bits in groups of five, the first of which has only three.
const DIGITS: u32 = 26;

impl CallId {
    /// A new identifier.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "two of them are never equal, so none is a default"
    )]
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Self((now << 80) | (random() & RANDOM))
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;

        (0..DIGITS).rev().try_for_each(|digit| {
            let group = ((self.0 >> (5 * digit)) & 31) as usize;
            f.write_char(CROCKFORD.get(group).map_or('0', |&symbol| char::from(symbol)))
        })
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Every `RandomState` has keys of its own, which begin as random bits of the operating system.
fn random() -> u128 {
    let half = || u128::from(RandomState::new().hash_one(()));
    (half() << 64) | half()
}

#[cfg(test)]
mod tests {
    use super::CallId;

    #[test]
    fn is_written_as_the_ulid_specification_says() {
        assert_eq!(CallId(0).to_string(), "00000000000000000000000000");
        assert_eq!(CallId(u128::MAX).to_string(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        // The time of the specification's example, 1469918176385 ms.
        assert!(CallId(1_469_918_176_385 << 80).to_string().starts_with("01ARYZ6S41"));
    }

    #[test]
    fn many_identifiers_of_one_moment_differ() {
        let ids: std::collections::BTreeSet<_> = (0..10_000).map(|_| CallId::new()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}

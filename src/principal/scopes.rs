//! The scopes of a token.

use super::{Map, Value};

/// What the claim `scope` grants, in its order. Anything that cannot be a scope is none.
///
/// The claim is text with scopes separated by spaces (RFC 8693 section 4.2). In Authentik a scope mapping can put
/// something else there, a list for instance; of a list each member counts on its own.
pub(crate) fn scopes(claims: &Map) -> impl Iterator<Item = &str> {
    let claim = claims.get("scope");
    let text = claim.and_then(Value::as_str).into_iter().flat_map(|text| text.split(' '));
    let list = claim.and_then(Value::as_list).into_iter().flatten().filter_map(Value::as_str);
    text.chain(list).filter(|scope| is_scope(scope))
}

/// `scope-token` of RFC 6749 section 3.3: printable ASCII but for space, quote and backslash.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scope: impl Into<Value>) -> Vec<String> {
        let claims = [("scope", scope.into())].into_iter().collect();
        scopes(&claims).map(str::to_owned).collect()
    }

    #[test]
    fn text_is_separated_by_spaces_and_nothing_else() {
        assert_eq!(of("openid photos.read"), ["openid", "photos.read"]);
        assert_eq!(of(" a  b "), ["a", "b"]);
        assert_eq!(of("goauthentik.io/api"), ["goauthentik.io/api"]);
        for text in ["", " ", "a\tb", "a\nb", "\"a\"", "a\\b", "ä"] {
            assert!(of(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn each_member_of_a_list_counts_on_its_own() {
        let list = vec![Value::from("a"), "b c".into(), "".into(), 1.0.into(), "d".into()];
        assert_eq!(of(list), ["a", "d"]);
        assert!(of(vec![vec!["a"]]).is_empty());
    }

    #[test]
    fn claims_of_another_type_and_absent_ones_grant_nothing() {
        assert!(of(1.0).is_empty());
        assert!(of(Value::Null).is_empty());
        assert!(of([("a", true.into())].into_iter().collect::<Map>()).is_empty());
        assert_eq!(scopes(&Map::default()).count(), 0);
    }
}

//! Values made of values. `cel.bind(x, [x, x], ..)` doubles what a look at all parts takes, and takes no memory to speak
//! of: what is built is weighed, and whatever goes through all parts spends steps for them (rule Z4).

use super::containers::{List, MapRef};
use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::vals::V;

/// Parts that one value may have, those of its parts included.
const MAX_PARTS: usize = 1 << 20;
/// Lists and maps inside of one another.
const MAX_DEPTH: usize = 500;

impl<'a> Eval<'a, '_> {
    /// Takes a list or map that has just been built, unless it is too large.
    pub(super) fn admit(&self, built: V<'a>) -> Evaluated<'a> {
        let is_made_of_parts = |v: &V<'_>| {
            matches!(v, V::List(List::Built(_)) | V::Map(MapRef::Built(_)) | V::Optional(_))
        };
        let is_flat = match built {
            V::List(List::Built(items)) => !items.iter().any(is_made_of_parts),
            V::Map(MapRef::Built(entries)) => !entries.iter().any(|(_, v)| is_made_of_parts(v)),
            _ => true,
        };
        if !is_flat {
            self.weigh(&built)?;
        }
        Ok(built)
    }

    /// Spends what going through all parts takes, and says how many there are.
    pub(super) fn weigh(&self, value: &V<'_>) -> Result<usize, EvalError<'a>> {
        let mut parts = 0;
        if !count(value, MAX_DEPTH, &mut parts) {
            return Err(EvalError::StepsExhausted);
        }
        self.step(parts)?;
        Ok(parts)
    }
}

/// Adds the parts of a value up, unless there are too many.
fn count(value: &V<'_>, depth: usize, parts: &mut usize) -> bool {
    *parts += 1;
    let Some(depth) = depth.checked_sub(1).filter(|_| *parts <= MAX_PARTS) else { return false };
    match value {
        V::List(List::Built(items)) => items.iter().all(|item| count(item, depth, parts)),
        V::Map(MapRef::Built(entries)) => entries
            .iter()
            .all(|(key, value)| count(key, depth, parts) && count(value, depth, parts)),
        V::List(items) => {
            *parts += items.len();
            true
        }
        V::Map(map) => {
            *parts += map.len();
            true
        }
        V::Optional(Some(inner)) => count(inner, depth, parts),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_bare;

    /// `x` doubled so many times, as `body` sees it.
    fn doubled(times: usize, double: &str, body: &str) -> String {
        (0..times).fold(body.to_owned(), |body, _| format!("cel.bind(x, {double}, {body})"))
    }

    #[test]
    fn what_doubles_ends() {
        for double in
            ["[x, x]", "{'a': x, 'b': x}", "[optional.of(x), optional.of(x)]", "[x].map(y, [y, x])"]
        {
            let text = format!("cel.bind(x, dyn(1), {})", doubled(40, double, "size(x) > 0"));
            check_bare(&text, "error: the expression takes too many steps");
        }
        let text = format!("cel.bind(x, dyn(1), {})", doubled(10, "[x, x]", "x == x"));
        check_bare(&text, "true");
    }

    #[test]
    fn comparing_what_is_large_spends_steps() {
        let text = doubled(15, "[x, x]", "lists.range(1000).all(i, x == x)");
        let text = format!("cel.bind(x, dyn(1), {text})");
        check_bare(&text, "error: the expression takes too many steps");
    }
}

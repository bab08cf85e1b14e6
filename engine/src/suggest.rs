//! The known name that was probably meant.

/// Known names that are looked at: a file may define any number.
pub(crate) const MAX_KNOWN: usize = 1_000;
/// Bytes of a name that anybody would have misspelled.
const MAX_LENGTH: usize = 64;

/// The known name that a typing error would most likely have come from.
pub(crate) fn closest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > MAX_LENGTH {
        return None;
    }
    known
        .iter()
        .take(MAX_KNOWN)
        .filter(|k| k.len() <= MAX_LENGTH)
        .map(|k| (distance(name, k), *k))
        .filter(|(d, k)| *d <= 1 + k.len() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Levenshtein's distance, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().map(|c| c.to_ascii_lowercase()).enumerate() {
        let mut previous = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let cost = (previous + usize::from(ca != *cb)).min(*cell + 1).min(left + 1);
            previous = *cell;
            *cell = cost;
            left = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}

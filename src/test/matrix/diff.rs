//! The lines in which two texts differ.

/// Lines of `old` alone after `-`, of `new` alone after `+`, in their order.
///
/// Texts have as many lines as a service has routes, so the table of all pairs is small.
pub(super) fn lines(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let common = common(&old, &new);
    let at = |i: usize, j: usize| common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j, mut text) = (0, 0, String::new());
    loop {
        let (sign, line) = match (old.get(i), new.get(j)) {
            (None, None) => return text,
            (Some(one), Some(other)) if one == other => {
                (i, j) = (i + 1, j + 1);
                continue;
            }
            (Some(one), other) if other.is_none() || at(i + 1, j) >= at(i, j + 1) => {
                i += 1;
                ('-', *one)
            }
            (_, other) => {
                j += 1;
                ('+', other.copied().unwrap_or_default())
            }
        };
        text.push(sign);
        text.push(' ');
        text.push_str(line);
        text.push('\n');
    }
}

/// How many lines the ends of both, from each pair of positions on, have in common.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut rows = vec![vec![0; new.len() + 1]];
    for one in old.iter().rev() {
        let last = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0];
        for (other, pair) in new.iter().rev().zip(last.windows(2).rev()) {
            let [below, diagonal] = *pair else { continue };
            let right = row.last().copied().unwrap_or(0);
            row.push(if one == other { diagonal + 1 } else { right.max(below) });
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn only_lines_that_differ_are_shown() {
        for (old, new, expected) in [
            ("a\nb\nc\n", "a\nb\nc\n", ""),
            ("a\nb\nc\n", "a\nx\nc\n", "- b\n+ x\n"),
            ("a\nc\n", "a\nb\nc\n", "+ b\n"),
            ("a\nb\nc\n", "c\n", "- a\n- b\n"),
            ("a\nb\nc\nd\n", "b\nd\na\n", "- a\n- c\n+ a\n"),
            ("", "a\n", "+ a\n"),
            ("a\n", "", "- a\n"),
        ] {
            assert_eq!(lines(old, new), expected, "{old:?} {new:?}");
        }
    }
}

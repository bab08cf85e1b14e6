//! Repetitions: `*`, `+`, `?`, `{n,m}`, and how often one thing may be repeated.

use super::Rewriter;

/// How often one part of a pattern may be repeated, repetitions inside of repetitions counted.
const MAX_REPEAT: usize = 1000;

impl<'p> Rewriter<'p> {
    /// After `{`: `n}`, `n,}`, `n,m}`. Any other brace is a literal.
    pub(super) fn counts(
        &mut self,
        before: &str,
    ) -> Result<Option<(usize, Option<usize>)>, String> {
        let Some((inside, rest)) = self.rest.split_once('}') else { return Ok(None) };
        let (low, high) = inside.split_once(',').unwrap_or((inside, inside));
        let is_number = |t: &str| {
            t.bytes().all(|b| b.is_ascii_digit())
                && (t == "0" || !t.starts_with('0'))
                && !t.is_empty()
        };
        if !is_number(low) || !(high.is_empty() || is_number(high)) {
            return Ok(None);
        }
        self.rest = rest;
        let number = |t: &str| t.parse().ok().filter(|n: &usize| *n <= MAX_REPEAT);
        match (number(low), number(high)) {
            (Some(min), Some(max)) if min <= max => Ok(Some((min, Some(max)))),
            (Some(min), None) if high.is_empty() => Ok(Some((min, None))),
            _ => Err(self.error("invalid repeat count", before)),
        }
    }

    pub(super) fn repeat(
        &mut self,
        before: &'p str,
        repeated: Option<&'p str>,
        min: usize,
        max: Option<usize>,
    ) -> Result<(), String> {
        let read = before.get(..before.len() - self.rest.len()).unwrap_or_default();
        let is_lazy = self.eat("?");
        if let Some(repeated) = repeated {
            return Err(self.error("invalid nested repetition operator", repeated));
        }
        let missing = self.error("missing argument to repetition operator", before);
        let is_lazy = is_lazy != self.flags.swap_greed;
        let atom = self.last.as_mut().ok_or(missing)?;
        if atom.is_repeated {
            // Only flags were between them: `a*(?i)?` is not `a*?`.
            self.out.insert_str(atom.start, "(?:");
            self.out.push(')');
        }
        self.out.push_str(read);
        if is_lazy {
            self.out.push('?');
        }
        atom.is_repeated = true;
        let times = max.unwrap_or(min);
        atom.size = atom.size.saturating_add(1).saturating_mul(times.max(1));
        atom.repeats = match max {
            Some(0) => 1,
            _ => atom.repeats.saturating_mul(times.max(1)),
        };
        if atom.repeats > MAX_REPEAT {
            return Err(self.error("invalid repeat count", before));
        }
        Ok(())
    }
}

//! What a decision, or a part of it, may come to: sets, where the decision itself has one value.

use super::Outlook;

/// What may be said. More may be listed than really can be, never less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcomes(u8);

impl Outcomes {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NOTHING: Self = Self(1);
    pub(super) const ALLOW: Self = Self(2);
    pub(super) const DENY: Self = Self(4);
    /// Strict evaluation: an expression fails.
    pub(super) const FAILED: Self = Self(8);

    pub(super) fn has(self, outcome: Self) -> bool {
        self.0 & outcome.0 != 0
    }

    pub(super) fn without(self, outcome: Self) -> Self {
        Self(self.0 & !outcome.0)
    }

    pub(super) fn add(&mut self, others: Self) {
        self.0 |= others.0;
    }

    pub(super) fn add_if(&mut self, possible: bool, outcome: Self) {
        if possible {
            self.add(outcome);
        }
    }

    /// What is left of an answer when all but an approval is a refusal.
    pub(super) fn outlook(self) -> Outlook {
        let refused = self.without(Self::ALLOW) != Self::NONE;
        match (self.has(Self::ALLOW), refused) {
            (true, false) => Outlook::Always,
            (true, true) => Outlook::Depends,
            (false, _) => Outlook::Never,
        }
    }
}

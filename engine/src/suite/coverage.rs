//! Which rules held for at least one test.

use crate::check::Activated;
use crate::policy::RulePlace;

/// Which rules held for at least one test: rules of resource, principal and role policies, and definitions of derived
/// roles.
///
/// A rule that was looked at and whose condition did not hold is not covered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    rules: Vec<CoveredRule>,
}

/// A rule, or a definition of a derived role, and whether it held for any test.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CoveredRule {
    /// The policy's key, such as `resource.album.vdefault` or `derived_roles.common`.
    pub policy: Box<str>,
    /// The rule's name; empty for a rule of a role policy without one.
    pub name: Box<str>,
    /// The file it stands in.
    pub file: Box<str>,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// Whether it held for any test.
    pub activated: bool,
}

impl Coverage {
    pub(super) fn new(rules: &[RulePlace], activated: &Activated) -> Self {
        let covered = |place: &RulePlace| CoveredRule {
            policy: (&*place.policy).into(),
            name: place.name.clone(),
            file: (&*place.file).into(),
            line: place.position.line,
            column: place.position.column,
            activated: activated.contains(&place.policy, place.number),
        };
        Self { rules: rules.iter().map(covered).collect() }
    }

    /// All rules, by file and line.
    #[must_use]
    pub fn rules(&self) -> &[CoveredRule] {
        &self.rules
    }

    /// The rules that held for no test.
    pub fn missed(&self) -> impl Iterator<Item = &CoveredRule> {
        self.rules.iter().filter(|rule| !rule.activated)
    }

    /// How many rules held for a test.
    #[must_use]
    pub fn activated(&self) -> usize {
        self.rules.len() - self.missed().count()
    }

    /// The share of rules that held for a test, from 0 to 100. Without any rule it is 100.
    #[must_use]
    pub fn percent(&self) -> f64 {
        if self.rules.is_empty() {
            return 100.0;
        }
        self.activated() as f64 * 100.0 / self.rules.len() as f64
    }
}

//! Answers, and that there is none.

use std::fmt;

use serde::Serialize;

use super::Name;

/// What a rule or a decision says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Effect {
    /// Access is granted.
    #[serde(rename = "EFFECT_ALLOW")]
    Allow,
    /// Access is refused.
    #[serde(rename = "EFFECT_DENY")]
    Deny,
}

impl Effect {
    /// Whether access is granted.
    #[must_use]
    pub fn is_allow(self) -> bool {
        self == Self::Allow
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Decision {
    /// Whether access is granted.
    pub effect: Effect,
    /// The key of the policy that Cerbos would name, such as `resource.album.vdefault`; `None` when no policy
    /// speaks of the request (`NO_MATCH`).
    pub policy: Option<Name>,
    /// The scope that decided; empty for the root and when no rule did.
    pub scope: Name,
}

/// The engine gave no answer. Neither a yes nor a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undecided {
    /// The conditions took more steps than one request may.
    StepsExhausted,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepsExhausted => {
                f.write_str("the conditions take more steps than one request may")
            }
        }
    }
}

impl std::error::Error for Undecided {}

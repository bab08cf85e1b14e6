//! The files of a loaded set, for those who want to know what they say.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::inventory::{self, RulePlace};
use super::problems::Problems;
use super::source::Source;
use super::{ast, load};

/// Files with a policy each, all without a mistake.
///
/// Only their texts are kept: what is read from them takes several times the memory, decisions need none of it, and who
/// asks can wait until it has been read again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    sources: Vec<Source>,
    /// Keys of policies that load and are not compiled (rule Q13).
    left_out: BTreeSet<String>,
    rules: OnceLock<Vec<RulePlace>>,
}

impl Written {
    pub(super) fn new(sources: Vec<Source>, left_out: BTreeSet<String>) -> Self {
        Self(Arc::new(Files { sources, left_out, rules: OnceLock::new() }))
    }

    /// All policies, disabled ones too, in the order in which Cerbos walks a folder.
    pub(crate) fn policies(&self) -> Vec<ast::BoxedPolicy> {
        let sources: Vec<Source> = self.0.sources.clone();
        load::read(sources, &mut Problems::default()).policies
    }

    fn enabled(&self) -> Vec<ast::BoxedPolicy> {
        let mut policies = self.policies();
        policies.retain(|policy| !policy.disabled);
        policies
    }

    /// The policies that decisions are made from: not disabled, nor left out.
    pub(crate) fn in_use(&self) -> Vec<ast::BoxedPolicy> {
        let mut policies = self.enabled();
        let left_out = &self.0.left_out;
        policies.retain(|policy| left_out.is_empty() || !left_out.contains(&policy.key()));
        policies
    }

    /// All rules, and where they stand.
    pub(crate) fn rules(&self) -> Rules {
        Rules(self.clone())
    }
}

/// All rules of policies that are not disabled, found when they are first looked at.
#[derive(Debug, Clone)]
pub(crate) struct Rules(Written);

impl Deref for Rules {
    type Target = [RulePlace];

    fn deref(&self) -> &[RulePlace] {
        let files = &self.0.0;
        files.rules.get_or_init(|| inventory::of(self.0.enabled().iter().map(|policy| &**policy)))
    }
}

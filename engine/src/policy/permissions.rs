//! Scope permissions: the policies of one scope ought to agree (docs/semantics.md, rule Q9).

use std::collections::BTreeMap;

use super::ast::{Body, Policy, ScopePermissions};
use super::problems::Problems;
use crate::diag::Code;

/// Reports scopes whose policies disagree.
///
/// Cerbos compares the files of a scope, of all kinds, with one another, except for the first that it reads. So whether
/// it sees a conflict depends on the names of files. What it would refuse under any names is refused here; of the
/// rest, what it refuses as the files are named, and what mixes both permissions, is a warning.
pub(super) fn check<'f>(policies: impl Iterator<Item = &'f Policy>, problems: &mut Problems) {
    let mut scopes: BTreeMap<&str, Vec<(ScopePermissions, &Policy)>> = BTreeMap::new();
    for policy in policies {
        let (scope, permissions) = match &policy.body {
            Body::Resource(p) | Body::Principal(p) => (&*p.scope.value, p.scope_permissions),
            // What a role policy says here is ignored, and the rest cannot say anything.
            Body::Role(p) => (&*p.scope.value, ScopePermissions::Unspecified),
            Body::DerivedRoles(_) | Body::ExportVariables { .. } | Body::ExportConstants { .. } => {
                ("", ScopePermissions::Unspecified)
            }
        };
        scopes.entry(scope).or_default().push((permissions, policy));
    }
    for (scope, found) in scopes {
        let Some((first, one)) = found.first() else { continue };
        let Some((second, other)) = found.iter().find(|(permissions, _)| permissions != first)
        else {
            continue;
        };
        let scope =
            if scope.is_empty() { "the root scope".to_owned() } else { format!("scope `{scope}`") };
        let message = format!(
            "policies of {scope} disagree: {} here, {} in `{}`",
            second.describe(),
            first.describe(),
            one.place.file.name()
        );
        let problem = other.place.problem(Code::ScopePermissionsConflict, message).help(
            "give all policies of a scope the same `scopePermissions`; those without count too",
        );
        let rest = found.iter().skip(1);
        let cerbos_refuses =
            rest.clone().any(|(p, _)| Some(p) != rest.clone().next().map(|(p, _)| p));
        if always_refused(&found) {
            problems.push(problem);
        } else if cerbos_refuses || mixes_consent(&found) {
            problems.push(problem.warning());
        }
    }
}

/// Whether policies disagree whichever of them is left out.
fn always_refused(found: &[(ScopePermissions, &Policy)]) -> bool {
    let mut counts: BTreeMap<ScopePermissions, usize> = BTreeMap::new();
    for (permissions, _) in found {
        *counts.entry(*permissions).or_default() += 1;
    }
    counts.len() > 2 || counts.values().filter(|n| **n > 1).count() > 1
}

/// Whether some allows need the parent's consent and others do not. Role policies only narrow anyway.
fn mixes_consent(found: &[(ScopePermissions, &Policy)]) -> bool {
    let with_allows = || {
        let has = |p: &Policy| matches!(p.body, Body::Resource(_) | Body::Principal(_));
        found.iter().filter(move |(_, policy)| has(policy))
    };
    let needs_consent =
        |(p, _): &(ScopePermissions, &Policy)| *p == ScopePermissions::RequireParentalConsent;
    with_allows().any(needs_consent) && !with_allows().all(needs_consent)
}

impl ScopePermissions {
    /// The name, as policies spell it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "SCOPE_PERMISSIONS_UNSPECIFIED",
            Self::OverrideParent => "SCOPE_PERMISSIONS_OVERRIDE_PARENT",
            Self::RequireParentalConsent => "SCOPE_PERMISSIONS_REQUIRE_PARENTAL_CONSENT_FOR_ALLOWS",
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Unspecified => "no `scopePermissions`".to_owned(),
            _ => format!("`{}`", self.as_str()),
        }
    }
}

//! Decisions before the resource is loaded: which resources there may be, as far as policies tell them apart.

use super::caller::Caller;
use super::foresight::Foresight;
use super::outcomes::Outcomes;
use super::question::Check;
use super::{Engine, Outline, Outlook, Undecided};
use crate::cel::{Activation, Arena, Timestamp, Unknown};
use crate::request::{AuxData, Principal, Resource};
use crate::table::{Hash, RuleTable};

impl Engine {
    /// What [`decide`](Self::decide) can answer, asked before the resource is loaded, so that who can never be
    /// allowed is refused without a look at the database.
    ///
    /// The answer is about every resource that fits the outline, whatever its attributes. What only evaluation
    /// would tell is [`Outlook::Depends`]. It holds for decisions by the same policies and options, with the same
    /// principal, `aux_data` and `now`; a decision that ends undecided is neither allowed nor denied. The cost is
    /// that of one decision, where scope or version are unknown that of one for each that policies use. Where that
    /// would be more than 256 decisions, none is made, and the answer is [`Outlook::Depends`].
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    ///
    /// ```
    /// use authz_engine::cel::Timestamp;
    /// use authz_engine::check::{Outline, Outlook};
    /// # use authz_engine::policy::{PolicySet, Source};
    /// # use authz_engine::{Engine, Options, Principal};
    ///
    /// let policy = "
    /// apiVersion: api.cerbos.dev/v1
    /// resourcePolicy:
    ///   resource: album
    ///   version: default
    ///   rules:
    ///     - actions: [view]
    ///       effect: EFFECT_ALLOW
    ///       roles: [user]
    ///       condition: {match: {expr: P.attr.verified && R.attr.owner == P.id}}
    /// ";
    /// let engine = Engine::new(PolicySet::load([Source::new("album.yaml", policy)])?, Options::default());
    /// let mut alice = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
    /// alice.attr = [("verified", true.into())].into_iter().collect();
    /// let album = Outline::new("album").by_default();
    /// assert_eq!(engine.foresee(&alice, &album, "view", None, Timestamp::now())?, Outlook::Depends);
    /// alice.attr = [("verified", false.into())].into_iter().collect();
    /// assert_eq!(engine.foresee(&alice, &album, "view", None, Timestamp::now())?, Outlook::Never);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn foresee(
        &self,
        principal: &Principal,
        outline: &Outline<'_>,
        action: &str,
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Outlook, Undecided> {
        let arena = Arena::new();
        let Some(cases) = cases(&self.table, self.options.lenient_scope_search, outline) else {
            return Ok(Outlook::Depends);
        };
        let caller = Caller::new(self, principal, &arena);
        // Expressions see what all cases have in common.
        let common = resource(outline, outline.scope, outline.policy_version);
        let mut base = Activation::new(principal, &common, &self.options.globals, &arena, now);
        base.aux_data = aux_data;
        let mut foresight = Foresight {
            engine: self,
            action: self.table.action(action),
            unknown: Unknown {
                id: outline.id.is_none(),
                scope: outline.scope.is_none(),
                version: outline.policy_version.is_none(),
                variables: &[],
            },
            base,
            variables: Hash::default(),
            conditions: Hash::default(),
            misfits: Hash::default(),
        };
        let mut outcomes = Outcomes::NONE;
        for case in &cases {
            let check = Check::new(self, &caller, case, aux_data, now, &arena);
            outcomes.add(foresight.case(&check)?);
            if outcomes.outlook() == Outlook::Depends {
                break;
            }
        }
        Ok(outcomes.outlook())
    }
}

/// A resource in a place of its own. Of what else is not known nothing is looked at.
fn resource(outline: &Outline<'_>, scope: Option<&str>, version: Option<&str>) -> Resource {
    Resource {
        kind: outline.kind.into(),
        id: outline.id.unwrap_or_default().into(),
        scope: scope.unwrap_or_default().into(),
        policy_version: version.unwrap_or_default().into(),
        ..Resource::default()
    }
}

/// How many cases are looked at: a request must not cost the more the more tenants there are.
const MOST_CASES: usize = 256;

/// One resource for each scope and version that policies tell apart (rule B3); nothing if these are too many.
fn cases(table: &RuleTable, lenient: bool, outline: &Outline<'_>) -> Option<Vec<Resource>> {
    // No policy has such a scope or version.
    const STRANGE: &str = "?";
    let scopes: Vec<String> = match outline.scope {
        Some(scope) => vec![scope.to_owned()],
        None if table.count_of_scopes() > MOST_CASES => return None,
        None => {
            let known = table.scopes_of_resources();
            // A dot is dropped from each, so that the root is not taken for the default.
            let strange = known.iter().filter(|s| lenient && !s.is_empty());
            let strange = strange.map(|scope| format!(".{scope}.{STRANGE}"));
            let known = known.iter().map(|scope| format!(".{scope}"));
            known.chain(strange).chain([format!(".{STRANGE}")]).collect()
        }
    };
    let versions = match outline.policy_version {
        Some(version) => vec![version],
        None => table.versions_of_resources().into_iter().chain([STRANGE]).collect(),
    };
    if scopes.len().saturating_mul(versions.len()) > MOST_CASES {
        return None;
    }
    let all = scopes.iter().flat_map(|scope| versions.iter().map(move |version| (scope, version)));
    Some(all.map(|(scope, version)| resource(outline, Some(scope), Some(version))).collect())
}

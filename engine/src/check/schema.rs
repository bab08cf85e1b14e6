//! Attributes against the schemas of their policy (docs/semantics.md, section 9).

use super::output::{ValidationError, ValidationSource};
use super::question::Check;
use super::{Decision, Effect, Name, SchemaEnforcement};
use crate::policy::{Kind, SchemaUse};
use crate::table::Entry;
use crate::value::Map;

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// Validates what the engine's options ask to be validated, before anything is decided.
    pub(super) fn validate(&mut self, actions: &[&str]) {
        let enforcement = self.engine.options.schema_enforcement;
        // Warnings are for those who collect what is told.
        let has_effect = match enforcement {
            SchemaEnforcement::None => false,
            SchemaEnforcement::Warn => self.output.is_some(),
            SchemaEnforcement::Reject => true,
        };
        if !has_effect {
            return;
        }
        let errors = self.validation_errors(actions);
        self.rejected = enforcement == SchemaEnforcement::Reject && !errors.is_empty();
        if let Some(output) = &mut self.output {
            output.validation_errors = errors;
        }
    }

    /// The answer to each action where attributes are rejected (rule J4).
    pub(super) fn rejection(&self) -> Decision {
        Decision {
            effect: Effect::Deny,
            policy: Some(self.key(Kind::Resource)),
            scope: Name::empty(),
        }
    }

    /// The policy whose schemas count: the root of the chain, if the first scope found has a policy at all (rule J4).
    pub(super) fn validated_by(&self) -> Option<&'t Entry> {
        let sites = self.sites(Kind::Resource);
        sites.first()?.entry?;
        sites.iter().find(|site| site.scope.name.is_empty())?.entry
    }

    /// What of the attributes does not fit, sorted.
    fn validation_errors(&self, actions: &[&str]) -> Vec<ValidationError> {
        let Some(policy) = self.validated_by() else { return Vec::new() };
        let mut errors = Vec::new();
        for (source, schema, attributes) in [
            (ValidationSource::Principal, &policy.schemas.principal, &self.principal.attr),
            (ValidationSource::Resource, &policy.schemas.resource, &self.base.resource.attr),
        ] {
            if let Some(schema) = schema {
                errors.extend(validate(source, schema, attributes, actions));
            }
        }
        errors.sort();
        errors
    }
}

/// Validation is left out only if every action asks for that (rule J4).
pub(super) fn validate(
    source: ValidationSource,
    used: &SchemaUse,
    attributes: &Map,
    actions: &[&str],
) -> Vec<ValidationError> {
    if actions.iter().all(|action| is_ignored(used, action)) {
        return Vec::new();
    }
    match used.schema.check(attributes) {
        Ok(found) => {
            let error = |v: crate::schema::Violation| ValidationError {
                source,
                path: v.path,
                message: v.message,
            };
            found.into_iter().map(error).collect()
        }
        Err(why) => {
            let whose = source.as_str();
            let reference = used.schema.reference();
            let message = format!("Failed to load {whose} schema \"{reference}\": {why}").into();
            vec![ValidationError { source, path: "".into(), message }]
        }
    }
}

/// Whether requests for nothing but this action are not validated.
pub(super) fn is_ignored(used: &SchemaUse, action: &str) -> bool {
    used.ignored_actions.iter().any(|glob| glob.matches(action))
}

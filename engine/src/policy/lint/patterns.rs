//! Patterns that match less, or in Cerbos more, than they seem to (docs/semantics.md, section 4).

use super::super::ast::{Body, Name, Policy};
use super::super::glob::{Glob, overlap};
use super::super::names::sanitize;
use super::super::problems::Problems;
use crate::diag::Code;

/// Where a pattern stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A pattern only if it contains `*` (rule G2).
    Starred,
    /// Always a pattern.
    Pattern,
    /// A resource of a role policy: as `Starred`, and compared with sanitized names (rule G5).
    RoleResource,
    /// A resource of a principal policy: as `Starred`; names are sanitized, patterns are not (rule G5).
    PrincipalResource,
}

pub(super) fn lint(policy: &Policy, problems: &mut Problems) {
    match &policy.body {
        Body::Resource(p) => {
            for rule in &p.rules {
                for name in rule.actions.iter().chain(&rule.roles) {
                    pattern(name, Use::Starred, problems);
                }
            }
        }
        Body::Principal(p) => {
            let mut last: Option<&Name> = None;
            for rule in &p.rules {
                rule.actions.iter().for_each(|name| pattern(name, Use::Starred, problems));
                let resource = rule.resource.as_ref();
                // The rules of one entry share its resource.
                if let Some(name) = resource
                    && last.is_none_or(|last| last.value != name.value)
                {
                    pattern(name, Use::PrincipalResource, problems);
                }
                last = resource;
            }
        }
        Body::Role(p) => {
            for rule in &p.rules {
                rule.actions.iter().for_each(|name| pattern(name, Use::Pattern, problems));
                rule.resource.iter().for_each(|name| pattern(name, Use::RoleResource, problems));
            }
        }
        Body::DerivedRoles(d) => {
            for name in d.roles.iter().flat_map(|role| &role.parent_roles) {
                pattern(name, Use::Starred, problems);
                if name.value.contains('*') && &*name.value != "*" {
                    let message = format!(
                        "`{}` is compared as text for `runtime.effectiveDerivedRoles`, and as a pattern in rules",
                        name.value
                    );
                    let problem = name.place.problem(Code::LiteralPattern, message).warning();
                    problems.push(problem.help("list the roles by name"));
                }
            }
        }
        Body::ExportVariables { .. } | Body::ExportConstants { .. } => {}
    }
}

fn pattern(name: &Name, used: Use, problems: &mut Problems) {
    let text = &*name.value;
    if !text.contains('*') && used != Use::Pattern {
        if text.contains('?') || text.contains('[') || text.contains('{') {
            let message = format!("`{text}` is a name here: only patterns that contain `*` count");
            let problem = name.place.problem(Code::LiteralPattern, message).warning();
            problems.push(problem.help("list what is meant by name, or use `*`"));
        } else if used == Use::RoleResource && *sanitize(text) != *text {
            let message =
                format!("`{text}` matches no kind: kinds are looked up as `{}`", sanitize(text));
            let problem = name.place.problem(Code::NeverMatches, message).warning();
            problems.push(problem.help(format!("write `{}`", sanitize(text))));
        }
        return;
    }
    if Glob::new(text).is_broken() {
        let message = format!("`{text}` is no pattern that compiles, and matches only itself");
        problems.push(name.place.problem(Code::BrokenPattern, message).warning());
    }
    if let Some(other) = overlap(text) {
        let message = format!("`{text}` does not match `{other}` here, and does in Cerbos");
        let problem = name.place.problem(Code::OverlappingPattern, message).warning();
        problems.push(problem.help(format!("list `{other}` as well if it is meant")));
    }
    let is_resource = matches!(used, Use::RoleResource | Use::PrincipalResource);
    if is_resource && text.contains([':', '-', '/', '@']) {
        let message = format!(
            "`{text}` matches hardly any kind: in kinds each of `:`, `-`, `/` and `@` is looked up as `_`"
        );
        let meant = text.replace([':', '-', '/', '@'], "_");
        let problem = name.place.problem(Code::NeverMatches, message).warning();
        problems.push(problem.help(format!("write `{meant}`")));
    }
}

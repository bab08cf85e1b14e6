//! What stands in the parentheses of an attribute.

use proc_macro2::{Span, TokenStream};
use syn::{Error, LitStr, Path, Result, Type};

use crate::{
    keys::{self, Slot, any_key, each, key, text, unknown},
    problems::Problems,
    source::Source,
};

/// An attribute, read.
pub(crate) struct Attribute {
    /// Where `axum-authz` is found, when not under its own name.
    pub(crate) krate: Option<Path>,
    pub(crate) declared: Declared,
}

pub(crate) enum Declared {
    Check(Box<Check>),
    /// A type that declares everything itself.
    Type(Box<Type>),
    /// An action that is decided with what is in the body.
    Body {
        action: Box<Type>,
        scope: Option<LitStr>,
    },
    Authenticated {
        scope: Option<LitStr>,
    },
    Public {
        reason: LitStr,
    },
}

/// A question to the policies, and where the request says what it is about.
pub(crate) struct Check {
    pub(crate) asked: Asked,
    pub(crate) id: Option<Source>,
    pub(crate) attrs: Vec<(LitStr, Source)>,
    pub(crate) scope: Option<LitStr>,
}

/// An action on a kind of resource.
pub(crate) enum Asked {
    Names { action: LitStr, resource: LitStr },
    Action(Box<Type>),
}

pub(crate) fn authorize(tokens: TokenStream) -> Result<Attribute> {
    let mut problems = Problems::default();
    let (mut action, mut resource) = (Slot::default(), Slot::default());
    let (mut id, mut attrs) = (Slot::default(), Slot::default());
    let (mut ty, mut body) = (Slot::default(), Slot::default());
    let (mut scope, mut krate) = (Slot::default(), Slot::default());
    each(tokens, &mut problems, |input| {
        let Some(key) = key(input)? else {
            let span = input.span();
            return ty.fill("the type", span, input.parse::<Type>());
        };
        let span = key.span();
        match key.to_string().as_str() {
            "action" => action.fill("`action`", span, text(input, "action", "view")),
            "resource" => resource.fill("`resource`", span, text(input, "resource", "album")),
            "id" => id.fill("`id`", span, keys::identifier(input)),
            "attr" => attrs.fill("`attr`", span, keys::attributes(input)),
            "scope" => scope.fill("`scope`", span, keys::scopes(input)),
            "body" => body.fill("`body`", span, keys::alone(input, &key)),
            "crate" => krate.fill("`crate`", span, keys::path(input)),
            _ => Err(unknown(
                &key,
                "`action`, `resource`, `id`, `attr`, `scope`, `body` and `crate`",
            )),
        }
    });
    let has_keys = id.is_given() || attrs.is_given() || scope.is_given();
    let declared = if ty.is_given() {
        for span in [action.span, resource.span].into_iter().flatten() {
            let text = "the type says the action and the resource: give either the type or these keys, not both";
            problems.push(Error::new(span, text));
        }
        if body.is_given() {
            for span in [id.span, attrs.span].into_iter().flatten() {
                let text = "with `body` the type of the last argument says what is decided on: leave this key out";
                problems.push(Error::new(span, text));
            }
        }
        ty.value.map(|ty| {
            if body.is_given() {
                Declared::Body { action: Box::new(ty), scope: scope.value }
            } else if has_keys {
                Declared::Check(Box::new(Check {
                    asked: Asked::Action(Box::new(ty)),
                    id: id.value,
                    attrs: attrs.value.unwrap_or_default(),
                    scope: scope.value,
                }))
            } else {
                Declared::Type(Box::new(ty))
            }
        })
    } else {
        let misread = !problems.is_empty();
        if let Some(span) = body.span {
            let text =
                "`body` needs the action as a type: write `#[authorize(album::Create, body)]`";
            problems.push(Error::new(span, text));
        }
        let misread = misread || (body.is_given() && !action.is_given() && !resource.is_given());
        let action = action.required("action", "view", misread, &mut problems);
        let resource = resource.required("resource", "album", misread, &mut problems);
        action.zip(resource).map(|(action, resource)| {
            Declared::Check(Box::new(Check {
                asked: Asked::Names { action, resource },
                id: id.value,
                attrs: attrs.value.unwrap_or_default(),
                scope: scope.value,
            }))
        })
    };
    finish(krate, declared, problems)
}

pub(crate) fn authenticated(tokens: TokenStream) -> Result<Attribute> {
    let mut problems = Problems::default();
    let (mut scope, mut krate) = (Slot::default(), Slot::default());
    each(tokens, &mut problems, |input| {
        let key = any_key(input, "scope = \"photos.read\"")?;
        match key.to_string().as_str() {
            "scope" => scope.fill("`scope`", key.span(), keys::scopes(input)),
            "crate" => krate.fill("`crate`", key.span(), keys::path(input)),
            _ => Err(unknown(&key, "`scope` and `crate`")),
        }
    });
    finish(krate, Some(Declared::Authenticated { scope: scope.value }), problems)
}

pub(crate) fn public(tokens: TokenStream) -> Result<Attribute> {
    let mut problems = Problems::default();
    let (mut reason, mut krate) = (Slot::default(), Slot::default());
    each(tokens, &mut problems, |input| {
        let key = any_key(input, "reason = \"liveness probe\"")?;
        match key.to_string().as_str() {
            "reason" => {
                reason.fill("`reason`", key.span(), text(input, "reason", "liveness probe"))
            }
            "crate" => krate.fill("`crate`", key.span(), keys::path(input)),
            _ => Err(unknown(&key, "`reason` and `crate`")),
        }
    });
    let misread = !problems.is_empty();
    let reason = reason.required("reason", "liveness probe", misread, &mut problems);
    finish(krate, reason.map(|reason| Declared::Public { reason }), problems)
}

fn finish(krate: Slot<Path>, declared: Option<Declared>, problems: Problems) -> Result<Attribute> {
    problems.finish()?;
    let declared =
        declared.ok_or_else(|| Error::new(Span::call_site(), "the attribute is not complete"))?;
    Ok(Attribute { krate: krate.value, declared })
}

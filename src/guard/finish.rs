//! The check of a whole route table before the first request.

use std::fmt;

use super::{Access, Backstop, Check, Manifest, Route, Router, Rule, Secured, Source};
use crate::{
    Error,
    layer::AuthzLayer,
    policies::{Read, TARGET, Vocabulary},
    resource::Attribute,
};

/// Something in the route table that cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteProblem {
    /// The route, as in `GET /albums/{id}`.
    pub route: String,
    /// Where the route was given its handler: file, line and column.
    pub place: String,
    /// What is wrong, and what to write.
    pub message: String,
}

impl fmt::Display for RouteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, place, message } = self;
        write!(f, "{route} ({place}): {message}")
    }
}

impl Router {
    /// Puts `layer` around the routes, holds the whole table against the layer's policies, and makes a service of
    /// it that nothing can be added to.
    ///
    /// Policies that are reloaded later are held against the table as well. What does not fit then is an `error!`
    /// under the target [`axum_authz::policy`](crate::policies::TARGET), because they are in use already.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of the routes, as [`Error::route_problems`]:
    ///
    /// - a kind of resource or an action that no policy knows;
    /// - a path parameter that the route does not have, or has twice;
    /// - an attribute that the policies read for the action, and that neither the declaration nor the type of the
    ///   resource offers. One that is never there is declared as such: `attr(frozen = absent)`,
    ///   `#[resource(absent("frozen"))]`;
    /// - a reason for openness that is empty.
    ///
    /// ```
    /// use axum_authz::{authorize, guard::{Router, get}, layer::AuthzLayer, policies::Policies, token::Authentik};
    ///
    /// #[authorize(action = "view", resource = "album", id = path("album"))]
    /// async fn show() {}
    ///
    /// # fn main() -> Result<(), axum_authz::Error> {
    /// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/").audience("photos").build()?;
    /// let layer = AuthzLayer::new(authentik, Policies::from_sources([])?);
    /// let error = Router::new().route("/albums/{id}", get(show)).finish(layer).unwrap_err();
    ///
    /// let problems: Vec<_> = error.route_problems().iter().map(|problem| &*problem.message).collect();
    /// assert!(problems[0].contains("no policy is about the kind of resource `album`"), "{problems:?}");
    /// assert!(problems[1].contains("the path has no parameter `album`"), "{problems:?}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish(self, layer: AuthzLayer) -> Result<Secured, Error> {
        let manifest = Manifest::new(self.routes);
        let vocabulary = layer.decider().vocabulary();
        let found = problems(&manifest, vocabulary.as_ref());
        if !found.is_empty() {
            return Err(Error::routes(found));
        }
        let routes = manifest.clone();
        layer.decider().on_change(Box::new(move |vocabulary| {
            for problem in problems(&routes, Some(vocabulary)) {
                tracing::error!(target: TARGET, "a route does not fit the reloaded policies: {problem}");
            }
        }));
        // They may have been reloaded between the check and the call.
        let found = problems(&manifest, layer.decider().vocabulary().as_ref());
        if !found.is_empty() {
            return Err(Error::routes(found));
        }
        let router = self.inner.layer(Backstop::new(&manifest)).layer(layer);
        Ok(Secured::new(router, manifest))
    }
}

/// Everything that is wrong, in the order of the table.
fn problems(manifest: &Manifest, vocabulary: Option<&Vocabulary>) -> Vec<RouteProblem> {
    let mut found = Vec::new();
    for route in manifest.routes() {
        let problem = |message| RouteProblem {
            route: route.to_string(),
            place: route.location.to_string(),
            message,
        };
        if has_no_reason(route) {
            found.push(problem(
                "it is open and the reason is empty: say why that is right".to_owned(),
            ));
        }
        for check in route.access().as_ref().map(Access::checks).unwrap_or_default() {
            let mut messages = Vec::new();
            if let Some(vocabulary) = vocabulary {
                against_policies(&check, vocabulary, &mut messages);
            }
            against_path(&check, route, &mut messages);
            found.extend(messages.into_iter().map(problem));
        }
    }
    found
}

fn has_no_reason(route: &Route) -> bool {
    let reason = match route.rule {
        Rule::Unguarded(why) => Some(why.reason()),
        Rule::Declared(Access::Public { reason }) => Some(reason),
        Rule::Declared(_) => None,
    };
    reason.is_some_and(|reason| reason.trim().is_empty())
}

fn against_policies(check: &Check, vocabulary: &Vocabulary, messages: &mut Vec<String>) {
    let (kind, action) = (check.resource(), check.action());
    let meant =
        |name: Option<&str>| name.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
    if !vocabulary.knows_kind(kind) {
        let meant = meant(vocabulary.suggest_kind(kind));
        messages.push(format!("no policy is about the kind of resource `{kind}`{meant}"));
        return;
    }
    let meant_action = vocabulary.suggest_action(kind, action);
    if !vocabulary.knows_action(kind, action) {
        let meant = meant(meant_action);
        messages.push(format!("no policy speaks of the action `{action}` on `{kind}`{meant}"));
        return;
    }
    // A rule for `*` speaks of slips of the pen as well.
    if let Some(meant) = meant_action {
        messages.push(format!(
            "no policy names the action `{action}` on `{kind}`, though a pattern covers it; did you mean `{meant}`? If not, name it in a rule"
        ));
        return;
    }
    let mut told = None;
    // They are sorted by attribute; each is told of once.
    for read in vocabulary.reads(kind, action) {
        if !offers(check, &read.attribute) && told.as_ref() != Some(&read.attribute) {
            messages.push(missing(check, &read));
            told = Some(read.attribute);
        }
    }
}

/// Whether the attribute is known to be there, or said never to be.
fn offers(check: &Check, attribute: &str) -> bool {
    let declared = check.attr_sources().iter().any(|(name, _)| *name == attribute);
    declared
        || check.shape().is_some_and(|shape| {
            shape.attributes.iter().any(|offered| offered.name() == attribute)
                || shape.absent.contains(&attribute)
        })
}

fn missing(check: &Check, read: &Read) -> String {
    let (kind, action, name) = (check.resource(), check.action(), &read.attribute);
    let Read { file, line, .. } = read;
    let (offered, mend): (Vec<&str>, _) = match check.shape() {
        Some(shape) => (
            shape.attributes.iter().map(Attribute::name).collect(),
            format!(
                "add it to the type, or say that it never has it: `#[resource(absent(\"{name}\"))]`"
            ),
        ),
        None => (
            check.attr_sources().iter().map(|(name, _)| *name).collect(),
            format!(
                "load the resource with `Loaded`, or say that it is never there: `attr({name} = absent)`"
            ),
        ),
    };
    let offered = if offered.is_empty() {
        "no attributes".to_owned()
    } else {
        format!("only {}", offered.join(", "))
    };
    format!(
        "{file}:{line} reads `R.attr.{name}` for `{action}` on `{kind}`, and this offers {offered}: {mend}"
    )
}

fn against_path(check: &Check, route: &Route, messages: &mut Vec<String>) {
    let sources = check.attr_sources().iter().map(|(_, source)| *source);
    let mut told = Vec::new();
    for source in check.id_source().into_iter().chain(sources) {
        let Source::Path(name) = source else { continue };
        if told.contains(&name) {
            continue;
        }
        told.push(name);
        match parameters(route).filter(|parameter| *parameter == name).count() {
            1 => {}
            0 => messages.push(format!(
                "the path has no parameter `{name}`: write `{{{name}}}` in it, or `path(\"..\")` with a name that it has"
            )),
            _ => messages.push(format!("the path has the parameter `{name}` twice: rename one of them")),
        }
    }
}

/// The names between braces; of a fallback none, since what it answers has no pattern.
fn parameters(route: &Route) -> impl Iterator<Item = &str> {
    let path = if route.fallback { "" } else { route.path.as_str() };
    path.split('/').filter_map(|segment| {
        let inside = segment.split_once('{')?.1.split_once('}')?.0;
        Some(inside.strip_prefix('*').unwrap_or(inside))
    })
}

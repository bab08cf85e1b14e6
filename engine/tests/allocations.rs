//! Evaluating a condition does not allocate, and a decision does not: not once, whatever they come to.

#![expect(clippy::expect_used, reason = "tests")]

#[path = "common/conditions.rs"]
mod conditions;

use allocation_counter::measure;
use authz_engine::cel::{Activation, Arena, Env, Expression, Program};
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Effect, Engine, Map, Options};
use conditions::{CONDITIONS, MANY};

/// What a condition comes to: held, not held, or failed.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Outcome {
    Holds,
    DoesNot,
    Fails,
}
use Outcome::{DoesNot, Fails, Holds};

/// Further shapes that policies often have.
const SHAPES: &[(&str, Outcome)] = &[
    // Logic and errors.
    ("true", Holds),
    ("R.attr.owner == P.id || R.attr.missing == 1", Holds),
    ("R.attr.owner.deeper == 1", Fails),
    ("R.attr.owner < 5", Fails),
    ("R.attr.amount + 1 == 501", Fails),
    ("R.attr.owner && true", Fails),
    ("int(R.attr.amount) / 0 == 1", Fails),
    ("R.attr.tags[7] == 'red'", Fails),
    ("has(R.attr.missing) && R.attr.missing == 1", DoesNot),
    ("R.attr.dev ? R.attr.owner == P.id : R.attr.qa", Holds),
    ("(R.attr.qa ? P.attr.limit : R.attr.amount) >= 500", Holds),
    ("R.attr.missing == 1 || R.attr.owner == P.id", Holds),
    ("R.attr.missing == 1 && R.attr.owner == 'bob'", DoesNot),
    ("R.attr.missing == 1 || R.attr.owner == 'bob'", Fails),
    ("R.attr.missing.deeper == 1", Fails),
    ("!(R.attr.missing == 1)", Fails),
    // Strings.
    ("R.attr.email.startsWith('alice@')", Holds),
    ("R.attr.email.endsWith('@acme.com') && R.attr.email.contains('@')", Holds),
    ("size(R.attr.owner) == 5 && R.attr.owner.size() == 5", Holds),
    ("R.attr.number.matches('^7')", DoesNot),
    // Lists.
    ("R.attr.status in ['DRAFT', 'REVIEW', 'FINAL']", Holds),
    ("!(R.attr.region in ['eu-west', 'us-east'])", Holds),
    ("'manager' in P.roles", Holds),
    ("R.attr.tags[0] == 'red'", Holds),
    ("size(R.attr.tags) > 2", Holds),
    ("R.attr.tags.filter(t, t == 'nothing').size() == 0", Holds),
    ("P.attr.tags.exists_one(t, t == 'blue')", Holds),
    ("has(R.attr.tags) && R.attr.tags.exists(t, t == 'travel')", Holds),
    ("R.attr.tags.all(t, P.attr.tags.all(u, t != u || t == 'public'))", Holds),
    ("hasIntersection(R.attr.tags, P.attr.tags)", Holds),
    ("R.attr.amount in [100, 200, 500]", Holds),
    ("R.attr.amount in [100.0, 200.0]", DoesNot),
    ("size(R.attr.tags.filter(t, t.startsWith('p'))) > 0", Holds),
    ("R.attr.tags.exists(t, R.attr.missing == t || t == 'public')", Holds),
    ("R.attr.tags.exists(t, R.attr.missing == t)", Fails),
    ("isSubset(['blue'], P.attr.tags)", Holds),
    // Times.
    ("timestamp(R.attr.created) < timestamp('2026-03-02T00:00:00Z')", Holds),
    ("now() - timestamp(R.attr.created) < duration('3h')", Holds),
    ("timeSince(timestamp(R.attr.created)) > duration('1h')", Holds),
    ("now().getHours() >= 9 && now().getHours() < 17", Holds),
    ("now().getDayOfWeek('Europe/Berlin') == 0", Holds),
    // Numbers.
    ("R.attr.amount * 1.19 <= P.attr.limit", Holds),
    ("R.attr.amount + R.attr.tax - 95.0 == 500.0", Holds),
    ("int(R.attr.amount) % 7 == 3", Holds),
    // The request under its long names, and names for parts.
    ("request.resource.attr.owner == request.principal.id", Holds),
    ("has(request.auxData.jwt)", DoesNot),
    ("R.kind == 'expense' && R.id == 'e-1' && R.scope == ''", Holds),
    ("cel.bind(who, R.attr.owner, who == P.id)", Holds),
    ("P.attr.?missing.orValue('nobody') == 'nobody'", Holds),
];

#[test]
fn no_condition_allocates() {
    let held = CONDITIONS.into_iter().chain([MANY]).map(|(_, text)| (text, Holds));
    let mut wrong = Vec::new();
    for (text, outcome) in held.chain(SHAPES.iter().copied()) {
        let (allocations, found) = evaluate(text);
        if allocations > 0 || found != outcome {
            wrong.push(format!("{text}: {allocations} allocations, {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How often an evaluation with an empty arena allocates, not counting what the first one prepares for all.
fn evaluate(text: &str) -> (u64, Outcome) {
    let program = Expression::parse(text).and_then(|e| e.compile(&Env::policy())).expect(text);
    outcome(&program);
    outcome(&program)
}

fn outcome(program: &Program) -> (u64, Outcome) {
    let ((principal, resource), globals) = (conditions::request(), Map::default());
    let arena = Arena::new();
    let activation = Activation::new(&principal, &resource, &globals, &arena, conditions::now());
    let mut result = Ok(false);
    let counted = measure(|| result = program.eval_bool(&activation));
    let outcome = match result {
        Ok(true) => Holds,
        Ok(false) => DoesNot,
        Err(_) => Fails,
    };
    (counted.count_total, outcome)
}

/// Scopes with derived roles and variables, a role policy that inherits, and names that are looked up under others.
const POLICIES: [&str; 5] = [
    "derivedRoles:
  name: common
  variables: {local: {same: R.attr.owner == P.id}}
  definitions:
    - {name: owner, parentRoles: [user], condition: {match: {expr: V.same}}}",
    "resourcePolicy:
  resource: 'album:photo'
  version: default
  importDerivedRoles: [common]
  rules:
    - {actions: [view], effect: EFFECT_ALLOW, derivedRoles: [owner]}",
    "resourcePolicy:
  resource: 'album:photo'
  version: default
  scope: acme
  variables: {local: {tags: 'R.attr.tags + P.attr.tags', limit: P.attr.limit * 2.0}}
  rules:
    - actions: ['edit:*']
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {all: {of: [{expr: \"'public' in V.tags\"}, {expr: R.attr.amount < V.limit}]}}}",
    "principalPolicy:
  principal: alice@example.org
  version: default
  rules:
    - {resource: report, actions: [{action: '*', effect: EFFECT_DENY}]}",
    "rolePolicy:
  role: junior
  scope: acme
  parentRoles: [user]
  rules:
    - {resource: album_photo, allowActions: [view, 'edit:title']}",
];

#[test]
fn no_decision_allocates() {
    let named = |(n, text)| {
        Source::new(format!("{n}.yaml"), format!("apiVersion: api.cerbos.dev/v1\n{text}"))
    };
    let set = PolicySet::load(POLICIES.iter().enumerate().map(named));
    let engine = Engine::new(set.expect("policies"), Options::default());
    let (mut principal, mut resource) = conditions::request();
    principal.id = "alice@example.org".into();
    resource.kind = "album:photo".into();
    resource.scope = "acme".into();
    for (roles, action, effect) in [
        (&["user"][..], "edit:title", Effect::Allow),
        (&["junior"], "edit:title", Effect::Allow),
        (&["junior"], "edit:tags", Effect::Deny),
        (&["guest", "user"], "view", Effect::Deny),
        (&["nobody"], "delete", Effect::Deny),
    ] {
        principal.roles = roles.iter().map(|role| (*role).into()).collect();
        let ask = || engine.decide(&principal, &resource, action, None, conditions::now());
        // The first one of a thread makes room for those that follow.
        assert!(ask().is_ok(), "{action}");
        let mut decision = None;
        let counted = measure(|| decision = ask().ok());
        let found = decision.expect(action).effect;
        assert_eq!((counted.count_total, found), (0, effect), "{action} for {roles:?}");
    }
}

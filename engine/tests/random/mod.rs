//! Random cases: sets of policies, options and requests that ask about them.
//!
//! Everything is JSON, as Cerbos reads it, so that a case can be made smaller without knowing what it means. Names come
//! from small pools: what is generated for one place is likely to matter at another.

#![allow(dead_code, unreachable_pub, reason = "each program that includes this uses a part of it")]
#![allow(clippy::indexing_slicing, clippy::panic, reason = "JSON objects, and tests")]

mod conditions;
mod dice;
mod expressions;
mod mistakes;
mod ours;
mod policies;
mod requests;
mod roles;
mod rules;
mod scenery;
mod schemas;
mod words;

use serde_json::{Value as Json, json};

pub use dice::Dice;
pub use ours::{options, principal, resource, sources};

/// Policies, how they are evaluated, and what is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Names of files, and the policies and schemas in them.
    pub files: Vec<(String, Json)>,
    /// The `engine` part of Cerbos' configuration, and `schemaEnforcement`.
    pub options: Json,
    /// Bodies of `/api/check/resources`.
    pub requests: Vec<Json>,
}

/// What a case may have in it.
#[derive(Debug, Clone, Copy)]
pub struct Taste {
    /// Sets of which some do not load, in percent.
    pub mistakes: u32,
    /// Whether resource policies refer to schemas.
    pub schemas: bool,
    /// How many requests.
    pub requests: usize,
}

impl Case {
    /// The case that the dice make.
    pub fn random(dice: &mut Dice<'_>, taste: Taste) -> Self {
        let mut options = options_of(dice);
        let scenery = scenery::Scenery::random(dice, taste.schemas);
        let mut policies = policies::random(dice, &scenery);
        if dice.chance(taste.mistakes) {
            mistakes::make_one(dice, &mut policies);
        }
        let requests = (0..taste.requests).map(|_| requests::random(dice, &scenery)).collect();
        let mut files = name(dice, policies);
        if taste.schemas {
            options["schemaEnforcement"] = dice.pick(&["none", "warn", "reject"]).into();
            files.extend(schemas::random(dice));
        }
        Self { files, options, requests }
    }
}

fn options_of(dice: &mut Dice<'_>) -> Json {
    let mut options = json!({"globals": {"env": "test", "flag": true, "nothing": null}});
    if dice.chance(25) {
        options["defaultPolicyVersion"] = dice.pick(words::VERSIONS).into();
    }
    if dice.chance(25) {
        options["defaultScope"] = dice.pick(words::SCOPES).into();
    }
    if dice.chance(30) {
        options["lenientScopeSearch"] = true.into();
    }
    if dice.chance(25) {
        options["strictEvaluation"] = true.into();
    }
    options
}

/// File names decide in which order a folder is read: they are shuffled.
fn name(dice: &mut Dice<'_>, policies: Vec<Json>) -> Vec<(String, Json)> {
    let mut named: Vec<(String, Json)> = Vec::new();
    for (number, policy) in policies.into_iter().enumerate() {
        let letter = dice.pick(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        named.push((format!("{letter}{number:02}.json"), policy));
    }
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named
}

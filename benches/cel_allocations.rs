//! How often each condition allocates, here and in the crate `cel`: one line `name: ours, theirs` each. A program of its
//! own, because its counter would slow down the side that allocates; the benchmark `cel` runs it and shows both.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unreachable,
    reason = "a program of its own: its output is the report"
)]

#[path = "../engine/tests/common/conditions.rs"]
mod conditions;
#[path = "../engine/tests/common/reference.rs"]
mod reference;

use std::hint::black_box;

use allocation_counter::measure;
use authz_engine::Map;
use authz_engine::cel::{Activation, Arena, Env, Expression};
use conditions::{CONDITIONS, MANY, NOW};

fn main() {
    let (principal, resource) = conditions::request();
    let (globals, now) = (Map::default(), conditions::now());
    let env = reference::environment();
    let context = reference::context(&env, &principal, &resource, NOW);
    for (name, text) in CONDITIONS.into_iter().chain([MANY]) {
        let ours = Expression::parse(text).and_then(|e| e.compile(&Env::policy())).expect(name);
        let theirs = env.compile(text).expect(name);
        let our_turn = || {
            let arena = Arena::new();
            let activation = Activation::new(&principal, &resource, &globals, &arena, now);
            _ = black_box(ours.eval_bool(&activation));
        };
        let their_turn = || _ = black_box(theirs.execute(&context));
        // Neither side pays for what it prepares at its first turn.
        our_turn();
        their_turn();
        println!("{name}: {}, {}", measure(our_turn).count_total, measure(their_turn).count_total);
    }
}

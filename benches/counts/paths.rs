//! What is counted.

#[path = "../../engine/tests/common/conditions.rs"]
#[expect(dead_code, reason = "shared with others, who need all of it")]
mod conditions;

use std::hint::black_box;

use authz_benches::workload::{Question, Workload};
use authz_engine::{
    Engine, Map, Options,
    cel::{Activation, Arena, Env, Expression, Timestamp},
    policy::PolicySet,
};

use crate::{requests, tokens};

/// How the instructions of a path are told from those of what is prepared for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Those within [`counted`] are counted, on its thread.
    Inside,
    /// The whole program is counted, on all its threads, with so many turns and with twice as many. For paths that may
    /// start threads, and that are long enough for the rest to be small beside them.
    Difference,
}

/// A path.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) name: &'static str,
    pub(crate) turns: u32,
    pub(crate) method: Method,
    /// Of so many processes the one with the fewest instructions counts: hashes have another seed in each, and where
    /// names collide a look-up takes a few steps more.
    pub(crate) processes: u32,
}

const fn inside(name: &'static str, turns: u32) -> Path {
    Path { name, turns, method: Method::Inside, processes: 1 }
}

/// Where look-ups by name are a good part of the whole.
const fn least(name: &'static str, turns: u32, processes: u32) -> Path {
    Path { name, turns, method: Method::Inside, processes }
}

pub(crate) const PATHS: &[Path] = &[
    least("decision/classic", 1000, 4),
    least("decision/multitenant", 1000, 4),
    least("decision/five-by-two", 500, 4),
    least("cel/owner", 1000, 8),
    least("cel/any-of-tags", 1000, 8),
    least("cel/arithmetic", 1000, 8),
    inside("token/known", 1000),
    inside("token/known-in-layer", 500),
    inside("request/bare", 500),
    inside("request/decided", 500),
    inside("token/new-rs256", 20),
    Path { name: "load/classic-10", turns: 2, method: Method::Difference, processes: 1 },
];

/// Sets are this large: growth is measured elsewhere.
const UNITS: usize = 10;

/// Takes so many turns of a path, as the process that valgrind watches.
pub(crate) fn run(name: &str, turns: u32) {
    match name {
        "decision/classic" => one(&Workload::classic(UNITS), 1, turns),
        "decision/multitenant" => one(&Workload::multitenant(UNITS), 10, turns),
        "decision/five-by-two" => five_by_two(&Workload::classic(UNITS), turns),
        "cel/owner" => condition("c1", turns),
        "cel/any-of-tags" => condition("c3", turns),
        "cel/arithmetic" => condition("c8", turns),
        "token/known" => tokens::known(turns),
        "token/known-in-layer" => tokens::known_in_layer(turns),
        "request/bare" => requests::bare(turns),
        "request/decided" => requests::decided(turns),
        "token/new-rs256" => tokens::new_rs256(turns),
        "load/classic-10" => load(&Workload::classic(UNITS), turns),
        _ => eprintln!("there is no path `{name}`"),
    }
}

/// Where valgrind counts. What a turn needs for the first time only has been done before.
pub(crate) fn counted(turns: u32, turn: &mut dyn FnMut()) {
    for _ in 0..WARM_UP {
        turn();
    }
    turns_that_count(turns, turn);
}

/// More than there are questions, so that each has been asked once.
const WARM_UP: u32 = 24;

/// How many turns are taken in all.
pub(crate) fn all(turns: u32) -> u32 {
    WARM_UP + turns
}

/// Named in [`valgrind`](crate::valgrind), where its calls switch the counter on.
#[inline(never)]
fn turns_that_count(turns: u32, turn: &mut dyn FnMut()) {
    for _ in 0..turns {
        turn();
    }
}

/// The first request of each unit, one after the other.
fn questions(workload: &Workload) -> Vec<Question> {
    workload.questions().step_by(2).collect()
}

/// Every index of an engine has a seed of its own, so several engines take turns where that matters much.
fn one(workload: &Workload, engines: usize, turns: u32) {
    let engines: Vec<Engine> = (0..engines).map(|_| workload.engine()).collect();
    let (asked, now) = (questions(workload), Timestamp::now());
    let mut turn =
        engines.iter().flat_map(|engine| asked.iter().map(move |asked| (engine, asked))).cycle();
    counted(turns, &mut || {
        let (engine, question) = turn.next().expect("a question");
        black_box(black_box(question).ask_first(engine, now));
    });
}

fn five_by_two(workload: &Workload, turns: u32) {
    let (engine, asked, now) = (workload.engine(), questions(workload), Timestamp::now());
    assert!(
        asked.iter().all(|q| q.resources.len() == 5 && q.resources.iter().all(|r| r.1.len() == 2))
    );
    let mut turn = asked.iter().cycle();
    counted(turns, &mut || {
        let question = turn.next().expect("a question");
        black_box(black_box(question).ask(&engine, now));
    });
}

fn condition(name: &str, turns: u32) {
    let (_, text) =
        conditions::CONDITIONS.into_iter().find(|(n, _)| *n == name).expect("a condition");
    let program =
        Expression::parse(text).and_then(|e| e.compile(&Env::policy())).expect("it compiles");
    let (principal, resource) = conditions::request();
    let (globals, now) = (Map::default(), conditions::now());
    counted(turns, &mut || {
        let arena = Arena::new();
        let activation = Activation::new(&principal, &resource, &globals, &arena, now);
        assert_eq!(black_box(&program).eval_bool(black_box(&activation)), Ok(true));
    });
}

fn load(workload: &Workload, turns: u32) {
    for _ in 0..turns {
        let set = PolicySet::load(workload.sources()).expect("policies");
        black_box(Engine::new(set, Options::default()));
    }
}

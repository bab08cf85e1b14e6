//! How long one request takes, for one client that waits for each answer.

use std::hint::black_box;
use std::time::{Duration, Instant};

use authz_benches::measure::{quantile, repeat};
use authz_engine::Engine;
use authz_engine::cel::Timestamp;

use crate::asked::Asked;
use crate::grpc::Client;
use crate::http::Connection;

/// Rounds, in each of which all sides are asked; the first ones only warm up.
const ROUNDS: usize = 48;
const WARM: usize = 8;
/// Requests of a round over HTTP, and as many over gRPC.
const REQUESTS: usize = 50;
/// Calls of a round that are timed one by one, and as many in batches. Batches are short, so that few of them meet
/// another process.
const CALLS: usize = 2000;
const BATCH: usize = 100;
/// How long, and by how many clients, Cerbos is asked before its memory is read again.
const LOAD: (Duration, usize) = (Duration::from_secs(5), 8);

/// Medians in microseconds.
pub(crate) struct Times {
    pub(crate) http: f64,
    pub(crate) grpc: f64,
    /// Ours, each call timed by itself; reading the clock is part of it.
    pub(crate) each: f64,
    /// Ours, many calls timed together.
    pub(crate) batched: f64,
}

/// Asks all sides in turn.
pub(crate) async fn measure(
    asked: &[Asked],
    engine: &Engine,
    single: bool,
    http: &mut Connection,
    grpc: &mut Client,
) -> Times {
    let now = Timestamp::now();
    let ask = |asked: &Asked| {
        let question = black_box(&asked.question);
        if single {
            _ = black_box(question.ask_first(engine, now));
        } else {
            _ = black_box(question.ask(engine, now));
        }
    };
    let [mut over_http, mut over_grpc, mut each, mut batched] = [(); 4].map(|()| Vec::new());
    for round in 0..ROUNDS {
        if round == WARM {
            for times in [&mut over_http, &mut over_grpc, &mut each, &mut batched] {
                times.clear();
            }
        }
        for asked in asked.iter().cycle().take(REQUESTS) {
            let start = Instant::now();
            http.exchange(&asked.http).expect("an answer over HTTP");
            over_http.push(microseconds(start.elapsed()));
        }
        for asked in asked.iter().cycle().take(REQUESTS) {
            let message = asked.grpc.clone();
            let start = Instant::now();
            _ = black_box(grpc.ask(message).await.expect("an answer over gRPC"));
            over_grpc.push(microseconds(start.elapsed()));
        }
        for asked in asked.iter().cycle().take(CALLS) {
            let start = Instant::now();
            ask(asked);
            each.push(microseconds(start.elapsed()));
        }
        let turns = (BATCH / asked.len()).max(1);
        for _ in 0..CALLS / BATCH {
            let batch = repeat(turns as u32, || asked.iter().for_each(ask));
            batched.push(microseconds(batch) / (turns * asked.len()) as f64);
        }
    }
    let [http, grpc, each, batched] =
        [over_http, over_grpc, each, batched].map(|mut times| quantile(&mut times, 0.5));
    Times { http, grpc, each, batched }
}

/// Lets several clients ask Cerbos over HTTP.
pub(crate) fn load(address: &str, asked: &[Asked]) {
    std::thread::scope(|scope| {
        for _ in 0..LOAD.1 {
            scope.spawn(|| {
                let mut connection = Connection::open(address).expect("a connection");
                let start = Instant::now();
                for asked in asked.iter().cycle().take_while(|_| start.elapsed() < LOAD.0) {
                    connection.exchange(&asked.http).expect("an answer over HTTP");
                }
            });
        }
    });
}

fn microseconds(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}

//! Random CEL expressions, each the output of a rule, asked of Cerbos and of the engine.

mod batch;
mod compare;
mod deep;
mod format;
mod generate;
mod known;
mod leaves;
mod literals;
mod operators;
mod ours;
mod pools;
mod report;
mod request;
mod shrink;
mod signatures;
mod theirs;
mod tree;
mod types;

use std::rc::Rc;

use fastrand::Rng;

use crate::cerbos::Cerbos;
use batch::Batch;
use compare::{Verdict, judge};
use generate::Generator;
use report::Report;
use request::Request;
use shrink::Victim;
use tree::Node;

/// Expressions of one request, which is one policy.
const BATCH: usize = 500;
/// Policies of one server.
const TOGETHER: usize = 4;
/// How many differing expressions are made smaller. If no more differ, that is each of them.
const ROOM: usize = 120;

/// Asks about `count` expressions. False when a difference is left that no rule explains.
pub(crate) fn run(cerbos: &Cerbos, count: usize, seed: u64) -> Result<bool, String> {
    let signatures = signatures::all();
    let mut rng = Rng::with_seed(seed);
    let mut report = Report::new(&signatures);
    let mut victims = Vec::new();
    let mut left = count;
    while left > 0 {
        let mut nodes: Vec<Vec<Node>> = Vec::new();
        let mut batches = Vec::new();
        while left > 0 && batches.len() < TOGETHER {
            let request = Rc::new(Request::random(&mut rng));
            let mut generator = Generator::new(&mut rng, &request, &signatures);
            let of_batch: Vec<Node> =
                (0..left.min(BATCH)).map(|_| generator.expression()).collect();
            left -= of_batch.len();
            batches.push(Batch { request, expressions: of_batch.iter().map(Node::text).collect() });
            nodes.push(of_batch);
        }
        let theirs = theirs::ask(cerbos, &batches)?;
        let ours = ours::ask(&batches)?;
        for ((batch, nodes), (theirs, ours)) in
            batches.iter().zip(nodes).zip(theirs.into_iter().zip(ours))
        {
            for (node, (theirs, ours)) in nodes.into_iter().zip(theirs.into_iter().zip(ours)) {
                let verdict = judge(&theirs, &ours);
                report.count(&node, &theirs, &verdict);
                if let Verdict::Differs(difference) = verdict {
                    victims.push(Victim::new(
                        node,
                        Rc::clone(&batch.request),
                        difference,
                        theirs,
                        ours,
                    ));
                }
            }
        }
    }
    let (mut chosen, left_out) = report::choose(victims, ROOM);
    let unsteady = shrink::shrink(cerbos, &mut chosen)?;
    Ok(report.print(chosen, unsteady, left_out))
}

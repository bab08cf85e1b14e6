//! Random sets of policies and random requests, asked of Cerbos and of the engine.

#[path = "../../../engine/tests/random/mod.rs"]
mod random;

mod answer;
mod known;
mod ours;
mod report;
mod shrink;
mod theirs;

use answer::{Difference, differences};
use random::{Case, Dice, Taste};
use report::Report;

use crate::cerbos::Cerbos;

/// Requests to one set that loads; about 150 decisions. Starting a server takes as long as asking them.
const REQUESTS: usize = 25;
/// Sets with a mistake, in percent.
const MISTAKES: u32 = 12;
/// How many differences of one kind are made smaller.
const SMALLER: usize = 1;

/// A case that is answered differently.
struct Finding {
    case: Case,
    difference: Difference,
}

/// Asks for about `count` decisions. False when a difference is left that no rule explains.
pub(crate) fn run(cerbos: &Cerbos, count: usize, seed: u64) -> Result<bool, String> {
    let mut report = Report::default();
    let mut number = seed.wrapping_mul(1_000_000);
    while report.decisions < count {
        number += 1;
        let schemas = number.is_multiple_of(3);
        let taste = Taste { mistakes: MISTAKES, schemas, requests: REQUESTS };
        let case = Case::random(&mut Dice::of_seed(number), taste);
        let theirs = theirs::ask(cerbos, &case)?;
        let ours = ours::ask(&case);
        report.count(&theirs);
        for (reduced, difference) in differences(&case, &theirs, &ours) {
            if let Some(rule) = known::rule(&difference) {
                report.explain(rule);
                continue;
            }
            if known::is_open(cerbos, &reduced)? {
                report.explain("Q14");
                continue;
            }
            if let Some(apart) = known::unshared(&reduced)
                && known::is_open(cerbos, &apart)?
            {
                report.explain("Z12");
                continue;
            }
            if known::agree(cerbos, &known::told_apart(&reduced))? {
                report.explain("Z13");
                continue;
            }
            let already = report.add(number, &difference);
            println!("set {number} differs: {}", difference.what);
            if already < SMALLER {
                let finding = shrink::shrink(cerbos, Finding { case: reduced, difference })?;
                report.show(number, &finding);
            }
        }
    }
    Ok(report.print())
}

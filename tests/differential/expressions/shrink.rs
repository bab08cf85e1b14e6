//! Makes differing expressions smaller for as long as they differ in the same way.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::batch::{Batch, Outcome};
use super::compare::{Difference, Verdict, general, judge};
use super::request::Request;
use super::tree::Node;
use super::{ours, theirs};
use crate::cerbos::Cerbos;

/// A differing expression on its way down.
pub(crate) struct Victim {
    pub(crate) node: Node,
    pub(crate) request: Rc<Request>,
    pub(crate) difference: Difference,
    pub(crate) theirs: Outcome,
    pub(crate) ours: Outcome,
    /// How many expressions it stands for.
    pub(crate) stands_for: usize,
    done: bool,
}

/// How many smaller expressions of one victim the engine is asked about at a time, and how many of those that it
/// still treats alike Cerbos is. Cerbos takes milliseconds for each.
const CANDIDATES: usize = 90;
const PROMISING: usize = 9;
const ROUNDS: usize = 40;
/// How often one answer is asked for again: what depends on the order of a map or on the time will change.
const AGAIN: usize = 8;
/// How many victims share a server.
const TOGETHER: usize = 100;

impl Victim {
    pub(crate) fn new(
        node: Node,
        request: Rc<Request>,
        difference: Difference,
        theirs: Outcome,
        ours: Outcome,
    ) -> Self {
        Self { node, request, difference, theirs, ours, stands_for: 1, done: false }
    }

    fn candidates(&self) -> Vec<Node> {
        let length = self.node.text().len();
        let mut seen = BTreeSet::new();
        let mut candidates: Vec<(usize, Node)> = self
            .node
            .smaller()
            .into_iter()
            .filter_map(|node| {
                let text = node.text();
                (text.len() < length && seen.insert(text.clone())).then_some((text.len(), node))
            })
            .collect();
        candidates.sort_by_key(|(length, _)| *length);
        sample(candidates, CANDIDATES).into_iter().map(|(_, node)| node).collect()
    }

    /// Whether the engine treats another expression as it treats this one.
    fn resembles(&self, ours: &Outcome) -> bool {
        match (&self.ours, ours) {
            (Outcome::Refused(a), Outcome::Refused(b))
            | (Outcome::Failed(a), Outcome::Failed(b))
            | (Outcome::Broken(a), Outcome::Broken(b)) => general(a) == general(b),
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}

/// Of a sorted list its first, which are the boldest, and of the rest an even share.
fn sample<T>(list: Vec<T>, count: usize) -> Vec<T> {
    let bold = count / 2;
    let step = list.len().saturating_sub(bold).div_ceil(count - bold).max(1);
    let chosen = |i: &usize| *i < bold || (*i - bold).is_multiple_of(step);
    list.into_iter().enumerate().filter(|(i, _)| chosen(i)).map(|(_, item)| item).collect()
}

/// Shrinks all victims together; drops those whose answer does not stand still and returns how many those were.
pub(crate) fn shrink(cerbos: &Cerbos, victims: &mut Vec<Victim>) -> Result<usize, String> {
    let unsteady = settle(cerbos, victims)?;
    for _ in 0..ROUNDS {
        let mut open: Vec<&mut Victim> = victims.iter_mut().filter(|victim| !victim.done).collect();
        if open.is_empty() {
            break;
        }
        for victims in open.chunks_mut(TOGETHER) {
            round(cerbos, victims)?;
        }
    }
    Ok(unsteady + settle(cerbos, victims)?)
}

fn round(cerbos: &Cerbos, victims: &mut [&mut Victim]) -> Result<(), String> {
    let batches = |victims: &[&mut Victim], nodes: &[Vec<Node>]| -> Vec<Batch> {
        let batch = |(victim, nodes): (&&mut Victim, &Vec<Node>)| Batch {
            request: Rc::clone(&victim.request),
            expressions: nodes.iter().map(Node::text).collect(),
        };
        victims.iter().zip(nodes).map(batch).collect()
    };
    let candidates: Vec<Vec<Node>> = victims.iter().map(|victim| victim.candidates()).collect();
    let ours = ours::ask(&batches(victims, &candidates))?;
    let mut promising: Vec<Vec<Node>> = Vec::new();
    let mut answers: Vec<Vec<Outcome>> = Vec::new();
    for ((victim, nodes), ours) in victims.iter().zip(candidates).zip(ours) {
        let alike = nodes.into_iter().zip(ours).filter(|(_, ours)| victim.resembles(ours));
        let (nodes, ours) = sample(alike.collect(), PROMISING).into_iter().unzip();
        promising.push(nodes);
        answers.push(ours);
    }
    let theirs = theirs::ask(cerbos, &batches(victims, &promising))?;
    let answers = theirs.into_iter().zip(answers);
    for ((victim, nodes), (theirs, ours)) in victims.iter_mut().zip(promising).zip(answers) {
        let outcomes = nodes.into_iter().zip(theirs.into_iter().zip(ours));
        let mut smaller = outcomes.filter(|(_, (theirs, ours))| {
            judge(theirs, ours) == Verdict::Differs(victim.difference.clone())
        });
        match smaller.next() {
            None => victim.done = true,
            Some((node, (theirs, ours))) => {
                victim.node = node;
                victim.theirs = theirs;
                victim.ours = ours;
            }
        }
    }
    Ok(())
}

/// Removes victims of which Cerbos does not say the same every time.
fn settle(cerbos: &Cerbos, victims: &mut Vec<Victim>) -> Result<usize, String> {
    let mut unsteady = 0;
    let mut settled = Vec::new();
    let mut rest = std::mem::take(victims);
    while !rest.is_empty() {
        let later = rest.split_off(rest.len().min(TOGETHER));
        let batches: Vec<Batch> = rest
            .iter()
            .map(|victim| Batch {
                request: Rc::clone(&victim.request),
                expressions: vec![victim.node.text(); AGAIN],
            })
            .collect();
        let answers = theirs::ask(cerbos, &batches)?;
        for (victim, answers) in rest.into_iter().zip(answers) {
            if answers.iter().all(|answer| *answer == victim.theirs) {
                settled.push(victim);
            } else {
                unsteady += victim.stands_for;
            }
        }
        rest = later;
    }
    *victims = settled;
    Ok(unsteady)
}

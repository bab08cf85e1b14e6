//! Counts, and each difference once.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::Outcome;
use super::compare::{Class, Difference, Verdict};
use super::known;
use super::shrink::Victim;
use super::signatures::{GROUPS, Signature};
use super::tree::{Node, Origin};

#[derive(Default, Clone, Copy)]
struct Counts {
    asked: usize,
    accepted: usize,
    values: usize,
    differences: usize,
}

impl Counts {
    fn add(&mut self, theirs: &Outcome, verdict: &Verdict) {
        self.asked += 1;
        self.accepted += usize::from(!matches!(theirs, Outcome::Refused(_)));
        self.values += usize::from(has_value(theirs));
        self.differences += usize::from(matches!(verdict, Verdict::Differs(_)));
    }
}

fn has_value(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Value(_) | Outcome::NotFinite)
}

pub(crate) struct Report {
    total: Counts,
    groups: BTreeMap<&'static str, Counts>,
    /// The group of each signature, and in how many expressions with a value it was.
    lines: BTreeMap<&'static str, (&'static str, usize)>,
    /// How often errors differ in words alone, and the shortest expression of each kind.
    other_words: BTreeMap<String, (usize, String)>,
}

/// How many kinds of other words are shown.
const OTHER_WORDS: usize = 60;
/// How many differences of a kind are shown.
const EXAMPLES: usize = 3;
/// How many characters of a text are shown.
const LENGTH: usize = 300;

impl Report {
    pub(crate) fn new(signatures: &[Signature]) -> Self {
        let group = |s: &Signature| GROUPS.get(s.group).map_or("", |group| group.name);
        Self {
            total: Counts::default(),
            groups: BTreeMap::new(),
            lines: signatures.iter().map(|s| (s.line, (group(s), 0))).collect(),
            other_words: BTreeMap::new(),
        }
    }

    pub(crate) fn count(&mut self, node: &Node, theirs: &Outcome, verdict: &Verdict) {
        let mut groups = BTreeSet::new();
        node.visit(&mut |node| {
            if let Origin::Call(line) = node.origin
                && let Some((group, values)) = self.lines.get_mut(line)
            {
                *values += usize::from(has_value(theirs));
                groups.insert(*group);
            }
        });
        self.total.add(theirs, verdict);
        for group in groups {
            self.groups.entry(group).or_default().add(theirs, verdict);
        }
        if let Verdict::OtherWords(words) = verdict {
            let text = node.text();
            let (count, shortest) =
                self.other_words.entry(words.clone()).or_insert_with(|| (0, text.clone()));
            *count += 1;
            if text.len() < shortest.len() {
                *shortest = text;
            }
        }
    }

    /// Prints everything. False when a difference is left that no rule explains.
    pub(crate) fn print(&self, victims: Vec<Victim>, unsteady: usize, left_out: usize) -> bool {
        println!(
            "{:>16} {:>7} {:>9} {:>7} {:>11}",
            "with", "asked", "accepted", "values", "differences"
        );
        for (name, counts) in self.groups.iter().chain([(&"all", &self.total)]) {
            let Counts { asked, accepted, values, differences } = counts;
            println!("{name:>16} {asked:>7} {accepted:>9} {values:>7} {differences:>11}");
        }
        let share = |part: usize, whole: usize| (part * 100).checked_div(whole).unwrap_or_default();
        println!(
            "Cerbos accepts {} % of the expressions, and {} % of those have values",
            share(self.total.accepted, self.total.asked),
            share(self.total.values, self.total.accepted),
        );
        let without: Vec<&str> = self
            .lines
            .iter()
            .filter(|(_, (_, values))| *values == 0)
            .map(|(line, _)| *line)
            .collect();
        if !without.is_empty() {
            println!("never in an expression with a value: {}", without.join("; "));
        }
        let mut words: Vec<_> = self.other_words.iter().collect();
        words.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        let total: usize = words.iter().map(|(_, (count, _))| count).sum();
        println!("\nerrors in other words: {total} of {} kinds (no differences)", words.len());
        for (words, (count, shortest)) in words.into_iter().take(OTHER_WORDS) {
            println!("{count:>7} × {words}\n          {}", short(shortest));
        }
        let explained = self.print_differences(victims, unsteady);
        if left_out > 0 {
            println!("{left_out} differences are of further kinds");
        }
        explained && left_out == 0
    }

    fn print_differences(&self, victims: Vec<Victim>, unsteady: usize) -> bool {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let mut groups: BTreeMap<(Class, String), Vec<Victim>> = BTreeMap::new();
        for victim in victims {
            match known::rule(&victim.node.text(), &victim.difference) {
                Some(rule) => *known.entry(rule).or_default() += victim.stands_for,
                None => groups.entry(signature(&victim)).or_default().push(victim),
            }
        }
        println!(
            "\ndifferences: {}, of which {unsteady} depend on the order of a map",
            self.total.differences
        );
        for (rule, count) in known {
            println!("{count:>7} × explained by rule {rule}");
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        let size = |group: &[Victim]| group.iter().map(|victim| victim.stands_for).sum::<usize>();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(size(group)));
        for ((class, what), group) in &mut groups {
            println!("{:>7} × {class:?}: {what}", size(group));
            group.sort_by_key(|victim| victim.node.text().len());
            let mut shapes = BTreeSet::new();
            let examples = group.iter().filter(|victim| shapes.insert(victim.node.shape()));
            for victim in examples.take(EXAMPLES) {
                show(victim);
            }
        }
        println!("{} kinds of differences are shown", groups.len());
        groups.is_empty()
    }
}

/// What differences that are probably one have in common: what is refused, or what was asked for.
fn signature(victim: &Victim) -> (Class, String) {
    let Difference { class, words } = &victim.difference;
    let what = match (class, &victim.node.origin) {
        (Class::WeRefuse | Class::TheyRefuse | Class::WeBreak | Class::TheyBreak, _) => {
            words.clone()
        }
        (_, Origin::Call(line)) if !line.is_empty() => (*line).to_owned(),
        _ => victim.node.shape(),
    };
    (*class, what)
}

fn show(victim: &Victim) {
    let text = victim.node.text();
    println!("          {}", short(&text));
    for attribute in victim.request.mentioned(&text) {
        println!("            where {}", short(&attribute));
    }
    println!("            Cerbos: {}", line(&victim.theirs));
    println!("            engine: {}", line(&victim.ours));
}

/// A text on one line of bearable length.
fn short(text: &str) -> String {
    let text: String = text.chars().take(LENGTH).collect();
    text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
}

fn line(outcome: &Outcome) -> String {
    match outcome {
        // Cerbos repeats the expression.
        Outcome::Refused(text) => {
            let why = text.rsplit_once("`: ").map_or(&**text, |(_, why)| why);
            format!("refused: {}", short(why))
        }
        outcome => short(&outcome.to_string()),
    }
}

/// Picks expressions of every kind of difference in turn, the shortest first; each stands for its share of those of
/// its kind that are not picked. Also returns how many differences are of kinds for which there was no room.
pub(crate) fn choose(victims: Vec<Victim>, room: usize) -> (Vec<Victim>, usize) {
    let mut kinds: BTreeMap<(Difference, String), Vec<Victim>> = BTreeMap::new();
    for victim in victims {
        // Values differ without a word: there, what is asked for stands for the kind.
        let mut root = String::new();
        if victim.difference.words.is_empty()
            && let Origin::Call(line) = victim.node.origin
        {
            root.push_str(line);
        }
        kinds.entry((victim.difference.clone(), root)).or_default().push(victim);
    }
    let mut kinds: Vec<Vec<Victim>> = kinds.into_values().collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.len()));
    let left_out = kinds.iter().skip(room).map(Vec::len).sum();
    kinds.truncate(room);
    for kind in &mut kinds {
        kind.sort_by_key(|victim| victim.node.text().len());
    }
    let picked = |turns: usize| kinds.iter().map(|kind| kind.len().min(turns)).sum::<usize>();
    let most = kinds.iter().map(Vec::len).max().unwrap_or_default();
    let turns = (1..=most).rev().find(|turns| picked(*turns) <= room).unwrap_or(1);
    let mut chosen = Vec::new();
    for mut kind in kinds {
        let total = kind.len();
        kind.truncate(turns);
        let count = kind.len();
        for (i, victim) in kind.iter_mut().enumerate() {
            victim.stands_for = total / count + usize::from(i < total % count);
        }
        chosen.append(&mut kind);
    }
    (chosen, left_out)
}

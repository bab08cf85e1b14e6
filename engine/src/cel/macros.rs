//! Macros over lists and maps, run as loops. Those that end in a boolean are in [`truth`](super::truth).

use smallvec::SmallVec;

use super::containers::{List, MapRef};
use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::functions::sorted;
use super::program::{Comprehension, Macro, Node};
use super::refusal;
use super::truth::Truth;
use super::vals::V;

impl<'a> Eval<'a, '_> {
    /// Binds the variables to one element after the other, until `visit` says that it is enough. Whether it did.
    #[inline]
    pub(super) fn each(
        &mut self,
        c: &'a Comprehension,
        mut visit: impl FnMut(&mut Self) -> Result<bool, EvalError<'a>>,
    ) -> Result<bool, EvalError<'a>> {
        let range = self.operand(&c.range)?;
        let length = match range {
            V::List(items) => items.len(),
            V::Map(map) => map.len(),
            other => return Err(refusal::range(self, &other, c.two_variables)),
        };
        self.step(length)?;
        let base = self.locals.len();
        self.locals.push(Ok(V::Null));
        let mut turn = |eval: &mut Self, first: V<'a>| {
            if let Some(slot) = eval.locals.get_mut(base) {
                *slot = Ok(first);
            }
            visit(eval)
        };
        // With one variable, a map gives its keys and a list its items.
        let result = match range {
            V::List(List::Values(items)) if !c.two_variables => {
                until(items.iter(), |item| turn(self, V::from(item)))
            }
            V::List(List::Owned(names)) if !c.two_variables => {
                until(names.iter(), |name| turn(self, V::Str(name)))
            }
            V::List(items) if !c.two_variables => until(items.iter(), |item| turn(self, item)),
            _ => {
                if c.two_variables {
                    self.locals.push(Ok(V::Null));
                }
                until((0..length).filter_map(|i| element(range, i)), |(key, value)| {
                    if let Some(slot) = self.locals.get_mut(base + 1).filter(|_| c.two_variables) {
                        *slot = Ok(value);
                    }
                    turn(self, key)
                })
            }
        };
        self.locals.truncate(base);
        result
    }

    /// Whether an element is taken.
    fn takes(&mut self, condition: Option<&'a Node>) -> Result<bool, EvalError<'a>> {
        match condition.map(|node| self.truth(node)) {
            None | Some(Truth::True) => Ok(true),
            Some(Truth::False) => Ok(false),
            Some(Truth::Failed) => Err(self.failure),
        }
    }

    #[inline(never)]
    pub(super) fn comprehension(&mut self, c: &'a Comprehension) -> Evaluated<'a> {
        match c.kind {
            Macro::All | Macro::Exists | Macro::ExistsOne => Err(EvalError::NoSuchOverload),
            Macro::Count => self.count(c),
            Macro::Filter | Macro::List => self.collect(c),
            Macro::Map | Macro::Entries => self.collect_entries(c),
        }
    }

    fn count(&mut self, c: &'a Comprehension) -> Evaluated<'a> {
        let mut count = 0_i64;
        self.each_taken(c, |_| count += 1)?;
        Ok(V::Int(count))
    }

    /// Elements that a filter takes. It goes on after a failure, and the last one counts.
    fn each_taken(
        &mut self,
        c: &'a Comprehension,
        mut take: impl FnMut(V<'a>),
    ) -> Result<(), EvalError<'a>> {
        let base = self.locals.len();
        let mut failure = None;
        self.each(c, |eval| {
            match eval.truth(&c.body) {
                Truth::True => {
                    if let Some(Ok(item)) = eval.locals.get(base) {
                        take(*item);
                    }
                }
                Truth::False => {}
                Truth::Failed if eval.failure == EvalError::StepsExhausted => {
                    return Err(eval.failure);
                }
                Truth::Failed => failure = Some(eval.failure),
            }
            Ok(false)
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// What the body makes of the elements that the filter takes. A failing body ends what is made, and a filter that
    /// fails after it counts instead (rule E17).
    fn each_made(
        &mut self,
        c: &'a Comprehension,
        mut make: impl FnMut(&mut Self, V<'a>) -> Result<(), EvalError<'a>>,
    ) -> Result<(), EvalError<'a>> {
        let mut failure = None;
        self.each(c, |eval| {
            let made = match eval.takes(c.filter.as_ref()) {
                Ok(true) if failure.is_some() => return Ok(false),
                Ok(true) => eval.eval(&c.body).and_then(|body| make(eval, body)),
                Ok(false) => Ok(()),
                Err(why) => Err(why),
            };
            match made {
                Err(EvalError::StepsExhausted) => Err(EvalError::StepsExhausted),
                Err(why) => {
                    failure = Some(why);
                    Ok(c.filter.is_none())
                }
                Ok(()) => Ok(false),
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    fn collect(&mut self, c: &'a Comprehension) -> Evaluated<'a> {
        let mut items: SmallVec<[V<'a>; 8]> = SmallVec::new();
        if c.kind == Macro::Filter {
            self.each_taken(c, |item| items.push(item))?;
        } else {
            self.each_made(c, |_, body| {
                items.push(body);
                Ok(())
            })?;
        }
        self.admit(V::List(List::Built(self.arena().slice(&items))))
    }

    fn collect_entries(&mut self, c: &'a Comprehension) -> Evaluated<'a> {
        let mut entries: SmallVec<[(V<'a>, V<'a>); 8]> = SmallVec::new();
        let base = self.locals.len();
        self.each_made(c, |eval, body| {
            if c.kind == Macro::Map {
                let key = eval.locals.get(base).copied().unwrap_or(Ok(V::Null))?;
                entries.push((key, body));
                return Ok(());
            }
            let V::Map(map) = body else { return Err(EvalError::NoSuchOverload) };
            for entry in (0..map.len()).filter_map(|i| map.entry(i)) {
                eval.step(1 + entries.len() / 8)?;
                if entries.iter().any(|(k, _)| k.equals(&entry.0)) {
                    return Err(eval.invalid(format_args!(
                        "insert failed: key {} already exists",
                        entry.0.plain()
                    )));
                }
                entries.push(entry);
            }
            Ok(())
        })?;
        self.admit(V::Map(MapRef::Built(self.arena().slice(&entries))))
    }

    #[inline(never)]
    pub(super) fn sort_by(&mut self, list: &'a Node, key: &'a Node) -> Evaluated<'a> {
        let list = match self.eval(list)? {
            V::List(list) => list,
            V::Map(_) => {
                return Err(EvalError::Invalid("no such overload: @sortByAssociatedKeys"));
            }
            other => return Err(refusal::range(self, &other, false)),
        };
        let mut keyed = Vec::new();
        for item in list.iter() {
            self.step(1)?;
            keyed.push((self.with_local(item, key)?, item));
        }
        let sorted = sorted(self, keyed)?;
        Ok(V::List(List::Built(self.arena().slice(&sorted))))
    }
}

/// Whether one of the turns says that it is enough.
#[inline(always)]
fn until<'a, T>(
    items: impl Iterator<Item = T>,
    mut turn: impl FnMut(T) -> Result<bool, EvalError<'a>>,
) -> Result<bool, EvalError<'a>> {
    for item in items {
        if turn(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Index or key, and value.
#[inline]
fn element<'a>(range: V<'a>, index: usize) -> Option<(V<'a>, V<'a>)> {
    match range {
        V::List(items) => Some((V::Int(i64::try_from(index).ok()?), items.get(index)?)),
        V::Map(map) => map.entry(index),
        _ => None,
    }
}

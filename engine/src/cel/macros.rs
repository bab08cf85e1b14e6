//! Macros over lists and maps, run as loops. `all` and `exists` absorb errors as `&&` and `||` do (rule E2).

use super::error::EvalError;
use super::eval::{Eval, Evaluated};
use super::functions::sorted;
use super::program::{Comprehension, Macro, Node};
use super::refusal;
use super::vals::{List, MapRef, V};

impl<'a> Eval<'a, '_> {
    #[inline(never)]
    pub(super) fn comprehension(&mut self, c: &'a Comprehension) -> Evaluated<'a> {
        let range = self.eval(&c.range)?;
        let length = match range {
            V::List(items) => items.len(),
            V::Map(map) => map.len(),
            other => return Err(refusal::range(self, &other, c.two_variables)),
        };
        let base = self.locals.len();
        let result = self.run(c, range, length, base);
        self.locals.truncate(base);
        result
    }

    fn run(
        &mut self,
        c: &'a Comprehension,
        range: V<'a>,
        length: usize,
        base: usize,
    ) -> Evaluated<'a> {
        let mut error = None;
        let mut matches = 0_usize;
        let mut items: Vec<V<'a>> = Vec::new();
        let mut entries: Vec<(V<'a>, V<'a>)> = Vec::new();
        for i in 0..length {
            self.step(1)?;
            let Some((key, value)) = element(range, i) else { continue };
            self.locals.truncate(base);
            // With one variable, a map gives its keys and a list its items.
            match (c.two_variables, range) {
                (true, _) => self.locals.extend([key, value]),
                (false, V::Map(_)) => self.locals.push(key),
                (false, _) => self.locals.push(value),
            }
            if let Some(filter) = &c.filter {
                match self.eval(filter)? {
                    V::Bool(true) => {}
                    V::Bool(false) => continue,
                    _ => return Err(EvalError::NoSuchOverload),
                }
            }
            let body = self.eval(&c.body);
            match c.kind {
                Macro::All | Macro::Exists => {
                    let decisive = c.kind == Macro::Exists;
                    match body {
                        Ok(V::Bool(b)) if b == decisive => return Ok(V::Bool(decisive)),
                        Ok(V::Bool(_)) => {}
                        Err(EvalError::StepsExhausted) => return Err(EvalError::StepsExhausted),
                        Ok(_) => error = Some(EvalError::NoSuchOverload),
                        Err(e) => error = Some(e),
                    }
                }
                Macro::ExistsOne => match body? {
                    V::Bool(b) => matches += usize::from(b),
                    _ => return Err(EvalError::NoSuchOverload),
                },
                Macro::Filter => match body? {
                    V::Bool(true) => items.extend(self.locals.get(base).copied()),
                    V::Bool(false) => {}
                    _ => return Err(EvalError::NoSuchOverload),
                },
                Macro::Count => match body? {
                    V::Bool(b) => matches += usize::from(b),
                    _ => return Err(EvalError::NoSuchOverload),
                },
                Macro::List => items.push(body?),
                Macro::Map => entries.push((key, body?)),
                Macro::Entries => match body? {
                    V::Map(map) => {
                        for entry in (0..map.len()).filter_map(|i| map.entry(i)) {
                            if entries.iter().any(|(k, _)| k.equals(&entry.0)) {
                                return Err(self.invalid(format_args!(
                                    "insert failed: key {} already exists",
                                    entry.0.plain()
                                )));
                            }
                            entries.push(entry);
                        }
                    }
                    _ => return Err(EvalError::NoSuchOverload),
                },
            }
        }
        Ok(match c.kind {
            Macro::All | Macro::Exists => {
                return error.map_or(Ok(V::Bool(c.kind == Macro::All)), Err);
            }
            Macro::ExistsOne => V::Bool(matches == 1),
            Macro::Count => V::Int(i64::try_from(matches).unwrap_or(i64::MAX)),
            Macro::Filter | Macro::List => V::List(List::Built(self.arena().slice(&items))),
            Macro::Map | Macro::Entries => V::Map(MapRef::Built(self.arena().slice(&entries))),
        })
    }
}

impl<'a> Eval<'a, '_> {
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

/// Index or key, and value.
fn element<'a>(range: V<'a>, index: usize) -> Option<(V<'a>, V<'a>)> {
    match range {
        V::List(items) => Some((V::Int(i64::try_from(index).ok()?), items.get(index)?)),
        V::Map(map) => map.entry(index),
        _ => None,
    }
}

//! Type inference: which types stand for which type variables (cel-go's `checker/types.go`, from its behaviour).

use std::sync::Arc;

use super::super::types::{Signature, Type};

/// Types found so far for type variables.
#[derive(Debug, Default)]
pub(super) struct Inference {
    found: Vec<Option<Type>>,
    /// What the assignment under way has changed: the variable, and what stood for it before.
    changes: Vec<(u32, Option<Type>)>,
}

impl Inference {
    /// A type nothing is known of yet.
    pub(super) fn fresh(&mut self) -> Type {
        let number = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        self.found.push(None);
        Type::Var(number)
    }

    /// The signature with type variables of its own.
    pub(super) fn instantiate(&mut self, signature: &Signature) -> (Vec<Type>, Type) {
        let base = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        for _ in 0..signature.params {
            self.found.push(None);
        }
        let args = signature.args.iter().map(|t| shift(t, base)).collect();
        (args, shift(&signature.result, base))
    }

    fn get(&self, var: u32) -> Option<&Type> {
        self.found.get(usize::try_from(var).ok()?)?.as_ref()
    }

    fn set(&mut self, var: u32, ty: Type) {
        if let Some(slot) = usize::try_from(var).ok().and_then(|i| self.found.get_mut(i)) {
            self.changes.push((var, slot.replace(ty)));
        }
    }

    /// The type with everything that is known put in.
    pub(super) fn resolve(&self, ty: &Type) -> Type {
        match ty {
            Type::Var(var) => self.get(*var).map_or_else(|| ty.clone(), |t| self.resolve(t)),
            Type::List(item) => Type::List(Arc::new(self.resolve(item))),
            Type::Optional(inner) => Type::Optional(Arc::new(self.resolve(inner))),
            Type::Map(parts) => {
                let [key, value] = &**parts;
                Type::map(self.resolve(key), self.resolve(value))
            }
            other => other.clone(),
        }
    }

    /// Whether a type has no more than so many parts: types that contain themselves twice, again and again, would
    /// take for ever to write out.
    pub(super) fn is_within(&self, ty: &Type, parts: &mut u32) -> bool {
        let Some(left) = parts.checked_sub(1) else { return false };
        *parts = left;
        match ty {
            Type::Var(var) => self.get(*var).is_none_or(|ty| self.is_within(ty, parts)),
            Type::List(inner) | Type::Optional(inner) => self.is_within(inner, parts),
            Type::Map(both) => both.iter().all(|part| self.is_within(part, parts)),
            _ => true,
        }
    }

    /// Whether a value of `from` can be where `to` is asked for. What that says about type variables is kept if
    /// it can, and forgotten if not.
    pub(super) fn assign(&mut self, from: &Type, to: &Type) -> bool {
        self.assign_all([(from, to)])
    }

    pub(super) fn assign_all<'t>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'t Type, &'t Type)>,
    ) -> bool {
        self.changes.clear();
        let fits = pairs.into_iter().all(|(from, to)| self.assignable(from, to));
        while let Some((var, before)) = self.changes.pop().filter(|_| !fits) {
            if let Some(slot) = usize::try_from(var).ok().and_then(|i| self.found.get_mut(i)) {
                *slot = before;
            }
        }
        fits
    }

    fn assignable(&mut self, from: &Type, to: &Type) -> bool {
        if matches!(to, Type::Var(_)) {
            match self.substitutable(from, to) {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) => {}
            }
        }
        if matches!(from, Type::Var(_)) {
            return self.substitutable(to, from).0;
        }
        match (from, to) {
            (Type::Dyn, _) | (_, Type::Dyn) => true,
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => {
                self.assignable(a, b)
            }
            (Type::Map(a), Type::Map(b)) => {
                let ([ak, av], [bk, bv]) = (&**a, &**b);
                self.assignable(ak, bk) && self.assignable(av, bv)
            }
            _ => from.unwrapped() == to.unwrapped(),
        }
    }

    /// Whether `ty` can stand for the variable `var`, and whether something already does.
    fn substitutable(&mut self, ty: &Type, var: &Type) -> (bool, bool) {
        let Type::Var(number) = var else { return (false, false) };
        if ty == var {
            return (true, true);
        }
        if let Some(known) = self.get(*number).cloned() {
            if is_same(ty, &known) {
                return (true, true);
            }
            if !self.assignable(ty, &known) {
                return (false, true);
            }
            let general = if is_as_general(ty, &known) { ty.clone() } else { known };
            if self.is_free_of(var, &general) {
                self.set(*number, general);
            }
            return (true, true);
        }
        if self.is_free_of(var, ty) {
            self.set(*number, ty.clone());
            return (true, false);
        }
        (false, false)
    }

    /// Whether the variable does not occur in `within`, so that it can stand for it.
    fn is_free_of(&self, var: &Type, within: &Type) -> bool {
        if var == within {
            return false;
        }
        match within {
            Type::Var(number) => self.get(*number).is_none_or(|ty| self.is_free_of(var, ty)),
            Type::List(inner) | Type::Optional(inner) => self.is_free_of(var, inner),
            Type::Map(parts) => parts.iter().all(|part| self.is_free_of(var, part)),
            _ => true,
        }
    }

    /// The type of a list's items or a map's values, when one more comes in: mixed ones are `dyn`.
    pub(super) fn join(&mut self, before: Option<Type>, next: Type) -> Type {
        match before {
            None => next,
            Some(before) if self.assign(&before, &next) => {
                if is_as_general(&before, &next) {
                    before
                } else {
                    next
                }
            }
            Some(_) => Type::Dyn,
        }
    }
}

fn shift(ty: &Type, base: u32) -> Type {
    match ty {
        Type::Var(number) => Type::Var(base.saturating_add(*number)),
        Type::List(item) => Type::list(shift(item, base)),
        Type::Optional(inner) => Type::optional(shift(inner, base)),
        Type::Map(parts) => {
            let [key, value] = &**parts;
            Type::map(shift(key, base), shift(value, base))
        }
        other => other.clone(),
    }
}

/// Types that null is compared with and assigned to, although it is none of their values.
fn is_nullable(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Null
            | Type::Timestamp
            | Type::Duration
            | Type::Optional(_)
            | Type::Wrapper(_)
            | Type::Message(_)
            | Type::Opaque(_)
    )
}

fn is_as_general(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dyn | Type::Var(_), _) => true,
        (_, Type::Dyn | Type::Var(_)) => false,
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => {
            is_as_general(a, b)
        }
        (Type::Map(a), Type::Map(b)) => {
            let ([ak, av], [bk, bv]) = (&**a, &**b);
            is_as_general(ak, bk) && is_as_general(av, bv)
        }
        _ => is_same(a, b),
    }
}

/// Whether the types are one. A wrapper is what it wraps, so that the first of both stays.
fn is_same(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => is_same(a, b),
        (Type::Map(a), Type::Map(b)) => a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b)),
        _ => a.unwrapped() == b.unwrapped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assign(from: &str, to: &str) -> bool {
        let mut inference = Inference::default();
        let signature = Signature::parse(&format!("{from}, {to} -> dyn")).unwrap();
        let (args, _) = inference.instantiate(&signature);
        inference.assign(&args[0], &args[1])
    }

    #[test]
    fn dyn_fits_everywhere_and_null_where_there_are_messages() {
        assert!(assign("dyn", "int") && assign("list(int)", "list(dyn)") && assign("int", "A"));
        assert!(assign("null", "timestamp") && assign("optional(int)", "null"));
        assert!(!assign("null", "int") && !assign("list(int)", "null") && !assign("int", "uint"));
        assert!(!assign("list(int)", "list(string)") && !assign("list(A)", "A"));
    }

    #[test]
    fn a_variable_takes_the_more_general_type() {
        let mut inference = Inference::default();
        let var = inference.fresh();
        assert!(inference.assign(&Type::Int, &var));
        assert!(inference.assign(&Type::Dyn, &var));
        assert_eq!(inference.resolve(&Type::list(var.clone())), Type::list(Type::Dyn));
        assert!(inference.assign(&Type::String, &var));
    }

    #[test]
    fn what_does_not_fit_leaves_nothing_behind() {
        let mut inference = Inference::default();
        let var = inference.fresh();
        let both = [(&Type::Int, &var), (&Type::Int, &Type::String)];
        assert!(!inference.assign_all(both));
        assert_eq!(inference.resolve(&var), var);
    }

    #[test]
    fn mixed_items_are_dyn() {
        let mut inference = Inference::default();
        let joined = inference.join(Some(Type::Int), Type::String);
        assert_eq!(joined, Type::Dyn);
        assert_eq!(inference.join(Some(Type::Int), Type::Int), Type::Int);
    }
}

//! Macros: calls that bind names in some of their arguments.

use super::super::ast::{Expr, ExprKind};
use super::super::program::{Comprehension, Macro};
use super::{Checker, Error, ErrorKind, Node, Type, Typed, error};

/// What a macro is made of.
struct Form<'e> {
    kind: Macro,
    variables: &'e [Expr],
    filter: Option<&'e Expr>,
    body: &'e Expr,
}

/// A comprehension by its name and number of arguments.
fn form<'e>(name: &str, args: &'e [Expr]) -> Option<Form<'e>> {
    let one = args.get(..1)?;
    let two = args.get(..2).unwrap_or_default();
    let with = |kind, variables, filter, body| Some(Form { kind, variables, filter, body });
    match (name, args) {
        ("all", [_, body]) => with(Macro::All, one, None, body),
        ("exists", [_, body]) => with(Macro::Exists, one, None, body),
        ("exists_one", [_, body]) => with(Macro::ExistsOne, one, None, body),
        ("filter", [_, body]) => with(Macro::Filter, one, None, body),
        ("map", [_, body]) => with(Macro::List, one, None, body),
        ("map", [_, filter, body]) => with(Macro::List, one, Some(filter), body),
        ("all", [_, _, body]) => with(Macro::All, two, None, body),
        ("exists", [_, _, body]) => with(Macro::Exists, two, None, body),
        ("exists_one" | "existsOne", [_, _, body]) => with(Macro::ExistsOne, two, None, body),
        ("transformList", [_, _, body]) => with(Macro::List, two, None, body),
        ("transformList", [_, _, filter, body]) => with(Macro::List, two, Some(filter), body),
        ("transformMap", [_, _, body]) => with(Macro::Map, two, None, body),
        ("transformMap", [_, _, filter, body]) => with(Macro::Map, two, Some(filter), body),
        ("transformMapEntry", [_, _, body]) => with(Macro::Entries, two, None, body),
        ("transformMapEntry", [_, _, filter, body]) => {
            with(Macro::Entries, two, Some(filter), body)
        }
        _ => None,
    }
}

impl Checker<'_> {
    pub(super) fn macro_call(
        &mut self,
        expr: &Expr,
        target: &Expr,
        name: &str,
        args: &[Expr],
    ) -> Result<Option<(Node, Type)>, Error> {
        if let Some(form) = form(name, args) {
            return self.comprehension(target, &form).map(Some);
        }
        match (name, args) {
            ("optMap" | "optFlatMap", [variable, body]) => {
                self.optional_map(target, name, variable, body).map(Some)
            }
            ("sortBy", [variable, key]) => self.sort_by(expr, target, variable, key).map(Some),
            _ => Ok(None),
        }
    }

    /// `cel.bind(variable, init, body)`
    pub(super) fn bind(&mut self, variable: &Expr, init: &Expr, body: &Expr) -> Typed {
        let name = local_name(variable)?;
        let (init, ty) = self.expr(init)?;
        let (body, ty) = self.with_local(name, ty, |c| c.expr(body))?;
        Ok((Node::Bind(Box::new([init, body])), ty))
    }

    fn with_local<T>(
        &mut self,
        name: Box<str>,
        ty: Type,
        check: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.locals.push((name, ty));
        let result = check(self);
        self.locals.pop();
        result
    }

    #[inline(never)]
    fn comprehension(&mut self, range: &Expr, form: &Form<'_>) -> Typed {
        let (range_node, range_type) = self.expr(range)?;
        let elements = self.elements(range, &range_type)?;
        let before = self.locals.len();
        let bound = self.bind_elements(form.variables, elements);
        let result = bound.and_then(|()| self.loop_body(form));
        self.locals.truncate(before);
        let (filter, body, ty) = result?;
        let comprehension = Comprehension {
            kind: form.kind,
            range: range_node,
            two_variables: form.variables.len() == 2,
            filter,
            body,
        };
        Ok((Node::Comprehension(Box::new(comprehension)), ty))
    }

    /// Types of what one variable takes, and of key (or index) and value.
    fn elements(&mut self, expr: &Expr, range: &Type) -> Result<[Type; 3], Error> {
        Ok(match self.types.resolve(range) {
            Type::List(item) => [(*item).clone(), Type::Int, (*item).clone()],
            Type::Map(parts) => {
                let [key, value] = (*parts).clone();
                [key.clone(), key, value]
            }
            Type::Dyn => [Type::Dyn, Type::Dyn, Type::Dyn],
            var @ Type::Var(_) => {
                self.types.assign(&Type::Dyn, &var);
                [Type::Dyn, Type::Dyn, Type::Dyn]
            }
            other => {
                return Err(error(
                    ErrorKind::Type,
                    expr,
                    format!("a macro runs over a list or a map, and this is a `{other}`"),
                ));
            }
        })
    }

    fn bind_elements(
        &mut self,
        variables: &[Expr],
        [single, key, value]: [Type; 3],
    ) -> Result<(), Error> {
        match variables {
            [variable] => self.locals.push((local_name(variable)?, single)),
            [first, second] => {
                let (first, name) = (local_name(first)?, local_name(second)?);
                if first == name {
                    let message = format!("`{name}` names both variables");
                    return Err(error(ErrorKind::Parse, second, message));
                }
                self.locals.extend([(first, key), (name, value)]);
            }
            _ => {}
        }
        Ok(())
    }

    fn loop_body(&mut self, form: &Form<'_>) -> Result<(Option<Node>, Node, Type), Error> {
        let filter = form.filter.map(|filter| self.boolean(filter)).transpose()?;
        let variable = |c: &Self, back: usize| {
            c.locals.iter().rev().nth(back).map_or(Type::Dyn, |(_, ty)| ty.clone())
        };
        let (body, ty) = match form.kind {
            Macro::All | Macro::Exists | Macro::ExistsOne => (self.boolean(form.body)?, Type::Bool),
            Macro::Filter => (self.boolean(form.body)?, Type::list(variable(self, 0))),
            Macro::List | Macro::Count => {
                let (body, ty) = self.expr(form.body)?;
                (body, Type::list(ty))
            }
            Macro::Map => {
                let (body, ty) = self.expr(form.body)?;
                (body, Type::map(variable(self, 1), ty))
            }
            Macro::Entries => {
                let (body, ty) = self.expr(form.body)?;
                let map = Type::map(self.types.fresh(), self.types.fresh());
                self.expect(form.body, &ty, &map)?;
                (body, map)
            }
        };
        Ok((filter, body, ty))
    }

    #[inline(never)]
    fn optional_map(&mut self, target: &Expr, name: &str, variable: &Expr, body: &Expr) -> Typed {
        let local = local_name(variable)?;
        let (optional, ty) = self.expr(target)?;
        let inner = self.types.fresh();
        self.expect(target, &ty, &Type::optional(inner.clone()))?;
        let inner = self.types.resolve(&inner);
        let inner = if matches!(self.types.resolve(&ty), Type::Dyn) { Type::Dyn } else { inner };
        let is_flat = name == "optFlatMap";
        let (node, ty) = self.with_local(local, inner, |c| c.expr(body))?;
        let result = if is_flat {
            let wanted = Type::optional(self.types.fresh());
            self.expect(body, &ty, &wanted)?;
            wanted
        } else {
            Type::optional(ty)
        };
        Ok((Node::OptionalMap(Box::new([optional, node]), is_flat), result))
    }

    /// `list.sortBy(variable, key)`
    #[inline(never)]
    fn sort_by(&mut self, expr: &Expr, target: &Expr, variable: &Expr, key: &Expr) -> Typed {
        let name = local_name(variable)?;
        let (list, list_type) = self.expr(target)?;
        let [item, ..] = self.elements(target, &list_type)?;
        let wanted = Type::list(item.clone());
        self.expect(target, &list_type, &wanted)?;
        let (key_node, key_type) = self.with_local(name, item, |c| c.expr(key))?;
        // Keys are what `sort` takes.
        self.overload(expr, "sort", true, &[Type::list(key_type)])?;
        Ok((Node::SortBy(Box::new([list, key_node])), list_type))
    }
}

fn local_name(expr: &Expr) -> Result<Box<str>, Error> {
    match &expr.kind {
        ExprKind::Ident(name) if !name.starts_with('.') => Ok(name.clone()),
        _ => Err(error(ErrorKind::Parse, expr, "the first argument of a macro is a plain name")),
    }
}

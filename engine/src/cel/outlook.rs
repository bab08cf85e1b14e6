//! Programs before the resource is known: which results are possible.
//!
//! Logic decides as far as what is known decides: `P.attr.suspended || R.attr.owner == P.id` holds for who is
//! suspended, whatever the resource. What looks at anything else unknown may come to anything.

use super::activation::Activation;
use super::error::EvalError;
use super::eval::Eval;
use super::program::{Attr, Node, Program, Text};
use super::truth::Truth;
use super::vals::V;

/// What an expression cannot know yet. The resource's attributes and `runtime` are never known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unknown<'u> {
    pub(crate) id: bool,
    pub(crate) scope: bool,
    pub(crate) version: bool,
    /// Variables, by slot.
    pub(crate) variables: &'u [bool],
}

/// The results that a condition may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Truths {
    pub(crate) holds: bool,
    pub(crate) does_not: bool,
    pub(crate) fails: bool,
}

impl Truths {
    pub(crate) const NONE: Self = Self { holds: false, does_not: false, fails: false };
    pub(crate) const ANY: Self = Self { holds: true, does_not: true, fails: true };
    pub(crate) const HOLDS: Self = Self { holds: true, ..Self::NONE };
    const DOES_NOT: Self = Self { does_not: true, ..Self::NONE };
    const FAILS: Self = Self { fails: true, ..Self::NONE };

    /// What is possible when either is.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            holds: self.holds || other.holds,
            does_not: self.does_not || other.does_not,
            fails: self.fails || other.fails,
        }
    }

    pub(crate) fn negated(self) -> Self {
        Self { holds: self.does_not, does_not: self.holds, ..self }
    }
}

/// What a variable comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Prospect<'a> {
    Value(V<'a>),
    Failure,
    Unknown,
}

impl Program {
    /// As [`eval_bool`](Self::eval_bool).
    ///
    /// # Errors
    ///
    /// Only that the budget is spent.
    pub(crate) fn truths<'a>(
        &'a self,
        activation: &Activation<'a>,
        unknown: &Unknown<'_>,
    ) -> Result<Truths, EvalError<'a>> {
        if self.root.is_known(unknown) {
            return match self.eval_bool(activation) {
                Ok(true) => Ok(Truths::HOLDS),
                Ok(false) => Ok(Truths::DOES_NOT),
                Err(error @ EvalError::StepsExhausted) => Err(error),
                Err(_) => Ok(Truths::FAILS),
            };
        }
        let mut truths = Eval::new(activation).truths(&self.root, unknown)?;
        // Where no operator of logic asks for a boolean, another value is no failure (rule C1).
        truths.does_not |= truths.fails && !self.is_boolean;
        Ok(truths)
    }

    /// As [`eval`](Self::eval).
    ///
    /// # Errors
    ///
    /// Only that the budget is spent.
    pub(crate) fn prospect<'a>(
        &'a self,
        activation: &Activation<'a>,
        unknown: &Unknown<'_>,
    ) -> Result<Prospect<'a>, EvalError<'a>> {
        if self.root.is_known(unknown) {
            return match self.eval(activation) {
                Ok(value) => Ok(Prospect::Value(value)),
                Err(error @ EvalError::StepsExhausted) => Err(error),
                Err(_) => Ok(Prospect::Failure),
            };
        }
        Ok(match Eval::new(activation).truths(&self.root, unknown)? {
            Truths::HOLDS => Prospect::Value(V::Bool(true)),
            Truths::DOES_NOT => Prospect::Value(V::Bool(false)),
            _ => Prospect::Unknown,
        })
    }
}

impl<'a> Eval<'a, '_> {
    fn truths(&mut self, node: &'a Node, unknown: &Unknown<'_>) -> Result<Truths, EvalError<'a>> {
        if node.is_known(unknown) {
            return match self.truth(node) {
                Truth::True => Ok(Truths::HOLDS),
                Truth::False => Ok(Truths::DOES_NOT),
                Truth::Failed if self.failure() == EvalError::StepsExhausted => Err(self.failure()),
                Truth::Failed => Ok(Truths::FAILS),
            };
        }
        match node {
            Node::And(list) => self.conjunction(list, unknown, |truths| truths),
            // By De Morgan, so that there is one place that says how failures are absorbed.
            Node::Or(list) => Ok(self.conjunction(list, unknown, Truths::negated)?.negated()),
            Node::Not(inner) => Ok(self.truths(inner, unknown)?.negated()),
            Node::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                let condition = self.truths(condition, unknown)?;
                let mut truths = Truths { fails: condition.fails, ..Truths::NONE };
                for (possible, branch) in [(condition.holds, yes), (condition.does_not, no)] {
                    if possible {
                        truths = truths.or(self.truths(branch, unknown)?);
                    }
                }
                Ok(truths)
            }
            _ => Ok(Truths::ANY),
        }
    }

    /// What is false wins over failures, failures over the rest, in any order (rule E1).
    fn conjunction(
        &mut self,
        list: &'a [Node],
        unknown: &Unknown<'_>,
        of: fn(Truths) -> Truths,
    ) -> Result<Truths, EvalError<'a>> {
        let mut all = Truths::HOLDS;
        for operand in list {
            let truths = of(self.truths(operand, unknown)?);
            if truths == Truths::DOES_NOT {
                return Ok(truths);
            }
            all = Truths {
                holds: all.holds && truths.holds,
                does_not: all.does_not || truths.does_not,
                fails: all.fails || truths.fails,
            };
        }
        Ok(all)
    }
}

impl Node {
    /// Whether nothing that is unknown is looked at. Every node is listed, so that a new one cannot be forgotten.
    fn is_known(&self, unknown: &Unknown<'_>) -> bool {
        let known = |node: &Self| node.is_known(unknown);
        match self {
            Self::Field(inner, name)
            | Self::OptionalField(inner, name)
            | Self::Has(inner, name) => match (&**inner, &**name) {
                (Self::Resource, "id") => !unknown.id,
                (Self::Resource, "kind") => true,
                (Self::Resource, "scope") => !unknown.scope,
                (Self::Resource, "policyVersion" | "policy_version") => !unknown.version,
                (inner, _) => known(inner),
            },
            Self::Request
            | Self::Resource
            | Self::Runtime
            | Self::DerivedRoles
            | Self::ResourceAttr(_)
            | Self::HasResourceAttr(_) => false,
            Self::ResourceId => !unknown.id,
            Self::Variable(slot, _) | Self::HasVariable(slot) => {
                !unknown.variables.get(*slot).copied().unwrap_or(true)
            }
            Self::Variables(_) => !unknown.variables.contains(&true),
            Self::AttrIsText(attr, text, _) => attr.is_known() && text.is_known(unknown),
            Self::AttrIsBool(attr, ..) | Self::AttrIsNumber(attr, ..) => attr.is_known(),
            Self::LocalIsText(_, text, _) => text.is_known(unknown),
            Self::Perhaps(inner) => inner.as_deref().is_none_or(known),
            Self::Not(inner)
            | Self::Negate(inner)
            | Self::InStrings(inner, _)
            | Self::Timestamp(inner)
            | Self::Matches(inner, _) => known(inner),
            Self::TextTest(_, sides)
            | Self::Index(sides)
            | Self::OptionalIndex(sides)
            | Self::Binary(_, sides)
            | Self::SortBy(sides)
            | Self::Bind(sides)
            | Self::OptionalMap(sides, _) => sides.iter().all(known),
            Self::Conditional(parts) => parts.iter().all(known),
            Self::And(nodes) | Self::Or(nodes) | Self::Call(_, nodes) => nodes.iter().all(known),
            Self::Message(_, fields) => fields.iter().all(|(.., value)| known(value)),
            Self::List(items) => items.iter().all(|(_, item)| known(item)),
            Self::Map(entries) => entries.iter().all(|(_, key, value)| known(key) && known(value)),
            Self::Comprehension(c) => {
                known(&c.range) && c.filter.as_ref().is_none_or(known) && known(&c.body)
            }
            Self::Const(_)
            | Self::Principal
            | Self::AuxData
            | Self::PrincipalId
            | Self::ResourceKind
            | Self::Roles
            | Self::PrincipalAttr(_)
            | Self::HasPrincipalAttr(_)
            | Self::Global(_)
            | Self::Globals
            | Self::HasGlobal(_)
            | Self::Fails(_)
            | Self::Binding(_)
            | Self::Local(_)
            | Self::HasRole(_)
            | Self::Now => true,
        }
    }
}

impl Attr {
    fn is_known(&self) -> bool {
        matches!(self, Self::Principal(_))
    }
}

impl Text {
    fn is_known(&self, unknown: &Unknown<'_>) -> bool {
        match self {
            Self::Literal(_) | Self::PrincipalId => true,
            Self::ResourceId => !unknown.id,
        }
    }
}

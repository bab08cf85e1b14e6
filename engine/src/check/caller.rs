//! Who asks: looked up once for a call, whatever it is about.

use smallvec::SmallVec;

use super::Engine;
use super::lookup::look_up;
use crate::cel::Arena;
use crate::policy::Kind;
use crate::request::Principal;
use crate::table::{Entries, Id, Scope};

/// The principal of a call, and what policies have to do with it.
pub(super) struct Caller<'t, 'x> {
    engine: &'t Engine,
    pub(super) principal: &'x Principal,
    /// As principal policies name it.
    pub(super) name: &'x str,
    /// The policies for it; few principals have any.
    pub(super) policies: Option<&'t Entries>,
    /// The numbers of its roles, in their order.
    pub(super) roles: SmallVec<[Id; 4]>,
}

impl<'t: 'x, 'x> Caller<'t, 'x> {
    pub(super) fn new(engine: &'t Engine, principal: &'x Principal, arena: &'x Arena) -> Self {
        let table = &*engine.table;
        let (name, policies) =
            look_up(&principal.id, arena, |name| table.entries(Kind::Principal, name));
        let mut roles = SmallVec::new();
        for role in &principal.roles {
            roles.push(table.roles.id(role));
        }
        Self { engine, principal, name, policies, roles }
    }

    /// The version of its policies as the request names it, and its number.
    pub(super) fn version(&self) -> (&'x str, Id) {
        self.engine.version(&self.principal.policy_version)
    }

    /// Rule 2: the scopes to visit for its policies, with their numbers.
    pub(super) fn scopes(&self) -> impl Iterator<Item = (Id, &'t Scope)> + use<'t, 'x> {
        let (scope, found) = self.engine.scope(&self.principal.scope);
        let lenient = self.engine.options.lenient_scope_search;
        self.engine.table.scopes.chain(Kind::Principal, scope, found, lenient)
    }

    /// Rule 3: whether principal policies of its version and scopes are there, for naming.
    pub(super) fn exists(&self) -> bool {
        let (_, version) = self.version();
        self.scopes().any(|(_, scope)| scope.has_principal_version(version))
    }
}

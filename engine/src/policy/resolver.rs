//! Policies to compiled ones: derived roles found, every expression compiled (docs/semantics.md, section 2).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::{self, Body, Executable, Name};
use super::definitions::{Checked, Definitions, Origin};
use super::index::Index;
use super::problems::Problems;
use super::set::{DerivedRole, Kind, Policy, Rule, Schemas};
use super::unit::Unit;
use super::{limits, suggest_import};
use crate::check::Effect;
use crate::diag::Code;

/// What has become of a policy.
pub(super) struct Compiled {
    pub(super) policy: Option<Policy>,
    /// Whether all its ancestors are there.
    pub(super) is_complete: bool,
}

/// Compiled sets of derived roles, by name.
pub(super) type DerivedRoles<'f> = BTreeMap<&'f str, Vec<Arc<DerivedRole>>>;

/// Compiles policies one by one.
pub(super) struct Resolver<'f, 'p> {
    index: &'p Index<'f>,
    /// Each set of derived roles is compiled once, when the first policy imports it.
    pub(super) derived_roles: DerivedRoles<'f>,
    /// Likewise exported variables.
    exports: BTreeMap<&'f str, Vec<Arc<Checked<'f>>>>,
    problems: &'p mut Problems,
}

impl<'f, 'p> Resolver<'f, 'p> {
    pub(super) fn new(
        index: &'p Index<'f>,
        derived_roles: DerivedRoles<'f>,
        problems: &'p mut Problems,
    ) -> Self {
        Self { index, derived_roles, exports: BTreeMap::new(), problems }
    }

    /// `is_there` tells of the key of a policy with rules whether there is one.
    pub(super) fn policy(
        &mut self,
        policy: &ast::Policy,
        is_there: impl Fn(&str) -> bool,
    ) -> Compiled {
        let mut compiled = Compiled { policy: None, is_complete: false };
        let (kind, body) = match &policy.body {
            Body::Resource(body) => (Kind::Resource, body),
            Body::Principal(body) => (Kind::Principal, body),
            Body::Role(body) => (Kind::Role, body),
            // Exports and derived roles count where they are imported.
            _ => return compiled,
        };
        if !self.index.imports_are_intact(policy) {
            return compiled;
        }
        compiled.is_complete = policy.ancestors().all(|(_, key)| is_there(&key));
        let imported = self.imported_roles(&body.import_derived_roles);
        let Some(mut with_rules) = self.rules(policy, kind, body) else { return compiled };
        self.link_derived_roles(&mut with_rules, body, &imported);
        match limits::check_rows(&with_rules, &policy.place) {
            Some(problem) => self.problems.push(problem),
            None => compiled.policy = Some(with_rules),
        }
        compiled
    }

    /// Finds the derived roles that rules name. A role that is not found, or found twice, is reported once, at the
    /// last rule that names it.
    fn link_derived_roles(
        &mut self,
        policy: &mut Policy,
        body: &Executable,
        imported: &BTreeMap<&str, Vec<(&Name, Arc<DerivedRole>)>>,
    ) {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unknown: BTreeMap<&str, &Name> = BTreeMap::new();
        let mut ambiguous: BTreeMap<&str, &Name> = BTreeMap::new();
        for (rule, written) in policy.rules.iter_mut().zip(&body.rules) {
            for name in &written.derived_roles {
                match imported.get(&*name.value).map(Vec::as_slice) {
                    None | Some([]) => {
                        unknown.insert(&name.value, name);
                    }
                    Some([(_, role)]) => {
                        let place = *places.entry(&name.value).or_insert_with(|| {
                            policy.derived_roles.push(Arc::clone(role));
                            policy.derived_roles.len() - 1
                        });
                        rule.derived_roles.push(place);
                    }
                    Some(_) => {
                        ambiguous.insert(&name.value, name);
                    }
                }
            }
        }
        for (name, at) in unknown {
            let message = format!("no import defines the derived role `{name}`");
            let problem = at.place.problem(Code::UnknownDerivedRole, message);
            self.problems.push(suggest_import(problem, name, imported.keys().copied()));
        }
        for (name, at) in ambiguous {
            let imports: Vec<&str> = imported
                .get(name)
                .into_iter()
                .flatten()
                .map(|(import, _)| &*import.value)
                .collect();
            let message = format!(
                "the derived role `{name}` is defined by more than one import: `{}`",
                imports.join("`, `")
            );
            self.problems.push(at.place.problem(Code::AmbiguousDerivedRole, message));
        }
    }

    /// Compiles everything of a policy but its references to derived roles.
    fn rules(&mut self, policy: &ast::Policy, kind: Kind, body: &Executable) -> Option<Policy> {
        let definitions = self.definitions(&policy.header, &body.definitions);
        let mut unit = Unit::new(&definitions);
        for rule in &body.rules {
            if let Some(condition) = &rule.condition {
                unit.add_condition(self.problems, condition);
            }
            if let Some(output) = &rule.output {
                unit.add_output(self.problems, output);
            }
        }
        let mut compiler = unit.finish(self.problems);
        let mut rules = Vec::with_capacity(body.rules.len());
        // Rules of principal policies are for every role, those of role policies for the policy's.
        let implied_roles: &[Box<str>] = match kind {
            Kind::Resource => &[],
            Kind::Principal => &["*".into()],
            Kind::Role => std::slice::from_ref(&body.name.value),
        };
        for rule in &body.rules {
            let condition = match &rule.condition {
                Some(condition) => Some(Arc::new(compiler.condition(condition)?)),
                None => None,
            };
            let output = match &rule.output {
                Some(output) => Some(Arc::new(compiler.output(output)?)),
                None => None,
            };
            let name = if rule.name.is_empty() { &rule.default_name } else { &rule.name };
            rules.push(Rule {
                name: name.clone(),
                resource: rule.resource.as_ref().map(|r| r.value.clone()).unwrap_or_default(),
                actions: values(&rule.actions),
                roles: values(&rule.roles).into_iter().chain(implied_roles.to_vec()).collect(),
                derived_roles: Vec::new(),
                effect: rule.effect.unwrap_or(Effect::Allow),
                condition,
                output,
            });
        }
        Some(Policy {
            kind,
            file: Arc::clone(&policy.place.file.source().name),
            name: body.name.value.clone(),
            version: body.version().into(),
            scope: body.scope.value.clone(),
            scope_permissions: body.scope_permissions,
            params: compiler.params,
            rules,
            parent_roles: values(&body.parent_roles),
            derived_roles: Vec::new(),
            schemas: Schemas::default(),
        })
    }

    /// Local definitions and imported ones.
    fn definitions<'a>(
        &mut self,
        header: &'a ast::Header,
        own: &'a ast::Definitions,
    ) -> Definitions<'a>
    where
        'f: 'a,
    {
        let mut variables = Vec::new();
        let mut constants = Vec::new();
        for import in &own.variable_imports {
            let exported = self.exported_variables(&import.value);
            variables.extend(exported.iter().map(|v| (Origin::Import(import), Arc::clone(v))));
        }
        for import in &own.constant_imports {
            if let Some(ast::Policy { body: Body::ExportConstants { definitions, .. }, .. }) =
                self.index.constants.get(&*import.value)
            {
                constants.extend(definitions.iter().map(|c| (Origin::Import(import), c)));
            }
        }
        constants.extend(own.constants.iter().map(|c| (Origin::Local, c)));
        for (origin, list) in
            [(Origin::Local, &own.variables), (Origin::TopLevel, &header.variables)]
        {
            let checked = list.iter().map(|d| (origin, Arc::new(Checked::new(self.problems, d))));
            variables.extend(checked);
        }
        Definitions::collect(self.problems, variables, constants)
    }

    fn exported_variables(&mut self, name: &str) -> &[Arc<Checked<'f>>] {
        let Some((name, policy)) = self.index.variables.get_key_value(name) else { return &[] };
        let problems = &mut *self.problems;
        self.exports.entry(name).or_insert_with(|| match &policy.body {
            Body::ExportVariables { definitions, .. } => {
                definitions.iter().map(|d| Arc::new(Checked::new(problems, d))).collect()
            }
            _ => Vec::new(),
        })
    }

    /// The derived roles of all imports by name, with the import each came from. All definitions of an imported file
    /// are compiled, used or not (rule D4).
    fn imported_roles<'a>(
        &mut self,
        imports: &'a [Name],
    ) -> BTreeMap<&'a str, Vec<(&'a Name, Arc<DerivedRole>)>>
    where
        'f: 'a,
    {
        let index = self.index;
        let mut all: BTreeMap<&str, Vec<(&Name, Arc<DerivedRole>)>> = BTreeMap::new();
        for import in imports {
            let Some((name, source)) = index.derived_roles.get_key_value(&*import.value) else {
                continue;
            };
            self.import_roles(name);
            let Body::DerivedRoles(body) = &source.body else { continue };
            let compiled = self.derived_roles.get(name).into_iter().flatten();
            for (written, role) in body.roles.iter().zip(compiled) {
                all.entry(&written.name.value).or_default().push((import, Arc::clone(role)));
            }
        }
        all
    }

    /// Compiles a set of derived roles, if it is there and not compiled yet.
    pub(super) fn import_roles(&mut self, name: &str) {
        if let Some((name, source)) = self.index.derived_roles.get_key_value(name)
            && !self.derived_roles.contains_key(*name)
        {
            let compiled = self.compile_derived_roles(source);
            self.derived_roles.insert(name, compiled);
        }
    }

    fn compile_derived_roles(&mut self, policy: &'f ast::Policy) -> Vec<Arc<DerivedRole>> {
        let Body::DerivedRoles(body) = &policy.body else { return Vec::new() };
        let definitions = self.definitions(&policy.header, &body.definitions);
        let key: Arc<str> = policy.key().into();
        let compile = |(role, number): (&ast::DerivedRole, u32)| {
            // Usage is computed for each definition by itself (rule D3).
            let mut unit = Unit::new(&definitions);
            if let Some(condition) = &role.condition {
                unit.add_condition(self.problems, condition);
            }
            let mut compiler = unit.finish(self.problems);
            // A condition that does not compile has been reported, and the set does not load.
            let condition =
                role.condition.as_ref().and_then(|c| compiler.condition(c)).map(Arc::new);
            let (name, parent_roles) = (role.name.value.clone(), values(&role.parent_roles));
            let policy = Arc::clone(&key);
            let params = compiler.params;
            Arc::new(DerivedRole { policy, number, name, parent_roles, condition, params })
        };
        body.roles.iter().zip(0_u32..).map(compile).collect()
    }
}

fn values(names: &[Name]) -> Vec<Box<str>> {
    names.iter().map(|name| name.value.clone()).collect()
}

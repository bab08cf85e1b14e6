//! Files to a closed set: imports found, ancestors there, every expression compiled
//! (docs/semantics.md, section 2).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::{self, Body, Executable, Place, ScopePermissions};
use super::glob::Glob;
use super::names::{policy_key, sanitize, scope_and_parents};
use super::schemas::SchemaRefs;
use super::set::{DerivedRole, Kind, Policy, PolicySet, Rule};
use super::source::Source;
use super::variables::{Definitions, Import, Reporter};
use super::{decode, inventory, yaml};
use crate::check::Effect;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::schema::is_schema;
use crate::suggest::closest;

/// Reads, checks and resolves `sources`; `problems` are what reading them brought up.
pub(super) fn load(
    sources: Vec<Source>,
    mut problems: Vec<Diagnostic>,
) -> Result<PolicySet, Diagnostics> {
    let mut files = Vec::new();
    let (schemas, sources): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| is_schema(&source.name));
    for source in sources {
        let decoded = yaml::parse(&source.name, &source.text).and_then(|root| {
            root.map(|root| decode::policy(&source.name, &source.text, &root)).transpose()
        });
        match decoded {
            Ok(file) => files.extend(file.filter(|f| !f.disabled)),
            Err(found) => problems.extend(found),
        }
    }
    // What follows needs the whole set: a file that is missing because it is broken would bring up
    // mistakes that nobody made.
    if !problems.is_empty() {
        return Err(Diagnostics::new(problems));
    }
    let index = Index::new(&files, &mut problems);
    let mut resolver = Resolver {
        derived_roles: BTreeMap::new(),
        schemas: SchemaRefs::new(&schemas),
        index: &index,
        problems: &mut problems,
    };
    let policies: Vec<Policy> = files.iter().filter_map(|file| resolver.file(file)).collect();
    let schema_problems = Diagnostics::new(resolver.schemas.problems);
    problems.extend(scope_permission_conflicts(&files));
    let (errors, warnings) = Diagnostics::split(problems);
    if errors.is_empty() {
        Ok(PolicySet { policies, warnings, schema_problems, rules: inventory::of(&files) })
    } else {
        Err(errors)
    }
}

/// Files by what they define.
struct Index<'f> {
    /// Keys of policies with rules.
    executables: BTreeMap<String, &'f ast::Policy>,
    derived_roles: BTreeMap<&'f str, &'f ast::Policy>,
    variables: BTreeMap<&'f str, &'f [ast::Definition]>,
    constants: BTreeMap<&'f str, &'f [ast::Constant]>,
    roles: Vec<&'f Executable>,
}

impl<'f> Index<'f> {
    fn new(files: &'f [ast::Policy], problems: &mut Vec<Diagnostic>) -> Self {
        let mut index = Self {
            executables: BTreeMap::new(),
            derived_roles: BTreeMap::new(),
            variables: BTreeMap::new(),
            constants: BTreeMap::new(),
            roles: Vec::new(),
        };
        let mut seen: BTreeMap<String, &ast::Policy> = BTreeMap::new();
        for file in files {
            let key = match &file.body {
                Body::Resource(p) => key(Kind::Resource, p),
                Body::Principal(p) => key(Kind::Principal, p),
                Body::Role(p) => key(Kind::Role, p),
                Body::DerivedRoles(d) => inventory::derived_roles_key(d),
                Body::ExportVariables { name, .. } => format!("export_variables.{}", name.value),
                Body::ExportConstants { name, .. } => format!("export_constants.{}", name.value),
            };
            if let Some(first) = seen.get(&key) {
                let message = format!("`{key}` is defined in `{}` as well", first.file);
                problems.push(
                    Diagnostic::error(
                        Code::DuplicateDefinition,
                        &file.file,
                        file.place.position,
                        message,
                    )
                    .at_path(&*file.place.path)
                    .excerpt_of(&file.text),
                );
                continue;
            }
            match &file.body {
                Body::Resource(_) | Body::Principal(_) => {
                    index.executables.insert(key.clone(), file);
                }
                Body::Role(p) => {
                    index.executables.insert(key.clone(), file);
                    index.roles.push(p);
                }
                Body::DerivedRoles(d) => {
                    index.derived_roles.insert(&d.name.value, file);
                }
                Body::ExportVariables { name, definitions } => {
                    index.variables.insert(&name.value, definitions);
                }
                Body::ExportConstants { name, definitions } => {
                    index.constants.insert(&name.value, definitions);
                }
            }
            seen.insert(key, file);
        }
        index
    }

    /// Whether a role policy of this scope and version speaks of `kind` (rule Q13).
    fn role_policy_covers(&self, scope: &str, version: &str, kind: &str) -> bool {
        self.roles.iter().any(|p| {
            &*p.scope.value == scope
                && &*p.version == version
                && p.rules.iter().any(|rule| Glob::new(&rule.resource).matches(&sanitize(kind)))
        })
    }
}

pub(super) fn key(kind: Kind, p: &Executable) -> String {
    policy_key(kind.as_str(), &p.name.value, &p.version, &p.scope.value)
}

struct Resolver<'f, 'p> {
    index: &'f Index<'f>,
    /// Each set of derived roles is compiled once, when the first policy imports it.
    derived_roles: BTreeMap<&'f str, Vec<Arc<DerivedRole>>>,
    schemas: SchemaRefs,
    problems: &'p mut Vec<Diagnostic>,
}

impl<'f> Resolver<'f, '_> {
    fn file(&mut self, file: &'f ast::Policy) -> Option<Policy> {
        let (kind, body) = match &file.body {
            Body::Resource(body) => (Kind::Resource, body),
            Body::Principal(body) => (Kind::Principal, body),
            Body::Role(body) => (Kind::Role, body),
            // Exports and derived roles count where they are imported.
            _ => return None,
        };
        let defined_here =
            self.index.executables.get(&key(kind, body)).is_some_and(|f| std::ptr::eq(*f, file));
        if !defined_here || !self.ancestors(file, kind, body) {
            return None;
        }
        let imported = self.imported_roles(file, &body.import_derived_roles);
        let mut policy = self.rules(file, kind, body)?;
        let mut r = Reporter { file: &file.file, text: &file.text, problems: self.problems };
        for (rule, written) in policy.rules.iter_mut().zip(&body.rules) {
            for name in &written.derived_roles {
                let found: Vec<_> =
                    imported.iter().filter(|(_, role)| role.name == name.value).collect();
                match found.as_slice() {
                    [] => {
                        let known: Vec<&str> =
                            imported.iter().map(|(_, role)| &*role.name).collect();
                        let help = closest(&name.value, &known)
                            .map(|best| format!("did you mean `{best}`?"));
                        let message =
                            format!("no import defines the derived role `{}`", name.value);
                        r.report(Code::UnknownDerivedRole, &name.place, message, help);
                    }
                    [(_, role)] => {
                        let known =
                            policy.derived_roles.iter().position(|other| Arc::ptr_eq(other, role));
                        rule.derived_roles.push(known.unwrap_or_else(|| {
                            policy.derived_roles.push(Arc::clone(role));
                            policy.derived_roles.len() - 1
                        }));
                    }
                    [(first, _), (second, _), ..] => {
                        let message = format!(
                            "the derived role `{}` is defined in both `{first}` and `{second}`",
                            name.value
                        );
                        r.report(Code::AmbiguousDerivedRole, &name.place, message, None);
                    }
                }
            }
        }
        Some(policy)
    }

    /// Compiles everything of a policy but its references to derived roles.
    fn rules(&mut self, file: &'f ast::Policy, kind: Kind, body: &'f Executable) -> Option<Policy> {
        let definitions = self.definitions(file, &body.definitions);
        let mut r = Reporter { file: &file.file, text: &file.text, problems: self.problems };
        let mut unit = definitions.unit();
        for rule in &body.rules {
            if kind == Kind::Resource && rule.roles.is_empty() && rule.derived_roles.is_empty() {
                let message =
                    "the rule applies to nobody: it names neither `roles` nor `derivedRoles`";
                r.report(Code::InvalidRule, &rule.place, message, None);
            }
            if let Some(condition) = &rule.condition {
                unit.add_condition(&mut r, condition);
            }
            if let Some(output) = &rule.output {
                unit.add_output(&mut r, output);
            }
        }
        let mut compiler = unit.finish(&mut r);
        let mut rules = Vec::with_capacity(body.rules.len());
        for rule in &body.rules {
            let condition = match &rule.condition {
                Some(condition) => Some(Arc::new(compiler.condition(condition)?)),
                None => None,
            };
            let output = match &rule.output {
                Some(output) => Some(Arc::new(compiler.output(output)?)),
                None => None,
            };
            rules.push(Rule {
                name: if rule.name.is_empty() {
                    rule.default_name.clone()
                } else {
                    rule.name.clone()
                },
                resource: rule.resource.clone(),
                actions: rule.actions.clone(),
                roles: rule.roles.clone(),
                derived_roles: Vec::new(),
                effect: rule.effect.unwrap_or(Effect::Allow),
                condition,
                output,
            });
        }
        Some(Policy {
            kind,
            file: Arc::clone(&file.file),
            name: body.name.value.clone(),
            version: body.version.clone(),
            scope: body.scope.value.clone(),
            scope_permissions: body.scope_permissions,
            params: compiler.params,
            rules,
            parent_roles: body.parent_roles.clone(),
            derived_roles: Vec::new(),
            schemas: self.schemas.resolve(file, &body.schemas),
        })
    }

    /// Local definitions and imported ones.
    fn definitions(&mut self, file: &ast::Policy, own: &ast::Definitions) -> Definitions {
        let index = self.index;
        let mut r = Reporter { file: &file.file, text: &file.text, problems: self.problems };
        let mut variables = own.variables.clone();
        let mut constants = own.constants.clone();
        for import in &own.variable_imports {
            match index.variables.get(&*import.value) {
                Some(found) => variables.extend(found.iter().cloned()),
                None => missing_import(
                    &mut r,
                    import,
                    "exportVariables",
                    index.variables.keys().copied(),
                ),
            }
        }
        for import in &own.constant_imports {
            match index.constants.get(&*import.value) {
                Some(found) => constants.extend(found.iter().cloned()),
                None => missing_import(
                    &mut r,
                    import,
                    "exportConstants",
                    index.constants.keys().copied(),
                ),
            }
        }
        Definitions::collect(&mut r, variables, constants)
    }

    /// The derived roles of all imports, with the name of the import each came from. All definitions of an
    /// imported file are compiled, used or not (rule D4).
    fn imported_roles(
        &mut self,
        file: &ast::Policy,
        imports: &'f [Import],
    ) -> Vec<(&'f str, Arc<DerivedRole>)> {
        let index = self.index;
        let mut all = Vec::new();
        for import in imports {
            let Some((name, source)) = index.derived_roles.get_key_value(&*import.value) else {
                let mut r =
                    Reporter { file: &file.file, text: &file.text, problems: self.problems };
                missing_import(&mut r, import, "derivedRoles", index.derived_roles.keys().copied());
                continue;
            };
            if !self.derived_roles.contains_key(*name) {
                let compiled = self.compile_derived_roles(source);
                self.derived_roles.insert(name, compiled);
            }
            if let Some(roles) = self.derived_roles.get(*name) {
                all.extend(roles.iter().map(|role| (*name, Arc::clone(role))));
            }
        }
        all
    }

    fn compile_derived_roles(&mut self, file: &'f ast::Policy) -> Vec<Arc<DerivedRole>> {
        let Body::DerivedRoles(body) = &file.body else { return Vec::new() };
        let definitions = self.definitions(file, &body.definitions);
        let policy: Arc<str> = inventory::derived_roles_key(body).into();
        let mut r = Reporter { file: &file.file, text: &file.text, problems: self.problems };
        body.roles
            .iter()
            .zip(0_u32..)
            .filter_map(|(role, number)| {
                // Usage is computed for each definition by itself (rule D3).
                let mut unit = definitions.unit();
                if let Some(condition) = &role.condition {
                    unit.add_condition(&mut r, condition);
                }
                let mut compiler = unit.finish(&mut r);
                let condition = match &role.condition {
                    Some(condition) => Some(Arc::new(compiler.condition(condition)?)),
                    None => None,
                };
                let (name, parent_roles) = (role.name.value.clone(), role.parent_roles.clone());
                Some(Arc::new(DerivedRole {
                    policy: Arc::clone(&policy),
                    number,
                    name,
                    parent_roles,
                    condition,
                    params: compiler.params,
                }))
            })
            .collect()
    }

    /// Whether all ancestors of a scoped policy are there. A resource policy is excused when a role policy
    /// fills the gap, and then left out, as Cerbos leaves it out (rule Q13).
    fn ancestors(&mut self, file: &ast::Policy, kind: Kind, body: &Executable) -> bool {
        if kind == Kind::Role {
            return true;
        }
        let (name, version) = (&body.name.value, &body.version);
        let mut complete = true;
        for scope in scope_and_parents(&body.scope.value).skip(1) {
            let ancestor = policy_key(kind.as_str(), name, version, scope);
            if self.index.executables.contains_key(&ancestor) {
                continue;
            }
            complete = false;
            let place = &body.scope.place;
            let message = format!("the scope needs the policy `{ancestor}`, which no file defines");
            let found =
                Diagnostic::error(Code::MissingAncestor, &file.file, place.position, message)
                    .at_path(&*place.path)
                    .excerpt_of(&file.text);
            let excused =
                kind == Kind::Resource && self.index.role_policy_covers(scope, version, name);
            self.problems.push(if excused {
                found.warning().help(
                    "a role policy stands in its place; this policy is left out, as Cerbos does",
                )
            } else {
                found.help("add the policy, without rules if it has none")
            });
        }
        complete
    }
}

fn missing_import<'k>(
    r: &mut Reporter<'_>,
    import: &Import,
    kind: &str,
    known: impl Iterator<Item = &'k str>,
) {
    let known: Vec<&str> = known.collect();
    let help = closest(&import.value, &known).map(|best| format!("did you mean `{best}`?"));
    let message = format!("no file defines the `{kind}` named `{}`", import.value);
    r.report(Code::ImportNotFound, &import.place, message, help);
}

/// Policies of one scope ought to agree on its permissions. Cerbos refuses some of these sets and takes
/// others (rule Q9); both kinds load here, with a warning.
fn scope_permission_conflicts(files: &[ast::Policy]) -> Vec<Diagnostic> {
    let mut by_scope: BTreeMap<&str, (ScopePermissions, &ast::Policy)> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for file in files {
        let (Body::Resource(body) | Body::Principal(body)) = &file.body else { continue };
        let Place { position, path } = &file.place;
        let stricter = |p| p == ScopePermissions::RequireParentalConsent;
        match by_scope.get(&*body.scope.value) {
            None => {
                by_scope.insert(&body.scope.value, (body.scope_permissions, file));
            }
            Some((first, other)) if stricter(*first) != stricter(body.scope_permissions) => {
                let message = format!("`{}` gives this scope other permissions", other.file);
                let found = Diagnostic::error(
                    Code::ScopePermissionsConflict,
                    &file.file,
                    *position,
                    message,
                );
                conflicts.push(found.warning().at_path(&**path).excerpt_of(&file.text));
            }
            Some(_) => {}
        }
    }
    conflicts
}

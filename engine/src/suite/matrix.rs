//! A test to its cases: principals times resources, each with what is expected of it (docs/semantics.md, section 14).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::model::{Expectation, Fixtures, Names, Suite, Test, TestOptions};
use crate::check::Effect;
use crate::request::{AuxData, Principal, Resource};
use crate::value::Value;

/// Questions that one suite may come to. A few lines could ask for billions.
const MAX_QUESTIONS: usize = 1_000_000;

/// A principal, a resource, the actions asked about, and what is expected.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Case<'s> {
    /// Name of the test.
    pub test: &'s str,
    /// Description of the test.
    pub description: &'s str,
    /// The fixture's name of the principal.
    pub principal_name: &'s str,
    /// The fixture's name of the resource.
    pub resource_name: &'s str,
    /// The principal.
    pub principal: &'s Principal,
    /// The resource.
    pub resource: &'s Resource,
    /// The actions, in the order of the test.
    pub actions: &'s [Box<str>],
    /// Claims beside the principal.
    pub aux_data: Option<&'s AuxData>,
    /// The effects that are expected. Of an action that is not listed, a denial is.
    pub effects: BTreeMap<&'s str, Effect>,
    pub(super) outputs: Outputs<'s>,
    pub(super) skip: Option<&'s str>,
    pub(super) options: Option<&'s TestOptions>,
}

/// By action: sources of outputs, and their values.
pub(super) type Outputs<'s> = BTreeMap<&'s str, Vec<(&'s str, Option<&'s Value>)>>;

#[derive(Default)]
struct Expected<'s> {
    effects: BTreeMap<&'s str, Effect>,
    outputs: Outputs<'s>,
}

/// A suite and the fixtures beside it.
pub(super) struct Matrix<'s> {
    pub(super) suite: &'s Suite,
    pub(super) beside: &'s Fixtures,
}

impl<'s> Matrix<'s> {
    /// Checks that members of groups are there, and that tests have names of their own.
    ///
    /// # Errors
    ///
    /// What is wrong, in Cerbos' words.
    pub(super) fn check_groups(&self) -> Result<(), String> {
        let own = &self.suite.fixtures;
        missing_member(&own.principal_groups, |name| self.principal(name).is_ok())
            .map_err(|missing| format!("Invalid principal groups in test suite: {missing}"))?;
        missing_member(&own.resource_groups, |name| self.resource(name).is_ok())
            .map_err(|missing| format!("Invalid resource groups in test suite: {missing}"))
    }

    /// All cases of the suite, in order.
    ///
    /// # Errors
    ///
    /// What is wrong, in Cerbos' words.
    pub(super) fn cases(&self) -> Result<Vec<Case<'s>>, String> {
        let mut names = BTreeSet::new();
        let repeated = self.suite.tests.iter().filter(|test| !names.insert(&test.name));
        let repeated: Vec<String> =
            repeated.map(|t| format!("another test named {} already exists", t.name)).collect();
        if !repeated.is_empty() {
            return Err(format!("Invalid test suite: {}", repeated.join("; ")));
        }
        let mut cases = Vec::new();
        let mut questions = 0;
        for test in &self.suite.tests {
            self.test(test, &mut cases, &mut questions).map_err(|problem| {
                format!("Failed to load the test suite: invalid test \"{}\": {problem}", test.name)
            })?;
        }
        Ok(cases)
    }

    fn test(
        &self,
        test: &'s Test,
        cases: &mut Vec<Case<'s>>,
        questions: &mut usize,
    ) -> Result<(), String> {
        let mut expected = self.expected(test)?;
        let principals = self.principals(&test.input.principals)?;
        let resources = self.resources(&test.input.resources)?;
        let size = principals.len().saturating_mul(resources.len());
        *questions = questions.saturating_add(size.saturating_mul(test.input.actions.len()));
        if *questions > MAX_QUESTIONS {
            return Err(format!("the suite comes to more than {MAX_QUESTIONS} questions"));
        }
        let mut pairs = Vec::with_capacity(size);
        for principal in &principals {
            for resource in &resources {
                let found = expected.take(principal, resource);
                pairs.push((*principal, *resource, found));
            }
        }
        if let Some((principal, resource)) = expected.rest() {
            return Err(format!(
                "found an expectation for principal \"{principal}\" and resource \"{resource}\", but at least one of these is not present in input"
            ));
        }
        for (principal_name, resource_name, Expected { effects, outputs }) in pairs {
            cases.push(Case {
                test: &test.name,
                description: &test.description,
                principal_name,
                resource_name,
                principal: self.principal(principal_name)?,
                resource: self.resource(resource_name)?,
                aux_data: self.aux_data(&test.input.aux_data)?,
                actions: &test.input.actions,
                effects,
                outputs,
                skip: test.skip.then_some(&*test.skip_reason),
                // Options of a test replace those of the suite (rule U5).
                options: test.options.as_ref().or(self.suite.options.as_ref()),
            });
        }
        Ok(())
    }

    /// What is expected of each pair; several expectations of a pair are put together.
    fn expected(&self, test: &'s Test) -> Result<Table<'s>, String> {
        let actions: BTreeSet<&str> = test.input.actions.iter().map(|a| &**a).collect();
        let mut table = Table::default();
        let mut size = 0_usize;
        for expectation in &test.expected {
            let unknown: Vec<&str> = expectation
                .outputs
                .iter()
                .map(|(action, _)| &**action)
                .filter(|action| !actions.contains(action))
                .collect();
            if !unknown.is_empty() {
                return Err(format!(
                    "found output expectations for actions that are not in the input actions list: [{}]",
                    unknown.join(",")
                ));
            }
            let principals = self.principals(&expectation.principals)?;
            let resources = self.resources(&expectation.resources)?;
            let unknown: BTreeSet<&str> = expectation
                .actions
                .iter()
                .map(|(action, _)| &**action)
                .filter(|action| !actions.contains(action))
                .collect();
            if !unknown.is_empty() {
                return Err(format!(
                    "found expectations for actions that do not exist in the input actions list: [{}]",
                    unknown.into_iter().collect::<Vec<_>>().join(",")
                ));
            }
            let outputs = outputs(expectation);
            let pairs = principals.len().saturating_mul(resources.len());
            size = size.saturating_add(pairs.saturating_mul(expectation.actions.len().max(1)));
            if size > MAX_QUESTIONS {
                return Err(format!("the test expects more than {MAX_QUESTIONS} answers"));
            }
            for principal in &principals {
                for resource in &resources {
                    table.add(principal, resource, expectation, &outputs)?;
                }
            }
        }
        Ok(table)
    }

    fn principals(&self, names: &'s Names) -> Result<Vec<&'s str>, String> {
        expand(names, &self.suite.fixtures.principal_groups, &self.beside.principal_groups)
    }

    fn resources(&self, names: &'s Names) -> Result<Vec<&'s str>, String> {
        expand(names, &self.suite.fixtures.resource_groups, &self.beside.resource_groups)
    }

    fn principal(&self, name: &str) -> Result<&'s Principal, String> {
        let found = self.suite.fixtures.principals.get(name);
        found
            .or_else(|| self.beside.principals.get(name))
            .ok_or_else(|| format!("principal \"{name}\" not found"))
    }

    fn resource(&self, name: &str) -> Result<&'s Resource, String> {
        let found = self.suite.fixtures.resources.get(name);
        found
            .or_else(|| self.beside.resources.get(name))
            .ok_or_else(|| format!("resource \"{name}\" not found"))
    }

    fn aux_data(&self, name: &str) -> Result<Option<&'s AuxData>, String> {
        if name.is_empty() {
            return Ok(None);
        }
        let found = self.suite.fixtures.aux_data.get(name);
        match found.or_else(|| self.beside.aux_data.get(name)) {
            Some(aux_data) => Ok(Some(aux_data)),
            None => Err(format!("auxData \"{name}\" not found")),
        }
    }
}

/// Expectations by principal and resource, in the order in which they were written.
#[derive(Default)]
struct Table<'s> {
    rows: Vec<Option<(&'s str, &'s str, Expected<'s>)>>,
    places: HashMap<(&'s str, &'s str), usize>,
}

impl<'s> Table<'s> {
    fn add(
        &mut self,
        principal: &'s str,
        resource: &'s str,
        expectation: &'s Expectation,
        outputs: &Outputs<'s>,
    ) -> Result<(), String> {
        let next = self.rows.len();
        let place = *self.places.entry((principal, resource)).or_insert(next);
        if place == next {
            self.rows.push(Some((principal, resource, Expected::default())));
        }
        let Some(Some((.., expected))) = self.rows.get_mut(place) else { return Ok(()) };
        let whose = |action: &str| {
            format!(
                "principal \"{principal}\" performing action \"{action}\" on resource \"{resource}\""
            )
        };
        for (action, effect) in &expectation.actions {
            if *expected.effects.entry(action).or_insert(*effect) != *effect {
                return Err(format!("found inconsistent expectations for {}", whose(action)));
            }
        }
        for (action, entries) in outputs {
            let known = expected.outputs.entry(action).or_default();
            for (source, value) in entries {
                match known.iter().find(|(other, _)| other == source) {
                    None => known.push((source, *value)),
                    Some((_, other)) if other == value => {}
                    Some(_) => {
                        return Err(format!(
                            "found inconsistent expectations for output \"{source}\" from {}",
                            whose(action)
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, principal: &'s str, resource: &'s str) -> Expected<'s> {
        let place = self.places.get(&(principal, resource));
        let row = place.and_then(|place| self.rows.get_mut(*place)).and_then(Option::take);
        row.map(|(.., expected)| expected).unwrap_or_default()
    }

    /// A pair that nobody took.
    fn rest(&self) -> Option<(&'s str, &'s str)> {
        self.rows.iter().flatten().next().map(|(principal, resource, _)| (*principal, *resource))
    }
}

/// Of an action or a source that is given twice in one expectation, the last counts.
fn outputs(expectation: &Expectation) -> Outputs<'_> {
    let mut all = Outputs::new();
    for (action, entries) in &expectation.outputs {
        let mut values: Vec<(&str, Option<&Value>)> = Vec::with_capacity(entries.len());
        for entry in entries {
            match values.iter_mut().find(|(source, _)| *source == &*entry.source) {
                Some((_, value)) => *value = entry.value.as_ref(),
                None => values.push((&entry.source, entry.value.as_ref())),
            }
        }
        all.insert(action, values);
    }
    all
}

type Groups = BTreeMap<Box<str>, Vec<Box<str>>>;

/// Fixtures, then members of groups, each once. Groups of the suite shadow those beside it.
fn expand<'s>(
    names: &'s Names,
    own: &'s Groups,
    beside: &'s Groups,
) -> Result<Vec<&'s str>, String> {
    let mut all: Vec<&'s str> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |name: &'s str| {
        if seen.insert(name) {
            all.push(name);
        }
    };
    names.single.iter().for_each(|name| add(name));
    for group in &names.groups {
        // Cerbos says so of groups of resources, too.
        let members = own
            .get(group)
            .or_else(|| beside.get(group))
            .ok_or_else(|| format!("principal group \"{group}\" not found"))?;
        members.iter().for_each(|name| add(name));
    }
    Ok(all)
}

/// Looks for a member of a group that is nowhere.
///
/// # Errors
///
/// Its name, in Cerbos' words.
pub(super) fn missing_member(groups: &Groups, exists: impl Fn(&str) -> bool) -> Result<(), String> {
    for (group, members) in groups {
        if let Some(missing) = members.iter().find(|name| !exists(name)) {
            return Err(format!("missing fixture \"{missing}\" referenced in group \"{group}\""));
        }
    }
    Ok(())
}

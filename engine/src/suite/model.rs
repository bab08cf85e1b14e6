//! Suites and fixtures as they were written.

use std::collections::BTreeMap;

use crate::cel::Timestamp;
use crate::check::Effect;
use crate::request::{AuxData, Principal, Resource};
use crate::value::{Map, Value};

/// A file of tests.
#[derive(Debug, Default)]
pub(super) struct Suite {
    pub(super) name: Box<str>,
    pub(super) description: Box<str>,
    pub(super) skip: bool,
    pub(super) skip_reason: Box<str>,
    pub(super) options: Option<TestOptions>,
    pub(super) fixtures: Fixtures,
    pub(super) tests: Vec<Test>,
}

/// What tests are made of, by name.
#[derive(Debug, Default)]
pub(super) struct Fixtures {
    pub(super) principals: BTreeMap<Box<str>, Principal>,
    pub(super) resources: BTreeMap<Box<str>, Resource>,
    pub(super) aux_data: BTreeMap<Box<str>, AuxData>,
    pub(super) principal_groups: BTreeMap<Box<str>, Vec<Box<str>>>,
    pub(super) resource_groups: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// One entry of `tests`: principals times resources.
#[derive(Debug, Default)]
pub(super) struct Test {
    pub(super) name: Box<str>,
    pub(super) description: Box<str>,
    pub(super) skip: bool,
    pub(super) skip_reason: Box<str>,
    pub(super) input: Input,
    pub(super) expected: Vec<Expectation>,
    pub(super) options: Option<TestOptions>,
}

/// Names of fixtures and of groups of them.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) single: Vec<Box<str>>,
    pub(super) groups: Vec<Box<str>>,
}

#[derive(Debug, Default)]
pub(super) struct Input {
    pub(super) principals: Names,
    pub(super) resources: Names,
    pub(super) actions: Vec<Box<str>>,
    pub(super) aux_data: Box<str>,
}

#[derive(Debug, Default)]
pub(super) struct Expectation {
    pub(super) principals: Names,
    pub(super) resources: Names,
    pub(super) actions: Vec<(Box<str>, Effect)>,
    pub(super) outputs: Vec<(Box<str>, Vec<ExpectedOutput>)>,
}

#[derive(Debug)]
pub(super) struct ExpectedOutput {
    pub(super) source: Box<str>,
    pub(super) value: Option<Value>,
}

/// What changes decisions besides the policies.
#[derive(Debug, Default)]
pub(super) struct TestOptions {
    pub(super) now: Option<Timestamp>,
    pub(super) lenient_scope_search: bool,
    pub(super) globals: Map,
    pub(super) default_policy_version: Box<str>,
    pub(super) default_scope: Box<str>,
    pub(super) strict_evaluation: bool,
}

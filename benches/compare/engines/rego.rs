//! `regorus`: a package for each kind, compiled for its virtual machine, which is kept from request to request.

use std::collections::{BTreeMap, HashMap};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

use crate::Competitor;
use crate::rules::{KINDS, Question, kind};

const MODULE: &str = r#"
package kinds.{kind}

default allow := false

allow if {
    input.action == "view"
    "viewer" in input.user.roles
}

allow if {
    input.action in ["view", "edit"]
    "editor" in input.user.roles
}

allow if "admin" in input.user.roles

allow if {
    input.action == "edit"
    input.record.owner == input.user.id
}

allow if {
    input.action == "approve"
    input.record.amount < input.user.limit
    input.record.department == input.user.department
}
"#;

pub(crate) struct Rego {
    /// By kind; of the empty kind where one program has all.
    machines: HashMap<String, RegoVM>,
    apart: bool,
    /// The entry point of each kind.
    entries: HashMap<String, String>,
    prepared: Vec<(String, Value)>,
}

impl Rego {
    pub(crate) fn new(questions: &[Question], apart: bool) -> Self {
        let kinds: Vec<String> = (0..KINDS).map(kind).collect();
        let machines = if apart {
            kinds.iter().map(|kind| (kind.clone(), machine(std::slice::from_ref(kind)))).collect()
        } else {
            HashMap::from([(String::new(), machine(&kinds))])
        };
        let prepared =
            questions.iter().map(|question| (question.record.kind.clone(), input(question)));
        Self {
            machines,
            apart,
            prepared: prepared.collect(),
            entries: kinds.into_iter().map(|kind| (kind.clone(), entry(&kind))).collect(),
        }
    }
}

impl Competitor for Rego {
    fn prepared(&mut self, number: usize) -> bool {
        let (kind, input) = &self.prepared[number];
        let input = input.clone();
        ask(&mut self.machines, if self.apart { kind } else { "" }, &self.entries[kind], input)
    }

    fn built(&mut self, question: &Question) -> bool {
        let kind = &question.record.kind;
        let machine = if self.apart { kind } else { "" };
        ask(&mut self.machines, machine, &self.entries[kind], input(question))
    }
}

fn ask(machines: &mut HashMap<String, RegoVM>, machine: &str, entry: &str, input: Value) -> bool {
    let machine = machines.get_mut(machine).expect("a machine for each kind");
    machine.set_input(input);
    matches!(machine.execute_entry_point_by_name(entry), Ok(Value::Bool(true)))
}

fn machine(kinds: &[String]) -> RegoVM {
    let mut engine = Engine::new();
    for kind in kinds {
        let module = MODULE.replace("{kind}", kind);
        engine.add_policy(format!("{kind}.rego"), module).expect("a module that is parsed");
    }
    let entries: Vec<String> = kinds.iter().map(|kind| entry(kind)).collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let first = entries.first().copied().expect("a kind");
    let policy = engine.compile_with_entrypoint(&first.into()).expect("policies that compile");
    let program = Compiler::compile_from_policy(&policy, &entries).expect("a program");
    let mut machine = RegoVM::new_with_policy(policy);
    machine.load_program(program);
    machine
}

fn entry(kind: &str) -> String {
    format!("data.kinds.{kind}.allow")
}

fn input(question: &Question) -> Value {
    let Question { user, action, record } = question;
    let text = |text: &str| Value::from(text);
    let roles: Vec<Value> = user.roles.iter().map(|role| text(role)).collect();
    let user = object([
        ("id", text(&user.id)),
        ("roles", Value::from(roles)),
        ("department", text(&user.department)),
        ("limit", Value::from(user.limit)),
    ]);
    let record = object([
        ("id", text(&record.id)),
        ("owner", text(&record.owner)),
        ("department", text(&record.department)),
        ("amount", Value::from(record.amount)),
    ]);
    object([("user", user), ("action", text(action)), ("record", record)])
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (Value::from(name), value));
    Value::from(fields.collect::<BTreeMap<_, _>>())
}

//! The crate `cel`: rules by hand, an expression for each kind and action.

use std::collections::HashMap;
use std::sync::Arc;

use cel_interpreter::objects::Value;
use cel_interpreter::{Context, Env, Program};

use crate::Competitor;
use crate::rules::{KINDS, Question, kind};

const RULES: [(&str, &str); 4] = [
    ("view", r#""viewer" in P.roles || "editor" in P.roles || "admin" in P.roles"#),
    ("edit", r#""editor" in P.roles || "admin" in P.roles || R.owner == P.id"#),
    ("delete", r#""admin" in P.roles"#),
    ("approve", r#""admin" in P.roles || R.amount < P.limit && R.department == P.department"#),
];

pub(crate) struct Cel {
    env: Arc<Env>,
    rules: HashMap<String, HashMap<&'static str, Program>>,
    prepared: Vec<(String, &'static str, Context<'static, 'static>)>,
}

impl Cel {
    pub(crate) fn new(questions: &[Question]) -> Self {
        let env = Arc::new(Env::stdlib());
        let rule = |(action, text)| (action, env.compile(text).expect("an expression"));
        let rules = (0..KINDS).map(|number| (kind(number), RULES.into_iter().map(rule).collect()));
        let prepared = questions.iter().map(|question| {
            (question.record.kind.clone(), question.action, context(&env, question))
        });
        Self { rules: rules.collect(), prepared: prepared.collect(), env }
    }

    fn ask(&self, kind: &str, action: &str, context: &Context<'_, '_>) -> bool {
        let rule = self.rules.get(kind).and_then(|actions| actions.get(action));
        rule.is_some_and(|rule| matches!(rule.execute(context), Ok(Value::Bool(true))))
    }
}

impl Competitor for Cel {
    fn prepared(&mut self, number: usize) -> bool {
        let (kind, action, context) = &self.prepared[number];
        self.ask(kind, action, context)
    }

    fn built(&mut self, question: &Question) -> bool {
        let context = context(&self.env, question);
        self.ask(&question.record.kind, question.action, &context)
    }
}

fn context(env: &Arc<Env>, question: &Question) -> Context<'static, 'static> {
    let Question { user, record, .. } = question;
    let mut context = Context::with_env(Arc::clone(env));
    let roles: Vec<&str> = user.roles.iter().map(String::as_str).collect();
    let principal = HashMap::from([
        ("id", Value::from(user.id.as_str())),
        ("roles", Value::from(roles)),
        ("department", Value::from(user.department.as_str())),
        ("limit", Value::from(user.limit)),
    ]);
    context.add_variable_from_value("P", principal);
    let resource = HashMap::from([
        ("owner", Value::from(record.owner.as_str())),
        ("department", Value::from(record.department.as_str())),
        ("amount", Value::from(record.amount)),
    ]);
    context.add_variable_from_value("R", resource);
    context
}

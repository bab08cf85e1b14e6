//! `casbin`: a matcher over attributes and roles, policies in memory.

use std::collections::HashMap;

use casbin::rhai::Dynamic;
use casbin::rhai::serde::to_dynamic;
use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use serde::Serialize;

use crate::Competitor;
use crate::rules::{KINDS, Question, USERS, kind, user};

const MODEL: &str = r#"
[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, kind, act

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.obj.kind == p.kind && (p.act == "*" || r.act == p.act) && (g(r.sub.id, p.sub) || \
(p.sub == "owner" && r.obj.owner == r.sub.id) || \
(p.sub == "colleague" && r.obj.amount < r.sub.limit && r.obj.department == r.sub.department))
"#;
/// Who may do what to a record of a kind. `owner` and `colleague` are conditions of the matcher, the others roles.
const POLICIES: [[&str; 2]; 6] = [
    ["viewer", "view"],
    ["editor", "view"],
    ["editor", "edit"],
    ["admin", "*"],
    ["owner", "edit"],
    ["colleague", "approve"],
];

/// What the matcher looks at.
#[derive(Hash, Serialize)]
struct Subject<'s> {
    id: &'s str,
    department: &'s str,
    limit: i64,
}

#[derive(Hash, Serialize)]
struct Object<'s> {
    kind: &'s str,
    owner: &'s str,
    department: &'s str,
    amount: i64,
}

pub(crate) struct Casbin {
    /// By kind; of the empty kind where one enforcer has all.
    enforcers: HashMap<String, Enforcer>,
    apart: bool,
    prepared: Vec<(String, Vec<Dynamic>)>,
}

impl Casbin {
    pub(crate) fn new(questions: &[Question], apart: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let kinds: Vec<String> = (0..KINDS).map(kind).collect();
        let enforcers = if apart {
            let enforcer = |kind: &String| {
                (kind.clone(), runtime.block_on(enforcer(std::slice::from_ref(kind))))
            };
            kinds.iter().map(enforcer).collect()
        } else {
            HashMap::from([(String::new(), runtime.block_on(enforcer(&kinds)))])
        };
        let prepared = questions.iter().map(|question| {
            let (subject, object, action) = request(question);
            let values = [to_dynamic(subject), to_dynamic(object), to_dynamic(action)];
            let values = values.map(|value| value.expect("a value of the matcher's language"));
            (question.record.kind.clone(), values.into())
        });
        Self { enforcers, apart, prepared: prepared.collect() }
    }

    fn enforcer(&self, kind: &str) -> &Enforcer {
        &self.enforcers[if self.apart { kind } else { "" }]
    }
}

impl Competitor for Casbin {
    fn prepared(&mut self, number: usize) -> bool {
        let (kind, values) = &self.prepared[number];
        self.enforcer(kind).enforce(values.clone()).expect("an answer")
    }

    fn built(&mut self, question: &Question) -> bool {
        self.enforcer(&question.record.kind).enforce(request(question)).expect("an answer")
    }
}

async fn enforcer(kinds: &[String]) -> Enforcer {
    let model = DefaultModel::from_str(MODEL).await.expect("a model");
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
    let rule = |kind: &String| {
        POLICIES.map(|[subject, action]| [subject, kind, action].map(str::to_owned).to_vec())
    };
    let policies: Vec<Vec<String>> = kinds.iter().flat_map(rule).collect();
    enforcer.add_policies(policies).await.expect("policies that are added");
    let roles = (0..USERS)
        .map(user)
        .flat_map(|user| user.roles.into_iter().map(move |role| vec![user.id.clone(), role]));
    enforcer.add_grouping_policies(roles.collect()).await.expect("roles that are added");
    enforcer
}

fn request(question: &Question) -> (Subject<'_>, Object<'_>, &'static str) {
    let Question { user, action, record } = question;
    let subject = Subject { id: &user.id, department: &user.department, limit: user.limit };
    let object = Object {
        kind: &record.kind,
        owner: &record.owner,
        department: &record.department,
        amount: record.amount,
    };
    (subject, object, action)
}

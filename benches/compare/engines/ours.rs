//! `authz-engine`: a Cerbos policy for each kind.

use authz_engine::cel::Timestamp;
use authz_engine::policy::{PolicySet, Source};
use authz_engine::{Engine, Options, Principal, Resource};

use crate::Competitor;
use crate::rules::{KINDS, Question, Record, User, kind};

const POLICY: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: {kind}
  version: default
  rules:
    - actions: [view]
      effect: EFFECT_ALLOW
      roles: [viewer, editor]
    - actions: [edit]
      effect: EFFECT_ALLOW
      roles: [editor]
    - actions: ["*"]
      effect: EFFECT_ALLOW
      roles: [admin]
    - actions: [edit]
      effect: EFFECT_ALLOW
      roles: ["*"]
      condition:
        match:
          expr: R.attr.owner == P.id
    - actions: [approve]
      effect: EFFECT_ALLOW
      roles: ["*"]
      condition:
        match:
          all:
            of:
              - expr: R.attr.amount < P.attr.limit
              - expr: R.attr.department == P.attr.department
"#;

pub(crate) struct Ours {
    engine: Engine,
    prepared: Vec<(Principal, Resource, &'static str)>,
    now: Timestamp,
}

impl Ours {
    pub(crate) fn new(questions: &[Question]) -> Self {
        let policies = (0..KINDS)
            .map(kind)
            .map(|kind| Source::new(format!("{kind}.yaml"), POLICY.replace("{kind}", &kind)));
        let set = PolicySet::load(policies).expect("policies that load");
        let prepared = questions.iter().map(|question| {
            (principal(&question.user), resource(&question.record), question.action)
        });
        Self {
            engine: Engine::new(set, Options::default()),
            prepared: prepared.collect(),
            now: Timestamp::now(),
        }
    }
}

impl Competitor for Ours {
    fn prepared(&mut self, number: usize) -> bool {
        let (principal, resource, action) = &self.prepared[number];
        let decided = self.engine.decide(principal, resource, action, None, self.now);
        decided.is_ok_and(|decision| decision.effect.is_allow())
    }

    fn built(&mut self, question: &Question) -> bool {
        let (principal, resource) = (principal(&question.user), resource(&question.record));
        // A service asks for the time of each request too.
        let decided =
            self.engine.decide(&principal, &resource, question.action, None, Timestamp::now());
        decided.is_ok_and(|decision| decision.effect.is_allow())
    }
}

fn principal(user: &User) -> Principal {
    let attr =
        [("department", user.department.as_str().into()), ("limit", (user.limit as f64).into())];
    Principal {
        id: user.id.as_str().into(),
        roles: user.roles.iter().map(|role| role.as_str().into()).collect(),
        attr: attr.into_iter().collect(),
        ..Principal::default()
    }
}

fn resource(record: &Record) -> Resource {
    let attr = [
        ("owner", record.owner.as_str().into()),
        ("department", record.department.as_str().into()),
        ("amount", (record.amount as f64).into()),
    ];
    Resource {
        kind: record.kind.as_str().into(),
        id: record.id.as_str().into(),
        attr: attr.into_iter().collect(),
        ..Resource::default()
    }
}

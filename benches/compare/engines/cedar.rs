//! `cedar-policy`: an entity type for each kind, roles as groups of users.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression,
};

use crate::Competitor;
use crate::rules::{ACTIONS, KINDS, Question, kind};

const POLICIES: &str = r#"
permit(principal in Role::"viewer", action == Action::"view", resource is {kind});
permit(principal in Role::"editor", action in [Action::"view", Action::"edit"], resource is {kind});
permit(principal in Role::"admin", action, resource is {kind});
permit(principal, action == Action::"edit", resource is {kind}) when { resource.owner == principal };
permit(principal, action == Action::"approve", resource is {kind})
    when { resource.amount < principal.limit && resource.department == principal.department };
"#;

pub(crate) struct Cedar {
    authorizer: Authorizer,
    /// By kind; of the empty kind where one set has all.
    policies: HashMap<String, PolicySet>,
    apart: bool,
    names: Names,
    prepared: Vec<(String, Request, Entities)>,
}

/// What does not change from request to request.
struct Names {
    user: EntityTypeName,
    role: EntityTypeName,
    kinds: HashMap<String, EntityTypeName>,
    actions: HashMap<&'static str, EntityUid>,
}

impl Cedar {
    pub(crate) fn new(questions: &[Question], apart: bool) -> Self {
        let type_name = |name: &str| EntityTypeName::from_str(name).expect("the name of a type");
        let texts = (0..KINDS).map(kind).map(|kind| (POLICIES.replace("{kind}", &kind), kind));
        let mut policies = HashMap::<String, String>::new();
        for (text, kind) in texts {
            policies.entry(if apart { kind } else { String::new() }).or_default().push_str(&text);
        }
        let parsed = |(kind, text): (String, String)| {
            (kind, PolicySet::from_str(&text).expect("policies that are parsed"))
        };
        let action = |name| {
            (name, EntityUid::from_type_name_and_id(type_name("Action"), EntityId::new(name)))
        };
        let names = Names {
            user: type_name("User"),
            role: type_name("Role"),
            kinds: (0..KINDS).map(kind).map(|kind| (kind.clone(), type_name(&kind))).collect(),
            actions: ACTIONS.into_iter().map(action).collect(),
        };
        let prepared = questions.iter().map(|question| {
            let (request, entities) = names.request(question);
            (question.record.kind.clone(), request, entities)
        });
        Self {
            authorizer: Authorizer::new(),
            policies: policies.into_iter().map(parsed).collect(),
            apart,
            prepared: prepared.collect(),
            names,
        }
    }

    fn ask(&self, kind: &str, request: &Request, entities: &Entities) -> bool {
        let policies = &self.policies[if self.apart { kind } else { "" }];
        self.authorizer.is_authorized(request, policies, entities).decision() == Decision::Allow
    }
}

impl Competitor for Cedar {
    fn prepared(&mut self, number: usize) -> bool {
        let (kind, request, entities) = &self.prepared[number];
        self.ask(kind, request, entities)
    }

    fn built(&mut self, question: &Question) -> bool {
        let (request, entities) = self.names.request(question);
        self.ask(&question.record.kind, &request, &entities)
    }
}

impl Names {
    fn request(&self, question: &Question) -> (Request, Entities) {
        let Question { user, action, record } = question;
        let uid = |name: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
        };
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let principal = uid(&self.user, &user.id);
        let attributes = HashMap::from([
            ("department".to_owned(), text(&user.department)),
            ("limit".to_owned(), RestrictedExpression::new_long(user.limit)),
        ]);
        let roles: HashSet<EntityUid> =
            user.roles.iter().map(|role| uid(&self.role, role)).collect();
        let user = Entity::new(principal.clone(), attributes, roles);

        let resource = uid(&self.kinds[&record.kind], &record.id);
        let owner = RestrictedExpression::new_entity_uid(uid(&self.user, &record.owner));
        let attributes = HashMap::from([
            ("owner".to_owned(), owner),
            ("department".to_owned(), text(&record.department)),
            ("amount".to_owned(), RestrictedExpression::new_long(record.amount)),
        ]);
        let record = Entity::new(resource.clone(), attributes, HashSet::new());

        let entities = [user, record].map(|entity| entity.expect("attributes that are values"));
        let entities = Entities::from_entities(entities, None).expect("entities that differ");
        let action = self.actions[action].clone();
        let request = Request::new(principal, action, resource, Context::empty(), None);
        (request.expect("a request without a schema"), entities)
    }
}

//! Eight role policies to a tenant, over twelve kinds that all tenants share. The shape is that of Cerbos' load test
//! "multitenant".

/// Names and texts of a tenant.
pub(super) const FILES: &[(&str, &str)] = &[
    ("owner_{n}.yaml", OWNER),
    ("deputy_{n}.yaml", DEPUTY),
    ("lead_{n}.yaml", LEAD),
    ("owner_lab_{n}.yaml", OWNER_LAB),
    ("deputy_lab_{n}.yaml", DEPUTY_LAB),
    ("helper_lab_{n}.yaml", HELPER_LAB),
    ("lead_lab_{n}.yaml", LEAD_LAB),
    ("owner_lab_de_{n}.yaml", OWNER_LAB_DE),
];

/// Kinds, and the actions that their policies are about.
const KINDS: [(&str, &str); 12] = [
    ("absence", "create, view, approve, delete"),
    ("payslip", "view, edit, delete"),
    ("expense", "create, view, approve, reject"),
    ("journey", "create, view, cancel, approve"),
    ("order", "create, view, approve, fulfill"),
    ("task", "create, view, reassign, close"),
    ("review", "create, view, edit, sign"),
    ("course", "create, view, complete, delete"),
    ("desk", "view, reserve, release, assign"),
    ("note", "create, view, edit, delete, share"),
    ("team", "view, edit, join, leave"),
    ("budget", "view, propose, approve, revoke"),
];

/// The resource policies, one for each kind.
pub(super) fn shared_files() -> impl Iterator<Item = (String, String)> {
    KINDS.into_iter().map(|(kind, actions)| {
        let policy = format!(
            "apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: {kind}
  version: default
  rules:
    - actions: [{actions}]
      effect: EFFECT_ALLOW
      roles: [owner, deputy, helper, lead]
      condition:
        match:
          expr: R.attr.tenant == P.attr.tenant
"
        );
        (format!("{kind}.yaml"), policy)
    })
}

const OWNER: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: owner
  scope: t{n}
  parentRoles: [owner]
  rules:
    - {resource: absence, allowActions: [create, view, approve, delete]}
    - {resource: payslip, allowActions: [view, edit, delete]}
    - {resource: expense, allowActions: [create, view, approve, reject]}
    - {resource: journey, allowActions: [create, view, cancel, approve]}
    - {resource: order, allowActions: [create, view, approve, fulfill]}
    - {resource: task, allowActions: [create, view, reassign, close]}
    - {resource: review, allowActions: [create, view, edit, sign]}
    - {resource: course, allowActions: [create, view, complete, delete]}
    - {resource: desk, allowActions: [view, reserve, release, assign]}
    - {resource: note, allowActions: [create, view, edit, delete, share]}
    - {resource: team, allowActions: [view, edit, join, leave]}
    - {resource: budget, allowActions: [view, propose, approve, revoke]}
"#;

const DEPUTY: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: deputy
  scope: t{n}
  parentRoles: [owner]
  rules:
    - {resource: absence, allowActions: [create, view, approve]}
    - {resource: payslip, allowActions: [view]}
    - {resource: expense, allowActions: [create, view]}
    - {resource: journey, allowActions: [create, view]}
    - {resource: order, allowActions: [create, view]}
    - {resource: task, allowActions: [view]}
    - {resource: review, allowActions: [view, edit]}
    - {resource: course, allowActions: [create, view]}
    - {resource: desk, allowActions: [view, reserve]}
    - {resource: note, allowActions: [create, view, edit]}
    - {resource: team, allowActions: [view]}
    - {resource: budget, allowActions: [view]}
"#;

const LEAD: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: lead
  scope: t{n}
  parentRoles: [lead]
  rules:
    - {resource: absence, allowActions: [view, approve]}
    - {resource: expense, allowActions: [view, approve]}
    - {resource: journey, allowActions: [view, approve]}
    - {resource: task, allowActions: [create, view, reassign]}
    - {resource: review, allowActions: [create, view, edit, sign]}
    - {resource: team, allowActions: [view, edit, join, leave]}
    - {resource: note, allowActions: [create, view, edit]}
    - {resource: budget, allowActions: [view, propose]}
"#;

const OWNER_LAB: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: owner
  scope: t{n}.lab
  parentRoles: [owner]
  rules:
    - {resource: absence, allowActions: [create, view, approve, delete]}
    - {resource: payslip, allowActions: [view, edit]}
    - {resource: expense, allowActions: [create, view, approve]}
    - {resource: review, allowActions: [create, view, edit, sign]}
    - {resource: course, allowActions: [create, view, complete]}
    - {resource: note, allowActions: [create, view, edit, share]}
    - {resource: team, allowActions: [view, edit, join, leave]}
"#;

const DEPUTY_LAB: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: deputy
  scope: t{n}.lab
  parentRoles: [owner]
  rules:
    - {resource: absence, allowActions: [create, view]}
    - resource: payslip
      allowActions: [view]
      condition: {match: {expr: P.attr.unit == R.attr.unit}}
    - {resource: expense, allowActions: [view]}
    - {resource: review, allowActions: [view]}
    - {resource: course, allowActions: [view]}
    - {resource: note, allowActions: [create, view]}
    - {resource: team, allowActions: [view]}
"#;

const HELPER_LAB: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: helper
  scope: t{n}.lab
  parentRoles: [deputy]
  rules:
    - resource: absence
      allowActions: [create, view]
      condition: {match: {expr: P.attr.unit == R.attr.unit}}
    - {resource: note, allowActions: [view]}
    - {resource: course, allowActions: [view]}
"#;

const LEAD_LAB: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: lead
  scope: t{n}.lab
  parentRoles: [lead]
  rules:
    - resource: absence
      allowActions: [view, approve]
      condition: {match: {expr: P.attr.unit == R.attr.unit}}
    - {resource: expense, allowActions: [view]}
    - {resource: review, allowActions: [view, edit]}
    - {resource: note, allowActions: [view, edit]}
    - {resource: team, allowActions: [view]}
"#;

const OWNER_LAB_DE: &str = r#"
apiVersion: api.cerbos.dev/v1
rolePolicy:
  role: owner
  scope: t{n}.lab.de
  parentRoles: [owner]
  rules:
    - resource: absence
      allowActions: [create, view, approve]
      condition: {match: {expr: P.attr.unit == "lab"}}
    - resource: payslip
      allowActions: [view]
      condition: {match: {expr: P.attr.level >= 3}}
    - {resource: expense, allowActions: [view, approve]}
    - {resource: note, allowActions: [create, view, edit]}
    - {resource: team, allowActions: [view]}
"#;

/// One of an owner in the innermost scope, and one of a role that inherits.
pub(super) const REQUESTS: [&str; 2] = [
    r#"{
  "requestId": "r1-{n}",
  "principal": {
    "id": "dora", "scope": "t{n}.lab.de", "roles": ["owner"],
    "attr": {"tenant": "t{n}", "unit": "lab", "level": 5}
  },
  "resources": [
    {"actions": ["create", "view", "approve"], "resource": {"kind": "absence", "scope": "t{n}.lab.de", "id": "A1",
      "attr": {"tenant": "t{n}", "unit": "lab", "author": "emil"}}},
    {"actions": ["view", "edit"], "resource": {"kind": "payslip", "scope": "t{n}.lab.de", "id": "P1",
      "attr": {"tenant": "t{n}", "unit": "lab", "author": "emil"}}},
    {"actions": ["view", "approve"], "resource": {"kind": "expense", "scope": "t{n}.lab.de", "id": "E1",
      "attr": {"tenant": "t{n}", "unit": "lab", "author": "fritz"}}},
    {"actions": ["create", "view", "edit"], "resource": {"kind": "note", "scope": "t{n}.lab.de", "id": "N1",
      "attr": {"tenant": "t{n}", "unit": "lab", "author": "dora"}}}
  ]
}"#,
    r#"{
  "requestId": "r2-{n}",
  "principal": {
    "id": "greta", "scope": "t{n}.lab", "roles": ["helper"],
    "attr": {"tenant": "t{n}", "unit": "lab", "level": 1}
  },
  "resources": [
    {"actions": ["create", "view", "approve"], "resource": {"kind": "absence", "scope": "t{n}.lab", "id": "A2",
      "attr": {"tenant": "t{n}", "unit": "lab", "author": "hanna"}}},
    {"actions": ["view", "edit", "share"], "resource": {"kind": "note", "scope": "t{n}.lab", "id": "N2",
      "attr": {"tenant": "t{n}", "unit": "lab", "author": "ida"}}}
  ]
}"#,
];

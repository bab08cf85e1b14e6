//! Nine policies and three schemas to a unit: a kind in four scopes and two versions, another kind, derived roles in two
//! files, and a principal policy. The shape is that of Cerbos' load test "classic".

/// Names and texts.
pub(super) const FILES: &[(&str, &str)] = &[
    ("roles_common_{n}.yaml", ROLES_COMMON),
    ("roles_lead_{n}.yaml", ROLES_LEAD),
    ("principal_{n}.yaml", PRINCIPAL),
    ("expense_root_{n}.yaml", EXPENSE_ROOT),
    ("expense_corp_{n}.yaml", EXPENSE_CORP),
    ("expense_corp_sales_{n}.yaml", EXPENSE_SALES),
    ("expense_corp_sales_de_{n}.yaml", EXPENSE_DE),
    ("expense_v2_{n}.yaml", EXPENSE_V2),
    ("file_{n}.yaml", FILE),
    ("_schemas/person_{n}.json", PERSON_SCHEMA),
    ("_schemas/expense_{n}.json", RECORD_SCHEMA),
    ("_schemas/file_{n}.json", RECORD_SCHEMA),
];

const ROLES_COMMON: &str = r#"
apiVersion: api.cerbos.dev/v1
derivedRoles:
  name: common_{n}
  definitions:
    - name: root
      parentRoles: [root]
    - name: engineer
      parentRoles: [developer, operator]
    - name: author
      parentRoles: [staff]
      condition:
        match:
          expr: R.attr.author == P.id
"#;

const ROLES_LEAD: &str = r#"
apiVersion: api.cerbos.dev/v1
variables:
  same_site: request.resource.attr.site == request.principal.attr.site
derivedRoles:
  name: lead_{n}
  definitions:
    - name: anybody
      parentRoles: [staff]
    - name: site_lead
      parentRoles: [lead]
      condition:
        match:
          all:
            of:
              - expr: V.same_site
              - expr: request.resource.attr.site == request.principal.attr.leads
"#;

const PRINCIPAL: &str = r#"
apiVersion: api.cerbos.dev/v1
variables:
  is_draft: request.resource.attr.draft == true
principalPolicy:
  principal: auditor_{n}
  version: v2
  rules:
    - resource: expense
      actions:
        - action: "*"
          name: drafts
          effect: EFFECT_ALLOW
          condition:
            match:
              expr: variables.is_draft
    - resource: payroll
      actions:
        - action: "*"
          effect: EFFECT_DENY
"#;

const EXPENSE_ROOT: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: expense_{n}
  version: default
  importDerivedRoles: [common_{n}, lead_{n}]
  schemas:
    principalSchema: {ref: "cerbos:///person_{n}.json"}
    resourceSchema: {ref: "cerbos:///expense_{n}.json"}
  rules:
    - name: everything
      actions: ["*"]
      effect: EFFECT_ALLOW
      roles: [root]
"#;

const EXPENSE_CORP: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: expense_{n}
  version: default
  scope: corp
  importDerivedRoles: [common_{n}, lead_{n}]
  schemas:
    principalSchema: {ref: "cerbos:///person_{n}.json"}
    resourceSchema: {ref: "cerbos:///expense_{n}.json"}
  rules:
    - actions: [submit]
      effect: EFFECT_ALLOW
      derivedRoles: [author]
    - name: shown-to-all
      actions: ["read:summary"]
      effect: EFFECT_ALLOW
      derivedRoles: [anybody]
"#;

const EXPENSE_SALES: &str = r#"
apiVersion: api.cerbos.dev/v1
variables:
  waiting: ("WAITING")
  on_site: |-
    (P.attr.address.inIPAddrRange("10.8.0.0/16") ? "BER" : "")
resourcePolicy:
  resource: expense_{n}
  version: default
  scope: corp.sales
  importDerivedRoles: [common_{n}, lead_{n}]
  rules:
    - actions: ["read:*"]
      effect: EFFECT_ALLOW
      derivedRoles: [author, site_lead]
    - actions: [withdraw]
      effect: EFFECT_ALLOW
      derivedRoles: [site_lead]
      condition:
        match:
          expr: request.resource.attr.site == variables.on_site
    - actions: [accept]
      effect: EFFECT_ALLOW
      derivedRoles: [site_lead]
      condition:
        match:
          expr: request.resource.attr.state == V.waiting
    - actions: [postpone]
      effect: EFFECT_ALLOW
      roles: [staff]
      condition:
        match:
          all:
            of:
              - expr: '"expenses" in request.aux_data.jwt.aud'
              - expr: '"sales" in request.aux_data.jwt.teams'
"#;

const EXPENSE_DE: &str = r#"
apiVersion: api.cerbos.dev/v1
variables:
  waiting: ("WAITING")
  on_site: |-
    (P.attr.address.inIPAddrRange("10.8.0.0/16") ? "BER" : "")
resourcePolicy:
  resource: expense_{n}
  version: default
  scope: corp.sales.de
  importDerivedRoles: [common_{n}, lead_{n}]
  rules:
    - actions: [withdraw]
      effect: EFFECT_ALLOW
      derivedRoles: [site_lead, author]
      condition:
        match:
          expr: request.resource.attr.site == variables.on_site
    - actions: [postpone]
      effect: EFFECT_ALLOW
      derivedRoles: [site_lead, author]
"#;

const EXPENSE_V2: &str = r#"
apiVersion: api.cerbos.dev/v1
variables:
  waiting: ("WAITING")
  on_site: |-
    (P.attr.address.inIPAddrRange("10.8.0.0/16") ? "BER" : "")
resourcePolicy:
  resource: expense_{n}
  version: v2
  importDerivedRoles: [common_{n}, lead_{n}]
  schemas:
    principalSchema: {ref: "cerbos:///person_{n}.json"}
    resourceSchema: {ref: "cerbos:///expense_{n}.json"}
  rules:
    - name: everything
      actions: ["*"]
      effect: EFFECT_ALLOW
      roles: [root]
    - actions: [submit]
      effect: EFFECT_ALLOW
      derivedRoles: [author]
    - actions: ["read:*"]
      effect: EFFECT_ALLOW
      derivedRoles: [author, site_lead]
    - name: shown-to-all
      actions: ["read:summary"]
      effect: EFFECT_ALLOW
      derivedRoles: [anybody]
    - actions: [accept]
      effect: EFFECT_ALLOW
      derivedRoles: [site_lead]
      condition:
        match:
          expr: request.resource.attr.state == V.waiting
    - actions: [withdraw]
      effect: EFFECT_ALLOW
      derivedRoles: [site_lead]
      condition:
        match:
          expr: request.resource.attr.site == variables.on_site
    - actions: [postpone]
      effect: EFFECT_ALLOW
      roles: [staff]
      condition:
        match:
          all:
            of:
              - expr: '"expenses" in request.aux_data.jwt.aud'
              - expr: '"sales" in request.aux_data.jwt.teams'
"#;

const FILE: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: file_{n}
  version: default
  importDerivedRoles: [common_{n}, lead_{n}]
  schemas:
    principalSchema: {ref: "cerbos:///person_{n}.json"}
    resourceSchema: {ref: "cerbos:///file_{n}.json"}
  rules:
    - name: everything
      actions: ["*"]
      effect: EFFECT_ALLOW
      roles: [root]
"#;

const PERSON_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "division": {"type": "string", "enum": ["sales", "research", "logistics"]},
    "site": {"type": "string"},
    "group": {"type": "string"},
    "leads": {"type": "string"},
    "address": {"type": "string"},
    "skills": {"type": "array", "items": {"type": "string"}}
  },
  "required": ["division", "site", "group"]
}"#;

const RECORD_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "division": {"type": "string", "enum": ["sales", "research", "logistics"]},
    "site": {"type": "string"},
    "group": {"type": "string"},
    "number": {"type": "string"},
    "author": {"type": "string"},
    "state": {"type": "string"},
    "draft": {"type": "boolean"}
  },
  "required": ["division", "site", "group", "number"]
}"#;

/// One with five resources of a version, and one in scopes.
pub(super) const REQUESTS: [&str; 2] = [
    r#"{
  "requestId": "r1-{n}",
  "principal": {
    "id": "dora", "policyVersion": "v2", "roles": ["staff"],
    "attr": {"division": "sales", "site": "BER", "group": "north"}
  },
  "resources": [
    {"actions": ["read:summary", "accept"], "resource": {"kind": "expense_{n}", "policyVersion": "v2", "id": "E1",
      "attr": {"division": "sales", "site": "BER", "number": "E1", "author": "dora", "group": "north"}}},
    {"actions": ["read:summary", "accept"], "resource": {"kind": "expense_{n}", "policyVersion": "v2", "id": "E2",
      "attr": {"division": "research", "site": "BER", "number": "E2", "author": "emil", "group": "lab"}}},
    {"actions": ["read:summary", "accept"], "resource": {"kind": "expense_{n}", "policyVersion": "v2", "id": "E3",
      "attr": {"division": "logistics", "site": "BER", "number": "E3", "author": "fritz", "group": "depot"}}},
    {"actions": ["read:summary", "accept"], "resource": {"kind": "expense_{n}", "policyVersion": "v2", "id": "E4",
      "attr": {"division": "logistics", "site": "BER", "number": "E4", "author": "greta", "group": "depot"}}},
    {"actions": ["read:summary", "accept"], "resource": {"kind": "expense_{n}", "policyVersion": "v2", "id": "E5",
      "attr": {"division": "research", "site": "OSL", "number": "E5", "author": "hanna", "group": "field"}}}
  ]
}"#,
    r#"{
  "requestId": "r2-{n}",
  "principal": {
    "id": "dora", "scope": "corp.sales", "roles": ["staff"],
    "attr": {"division": "sales", "site": "BER", "group": "north", "address": "10.8.5.5"}
  },
  "resources": [
    {"actions": ["read:summary", "withdraw", "submit"], "resource": {"kind": "expense_{n}", "scope": "corp.sales.de", "id": "E1",
      "attr": {"division": "sales", "site": "BER", "number": "E1", "author": "dora", "group": "north"}}},
    {"actions": ["read:summary", "withdraw", "submit"], "resource": {"kind": "expense_{n}", "scope": "corp.sales", "id": "E6",
      "attr": {"division": "sales", "site": "BER", "number": "E6", "author": "dora", "group": "north"}}},
    {"actions": ["read:summary", "accept"], "resource": {"kind": "expense_{n}", "scope": "corp.sales.de", "id": "E2",
      "attr": {"division": "research", "site": "BER", "number": "E2", "author": "emil", "group": "lab"}}},
    {"actions": ["read:summary", "withdraw", "change"], "resource": {"kind": "payroll_{n}", "policyVersion": "v2", "id": "E7",
      "attr": {"division": "research", "site": "BER", "number": "E7", "author": "ida", "group": "lab"}}}
  ]
}"#,
];

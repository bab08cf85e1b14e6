//! The names that policies and requests are made of.

/// Kinds as policies write them. Each has its own name after sanitizing, but for one that clashes.
pub(super) const KINDS: &[&str] =
    &["doc", "album:object", "a/b-c", "x y", "arn:1:x", "leave_request", "Doc", "photo.raw"];

/// Kinds that requests name beside those that exist.
pub(super) const OTHER_KINDS: &[&str] = &["album_object", "nope", "album:none", "a_b_c", "do"];

pub(super) const PRINCIPALS: &[&str] = &["alice", "bob@x.com", "ann:lee", "1:joe"];

pub(super) const ROLES: &[&str] =
    &["user", "admin", "staff:eu", "staff:us", "jr", "editor", "adm:in", "a b"];

/// What may stand in the place of roles.
pub(super) const ROLE_PATTERNS: &[&str] = &[
    "*",
    "adm*",
    "staff:*",
    "u?er",
    "{user,admin}",
    "**",
    "*r",
    "s*:e?",
    "[a-",
    "*min",
    "{us,adm}*",
];

pub(super) const ACTIONS: &[&str] =
    &["view", "edit", "view:public", "view:a:b", "delete", "view:", "vie?"];

pub(super) const ACTION_PATTERNS: &[&str] = &[
    "*",
    "view:*",
    "v*",
    "view:**",
    "**",
    "*:public",
    "vie?",
    "{view,edit}*",
    "[ve]*",
    "v{iew,}:*",
    "e*t",
    "[a*",
    "*e*",
    "view:{public,a}*",
    "view*",
    "?iew",
    "{view,edit}",
    "[!v]*",
    "view\\*",
    "*view*",
];

pub(super) const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "d*",
    "album:*",
    "album_*",
    "*_object",
    "leave?request",
    "{doc,Doc}",
    "a*",
    "**",
    "*:object",
    "[dD]oc*",
    "x *",
    "arn:*:x",
    "arn:1:*",
    "photo.*",
];

pub(super) const SCOPES: &[&str] =
    &["", "acme", "acme.hr", "acme.hr.uk", "acme.sales", "other", "1x.y-z"];

/// What requests name as scope.
pub(super) const ASKED_SCOPES: &[&str] = &[
    "",
    "",
    "acme",
    "acme.hr",
    "acme.hr.uk",
    "acme.hr.uk",
    "acme.sales",
    "acme.sales.eu",
    "other",
    ".",
    "nope",
    "acme.nope",
    "1x.y-z",
    "1x",
];

pub(super) const VERSIONS: &[&str] = &["default", "v2", "20210210"];

pub(super) const ASKED_VERSIONS: &[&str] = &["", "", "", "", "default", "v2", "20210210", "zz"];

pub(super) const RULE_NAMES: &[&str] = &["first", "a-b.c@d", "last", "rule-001", "rule-002", "x"];

pub(super) const VARIABLES: &[&str] = &["v1", "v2", "v3", "_w"];
pub(super) const CONSTANTS: &[&str] = &["c1", "c2", "c3"];

/// Derived roles by the set that defines them. The last of each may clash.
pub(super) const DERIVED_ROLES: &[(&str, &[&str])] =
    &[("common", &["owner", "manager", "any-one"]), ("more.roles", &["peer", "view.er", "owner"])];

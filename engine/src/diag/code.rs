//! The stable names of the classes of mistakes.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The class of a mistake. Its text never changes, so that tools may rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable text, such as `undefined-variable`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

codes! {
    /// A file or folder could not be read.
    Io = "io",
    /// The text is not YAML (or JSON).
    YamlSyntax = "yaml-syntax",
    /// More nodes, aliases or levels than a policy may have.
    Limit = "limit",
    /// The same key twice in one mapping.
    DuplicateKey = "duplicate-key",
    /// More than one policy in a file.
    MultipleDocuments = "multiple-documents",
    /// A field that no policy has.
    UnknownField = "unknown-field",
    /// A field that a policy must have.
    MissingField = "missing-field",
    /// A value that the field cannot hold: a list for text, a name that an enumeration does not have.
    WrongType = "wrong-type",
    /// A value of a form that the field does not take.
    InvalidValue = "invalid-value",
    /// Two fields of which only one may be there.
    ConflictingFields = "conflicting-fields",
    /// A `_schemas` folder below the root.
    MisplacedSchemas = "misplaced-schemas",
    /// Two rules, entries or derived roles of one file with the same name.
    DuplicateName = "duplicate-name",
    /// Two files define the same policy.
    DuplicateDefinition = "duplicate-definition",
    /// A disabled policy that another one needs.
    DisabledDefinition = "disabled-definition",
    /// An import that no file defines.
    ImportNotFound = "import-not-found",
    /// A scoped policy lacks one of its ancestors.
    MissingAncestor = "missing-ancestor",
    /// Policies of one scope disagree on scope permissions.
    ScopePermissionsConflict = "scope-permissions-conflict",
    /// A rule names a derived role that no import defines.
    UnknownDerivedRole = "unknown-derived-role",
    /// Two imports define the same derived role.
    AmbiguousDerivedRole = "ambiguous-derived-role",
    /// A rule that applies to nobody.
    InvalidRule = "invalid-rule",
    /// An expression does not parse or does not type-check.
    InvalidExpression = "invalid-expression",
    /// `V.x` without a definition.
    UndefinedVariable = "undefined-variable",
    /// `C.x` without a definition.
    UndefinedConstant = "undefined-constant",
    /// A variable defined twice.
    VariableRedefined = "variable-redefined",
    /// A constant defined twice.
    ConstantRedefined = "constant-redefined",
    /// Variables that need each other.
    CyclicalVariables = "cyclical-variables",
    /// A name of a variable or constant that is no identifier.
    InvalidName = "invalid-name",
    /// An `output` with nothing in it.
    EmptyOutput = "empty-output",
    /// `script` conditions, which Cerbos removed.
    ScriptUnsupported = "script-unsupported",
    /// A JSON Schema that a policy refers to is missing or is none.
    InvalidSchema = "invalid-schema",
    /// A pattern or scope that no request can match.
    NeverMatches = "never-matches",
    /// A pattern that does not compile and therefore only matches itself.
    BrokenPattern = "broken-pattern",
    /// What looks like a pattern and counts as a name.
    LiteralPattern = "literal-pattern",
    /// A pattern that matches more in Cerbos than here.
    OverlappingPattern = "overlapping-pattern",
    /// Entries of a role policy that must all hold.
    OverlappingEntries = "overlapping-entries",
    /// Parent roles that requests in narrower scopes do not see.
    ParentRolesNotInherited = "parent-roles-not-inherited",
    /// A role policy that leaves its version open where others have versions.
    DefaultVersionOnly = "default-version-only",
    /// Rules of the root scope that ask for the consent of a parent that is not there.
    RootNeedsConsent = "root-needs-consent",
}

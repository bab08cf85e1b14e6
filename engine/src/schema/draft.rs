//! The drafts of JSON Schema, as far as they differ in where subschemas stand and how these are named.

use std::collections::HashSet;

use serde_json::Value as Json;
use url::Url;

use super::documents::Documents;
use super::subschemas::Refused;

/// Older ones are less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    V4,
    V6,
    V7,
    V2019,
    V2020,
}

/// What stands under a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Schema,
    List,
    SchemaOrList,
    /// Schemas by names that the author gives.
    Map,
}

impl Draft {
    /// The draft of a file, and whether it names one of the standard meta-schemas. Others are in `_schemas`, and are of
    /// the draft that they name themselves.
    pub(super) fn of(document: &Json, documents: &mut Documents) -> Result<(Self, bool), Refused> {
        let mut names = document.get("$schema").and_then(Json::as_str).map(str::to_owned);
        let mut seen = HashSet::new();
        while let Some(name) = names {
            if let Some(draft) = Self::standard(&name) {
                return Ok((draft, seen.is_empty()));
            }
            let mut url = Url::parse(&name)
                .map_err(|error| Refused::Other(format!("`$schema` is `{name}`: {error}")))?;
            url.set_fragment(None);
            if !seen.insert(url.clone()) {
                return Err(Refused::Other(format!("`$schema` of {url} leads to itself")));
            }
            let meta = documents.get(&url).map_err(|why| Refused::Unreadable(url, why))?;
            names = meta.get("$schema").and_then(Json::as_str).map(str::to_owned);
        }
        Ok((Self::V2020, seen.is_empty()))
    }

    fn standard(url: &str) -> Option<Self> {
        let url = url.strip_suffix('#').unwrap_or(url);
        let url = url.strip_prefix("http://").unwrap_or(url);
        match url.strip_prefix("https://").unwrap_or(url) {
            "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => Some(Self::V2020),
            "json-schema.org/draft/2019-09/schema" => Some(Self::V2019),
            "json-schema.org/draft-07/schema" => Some(Self::V7),
            "json-schema.org/draft-06/schema" => Some(Self::V6),
            "json-schema.org/draft-04/schema" => Some(Self::V4),
            _ => None,
        }
    }

    /// The keyword that gives a schema a name of its own.
    pub(super) fn id(self) -> &'static str {
        if self == Self::V4 { "id" } else { "$id" }
    }

    /// Whether what stands beside `$ref` has no meaning.
    pub(super) fn reference_stands_alone(self) -> bool {
        self < Self::V2019
    }

    /// What stands under a keyword, if that are subschemas.
    pub(super) fn holds(self, keyword: &str) -> Option<Holds> {
        let (since, holds) = match keyword {
            "not" | "additionalProperties" | "additionalItems" => (Self::V4, Holds::Schema),
            "allOf" | "anyOf" | "oneOf" => (Self::V4, Holds::List),
            "items" => (Self::V4, Holds::SchemaOrList),
            "definitions" | "properties" | "patternProperties" | "dependencies" => {
                (Self::V4, Holds::Map)
            }
            "propertyNames" | "contains" => (Self::V6, Holds::Schema),
            "if" | "then" | "else" => (Self::V7, Holds::Schema),
            "unevaluatedProperties" | "unevaluatedItems" | "contentSchema" => {
                (Self::V2019, Holds::Schema)
            }
            "$defs" | "dependentSchemas" => (Self::V2019, Holds::Map),
            "prefixItems" => (Self::V2020, Holds::List),
            _ => return None,
        };
        (self >= since).then_some(holds)
    }
}

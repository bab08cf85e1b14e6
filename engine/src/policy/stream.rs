//! Files with any number of policies, each read by itself. Cerbos' parser takes them, its stores do not (rule Y3).

use std::sync::Arc;

use super::source::{File, Source};
use super::{decode, write, yaml};
use crate::diag::Diagnostics;
use crate::value::Value;

/// A policy of a stream.
#[derive(Debug)]
#[non_exhaustive]
pub struct Document {
    /// The policy as Cerbos' message in JSON, as far as it could be read.
    pub policy: Option<Value>,
    /// What is wrong with its fields.
    pub diagnostics: Diagnostics,
}

/// Reads all policies of a text, and looks at nothing beyond each of them.
///
/// # Errors
///
/// The text as a whole cannot be read.
pub fn read_stream(source: Source) -> Result<Vec<Document>, Diagnostics> {
    let file = Arc::new(File::new(source));
    let documents = yaml::parse(&file).map_err(Diagnostics::new)?;
    Ok(documents
        .iter()
        .map(|root| {
            let decode::Decoded { policy, problems } = decode::policy(&file, root);
            let policy = policy.as_ref().map(write::value);
            Document { policy, diagnostics: Diagnostics::new(problems) }
        })
        .collect())
}

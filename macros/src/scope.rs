//! Scopes, as RFC 6749 section 3.3 writes them.

use syn::{Error, LitStr, Result};

/// Scopes separated by single spaces.
pub(crate) fn check(text: &LitStr) -> Result<()> {
    let value = text.value();
    let wrong = value.chars().find(|&c| !matches!(c, ' '..='~') || matches!(c, '"' | '\\'));
    if let Some(wrong) = wrong {
        let problem = format!(
            "{wrong:?} cannot be in a scope: all of printable ASCII can, except for the quote and the backslash"
        );
        return Err(Error::new(text.span(), problem));
    }
    if value.split(' ').any(str::is_empty) {
        let problem = "write one space between two scopes, and none before or after";
        return Err(Error::new(text.span(), problem));
    }
    Ok(())
}

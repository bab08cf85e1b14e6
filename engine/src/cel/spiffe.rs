//! SPIFFE identities as values, read as go-spiffe reads them (docs/semantics.md, rule F24).
//!
//! Nothing is normalized: what is not written as the standard wants it is no identity.

use std::cmp::Ordering;

/// What the SPIFFE functions give.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Spiffe<'a> {
    /// An identity.
    Id(Id<'a>),
    /// A trust domain's name.
    TrustDomain(&'a str),
    /// What identities are held against.
    Matcher(Matcher<'a>),
}

/// An identity: `spiffe://domain/path`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Id<'a> {
    /// All of it.
    pub text: &'a str,
    /// The trust domain's name.
    pub domain: &'a str,
    /// Empty, or from its slash on.
    pub path: &'a str,
}

/// Which identities match.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Matcher<'a> {
    /// All.
    Any,
    /// Those of a list.
    OneOf(&'a [&'a str]),
    /// Those of a trust domain.
    TrustDomain(&'a str),
}

const BAD_DOMAIN: &str = "trust domain characters are limited to lowercase letters, numbers, dots, \
                          dashes, and underscores";
const BAD_SEGMENT: &str =
    "path segment characters are limited to letters, numbers, dots, dashes, and underscores";

impl<'a> Id<'a> {
    /// Reads an identity.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("cannot be empty");
        }
        let rest = text.strip_prefix("spiffe://").ok_or("scheme is missing or invalid")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (domain, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !domain.bytes().all(fits_domain) {
            return Err(BAD_DOMAIN);
        }
        if domain.is_empty() {
            return Err("trust domain is missing");
        }
        check_path(path)?;
        Ok(Self { text, domain, path })
    }
}

/// The name of a trust domain, written by itself or as part of an identity.
///
/// # Errors
///
/// What is wrong with the text.
pub(super) fn trust_domain(text: &str) -> Result<&str, &'static str> {
    if text.is_empty() {
        return Err("trust domain is missing");
    }
    if text.contains(":/") {
        return Id::parse(text).map(|id| id.domain);
    }
    if text.bytes().all(fits_domain) { Ok(text) } else { Err(BAD_DOMAIN) }
}

fn fits_domain(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_')
}

fn check_path(path: &str) -> Result<(), &'static str> {
    let Some(path) = path.strip_prefix('/') else { return Ok(()) };
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        if !segment.bytes().all(|b| fits_domain(b) || b.is_ascii_uppercase()) {
            return Err(BAD_SEGMENT);
        }
        match segment {
            "" if segments.peek().is_none() => return Err("path cannot have a trailing slash"),
            "" => return Err("path cannot contain empty segments"),
            "." | ".." => return Err("path cannot contain dot segments"),
            _ => {}
        }
    }
    Ok(())
}

impl Matcher<'_> {
    pub(super) fn matches(&self, id: &Id<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(ids) => ids.contains(&id.text),
            Self::TrustDomain(name) => *name == id.domain,
        }
    }
}

impl Spiffe<'_> {
    /// A matcher is equal to nothing, itself included.
    pub(super) fn equals(&self, other: &Spiffe<'_>) -> bool {
        match (self, other) {
            (Spiffe::Id(a), Spiffe::Id(b)) => a.text == b.text,
            (Spiffe::TrustDomain(a), Spiffe::TrustDomain(b)) => a == b,
            _ => false,
        }
    }

    /// With a string on the right, that is read first.
    pub(super) fn equals_text(&self, text: &str) -> bool {
        match self {
            Spiffe::Id(id) => id.text == text,
            Spiffe::TrustDomain(name) => trust_domain(text) == Ok(name),
            Spiffe::Matcher(_) => false,
        }
    }

    /// Trust domains have an order, which is the reverse of their names' order.
    pub(super) fn compare(&self, other: &Spiffe<'_>) -> Option<Ordering> {
        match (self, other) {
            (Spiffe::TrustDomain(a), Spiffe::TrustDomain(b)) => Some(b.cmp(a)),
            _ => None,
        }
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Spiffe::Id(..) => "cerbos.lib.spiffeID",
            Spiffe::TrustDomain(_) => "cerbos.lib.spiffeTrustDomain",
            Spiffe::Matcher(_) => "cerbos.lib.spiffeMatcher",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_to_the_letter() {
        for (text, flaw) in [
            ("", "cannot be empty"),
            ("SPIFFE://a/b", "scheme is missing or invalid"),
            (" spiffe://a/b", "scheme is missing or invalid"),
            ("spiffe:/a", "scheme is missing or invalid"),
            ("spiffe://", "trust domain is missing"),
            ("spiffe:///a", "trust domain is missing"),
            ("spiffe://A/b", BAD_DOMAIN),
            ("spiffe://a:80/b", BAD_DOMAIN),
            ("spiffe://u@a/b", BAD_DOMAIN),
            ("spiffe://a?b", BAD_DOMAIN),
            ("spiffe://é/b", BAD_DOMAIN),
            ("spiffe://a/", "path cannot have a trailing slash"),
            ("spiffe://a/b/", "path cannot have a trailing slash"),
            ("spiffe://a//b", "path cannot contain empty segments"),
            ("spiffe://a/b//", "path cannot contain empty segments"),
            ("spiffe://a/./b", "path cannot contain dot segments"),
            ("spiffe://a/b/..", "path cannot contain dot segments"),
            ("spiffe://a/b c", BAD_SEGMENT),
            ("spiffe://a/b%20c", BAD_SEGMENT),
            ("spiffe://a/é", BAD_SEGMENT),
            ("spiffe://a/b?c", BAD_SEGMENT),
        ] {
            assert_eq!(Id::parse(text).map(|id| id.text), Err(flaw), "{text}");
        }
        let id = Id::parse("spiffe://a-b_c.d0/B-._9/...").unwrap();
        assert_eq!((id.domain, id.path), ("a-b_c.d0", "/B-._9/..."));
        assert_eq!(Id::parse("spiffe://..").unwrap().path, "");
    }

    #[test]
    fn a_trust_domain_is_a_name_or_part_of_an_identity() {
        assert_eq!(trust_domain("a-._9"), Ok("a-._9"));
        assert_eq!(trust_domain("spiffe://a/b"), Ok("a"));
        assert_eq!(trust_domain("spiffe://a/b/"), Err("path cannot have a trailing slash"));
        assert_eq!(trust_domain("spiffe:/a"), Err("scheme is missing or invalid"));
        assert_eq!(trust_domain(""), Err("trust domain is missing"));
        for bad in ["A", "a/b", "a:80"] {
            assert_eq!(trust_domain(bad), Err(BAD_DOMAIN), "{bad}");
        }
    }
}

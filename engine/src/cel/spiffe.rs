//! SPIFFE identities as values (the SPIFFE ID standard, sections 2 and 3).

/// What the SPIFFE functions give.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Spiffe<'a> {
    /// An identity: `spiffe://domain/path`, and the length of the domain.
    Id(&'a str, usize),
    /// A trust domain's name.
    TrustDomain(&'a str),
}

impl Spiffe<'_> {
    pub(super) fn equals(&self, other: &Spiffe<'_>) -> bool {
        match (self, other) {
            (Spiffe::Id(a, _), Spiffe::Id(b, _)) => a == b,
            (Spiffe::TrustDomain(a), Spiffe::TrustDomain(b)) => a == b,
            _ => false,
        }
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Spiffe::Id(..) => "cerbos.lib.spiffe_id",
            Spiffe::TrustDomain(_) => "cerbos.lib.spiffe_trust_domain",
        }
    }
}

//! Switches that weaken what is checked. Nothing in here is needed with a current Authentik.
//!
//! Each is a value that has to be named where it is used, so that whoever reviews a service finds all of them
//! by looking for `danger`.

/// Takes logout tokens of Authentik before 2026.2 too: those of type `JWT` instead of `logout+jwt` (before
/// 2025.12.2), and those without `exp` (before 2025.8.2).
///
/// What it opens: without the type, only the claim `events` tells a logout token from other tokens that the
/// issuer signs with the same key for the same audience. Whoever can add claims to tokens (in Authentik,
/// whoever writes scope mappings) can end other people's sessions. Without `exp`, a logout token is taken for
/// ten minutes after `iat`.
///
/// ```
/// use axum_authz::{danger::LegacyLogoutTokens, token::{Authentik, RevocationList}};
///
/// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
///     .audience("photos")
///     .revocations(RevocationList::default())
///     .build()?;
/// let logouts = authentik.logouts()?.accept_legacy(LegacyLogoutTokens);
/// # Ok::<(), axum_authz::token::ConfigError>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "it is named where it is used, and made there")]
pub struct LegacyLogoutTokens;

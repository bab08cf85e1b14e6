//! Exit codes, which are those of `cerbos compile`.

/// Something else went wrong.
pub(crate) const FAILED: u8 = 1;
/// Policies do not load.
pub(crate) const INVALID: u8 = 3;

//! Exit codes, which are those of `cerbos compile`.

/// Something else went wrong.
pub(crate) const FAILED: u8 = 1;
/// The arguments make no sense.
pub(crate) const BAD_ARGUMENTS: u8 = 2;
/// Policies do not load.
pub(crate) const INVALID: u8 = 3;
/// Tests failed, or cover too little.
pub(crate) const TESTS_FAILED: u8 = 4;

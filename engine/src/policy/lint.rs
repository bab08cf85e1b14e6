//! What loads but is probably not meant.

use super::load::Read;
use super::problems::Problems;

/// Looks for traps.
pub(super) fn lint(_read: &Read, _problems: &mut Problems) {}

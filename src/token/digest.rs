//! By what documents, and tokens that must not be taken twice, are recognized. For what a token is remembered by, see
//! `fingerprint.rs`.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 of some text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(text: impl AsRef<[u8]>) -> Self {
        let mut bytes = [0; 32];
        for (byte, value) in bytes.iter_mut().zip(digest(&SHA256, text.as_ref()).as_ref()) {
            *byte = *value;
        }
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_texts_have_different_digests() {
        assert!(Digest::of("a") == Digest::of("a"));
        assert!(Digest::of("a") != Digest::of("b"));
        // FIPS 180-4's example.
        assert_eq!(Digest::of("abc").0.get(..4), Some(&[0xba, 0x78, 0x16, 0xbf][..]));
    }
}

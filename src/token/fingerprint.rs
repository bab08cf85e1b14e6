//! By what a token is remembered, so that its text need not be.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use zeroize::Zeroizing;

/// Makes fingerprints of tokens. Those of two instances have nothing in common.
///
/// A fingerprint is a GMAC (NIST SP 800-38D): the tag of AES-GCM over the text as associated data, and no plaintext. The key
/// is random, made with the instance, and neither it nor a fingerprint ever leaves the process.
///
/// What that rests on:
///
/// - *No two texts are taken for the same.* The tag is a polynomial over the text, its length included, at a point that the
///   key makes (GHASH), and then masked. For two texts of up to 16 KiB, chosen in whatever way by somebody who does not
///   know the key, the tags are equal with a probability of at most 2^-117. Nobody is shown a tag, so all that can be done is
///   to send texts and see whether one is accepted: a billion of them each second for a century, against 4096 remembered
///   tokens, succeed with 2^-43.
/// - *The text cannot be had back.* 16 bytes are left of it, whereas the signature alone has 64 or more (32 with HS256), even for
///   somebody who reads the whole memory of the process.
/// - *One nonce for all.* GCM needs another for each message because otherwise the difference of two ciphertexts or of two tags tells
///   something to those who see them. There is no ciphertext, and nobody sees tags.
///
/// Unlike SHA-256, it does not stand up to somebody who reads the key out of the process: they could make a text with the fingerprint of
/// a remembered token. They could as well read tokens, and secrets to sign them with, from where requests are received. In
/// exchange, it takes a fraction of the time, which is most of what a repeated token costs.
pub(super) struct Fingerprints(Option<LessSafeKey>);

/// What is remembered of a token's text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(u128);

impl Fingerprints {
    /// With a new key. Without randomness there is none, and nothing is remembered.
    pub(super) fn new() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        let key = rand::fill(&mut *bytes).and_then(|()| UnboundKey::new(&AES_256_GCM, &*bytes));
        Self(key.ok().map(LessSafeKey::new))
    }

    /// The fingerprint of `text`; `None` if it cannot be made: then nothing may be remembered of it.
    pub(super) fn of(&self, text: &[u8]) -> Option<Fingerprint> {
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let key = self.0.as_ref()?;
        let tag = key.seal_in_place_separate_tag(nonce, Aad::from(text), &mut []).ok()?;
        tag.as_ref().try_into().ok().map(u128::from_ne_bytes).map(Fingerprint)
    }
}

/// Nobody who does not know the key can tell anything of its bits beforehand: they need no hashing.
impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0 as u64);
    }
}

/// Takes fingerprints as they are.
pub(super) type AsIs = BuildHasherDefault<Bits>;

/// The bits of a fingerprint.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Bits(u64);

impl Hasher for Bits {
    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }

    /// Not called for fingerprints.
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |bits, &byte| bits.rotate_left(8) ^ u64::from(byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn of(fingerprints: &Fingerprints, text: &[u8]) -> u128 {
        fingerprints.of(text).expect("a fingerprint").0
    }

    /// A text as long as a token, no two bytes of which in a row are the same.
    fn text(length: usize) -> Vec<u8> {
        (0..length).map(|at| b'A' + u8::try_from(at % 26).unwrap()).collect()
    }

    #[test]
    fn the_same_text_has_the_same_fingerprint() {
        let fingerprints = Fingerprints::new();
        assert_eq!(of(&fingerprints, &text(1100)), of(&fingerprints, &text(1100)));
        assert_eq!(of(&fingerprints, b""), of(&fingerprints, b""));
    }

    #[test]
    fn every_bit_counts_wherever_it_stands() {
        let fingerprints = Fingerprints::new();
        for length in [1, 15, 16, 17, 64, 255, 256, 1100] {
            let mut text = text(length);
            let mut seen = HashSet::from([of(&fingerprints, &text)]);
            for at in 0..length {
                for bit in 0..8 {
                    text[at] ^= 1 << bit;
                    assert!(seen.insert(of(&fingerprints, &text)), "bit {bit} of {at} of {length}");
                    text[at] ^= 1 << bit;
                }
            }
        }
    }

    #[test]
    fn the_order_counts() {
        let fingerprints = Fingerprints::new();
        let (mut text, mut seen) = (text(256), HashSet::new());
        for _ in 0..16 {
            // Whole blocks change places.
            text.rotate_left(16);
            assert!(seen.insert(of(&fingerprints, &text)));
        }
    }

    /// Zeros too, with which the last block is filled up.
    #[test]
    fn a_beginning_and_a_continuation_are_other_texts() {
        let fingerprints = Fingerprints::new();
        for filling in [0, b'A', 0xff] {
            let text = [filling; 600];
            let seen: HashSet<_> =
                (0..=text.len()).map(|end| of(&fingerprints, &text[..end])).collect();
            assert_eq!(seen.len(), text.len() + 1, "{filling}");
        }
    }

    #[test]
    fn instances_have_nothing_in_common() {
        let texts = [&b""[..], b"a", &text(1100)];
        let seen: HashSet<_> = (0..64)
            .map(|_| Fingerprints::new())
            .flat_map(|fingerprints| texts.map(|text| of(&fingerprints, text)))
            .collect();
        assert_eq!(seen.len(), 64 * texts.len());
        // Nor does the difference of two texts' show in another instance.
        let [one, other] = [(); 2].map(|()| {
            let fingerprints = Fingerprints::new();
            of(&fingerprints, b"a") ^ of(&fingerprints, b"b")
        });
        assert_ne!(one, other);
    }

    #[test]
    fn without_a_key_there_is_none() {
        assert!(Fingerprints(None).of(b"a").is_none());
    }

    /// Against the same computation in another way: the tag that decryption accepts is this one and no other.
    #[test]
    fn it_is_the_tag_of_gcm() {
        let key = || UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap();
        let fingerprint = of(&Fingerprints(Some(LessSafeKey::new(key()))), &text(1100));
        let open = |tag: u128| {
            let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
            let mut tag = tag.to_ne_bytes();
            LessSafeKey::new(key()).open_in_place(nonce, Aad::from(text(1100)), &mut tag).is_ok()
        };
        assert!(open(fingerprint));
        assert!((0..128).all(|bit| !open(fingerprint ^ (1 << bit))));
    }

    #[test]
    fn the_hash_is_a_part_of_it() {
        use std::hash::BuildHasher;
        let fingerprints = Fingerprints::new();
        let hashes: HashSet<_> = (0..1000_u32)
            .filter_map(|number| fingerprints.of(&number.to_ne_bytes()))
            .map(|fingerprint| AsIs::default().hash_one(fingerprint))
            .collect();
        assert_eq!(hashes.len(), 1000);
    }
}

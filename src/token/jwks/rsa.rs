//! RSA keys that deserve trust.

use crate::token::jwt::VerificationKey;

/// RFC 7518 section 3.3 asks for 2048 bits or more; the cryptographic library stops at 8192.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The key with this modulus and public exponent, both big-endian.
pub(super) fn key(modulus: &[u8], exponent: &[u8]) -> Result<VerificationKey, &'static str> {
    let (modulus, exponent) = (minimal(modulus), minimal(exponent));
    let bits = modulus.first().map_or(0, |top| modulus.len() * 8 - top.leading_zeros() as usize);
    if !BITS.contains(&bits) {
        return Err("an RSA key of less than 2048 or more than 8192 bits");
    }
    // With 1, everyone can sign; an even one is no exponent at all.
    if matches!(exponent, [] | [1]) || exponent.last().is_some_and(|last| last.is_multiple_of(2)) {
        return Err("an RSA key with an impossible public exponent");
    }
    if is_factorable(modulus) {
        return Err("an RSA key that can be factored (CVE-2017-15361)");
    }
    VerificationKey::rsa(modulus, exponent)
}

/// Without leading zeros: some libraries write one (RFC 7518 section 6.3.1.1).
fn minimal(mut number: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = number {
        number = rest;
    }
    number
}

/// Whether the modulus has the mark of keys that a faulty chip made (CVE-2017-15361): modulo every small prime it is
/// a power of 65537. A sound key is that by chance once in 2^150 times.
fn is_factorable(modulus: &[u8]) -> bool {
    (3..=167).filter(|&number| is_prime(number)).all(|prime| {
        let residue =
            modulus.iter().fold(0, |residue, &byte| (residue * 256 + u32::from(byte)) % prime);
        powers(65537 % prime, prime).any(|power| power == residue)
    })
}

fn is_prime(number: u32) -> bool {
    (2..number)
        .take_while(|divisor| divisor * divisor <= number)
        .all(|divisor| !number.is_multiple_of(divisor))
}

/// All powers of `base` modulo `prime`.
fn powers(base: u32, prime: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(1), move |power| {
        let next = power * base % prime;
        (next != 1).then_some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(modulus: &[u8], exponent: &[u8]) -> Option<&'static str> {
        key(modulus, exponent).err()
    }

    /// 65537 to the power of `exponent`, big-endian.
    fn power(exponent: usize) -> Vec<u8> {
        // Times 65537 is shifted by two bytes, and added.
        let mut number = vec![1_u8];
        for _ in 0..exponent {
            let shifted = [&number[..], &[0, 0]].concat();
            let mut carry = 0;
            let padded = [&[0, 0], &number[..]].concat();
            let mut sum: Vec<u8> = shifted
                .iter()
                .zip(&padded)
                .rev()
                .map(|(a, b)| {
                    let digit = u16::from(*a) + u16::from(*b) + carry;
                    carry = digit >> 8;
                    digit.to_le_bytes()[0]
                })
                .collect();
            sum.push(carry.to_le_bytes()[0]);
            number = minimal(&sum.into_iter().rev().collect::<Vec<u8>>()).to_vec();
        }
        number
    }

    #[test]
    fn exponents_that_protect_nothing_are_refused() {
        let modulus = [0xff; 256];
        for exponent in [&[3][..], &[1, 0, 1], &[0, 1, 0, 1]] {
            assert_eq!(refusal(&modulus, exponent), None, "{exponent:?}");
        }
        for exponent in [&[][..], &[0], &[1], &[0, 1], &[2], &[1, 0, 0]] {
            assert!(refusal(&modulus, exponent).unwrap().contains("exponent"), "{exponent:?}");
        }
    }

    #[test]
    fn keys_of_a_faulty_chip_are_refused() {
        assert_eq!(power(2), [1, 0, 2, 0, 1]);
        for exponent in [128, 192, 255] {
            let modulus = power(exponent);
            assert!(refusal(&modulus, &[1, 0, 1]).unwrap().contains("CVE-2017-15361"));
            let mut other = modulus;
            *other.last_mut().unwrap() ^= 2;
            assert_eq!(refusal(&other, &[1, 0, 1]), None);
        }
    }

    #[test]
    fn the_length_counts_without_leading_zeros() {
        let padded = [&[0; 128][..], &[0xff; 128]].concat();
        assert!(refusal(&padded, &[1, 0, 1]).unwrap().contains("2048"));
        assert!(refusal(&[0xff; 1025], &[1, 0, 1]).unwrap().contains("8192"));
        assert!(refusal(&[], &[1, 0, 1]).is_some());
    }
}

use std::sync::LazyLock;

use aws_lc_rs::{
    cipher::{EncryptionContext, PaddedBlockEncryptingKey},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{
        KeySize, OAEP_SHA1_MGF1SHA1, OaepAlgorithm, OaepPublicEncryptingKey, PrivateDecryptingKey,
    },
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use super::*;
use crate::token::ConfigErrorKind;

pub(super) const LIMIT: usize = 16 * 1024;
const HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512","typ":"JWE","kid":"enc1"}"#;
const INNER: &str = "e30.e30.c2ln";

/// Key pairs of this process: the provider's, and another.
static KEYS: LazyLock<[PrivateDecryptingKey; 2]> =
    LazyLock::new(|| [(); 2].map(|()| PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap()));

pub(super) fn ours() -> DecryptionKey {
    DecryptionKey::from_pem(&pem("PRIVATE KEY", &pkcs8_of(&KEYS[0]))).unwrap()
}

fn pkcs8_of(key: &PrivateDecryptingKey) -> Vec<u8> {
    AsDer::<Pkcs8V1Der<'_>>::as_der(key).unwrap().as_ref().to_vec()
}

pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The sender's side, with every part open to change.
struct Sealing<'a> {
    header: &'a str,
    plain: &'a [u8],
    key: &'a PrivateDecryptingKey,
    algorithm: &'static OaepAlgorithm,
    content_key: Vec<u8>,
}

impl Default for Sealing<'_> {
    fn default() -> Self {
        Self {
            header: HEADER,
            plain: INNER.as_bytes(),
            key: &KEYS[0],
            algorithm: &OAEP_SHA256_MGF1SHA256,
            content_key: (0..64).collect(),
        }
    }
}

impl Sealing<'_> {
    fn segments(&self) -> [Vec<u8>; 4] {
        let public = OaepPublicEncryptingKey::new(self.key.public_key()).unwrap();
        let mut encrypted = vec![0; public.ciphertext_size()];
        public.encrypt(self.algorithm, &self.content_key, &mut encrypted, None).unwrap();

        let mut content_key = self.content_key.clone();
        content_key.resize(64, 0);
        let (mac_key, cipher_key) = content_key.split_at(32);
        let iv = [7; 16];
        let mut ciphertext = self.plain.to_vec();
        PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, cipher_key).unwrap())
            .unwrap()
            .less_safe_encrypt(&mut ciphertext, EncryptionContext::Iv128(FixedLength::from(&iv)))
            .unwrap();
        let tag = tag(mac_key, &URL_SAFE_NO_PAD.encode(self.header), &iv, &ciphertext);
        [encrypted, iv.to_vec(), ciphertext, tag]
    }

    fn token(&self) -> String {
        join(self.header, &self.segments())
    }
}

fn tag(mac_key: &[u8], header: &str, iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let bits = (header.len() as u64 * 8).to_be_bytes();
    let message = [header.as_bytes(), iv, ciphertext, &bits].concat();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, mac_key), &message);
    mac.as_ref()[..32].to_vec()
}

fn join(header: &str, segments: &[Vec<u8>]) -> String {
    let rest = segments.iter().map(|segment| format!(".{}", URL_SAFE_NO_PAD.encode(segment)));
    URL_SAFE_NO_PAD.encode(header) + &rest.collect::<String>()
}

fn with_header(header: &str) -> String {
    Sealing { header, ..Sealing::default() }.token()
}

#[test]
fn a_token_as_authentik_encrypts_it_is_decrypted() {
    let token = Sealing::default().token();
    assert!(is_encrypted(&token));
    assert_eq!(ours().decrypt(&token, LIMIT).as_deref(), Ok(INNER));
    assert_eq!(ours().named("enc1").decrypt(&token, LIMIT).as_deref(), Ok(INNER));
    assert_eq!(key_id(&token).as_deref(), Some("enc1"));
}

#[test]
fn only_the_two_algorithms_are_accepted() {
    for (alg, enc) in [
        ("RSA-OAEP", "A256CBC-HS512"),
        ("RSA1_5", "A256CBC-HS512"),
        ("dir", "A256CBC-HS512"),
        ("rsa-oaep-256", "A256CBC-HS512"),
        ("RSA-OAEP-256", "A256GCM"),
        ("RSA-OAEP-256", "A128CBC-HS256"),
        ("RSA-OAEP-256", "a256cbc-hs512"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#);
        assert_eq!(
            ours().decrypt(&with_header(&header), LIMIT),
            Err(Invalid::Decryption),
            "{header}"
        );
    }
    // The same names over RSA-OAEP with SHA-1.
    let sha1 = Sealing { algorithm: &OAEP_SHA1_MGF1SHA1, ..Sealing::default() };
    assert_eq!(ours().decrypt(&sha1.token(), LIMIT), Err(Invalid::Decryption));
}

#[test]
fn headers_that_cannot_be_honoured_are_refused() {
    let with = |members: &str| with_header(&HEADER.replace('}', &format!(",{members}}}")));
    for (members, expected) in [
        (r#""crit":["exp"]"#, Invalid::CriticalHeader),
        (r#""jku":"https://evil.example/""#, Invalid::KeyInHeader),
        (r#""jwk":{}"#, Invalid::KeyInHeader),
        (r#""x5u":"https://evil.example/""#, Invalid::KeyInHeader),
        (r#""x5c":[]"#, Invalid::KeyInHeader),
        (r#""zip":"DEF""#, Invalid::Decryption),
        (r#""zip":null"#, Invalid::Decryption),
        (r#""cty":"text/plain""#, Invalid::Decryption),
        (r#""cty":null"#, Invalid::Decryption),
        (r#""alg":"RSA-OAEP-256""#, Invalid::Malformed),
        (r#""\u0065nc":"A256CBC-HS512""#, Invalid::Malformed),
    ] {
        assert_eq!(ours().decrypt(&with(members), LIMIT), Err(expected), "{members}");
    }
    assert_eq!(ours().decrypt(&with(r#""cty":"JWT""#), LIMIT).as_deref(), Ok(INNER));
    for header in ["", "[]", "{", r#"{"alg":"RSA-OAEP-256"}"#, r#"{"enc":"A256CBC-HS512"}"#] {
        assert!(ours().decrypt(&with_header(header), LIMIT).is_err(), "{header}");
    }
    let ill_typed = HEADER.replace("\"enc1\"", "1");
    assert_eq!(ours().decrypt(&with_header(&ill_typed), LIMIT), Err(Invalid::Malformed));
    assert_eq!(key_id(&with_header(&ill_typed)), None);
}

#[test]
fn a_token_for_another_key_is_refused() {
    let token = Sealing { key: &KEYS[1], ..Sealing::default() }.token();
    assert_eq!(ours().decrypt(&token, LIMIT), Err(Invalid::Decryption));
    // By name, before anything is decrypted.
    let token = Sealing::default().token();
    assert_eq!(ours().named("enc2").decrypt(&token, LIMIT), Err(Invalid::Decryption));
    let unnamed = with_header(r#"{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512"}"#);
    assert_eq!(ours().named("enc2").decrypt(&unnamed, LIMIT).as_deref(), Ok(INNER));
    assert_eq!(key_id(&unnamed), None);
}

#[test]
fn every_change_on_the_way_has_the_same_answer() {
    let good = Sealing::default().segments();
    for (position, segment) in good.iter().enumerate() {
        let mut changes = vec![Vec::new(), [&segment[..], &[0]].concat(), segment[1..].to_vec()];
        for flipped in [0, segment.len() / 2, segment.len() - 1] {
            let mut change = segment.clone();
            change[flipped] ^= 1;
            changes.push(change);
        }
        for change in changes {
            let mut segments = good.clone();
            segments[position] = change;
            let refused = ours().decrypt(&join(HEADER, &segments), LIMIT);
            assert_eq!(refused, Err(Invalid::Decryption), "segment {position}");
        }
    }
    // The header is authenticated as it was sent.
    let respelled = HEADER.replace(',', ", ");
    assert_eq!(ours().decrypt(&join(&respelled, &good), LIMIT), Err(Invalid::Decryption));
    // Both halves of the tag are not asked for, nor is less than one.
    let mut segments = good.clone();
    segments[3].truncate(16);
    assert_eq!(ours().decrypt(&join(HEADER, &segments), LIMIT), Err(Invalid::Decryption));
}

#[test]
fn a_content_key_of_another_length_is_none() {
    for length in [0, 32, 63, 65] {
        let content_key = (0..length).collect();
        let token = Sealing { content_key, ..Sealing::default() }.token();
        assert_eq!(ours().decrypt(&token, LIMIT), Err(Invalid::Decryption), "{length}");
    }
    // The key is replaced at random: a tag made with a key of zeros does not fit either.
    let mut segments = Sealing::default().segments();
    segments[0] = vec![1; segments[0].len()];
    segments[3] = tag(&[0; 32], &URL_SAFE_NO_PAD.encode(HEADER), &segments[1], &segments[2]);
    assert_eq!(ours().decrypt(&join(HEADER, &segments), LIMIT), Err(Invalid::Decryption));
}

#[test]
fn the_padding_is_looked_at_after_the_tag_only() {
    // Blocks that decrypt to no padding at all, once with their tag and once without: no difference can be seen.
    let [key, iv, mut ciphertext, _] = Sealing::default().segments();
    ciphertext.rotate_left(1);
    let content_key: Vec<u8> = (0..64).collect();
    let fitting = tag(&content_key[..32], &URL_SAFE_NO_PAD.encode(HEADER), &iv, &ciphertext);
    for tag in [fitting, vec![0; 32]] {
        let token = join(HEADER, &[key.clone(), iv.clone(), ciphertext.clone(), tag]);
        assert_eq!(ours().decrypt(&token, LIMIT), Err(Invalid::Decryption));
    }
}

#[test]
fn the_form_is_checked_strictly() {
    let good = Sealing::default().token();
    for bad in [
        good.replace('.', ""),
        good.rsplit_once('.').unwrap().0.to_owned(),
        format!("{good}."),
        format!("{good}="),
        format!("{good} "),
        good.replacen('.', ".!", 2),
        INNER.to_owned(),
    ] {
        assert_eq!(ours().decrypt(&bad, LIMIT), Err(Invalid::Malformed), "{bad}");
    }
    assert_eq!(ours().decrypt(&good, good.len() - 1), Err(Invalid::TooLong));
    assert_eq!(ours().decrypt(&good, good.len()).as_deref(), Ok(INNER));
    assert_eq!(ours().decrypt(&"!".repeat(LIMIT + 1), LIMIT), Err(Invalid::TooLong));
}

#[test]
fn what_is_inside_has_the_form_of_a_signed_token() {
    let nested = Sealing::default().token();
    for plain in [b"" as &[u8], b"{}", b"e30.e30", b"a.b.c.d", nested.as_bytes(), b"\xff.e30.c2ln"]
    {
        let token = Sealing { plain, ..Sealing::default() }.token();
        assert_eq!(ours().decrypt(&token, LIMIT), Err(Invalid::Malformed));
    }
}

/// RFC 7518 appendix B.3.
#[test]
fn the_example_of_the_standard_is_opened() {
    let hex = |text: &str| -> Vec<u8> {
        let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    };
    let key: Vec<u8> = (0..64).collect();
    let ciphertext = hex("4affaaadb78c31c5da4b1b590d10ffbd 3dd8d5d302423526912da037ecbcc7bd
        822c301dd67c373bccb584ad3e9279c2 e6d12a1374b77f077553df829410446b 36ebd97066296ae6427ea75c2e0846a1
        1a09ccf5370dc80bfecbad28c73f09b3 a3b75e662a2594410ae496b2e2e6609e 31e6e02cc837f053d21f37ff4f51950b
        be2638d09dd7a4930930806d0703b1f6");
    let opened = open(
        key.as_slice().try_into().unwrap(),
        b"The second principle of Auguste Kerckhoffs",
        &hex("1af38c2dc2b96ffdd86694092341bc04"),
        ciphertext,
        &hex("4dd3b4c088a7f45c216839645b2012bf 2e6269a8c56a816dbc1b267761955bc5"),
    );
    let plain = "A cipher system must not be required to be secret, and it must be able to fall into the hands of \
                 the enemy without inconvenience";
    assert_eq!(opened.as_deref(), Ok(plain.as_bytes()));
}

#[test]
fn both_forms_of_private_keys_are_read() {
    let pkcs8 = pkcs8_of(&KEYS[0]);
    // What is wrapped begins after the sequence's header (4 bytes), version and algorithm (18), the octet
    // string's header (4).
    let pkcs1 = &pkcs8[26..];
    assert_eq!(*pem::pkcs8(pkcs1), pkcs8);
    let token = Sealing::default().token();
    let (plain, traditional) = (pem("PRIVATE KEY", &pkcs8), pem("RSA PRIVATE KEY", pkcs1));
    let certificate = pem("CERTIFICATE", b"not looked at");
    for file in [
        plain.clone(),
        traditional.clone(),
        traditional.replace('\n', "\r\n"),
        certificate + &plain,
        format!("a comment\n\n{plain}"),
    ] {
        let key = DecryptionKey::from_pem(&file).unwrap();
        assert_eq!(key.decrypt(&token, LIMIT).as_deref(), Ok(INNER));
    }
}

#[test]
fn lengths_are_written_as_der_has_them() {
    for (length, expected) in [
        (0, &[4, 0][..]),
        (0x7f, &[4, 0x7f]),
        (0x80, &[4, 0x81, 0x80]),
        (0x100, &[4, 0x82, 1, 0]),
        (0x01_0000, &[4, 0x83, 1, 0, 0]),
    ] {
        assert_eq!(pem::der_header(4, length), expected);
    }
}

/// An RSA key of 1024 bits, of no use for anything else.
const SMALL: &str = "MIICXgIBAAKBgQChFE/TyU8mcNqKcdRJuab/SswUJe/WShYtsm0+qMGQhQaJDRFc6zAOQSVxiB+2oujSutIH3HRUBrzIFHm\
BPBMSwuUdnHReNOPcfSikEwXOnRHL6oT8nNE1mx/VTgn4SE3ZgpESouOjLDw0pNdrakR/APVprLoFTfBY7M/ShoggrwIDAQABAoGARqhuS+ymd6pRcyFzid\
OSWbIpyzzI9CsTh4AZQ78rCYYQ09WTpDrWnaoeDqsznh3gG3Av6ZrevG0oKmww0GvVwVbpI3kPlaoCXRPm+rE17MPM4eW2FgObwTfhDFeyz1KrOZ1rtcdfGC\
TIB2RRQAiSmuSwxXKHJlG7huCBnJ+wdIECQQDNxL43r7A6G82fS/KNYgBjlbMRqpZ6um+9K4iW1RWTNey0giwqRdcWuNTVmhwAuU8TpTbirWs+XloTvI2a8m\
LRAkEAyGbFmmJzjICKoCHhNyDQT43tcGFUWABukONp8/Ito3Bd20wH9kaIaErO8MCH2oGlVhwjg7r0GZlBq6fUYrArfwJBAInkBEyw8XmfVCYh8QMJ35Tcps\
l59al88pBkcf4SAYlLI7q7WPljIAZcClSyF33ssK9LkgJJkIqVE+wR+RsSv2ECQQCE0fittgq3WIqIT2whSZJG594y2Y85NDATv2X91MkCxfqu2dl9FIpb9R\
jq3/Aqljqqs8OmD0axoK2xw240amapAkEAuoM4AmUkoigcCXuybH1+K4UX3XUubzIlnArxySGT43O02r86Efkq1NGCV/ab7rH80k0ZD9rDvvhhpGbAKB9/2Q==";

#[test]
fn what_is_no_private_rsa_key_is_refused_with_the_reason() {
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let ec = ec.to_pkcs8v1().unwrap();
    let ed = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(&KEYS[0].public_key()).unwrap();
    let good = pkcs8_of(&KEYS[0]);
    let good_pem = pem("PRIVATE KEY", &good);
    for (file, reason) in [
        (pem("PRIVATE KEY", ec.as_ref()), "not an RSA key"),
        (pem("EC PRIVATE KEY", &[0x30, 0]), "not an RSA key"),
        (pem("PRIVATE KEY", ed.as_ref()), "not an RSA key"),
        (pem("RSA PRIVATE KEY", &STANDARD.decode(SMALL).unwrap()), "less than 2048 bits"),
        (pem("ENCRYPTED PRIVATE KEY", &good), "encrypted"),
        (
            good_pem.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1),
            "encrypted",
        ),
        (pem("PUBLIC KEY", public.as_ref()), "give the private key"),
        (pem("CERTIFICATE", &good), "give the private key"),
        (pem("PRIVATE KEY", &good[..good.len() - 9]), "cannot be read"),
        (pem("PRIVATE KEY", b""), "cannot be read"),
        (pem("OPENSSH PRIVATE KEY", &good), "not a private key in PEM"),
        (format!("{good_pem}{good_pem}"), "more than one"),
        (good_pem.replace("-----END", "-----"), "not well-formed"),
        (good_pem.replacen('\n', "\n!", 1), "not well-formed"),
        (STANDARD.encode(&good), "not a private key in PEM"),
        (String::new(), "not a private key in PEM"),
    ] {
        let error = DecryptionKey::from_pem(&file).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::InvalidKey);
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn the_key_is_not_shown() {
    assert_eq!(
        format!("{:?}", ours().named("enc1")),
        r#"DecryptionKey { name: Some("enc1"), .. }"#
    );
}

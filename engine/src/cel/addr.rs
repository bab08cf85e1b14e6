//! IP addresses and ranges of them, read as Go reads them.
//!
//! CEL's network library reads with Go's `netip` (rule F20), `inIPAddrRange` with its older `net` (F21). The
//! standard library decides what an address is; what is wrong with one is found out only for the message.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::quoted::Quoted;

/// Why a text is no address or no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal<'t> {
    /// `::ffff:1.2.3.4` could be told apart from `1.2.3.4`, so neither addresses nor ranges are written so.
    Mapped(&'t str),
    /// `fe80::1%eth0`
    Zone(&'t str),
    Address(&'t str, Flaw<'t>),
    Range(&'t str, RangeFlaw<'t>),
}

/// What is wrong with an address, and where.
type Flaw<'t> = (&'static str, Option<&'t str>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RangeFlaw<'t> {
    Address(&'t str, Flaw<'t>),
    Bits(&'t str),
    Other(&'static str),
}

/// An address of CEL's network library.
pub(super) fn ip(text: &str) -> Result<IpAddr, Refusal<'_>> {
    match read(text) {
        Ok((_, true)) => Err(Refusal::Zone(text)),
        Ok((ip, false)) if is_mapped(ip) => Err(Refusal::Mapped(text)),
        Ok((ip, false)) => Ok(ip),
        Err(flaw) => Err(Refusal::Address(text, flaw)),
    }
}

/// A range of CEL's network library: the address as written, and how many bits count.
pub(super) fn cidr(text: &str) -> Result<(IpAddr, u8), Refusal<'_>> {
    let refuse = |flaw| Refusal::Range(text, flaw);
    let slash = || refuse(RangeFlaw::Other("no '/'"));
    let (address, bits) = text.rsplit_once('/').ok_or_else(slash)?;
    let (ip, zoned) = read(address).map_err(|flaw| refuse(RangeFlaw::Address(address, flaw)))?;
    if zoned {
        return Err(refuse(RangeFlaw::Other("IPv6 zones cannot be present in a prefix")));
    }
    let plain = bits == "0" || bits.starts_with(|c: char| matches!(c, '1'..='9'));
    let count = bits.parse::<i64>().ok().filter(|_| plain);
    let count = count.ok_or_else(|| refuse(RangeFlaw::Bits(bits)))?;
    let count = u8::try_from(count).ok().filter(|count| *count <= width(ip));
    let count = count.ok_or_else(|| refuse(RangeFlaw::Other("prefix length out of range")))?;
    if is_mapped(ip) { Err(Refusal::Mapped(text)) } else { Ok((ip, count)) }
}

/// Go's `net.ParseIP`: an IPv4 address inside IPv6 is the IPv4 address.
pub(super) fn net_ip(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(|ip: IpAddr| ip.to_canonical())
}

/// Go's `net.ParseCIDR`: bits may have leading zeros, and a range inside of the IPv4 addresses of IPv6 is a range
/// of IPv4 addresses.
pub(super) fn net_cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let digits = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
    let ip: IpAddr = address.parse().ok()?;
    let bits = bits.parse().ok().filter(|bits| digits && *bits <= width(ip))?;
    match masked(ip, bits) {
        network if is_mapped(network) => Some((network.to_canonical(), bits.saturating_sub(96))),
        network => Some((network, bits)),
    }
}

/// The address without the bits that do not count.
pub(super) fn masked(ip: IpAddr, bits: u8) -> IpAddr {
    let unused = u32::from(width(ip).saturating_sub(bits));
    match ip {
        IpAddr::V4(ip) => {
            IpAddr::V4((u32::from(ip) & u32::MAX.checked_shl(unused).unwrap_or(0)).into())
        }
        IpAddr::V6(ip) => {
            IpAddr::V6((u128::from(ip) & u128::MAX.checked_shl(unused).unwrap_or(0)).into())
        }
    }
}

/// Whether an address is in a range; IPv4 and IPv6 have no address in common.
pub(super) fn covers(network: IpAddr, bits: u8, ip: IpAddr) -> bool {
    network.is_ipv4() == ip.is_ipv4() && masked(network, bits) == masked(ip, bits)
}

fn width(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

fn is_mapped(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some())
}

/// An address, and whether it has a zone.
fn read(text: &str) -> Result<(IpAddr, bool), Flaw<'_>> {
    if let Ok(ip) = text.parse() {
        return Ok((ip, false));
    }
    match text.find(['.', ':', '%']).and_then(|at| text.get(at..)?.chars().next()) {
        Some('.') => Err(v4_flaw(text)),
        Some(':') => {
            let (address, zone) = text.split_once('%').map_or((text, None), |(a, z)| (a, Some(z)));
            if zone == Some("") {
                return Err(("zone must be a non-empty string", None));
            }
            let ip = address.parse::<Ipv6Addr>().ok().filter(|_| zone.is_some());
            ip.map(|ip| (ip.into(), true)).ok_or_else(|| v6_flaw(address))
        }
        Some(_) => Err(("missing IPv6 address", None)),
        None => Err(("unable to parse IP", None)),
    }
}

fn v4_flaw(text: &str) -> Flaw<'_> {
    let (mut value, mut digits, mut dots) = (0_u32, 0_u32, 0_u32);
    for (at, c) in text.char_indices() {
        let here = text.get(at..);
        match c.to_digit(10) {
            Some(_) if digits == 1 && value == 0 => {
                return ("IPv4 field has octet with leading zero", None);
            }
            Some(digit) => {
                (value, digits) = (value * 10 + digit, digits + 1);
                if value > 255 {
                    return ("IPv4 field has value >255", None);
                }
            }
            None if c != '.' => return ("unexpected character", here),
            None if digits == 0 || here == Some(".") => {
                return ("IPv4 field must have at least one digit", here);
            }
            None if dots == 3 => return ("IPv4 address too long", None),
            None => (value, digits, dots) = (0, 0, dots + 1),
        }
    }
    ("IPv4 address too short", None)
}

fn v6_flaw(text: &str) -> Flaw<'_> {
    const ELLIPSIS: &str = "the :: must expand to at least one field of zeros";
    let mut rest = text.strip_prefix("::").unwrap_or(text);
    let mut has_ellipsis = rest.len() < text.len();
    let mut fields = 0_u32;
    while fields < 8 {
        let here = Some(rest);
        let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        let after = rest.get(end..).unwrap_or_default();
        if end > 4 {
            return ("each group must have 4 or less digits", here);
        }
        if end == 0 {
            return ("each colon-separated field must have at least one digit", here);
        }
        if after.starts_with('.') {
            let is_ipv4 = rest.parse::<Ipv4Addr>().is_ok();
            return match fields {
                0..6 if has_ellipsis => v4_flaw(rest),
                6 if !is_ipv4 => v4_flaw(rest),
                6 => (ELLIPSIS, None),
                _ if has_ellipsis => {
                    ("too many hex fields to fit an embedded IPv4 at the end of the address", here)
                }
                _ => ("embedded IPv4 address must replace the final 2 fields of the address", here),
            };
        }
        fields += 1;
        rest = match after.strip_prefix(':') {
            _ if after.is_empty() => {
                rest = after;
                break;
            }
            None => return ("unexpected character, want colon", Some(after)),
            Some("") => return ("colon must be followed by more characters", Some(after)),
            Some(next) => next,
        };
        if let Some(next) = rest.strip_prefix(':') {
            if has_ellipsis {
                return ("multiple :: in address", Some(rest));
            }
            has_ellipsis = true;
            rest = next;
            if rest.is_empty() {
                break;
            }
        }
    }
    match (rest, fields) {
        ("", 8) => (ELLIPSIS, None),
        ("", _) => ("address string too short", None),
        (rest, _) => ("trailing garbage after address", Some(rest)),
    }
}

/// As cel-go says it (rule F20).
impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FAILED: &str = "parse error during conversion from string";
        match *self {
            Self::Mapped(text) => {
                write!(f, "IPv4-mapped IPv6 address {} is not allowed", Quoted(text))
            }
            Self::Zone(text) => {
                write!(f, "IP address {} with zone value is not allowed", Quoted(text))
            }
            Self::Address(text, flaw) => {
                write!(f, "IP Address {} {FAILED}: ", Quoted(text))?;
                write_flaw(f, text, flaw)
            }
            Self::Range(text, flaw) => {
                let quoted = Quoted(text);
                write!(f, "CIDR {quoted} {FAILED}: netip.ParsePrefix({quoted}): ")?;
                match flaw {
                    RangeFlaw::Address(text, flaw) => write_flaw(f, text, flaw),
                    RangeFlaw::Bits(bits) => write!(f, "bad bits after slash: {}", Quoted(bits)),
                    RangeFlaw::Other(what) => f.write_str(what),
                }
            }
        }
    }
}

fn write_flaw(f: &mut fmt::Formatter<'_>, text: &str, (what, at): Flaw<'_>) -> fmt::Result {
    write!(f, "ParseAddr({}): {what}", Quoted(text))?;
    at.map_or(Ok(()), |at| write!(f, " (at {})", Quoted(at)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_flaw(text: &str, wanted: &str) {
        let prefix = format!(
            "IP Address {0} parse error during conversion from string: ParseAddr({0}): ",
            Quoted(text)
        );
        assert_eq!(
            ip(text).unwrap_err().to_string().strip_prefix(&*prefix),
            Some(wanted),
            "{text}"
        );
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_as_go_says_it() {
        check_flaw("", "unable to parse IP");
        check_flaw("a\"b", "unable to parse IP");
        check_flaw("%eth0", "missing IPv6 address");
        check_flaw("01.2.3.4", "IPv4 field has octet with leading zero");
        check_flaw("1.2.3", "IPv4 address too short");
        check_flaw("1.2.3.4.5", "IPv4 address too long");
        check_flaw("256.2.3.4", "IPv4 field has value >255");
        check_flaw("1.2.3.4 ", "unexpected character (at \" \")");
        check_flaw("1.2.3.4%a", "unexpected character (at \"%a\")");
        check_flaw("1..2.3", "IPv4 field must have at least one digit (at \".2.3\")");
        check_flaw("1.2.3.", "IPv4 field must have at least one digit (at \".\")");
        check_flaw("1::2::3", "multiple :: in address (at \":3\")");
        check_flaw("1:2:3:4:5:6:7", "address string too short");
        check_flaw("1:2:3:4:5:6:7:8:9", "trailing garbage after address (at \"9\")");
        check_flaw("1:2:3:4::5:6:7:8", "the :: must expand to at least one field of zeros");
        check_flaw("12345::", "each group must have 4 or less digits (at \"12345::\")");
        check_flaw(":1", "each colon-separated field must have at least one digit (at \":1\")");
        check_flaw("1:", "colon must be followed by more characters (at \":\")");
        check_flaw("1:2g::", "unexpected character, want colon (at \"g::\")");
        check_flaw("::1%", "zone must be a non-empty string");
        let misplaced = "embedded IPv4 address must replace the final 2 fields of the address";
        check_flaw("1:2:3:4:5:6:7:1.2.3.4", &format!("{misplaced} (at \"1.2.3.4\")"));
        check_flaw("1:2:3:4:5:1.2.3.4", &format!("{misplaced} (at \"1.2.3.4\")"));
        check_flaw("1:2:3:4:5:6:1.2.3", "IPv4 address too short");
        check_flaw("::1.2.3.4:5", "unexpected character (at \":5\")");
    }

    #[test]
    fn an_address_that_could_be_written_shorter_is_the_same_address() {
        for (text, shown) in [
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::1.2.3.4", "::102:304"),
            ("1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("2001:DB8::0001", "2001:db8::1"),
        ] {
            assert_eq!(ip(text).unwrap().to_string(), shown);
        }
    }

    proptest! {
        /// The walk for the message and the standard library agree on what is an address.
        #[test]
        fn every_refused_address_has_a_flaw(text in "([0-9a-f]{0,5}[:.]){0,9}[0-9a-g.:%/]{0,3}") {
            let said = read(&text).err();
            let last = Some(("address string too short", None));
            let fields = text.split(':').count();
            prop_assert!(said != last || (fields < 8 && !text.contains("::")), "{} {:?}", text, said);
        }
    }
}

//! `inIPAddrRange`, with addresses as Go reads them.

use std::net::{IpAddr, Ipv4Addr};

use super::super::vals::V;
use super::{Eval, Evaluated, Library, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Network",
    rows: &[member(
        "inIPAddrRange",
        "string, string -> bool",
        in_range,
        "'10.1.2.3'.inIPAddrRange('10.0.0.0/8')",
    )],
};

fn in_range<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(address), V::Str(range)] = args else { return no_overload() };
    let ip = parse(address)
        .ok_or_else(|| eval.invalid(format_args!("invalid IP address: {address}")))?;
    let (network, bits) = parse_range(range)
        .ok_or_else(|| eval.invalid(format_args!("invalid CIDR address: {range}")))?;
    Ok(V::Bool(match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(ip) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(ip) & mask == u128::from(network) & mask
        }
        _ => false,
    }))
}

/// An address as `ip()` takes it.
///
/// # Errors
///
/// What is wrong with the text.
pub(in crate::cel) fn parse_ip(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is no IP address"))
}

/// A range as `cidr()` takes it.
///
/// # Errors
///
/// What is wrong with the text.
pub(in crate::cel) fn parse_cidr(text: &str) -> Result<(IpAddr, u8), String> {
    parse_range(text)
        .and_then(|(ip, bits)| Some((ip, u8::try_from(bits).ok()?)))
        .ok_or_else(|| format!("`{text}` is no range of IP addresses"))
}

/// Go's `net.ParseIP`: no zones, no leading zeros; an IPv4 address inside IPv6 is the IPv4 address.
fn parse(text: &str) -> Option<IpAddr> {
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V6(v6) => Some(v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)),
        v4 @ IpAddr::V4(Ipv4Addr { .. }) => Some(v4),
    }
}

/// Go's `net.ParseCIDR`; bits without leading zeros.
fn parse_range(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/')?;
    if bits.is_empty()
        || (bits.len() > 1 && bits.starts_with('0'))
        || !bits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let (ip, bits) = (address.parse::<IpAddr>().ok()?, bits.parse().ok()?);
    let most = if ip.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((ip, bits))
}

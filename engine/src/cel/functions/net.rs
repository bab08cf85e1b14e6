//! `inIPAddrRange`, with addresses as Go reads them.

use std::net::{IpAddr, Ipv4Addr};

use super::super::vals::V;
use super::{Entry, Eval, Evaluated, Form, invalid, no_overload};

pub(super) const ALL: &[Entry] = &[Entry("inIPAddrRange", Form::Member, 2, 2, in_range)];

fn in_range<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(address), V::Str(range)] = args else { return no_overload() };
    let ip =
        parse(address).ok_or_else(|| invalid(format!("'{address}' is not a valid IP address")))?;
    let (network, bits) = parse_range(range)
        .ok_or_else(|| invalid(format!("'{range}' is not a valid CIDR range")))?;
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

//! Addresses and ranges of them: cel-go's network extension (docs/semantics.md, rule F20), and Cerbos' own
//! `inIPAddrRange` (rule F21).

use std::net::IpAddr;

use super::super::addr::{self, Refusal};
use super::super::vals::V;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Network",
    rows: &[
        global("ip", "string -> ip", ip, "ip('::1').family() == 6"),
        global("isIP", "string -> bool", is_ip, "isIP('10.1.2.3') && !isIP('10.1.2')"),
        global(
            "ip.isCanonical",
            "string -> bool",
            is_canonical,
            "!ip.isCanonical('2001:DB8::1') && ip.isCanonical('2001:db8::1')",
        ),
        member("family", "ip -> int", family, "ip('10.1.2.3').family() == 4"),
        member("isUnspecified", "ip -> bool", is_unspecified, "ip('::').isUnspecified()"),
        member("isLoopback", "ip -> bool", is_loopback, "ip('127.0.0.1').isLoopback()"),
        member(
            "isGlobalUnicast",
            "ip -> bool",
            is_global_unicast,
            "ip('10.1.2.3').isGlobalUnicast()",
        ),
        member(
            "isLinkLocalUnicast",
            "ip -> bool",
            is_link_local_unicast,
            "ip('fe80::1').isLinkLocalUnicast()",
        ),
        member(
            "isLinkLocalMulticast",
            "ip -> bool",
            is_link_local_multicast,
            "ip('224.0.0.1').isLinkLocalMulticast()",
        ),
        global("cidr", "string -> cidr", cidr, "cidr('10.1.2.3/8').prefixLength() == 8"),
        global("isCIDR", "string -> bool", is_cidr, "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0')"),
        member(
            "containsIP",
            "cidr, ip -> bool",
            contains_ip,
            "cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))",
        ),
        member(
            "containsIP",
            "cidr, string -> bool",
            contains_ip,
            "cidr('10.0.0.0/8').containsIP('10.1.2.3')",
        ),
        member(
            "containsCIDR",
            "cidr, cidr -> bool",
            contains_cidr,
            "cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))",
        ),
        member(
            "containsCIDR",
            "cidr, string -> bool",
            contains_cidr,
            "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
        ),
        member("ip", "cidr -> ip", ip_of, "cidr('10.1.2.3/8').ip() == ip('10.1.2.3')"),
        member(
            "masked",
            "cidr -> cidr",
            masked,
            "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
        ),
        member("isMask", "cidr -> bool", is_mask, "cidr('10.0.0.0/8').isMask()"),
        member("prefixLength", "cidr -> int", prefix_length, "cidr('::/64').prefixLength() == 64"),
        member(
            "inIPAddrRange",
            "string, string -> bool",
            in_range,
            "'10.1.2.3'.inIPAddrRange('10.0.0.0/8')",
        ),
    ],
};

/// An address as `ip()` takes it.
///
/// # Errors
///
/// What is wrong with the text.
pub(in crate::cel) fn parse_ip(text: &str) -> Result<IpAddr, String> {
    addr::ip(text).map_err(|refusal| load_error(text, &refusal, "IP address"))
}

/// A range as `cidr()` takes it.
///
/// # Errors
///
/// What is wrong with the text.
pub(in crate::cel) fn parse_cidr(text: &str) -> Result<(IpAddr, u8), String> {
    addr::cidr(text).map_err(|refusal| load_error(text, &refusal, "range of IP addresses"))
}

fn load_error(text: &str, refusal: &Refusal<'_>, what: &str) -> String {
    match refusal {
        Refusal::Mapped(_) => format!("`{text}` is an IPv4 address inside IPv6; write it as IPv4"),
        Refusal::Zone(_) => format!("`{text}` has a zone, which an {what} cannot have here"),
        _ => format!("`{text}` is no {what}"),
    }
}

/// An address, or the text of one.
fn address<'a>(eval: &Eval<'a, '_>, value: &V<'a>) -> Result<IpAddr, EvalError<'a>> {
    match value {
        V::Ip(ip) => Ok(*ip),
        V::Str(text) => {
            eval.step(text.len() / 16)?;
            addr::ip(text).map_err(|refusal| eval.invalid(format_args!("{refusal}")))
        }
        _ => Err(EvalError::NoSuchOverload),
    }
}

/// A range, or the text of one.
fn range<'a>(eval: &Eval<'a, '_>, value: &V<'a>) -> Result<(IpAddr, u8), EvalError<'a>> {
    match value {
        V::Cidr(ip, bits) => Ok((*ip, *bits)),
        V::Str(text) => {
            eval.step(text.len() / 16)?;
            addr::cidr(text).map_err(|refusal| eval.invalid(format_args!("{refusal}")))
        }
        _ => Err(EvalError::NoSuchOverload),
    }
}

fn ip<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [text @ V::Str(_)] => address(eval, text).map(V::Ip),
        _ => no_overload(),
    }
}

fn is_ip<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(V::Bool(addr::ip(text).is_ok())),
        _ => no_overload(),
    }
}

fn is_canonical<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [value @ V::Str(text)] => Ok(V::Bool(address(eval, value)?.to_string() == *text)),
        _ => no_overload(),
    }
}

fn cidr<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [text @ V::Str(_)] => range(eval, text).map(|(ip, bits)| V::Cidr(ip, bits)),
        _ => no_overload(),
    }
}

fn is_cidr<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(V::Bool(addr::cidr(text).is_ok())),
        _ => no_overload(),
    }
}

fn family<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Ip(ip)] => Ok(V::Int(if ip.is_ipv4() { 4 } else { 6 })),
        _ => no_overload(),
    }
}

fn property<'a>(args: &[V<'a>], holds: impl Fn(IpAddr) -> bool) -> Evaluated<'a> {
    match args {
        [V::Ip(ip)] => Ok(V::Bool(holds(*ip))),
        _ => no_overload(),
    }
}

fn is_unspecified<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    property(args, |ip| ip.is_unspecified())
}

fn is_loopback<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    property(args, |ip| ip.is_loopback())
}

fn link_local_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn is_link_local_unicast<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    property(args, link_local_unicast)
}

fn is_link_local_multicast<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    property(args, |ip| match ip {
        IpAddr::V4(ip) => matches!(ip.octets(), [224, 0, 0, _]),
        IpAddr::V6(ip) => matches!(ip.segments(), [first, ..] if first & 0xff0f == 0xff02),
    })
}

/// Private addresses are global in this sense.
fn is_global_unicast<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    property(args, |ip| {
        let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
        let special = ip.is_unspecified() || ip.is_loopback() || ip.is_multicast();
        !broadcast && !special && !link_local_unicast(ip)
    })
}

fn contains_ip<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Cidr(network, bits), other] = args else { return no_overload() };
    Ok(V::Bool(addr::covers(*network, *bits, address(eval, other)?)))
}

fn contains_cidr<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Cidr(network, bits), other] = args else { return no_overload() };
    let (ip, other_bits) = range(eval, other)?;
    Ok(V::Bool(*bits <= other_bits && addr::covers(*network, *bits, ip)))
}

fn ip_of<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Cidr(ip, _)] => Ok(V::Ip(*ip)),
        _ => no_overload(),
    }
}

fn masked<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Cidr(ip, bits)] => Ok(V::Cidr(addr::masked(*ip, *bits), *bits)),
        _ => no_overload(),
    }
}

fn is_mask<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Cidr(ip, bits)] => Ok(V::Bool(addr::masked(*ip, *bits) == *ip)),
        _ => no_overload(),
    }
}

fn prefix_length<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Cidr(_, bits)] => Ok(V::Int((*bits).into())),
        _ => no_overload(),
    }
}

fn in_range<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(address), V::Str(range)] = args else { return no_overload() };
    eval.step((address.len() + range.len()) / 16)?;
    let ip = addr::net_ip(address)
        .ok_or_else(|| eval.invalid(format_args!("invalid IP address: {address}")))?;
    let (network, bits) = addr::net_cidr(range)
        .ok_or_else(|| eval.invalid(format_args!("invalid CIDR address: {range}")))?;
    Ok(V::Bool(addr::covers(network, bits, ip)))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn addresses_inside_others_and_zones_are_refused() {
        check_bare(
            "ip(dyn('::ffff:1.2.3.4'))",
            "error: IPv4-mapped IPv6 address \"::ffff:1.2.3.4\" is not allowed",
        );
        check_bare(
            "ip(dyn('::1%x'))",
            "error: IP address \"::1%x\" with zone value is not allowed",
        );
        check_bare("isIP('::1%x') || isIP('::ffff:1.2.3.4') || isCIDR('::ffff:0:0/96')", "false");
        check_bare(
            "cidr(dyn('::1%a/64'))",
            "error: CIDR \"::1%a/64\" parse error during conversion from string: \
             netip.ParsePrefix(\"::1%a/64\"): IPv6 zones cannot be present in a prefix",
        );
    }

    #[test]
    fn a_literal_that_is_no_address_is_found_at_load() {
        check_bare("ip('1.2.3')", "compile: `1.2.3` is no IP address");
        check_bare("cidr('1.2.3.4/33')", "compile: `1.2.3.4/33` is no range of IP addresses");
        check_bare(
            "ip('::ffff:1.2.3.4')",
            "compile: `::ffff:1.2.3.4` is an IPv4 address inside IPv6; write it as IPv4",
        );
        check_bare(
            "ip('::1%a')",
            "compile: `::1%a` has a zone, which an IP address cannot have here",
        );
        // Only the functions that make addresses look at their literals.
        check_bare("isIP('1.2.3') || false", "false");
    }

    #[test]
    fn what_is_wrong_with_a_range_is_said_as_go_says_it() {
        for (text, flaw) in [
            ("1.2.3.4", "no '/'"),
            ("/8", "ParseAddr(\\\"\\\"): unable to parse IP"),
            ("1.2.3.4/", "bad bits after slash: \\\"\\\""),
            ("1.2.3.4/08", "bad bits after slash: \\\"08\\\""),
            ("1.2.3.4/+8", "bad bits after slash: \\\"+8\\\""),
            ("1.2.3.4/33", "prefix length out of range"),
            ("1.2.3.4/1000", "prefix length out of range"),
            ("1.2.3.4/1/2", "ParseAddr(\\\"1.2.3.4/1\\\"): unexpected character (at \\\"/1\\\")"),
        ] {
            let flaw = flaw.replace('\\', "");
            check_bare(
                &format!("cidr(dyn('{text}'))"),
                &format!(
                    "error: CIDR \"{text}\" parse error during conversion from string: \
                     netip.ParsePrefix(\"{text}\"): {flaw}"
                ),
            );
        }
    }

    #[test]
    fn ranges_of_one_family_hold_nothing_of_the_other() {
        check_bare("cidr('::/0').containsIP('1.2.3.4')", "false");
        check_bare("cidr('0.0.0.0/0').containsIP('::1')", "false");
        check_bare("cidr('0.0.0.0/0').containsCIDR('::/0')", "false");
        check_bare("cidr('10.0.0.5/8').containsCIDR('10.3.0.0/16')", "true");
        check_bare("cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7')", "false");
        check_bare("cidr('1.2.3.4/32').containsIP('1.2.3.5')", "false");
        check_bare(
            "cidr('10.0.0.0/8').containsIP('::ffff:10.1.1.1')",
            "error: IPv4-mapped IPv6 address \"::ffff:10.1.1.1\" is not allowed",
        );
    }

    #[test]
    fn a_range_keeps_the_address_it_was_written_with() {
        check_bare("cidr('10.0.0.5/8') == cidr('10.0.0.0/8')", "false");
        check_bare("cidr('10.0.0.5/8').masked() == cidr('10.0.0.0/8')", "true");
        check_bare("cidr('10.0.0.5/8').isMask()", "false");
        check_bare("string(cidr('2001:DB8:ffff::1/33').masked())", "\"2001:db8:8000::/33\"");
        check_bare("string(cidr('10.0.0.5/0').masked())", "\"0.0.0.0/0\"");
    }

    #[test]
    fn kinds_of_addresses_are_gos() {
        for (address, holds) in [
            ("255.255.255.255", false),
            ("0.0.0.0", false),
            ("127.0.0.1", false),
            ("169.254.0.1", false),
            ("240.0.0.1", true),
            ("192.168.0.1", true),
            ("fec0::1", true),
            ("fc00::1", true),
            ("febf::1", false),
            ("ff02::1", false),
        ] {
            check_bare(&format!("ip('{address}').isGlobalUnicast()"), &holds.to_string());
        }
        check_bare("ip('224.0.1.1').isLinkLocalMulticast()", "false");
        check_bare("ip('ff12::1').isLinkLocalMulticast()", "true");
        check_bare("ip('ff01::1').isLinkLocalMulticast()", "false");
    }

    #[test]
    fn addresses_are_values_of_their_own_types() {
        check_bare("type(ip('1.2.3.4')) == net.IP && type(cidr('::/0')) == net.CIDR", "true");
        check_bare("dyn(ip('::1')) == dyn('::1')", "false");
        check_bare("ip('1.2.3.4') in [ip('1.2.3.4')]", "true");
        check_bare("ip('1.2.3.4') in {ip('1.2.3.4'): 1}", "true");
        check_bare("dyn(ip('1.2.3.4')) < dyn(ip('1.2.3.5'))", "error: no such overload: _<_");
        check_bare("ip(dyn(ip('1.2.3.4')))", "error: no such overload: ip(net.IP)");
    }

    #[test]
    fn in_ip_addr_range_takes_ipv4_addresses_in_ipv6_for_ipv4() {
        for (address, range, wanted) in [
            ("::ffff:10.1.2.3", "10.0.0.0/8", "true"),
            ("10.1.2.3", "::ffff:10.0.0.0/104", "true"),
            ("10.1.2.3", "::ffff:10.0.0.0/96", "true"),
            ("10.1.2.3", "::ffff:10.0.0.0/95", "false"),
            ("10.1.2.3", "::/0", "false"),
            ("::ffff:10.1.2.3", "::/0", "false"),
            ("::10.1.2.3", "10.0.0.0/8", "false"),
            ("10.1.2.3", "10.0.0.0/008", "true"),
            ("10.1.2.3", "0.0.0.0/0", "true"),
            ("10.1.2.3", "10.0.0.0/33", "error: invalid CIDR address: 10.0.0.0/33"),
            ("10.1.2.3", "10.0.0.0/+8", "error: invalid CIDR address: 10.0.0.0/+8"),
            ("10.1.2.3", "10.0.0.0/8/8", "error: invalid CIDR address: 10.0.0.0/8/8"),
            ("10.1.2.3", "::%a/0", "error: invalid CIDR address: ::%a/0"),
            ("::1%a", "::/0", "error: invalid IP address: ::1%a"),
            ("010.1.2.3", "y", "error: invalid IP address: 010.1.2.3"),
        ] {
            check_bare(&format!("'{address}'.inIPAddrRange('{range}')"), wanted);
        }
    }
}

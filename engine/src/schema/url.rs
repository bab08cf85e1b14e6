//! URLs as Go's `net/url` takes them, which is less strict than RFC 3986.

use super::formats::is_ipv6;

/// What of a URL is looked at again.
struct Parts<'u> {
    has_scheme: bool,
    path: &'u str,
}

/// `uri`, `iri`
pub(super) fn is_absolute(text: &str) -> bool {
    parse(text).is_some_and(|url| url.has_scheme)
}

/// `uri-reference`, `iri-reference`
pub(super) fn is_reference(text: &str) -> bool {
    parse(text).is_some() && !text.contains('\\')
}

/// `uri-template`: braces are balanced in each segment of the path, and do not nest.
pub(super) fn is_template(text: &str) -> bool {
    parse(text).is_some_and(|url| url.path.split('/').all(is_balanced))
}

fn is_balanced(segment: &str) -> bool {
    let mut open = false;
    for c in segment.chars() {
        match (c, open) {
            ('{', false) => open = true,
            ('}', true) => open = false,
            ('{' | '}', _) => return false,
            _ => {}
        }
    }
    !open
}

fn parse(text: &str) -> Option<Parts<'_>> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    if !is_escaped_well(fragment) || text.bytes().any(|b| b.is_ascii_control()) {
        return None;
    }
    let (has_scheme, rest) = scheme(text)?;
    let rest = rest.split('?').next().unwrap_or_default();
    if !rest.starts_with('/') {
        if has_scheme {
            return Some(Parts { has_scheme, path: "" });
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return None;
        }
    }
    let has_authority = rest.starts_with("//") && (has_scheme || !rest.starts_with("///"));
    let path = match rest.strip_prefix("//").filter(|_| has_authority) {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end)?;
            if !is_authority(authority) {
                return None;
            }
            path
        }
        None => rest,
    };
    is_escaped_well(path).then_some(Parts { has_scheme, path })
}

/// Whether there is a scheme, and what stands behind it. `None`: nothing stands before the colon.
fn scheme(text: &str) -> Option<(bool, &str)> {
    let Some((scheme, rest)) = text.split_once(':') else { return Some((false, text)) };
    if scheme.is_empty() {
        return None;
    }
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    Some(if fits { (true, rest) } else { (false, text) })
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (user, host),
        None => ("", authority),
    };
    let in_user = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    user.chars().all(in_user) && is_escaped_well(user) && is_host(host)
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(']') {
        Some((name, port)) if host.starts_with('[') => (name, port),
        _ if host.starts_with('[') => return false,
        _ => host.rfind(':').and_then(|at| host.split_at_checked(at)).unwrap_or((host, "")),
    };
    if !is_port(port) {
        return false;
    }
    match name.strip_prefix('[') {
        Some(address) => !address.contains(':') && has_host_characters(address) || is_ipv6(address),
        None => !name.contains(':') && has_host_characters(name),
    }
}

fn is_port(port: &str) -> bool {
    port.strip_prefix(':')
        .map_or(port.is_empty(), |digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Of escapes only those of other than ASCII characters may stand in a host.
fn has_host_characters(name: &str) -> bool {
    let bytes = name.as_bytes();
    is_escaped_well(name)
        && name.bytes().enumerate().all(|(i, b)| match b {
            b'%' => {
                let high = bytes.get(i + 1).is_some_and(|b| !matches!(b, b'0'..=b'7'));
                high || bytes.get(i + 1..i + 3).is_some_and(|code| code == b"25")
            }
            b => {
                !b.is_ascii() || b.is_ascii_alphanumeric() || b"!$&'()*+,;=:[]<>\"-_.~".contains(&b)
            }
        })
}

/// Each `%` has two hexadecimal digits.
fn is_escaped_well(text: &str) -> bool {
    text.split('%').skip(1).all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was put to Cerbos.
    #[test]
    fn urls_are_those_of_go() {
        for (text, reference, absolute) in [
            ("", true, false),
            ("é", true, false),
            ("a b", true, false),
            ("%", false, false),
            ("%zz", false, false),
            ("%20", true, false),
            ("http://a b", false, false),
            ("http://é.x/ü", true, true),
            ("http://", true, true),
            ("http:", true, true),
            ("//a/b", true, false),
            ("1:b", false, false),
            ("a/b:c", true, false),
            (":", false, false),
            ("#a b", true, false),
            ("http://[::1]", true, true),
            ("http://[::1", false, false),
            ("http://::1", false, false),
            ("http://[::1]:80", true, true),
            ("http://a:x", false, false),
            ("http://a:", true, true),
            ("http://u:p@h/", true, true),
            ("mailto:a@b", true, true),
            ("http://a/\\", false, true),
            ("http://a/{x}", true, true),
            ("http://a/<>", true, true),
            ("\u{1}", false, false),
            ("http://a\n", false, false),
            ("http://a%20b/", false, false),
            ("http://a?b=%zz", true, true),
            ("http://a#%zz", false, false),
            ("fe80::1%eth0", true, true),
        ] {
            assert_eq!((is_reference(text), is_absolute(text)), (reference, absolute), "{text:?}");
        }
    }

    #[test]
    fn braces_of_templates_are_balanced_in_each_segment() {
        for (text, fits) in [
            ("{x}", true),
            ("/{x}/{y}", true),
            ("{", false),
            ("}", false),
            ("{a/b}", false),
            ("{{x}}", false),
            ("?{", true),
        ] {
            assert_eq!(is_template(text), fits, "{text}");
        }
    }
}

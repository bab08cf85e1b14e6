//! Where a request comes from, as the server saw it.

use std::net::IpAddr;
#[cfg(feature = "axum")]
use std::net::SocketAddr;

use http::Extensions;
use ipnet::IpNet;

use crate::token::{ConfigError, ConfigErrorKind};

/// The address of the peer that the request's connection comes from, for the request's extensions.
///
/// axum's own [`ConnectInfo`](https://docs.rs/axum/0.8/axum/extract/struct.ConnectInfo.html) with a
/// `SocketAddr` is read as well; this type is for other servers, and wins when both are there.
///
/// # Security
///
/// It has to be the address of the connection, or what a load balancer says by the PROXY protocol.
/// `X-Forwarded-For` is the client's text: whoever fills this from it lets everybody pass for an outpost.
///
/// ```
/// use axum_authz::layer::PeerAddr;
/// use std::net::Ipv4Addr;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(PeerAddr(Ipv4Addr::new(10, 0, 0, 7).into()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "an address, and nothing else ever")]
pub struct PeerAddr(pub IpAddr);

/// The peer of a request. IPv4 addresses mapped into IPv6 (RFC 4291 section 2.5.5.2), which dual-stack sockets
/// give, come back as IPv4.
pub(super) fn of(extensions: &Extensions) -> Option<IpAddr> {
    let explicit = extensions.get::<PeerAddr>().map(|peer| peer.0);
    #[cfg(feature = "axum")]
    let explicit = explicit.or_else(|| {
        let connection = extensions.get::<axum::extract::ConnectInfo<SocketAddr>>();
        connection.map(|connection| connection.0.ip())
    });
    explicit.map(|address| address.to_canonical())
}

/// Addresses and networks, none of them wrong and all of them together not everybody.
pub(super) fn networks<P: AsRef<str>>(
    peers: impl IntoIterator<Item = P>,
) -> Result<Box<[IpNet]>, ConfigError> {
    let networks: Vec<_> =
        peers.into_iter().map(|peer| network(peer.as_ref())).collect::<Result<_, _>>()?;
    if networks.is_empty() {
        let message =
            "no peer; give the addresses or networks that the outpost's proxy connects from";
        return Err(ConfigError::new(ConfigErrorKind::NoPeer, message));
    }
    // Two halves make a whole.
    if IpNet::aggregate(&networks).iter().any(|network| network.prefix_len() == 0) {
        let message = "the peers are all addresses there are; give only those that the outpost's proxy connects from";
        return Err(ConfigError::new(ConfigErrorKind::EveryPeer, message));
    }
    Ok(networks.into_boxed_slice())
}

fn network(text: &str) -> Result<IpNet, ConfigError> {
    let invalid = |why: &str| {
        let message = format!("the peer `{text}` {why}");
        Err(ConfigError::new(ConfigErrorKind::InvalidPeer, message))
    };
    let network = match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
        (Ok(network), _) => network,
        (_, Ok(address)) => IpNet::from(address),
        _ => return invalid("is neither an address nor a network such as `10.0.0.0/8`"),
    };
    if network != network.trunc() {
        return invalid("has bits behind its prefix; give either the network or the one address");
    }
    // Peers are compared as IPv4 then, so it would never fit.
    if network.addr() != network.addr().to_canonical() {
        return invalid("is an IPv4 address written as IPv6; write it as IPv4");
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::Extensions;

    use super::{ConfigErrorKind, PeerAddr, networks, of};

    fn kind(peers: &[&str]) -> Option<ConfigErrorKind> {
        networks(peers).err().map(|error| error.kind())
    }

    #[test]
    fn addresses_and_networks_are_peers() {
        assert_eq!(kind(&["10.0.0.0/8", "192.0.2.7", "::1", "fd00::/8", "192.0.2.8/32"]), None);
    }

    #[test]
    fn nobody_and_everybody_are_refused() {
        assert_eq!(kind(&[]), Some(ConfigErrorKind::NoPeer));
        for everybody in [
            &["0.0.0.0/0"][..],
            &["::/0"],
            &["10.0.0.0/8", "::/0"],
            &["0.0.0.0/1", "128.0.0.0/1"],
            &["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"],
        ] {
            assert_eq!(kind(everybody), Some(ConfigErrorKind::EveryPeer), "{everybody:?}");
        }
    }

    #[test]
    fn what_would_trust_others_than_meant_is_refused() {
        for bad in [
            "",
            "outpost",
            "10.0.0.0/33",
            "10.0.0.7/8",
            "10.0.0",
            "fe80::1%eth0",
            " ::1",
            "10.0.0.1:80",
            "::ffff:10.0.0.1",
            "::ffff:10.0.0.0/104",
        ] {
            assert_eq!(kind(&[bad]), Some(ConfigErrorKind::InvalidPeer), "{bad}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        let mut extensions = Extensions::new();
        assert_eq!(of(&extensions), None);
        extensions.insert(PeerAddr("::ffff:10.0.0.7".parse().unwrap()));
        assert_eq!(of(&extensions), Some(IpAddr::from([10, 0, 0, 7])));
    }

    #[cfg(feature = "axum")]
    #[test]
    fn the_explicit_address_wins() {
        let mut extensions = Extensions::new();
        extensions
            .insert(axum::extract::ConnectInfo(std::net::SocketAddr::from(([10, 0, 0, 7], 80))));
        assert_eq!(of(&extensions), Some(IpAddr::from([10, 0, 0, 7])));
        extensions.insert(PeerAddr(IpAddr::from([192, 0, 2, 1])));
        assert_eq!(of(&extensions), Some(IpAddr::from([192, 0, 2, 1])));
    }
}

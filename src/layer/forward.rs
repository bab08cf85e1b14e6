//! Forward auth: requests that an outpost of Authentik has looked at before.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::{Refusal, peer};
use crate::token::{Authentik, ConfigError, Verifying};

/// The access token the outpost got when its user signed in.
pub(super) const JWT: HeaderName = HeaderName::from_static("x-authentik-jwt");

/// For services behind an outpost of Authentik (proxy provider, forward auth): who a request is from stands in
/// `X-authentik-jwt`.
///
/// It is off unless given to [`AuthzLayer::forward_auth`](super::AuthzLayer::forward_auth). Then, for requests
/// from the configured peers:
///
/// - With an `X-authentik-jwt`, its token is verified as the given [`Authentik`] says, which is separate from the one for bearer tokens: what
///   verifies here does so in this header only. A `Basic` `Authorization`, which outposts can add, is not looked at. A `Bearer`
///   beside it must be the very same token; anything else is refused with 401.
/// - Without one, nothing changes: without other credentials the caller is anonymous, whatever other identity headers are there. Outposts let
///   requests to their *unauthenticated paths* pass with no headers at all, and in CVE-2026-25748 did so by mistake.
///
/// `X-authentik-groups` and the other headers are never read: names in it are joined with `|` and not escaped,
/// so that a group named `a|admins` looks like two. Neither is `X-authentik-meta-jwks`, a URL that anybody may
/// have written. Groups come from the token.
///
/// # What the service behind the layer sees
///
/// Headers whose name begins with `x-authentik-` are removed from requests of all other peers, and from all
/// requests when forward auth is not configured; also when there is no `X-authentik-jwt`, since nothing vouches
/// for them then. A proxy that forgets to remove them lets clients write them (Caddy did, GHSA-7r4p-vjf4-gxv4).
/// What is left beside a good token is the proxy's word and not held against the token: take names and groups
/// from the [`Principal`](crate::Principal). Spellings with `_` are removed always: some servers take
/// `X_authentik_username` for the same header.
///
/// # How deployment can weaken it
///
/// Whoever can connect from a configured address counts as outpost: name the proxy's addresses, not the network
/// that users are in. Proxy providers sign with their client secret (HS256), so whoever knows the secret can
/// sign in as anybody. In forward auth's *domain* mode one provider stands before many applications, and none
/// of them can tell their tokens apart. A token stays the same as long as the session does.
///
/// # Example
///
/// The server has to tell where requests come from; without that, requests with these headers are answered with 500.
///
/// ```no_run
/// use axum_authz::prelude::*;
/// use std::net::SocketAddr;
///
/// # async fn serve(authentik: Authentik, policies: Policies, secret: &str) -> Result<(), axum_authz::Error> {
/// let outpost = Authentik::issuer("https://id.example.org/application/o/wiki/")
///     .audience("wiki-proxy")
///     .client_secret_signing(SharedSecret::new(secret)?) // proxy providers have no signing key
///     .build()?;
/// let forward = ForwardAuth::new(outpost).peers(["10.0.3.0/24", "::1"])?;
/// let app = Router::new().layer(AuthzLayer::new(authentik, policies).forward_auth(forward));
/// let service = app.into_make_service_with_connect_info::<SocketAddr>();
/// axum::serve(TcpListener::bind("0.0.0.0:3000").await?, service).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ForwardAuth {
    outpost: Authentik,
    peers: Box<[IpNet]>,
}

/// An outpost whose addresses are still to be given; see [`ForwardAuth`].
#[derive(Debug, Clone)]
#[must_use = "call `peers` to say where the outpost's proxy connects from"]
pub struct ForwardAuthBuilder {
    outpost: Authentik,
}

impl ForwardAuth {
    /// Begins with the proxy provider: its issuer, its client id as audience, and its way of checking tokens.
    #[expect(clippy::new_ret_no_self, reason = "without peers it is of no use")]
    pub fn new(outpost: Authentik) -> ForwardAuthBuilder {
        ForwardAuthBuilder { outpost }
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        self.peers.iter().any(|network| network.contains(&peer))
    }

    pub(super) fn verify(&self, token: &str) -> Verifying {
        self.outpost.verify(token)
    }
}

impl ForwardAuthBuilder {
    /// Believes requests from these addresses (`::1`) and networks (`10.0.0.0/8`) only: those that the proxy in
    /// front of this service connects from.
    ///
    /// IPv4 addresses are written as IPv4, also where the service listens on IPv6.
    ///
    /// # Errors
    ///
    /// When there is none, one cannot be read, or they amount to all addresses, such as `0.0.0.0/0`: then
    /// everybody would be an outpost.
    ///
    /// ```
    /// # use axum_authz::{layer::ForwardAuth, token::{Authentik, ConfigErrorKind}};
    /// # let outpost = Authentik::issuer("https://id.example.org/application/o/wiki/").audience("wiki").build().unwrap();
    /// let error = ForwardAuth::new(outpost).peers(["0.0.0.0/0"]).unwrap_err();
    /// assert_eq!(error.kind(), ConfigErrorKind::EveryPeer);
    /// ```
    pub fn peers<P: AsRef<str>>(
        self,
        peers: impl IntoIterator<Item = P>,
    ) -> Result<ForwardAuth, ConfigError> {
        Ok(ForwardAuth { outpost: self.outpost, peers: peer::networks(peers)? })
    }
}

/// Removes the headers that only outposts may send, unless an outpost has sent them.
///
/// What comes back can verify the `X-authentik-jwt` that is then there. `forward` comes with the address of the
/// request's peer.
pub(super) fn screen<'a>(
    forward: Option<(&'a ForwardAuth, Option<IpAddr>)>,
    headers: &mut HeaderMap,
) -> Result<Option<&'a ForwardAuth>, Refusal> {
    if !headers.keys().any(is_reserved) {
        return Ok(None);
    }
    let Some((forward, peer)) = forward else {
        remove(headers, is_reserved);
        return Ok(None);
    };
    let Some(peer) = peer else {
        return Err(Refusal::Wiring("peer_address_missing"));
    };
    if !forward.trusts(peer) {
        tracing::debug!(
            target: super::TARGET, %peer,
            "identity headers removed: this peer is not one of those configured with `peers`"
        );
        remove(headers, is_reserved);
        Ok(None)
    } else if headers.contains_key(JWT) {
        remove(headers, |name| is_reserved(name) && name.as_str().contains('_'));
        Ok(Some(forward))
    } else {
        remove(headers, is_reserved);
        Ok(None)
    }
}

/// The token in `X-authentik-jwt`, or a word for the log about what is wrong with the header.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, &'static str> {
    let mut values = headers.get_all(JWT).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => match value.to_str() {
            Ok("") => Err("forwarded_token_empty"),
            Ok(token) => Ok(token),
            Err(_) => Err("forwarded_token_not_ascii"),
        },
        (None, _) => Err("forwarded_token_empty"),
        (Some(_), Some(_)) => Err("forwarded_token_repeated"),
    }
}

/// Whether a header is one that outposts set, in any spelling that something behind this service may take for it.
fn is_reserved(name: &HeaderName) -> bool {
    const PREFIX: &[u8] = b"x-authentik-";
    // Names are lower case already.
    let name = name.as_str().as_bytes();
    let same = |(sent, ours): (&u8, &u8)| sent == ours || (*ours == b'-' && *sent == b'_');
    name.len() >= PREFIX.len() && name.iter().zip(PREFIX).all(same)
}

fn remove(headers: &mut HeaderMap, which: impl Fn(&HeaderName) -> bool) {
    let names: Vec<_> = headers.keys().filter(|name| which(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::is_reserved;

    #[test]
    fn names_are_reserved_in_every_spelling() {
        let reserved = |name: &str| is_reserved(&HeaderName::from_bytes(name.as_bytes()).unwrap());
        for name in [
            "X-authentik-jwt",
            "x-authentik-username",
            "X_AUTHENTIK_USERNAME",
            "x-authentik_groups",
            "x_authentik-meta-jwks",
            "x-authentik-",
        ] {
            assert!(reserved(name), "{name}");
        }
        for name in [
            "x-authentik",
            "x-authentic-jwt",
            "authorization",
            "x",
            "xx-authentik-jwt",
            "x.authentik.jwt",
        ] {
            assert!(!reserved(name), "{name}");
        }
    }
}

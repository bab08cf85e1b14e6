//! Why the layer could not be set up.

use std::{error::Error, fmt};

/// A configuration of the layer that cannot be used.
#[derive(Debug, Clone)]
pub struct ConfigError {
    kind: ConfigErrorKind,
    message: Box<str>,
}

/// What is wrong with a configuration of the layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// The peers of an outpost are everybody.
    EveryPeer,
    /// A URL is not plain `http` on loopback, and not `https`.
    InsecureUrl,
    /// A peer is neither an address nor a network.
    InvalidPeer,
    /// Not a URL, or a URL with parts that it may not have here.
    InvalidUrl,
    /// No peer was given.
    NoPeer,
}

impl ConfigError {
    pub(super) fn new(kind: ConfigErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> ConfigErrorKind {
        self.kind
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ConfigError {}

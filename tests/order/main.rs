//! The extractors: in which order things happen, what the client is told, and what was touched before it was.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod again;
mod cancellation;
mod concealment;
mod deciders;
mod handlers;
mod identity;
mod matrix;
mod questions;
mod readiness;
mod service;
mod trail;
mod values;
mod wiring;
mod world;
mod wrong;

//! A photo-share service, apart from its `main`.

pub mod app;
pub mod model;
pub mod requests;
pub mod stand_in;
pub mod store;

include!(concat!(env!("OUT_DIR"), "/actions.rs"));

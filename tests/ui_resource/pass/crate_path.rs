//! The crate goes by another name, and nothing of the prelude is in scope.

#![no_implicit_prelude]

mod deps {
    pub use ::axum_authz as authorization;
}

#[derive(::axum_authz::resource::Resource)]
#[resource(kind = "album", crate = crate::deps::authorization)]
pub struct Album {
    #[id]
    pub id: u64,
    #[version]
    pub rev: u64,
    #[scope]
    #[attr]
    pub tenant: ::std::string::String,
    #[attr(none = omit)]
    pub team: ::core::option::Option<::std::string::String>,
    #[attr(none = null, display)]
    pub stars: ::core::option::Option<u8>,
}

fn main() {}

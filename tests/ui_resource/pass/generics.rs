//! Type parameters with bounds and defaults, constants, and fields written by a macro.

use axum_authz::{
    prelude::*,
    resource::{AttributeValue, describe},
};

#[derive(Resource)]
#[resource(kind = "album")]
struct Album<T: AttributeValue, L = String, const N: usize = 2>
where
    T: Send + Sync + 'static,
    L: AsRef<str> + Send + Sync + 'static,
{
    #[id]
    id: u64,
    #[attr]
    owner: T,
    #[attr]
    pair: [u8; N],
    #[scope]
    label: L,
}

macro_rules! resource {
    ($name:ident { $($field:ident: $ty:ty,)* }) => {
        #[derive(Resource)]
        #[resource(kind = "made")]
        struct $name {
            #[id]
            id: u64,
            $(#[attr] $field: $ty,)*
            #[attr(none = omit)]
            other: Option<String>,
        }
    };
}

resource!(Made { owner: String, public: bool, });

fn needs_resource<R: Resource>(resource: &R) -> usize {
    describe(resource).map_or(0, |resource| resource.attr.len())
}

fn main() {
    let album = Album { id: 7, owner: "alice", pair: [1, 2], label: String::from("acme") };
    assert_eq!(needs_resource(&album), 2);
    let made = Made { id: 1, owner: String::new(), public: true, other: None };
    assert_eq!(needs_resource(&made), 2);
}

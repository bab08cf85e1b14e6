use axum_authz::authorize;

#[authorize(album::View, action = "view", resource = "album", id = path("id"))]
async fn show() {}

#[authorize(album::View, album::View)]
async fn twice() {}

struct Albums;

impl Albums {
    #[authorize(album::View, id = path("id"))]
    async fn beside() -> Self {
        Self
    }
}

fn main() {}

use axum_authz::authorize;

struct Albums;

impl Albums {
    #[authorize(action = "view", resource = "album")]
    async fn by_self(self) {}

    #[authorize(action = "view", resource = "album")]
    async fn by_reference(&self) {}

    #[authorize(action = "view", resource = "album")]
    async fn made() -> Self {
        Self
    }
}

fn main() {}

use axum_authz::{authenticated, authorize, public};

#[authorize(action = "view", resource = "album")]
struct Show;

#[authenticated]
fn whoami() {}

#[public(reason = "liveness probe")]
mod healthz {}

trait Service {
    #[authenticated]
    async fn show();
}

fn main() {
    let _ = Show;
    whoami();
}

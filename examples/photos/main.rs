//! A photo-share service. `README.md` beside this file says how to run it with a real Authentik.

mod access;
mod app;
mod requests;
mod stand_in;
mod store;

use std::error::Error;
use std::io::Write as _;

use axum_authz::layer::AuthzLayer;
use axum_authz::policies::Policies;
use axum_authz::token::Authentik;
use tokio::net::TcpListener;

use app::{App, app};
use store::Store;

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/photos");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or_else(|_| "axum_authz=info".to_owned()))
        .with_writer(std::io::stderr)
        .init();
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let base = format!("http://{}", listener.local_addr()?);

    let policies = Policies::dir(POLICIES).watch().load()?;
    let store = Store::open(std::env::var("DATABASE_URL").ok().as_deref()).await?;

    let mut out = std::io::stdout();
    // Kept to the end: dropping it stops it.
    let mut _stand_in = None;
    let authentik = match std::env::var("AUTHENTIK_ISSUER") {
        Ok(issuer) => {
            let client = std::env::var("AUTHENTIK_CLIENT_ID")
                .map_err(|_| "AUTHENTIK_CLIENT_ID is missing")?;
            Authentik::issuer(&issuer).audience(&client).build()?
        }
        Err(_) => {
            let issuer = stand_in::start().await?;
            let authentik = issuer.authentik().build()?;
            stand_in::explain(&mut out, &base, &issuer)?;
            _stand_in = Some(issuer);
            authentik
        }
    };
    writeln!(out, "# listening on {base}")?;
    out.flush()?;
    let authz = AuthzLayer::new(authentik, policies.clone());
    axum::serve(listener, app(App { store, policies }, authz)).await?;
    Ok(())
}

//! A photo-share service. `README.md` beside this file says how to run it with a real Authentik.

use std::error::Error;
use std::io::Write as _;

use axum_authz::endpoint::BackChannelLogout;
use axum_authz::layer::AuthzLayer;
use axum_authz::policies::Policies;
use axum_authz::token::{Authentik, RevocationList};
use tokio::net::TcpListener;

use photos::app::{App, app};
use photos::{stand_in, store::Store};

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/photos");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(std::env::var("RUST_LOG").unwrap_or_else(|_| "axum_authz=info".to_owned()))
        .with_writer(std::io::stderr)
        .init();
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".to_owned());
    let listener = TcpListener::bind((host, port)).await?;
    let base = format!("http://{}", listener.local_addr()?);

    let policies = Policies::dir(POLICIES).watch().load()?;
    let store = Store::open(std::env::var("DATABASE_URL").ok().as_deref()).await?;

    // What Authentik tells of sessions that have ended.
    let revocations = RevocationList::default();
    let mut out = std::io::stdout();
    // Kept to the end: dropping it stops it.
    let mut _stand_in = None;
    let authentik = match std::env::var("AUTHENTIK_ISSUER") {
        Ok(issuer) => {
            let client = std::env::var("AUTHENTIK_CLIENT_ID")
                .map_err(|_| "AUTHENTIK_CLIENT_ID is missing")?;
            Authentik::issuer(&issuer).audience(&client).revocations(revocations).build()?
        }
        Err(_) => {
            let issuer = stand_in::start().await?;
            let authentik = issuer.authentik().revocations(revocations).build()?;
            stand_in::explain(&mut out, &base, &issuer)?;
            _stand_in = Some(issuer);
            authentik
        }
    };
    writeln!(out, "# listening on {base}")?;
    out.flush()?;
    let logout = BackChannelLogout::new(&authentik)?;
    let app = app(App { store }, AuthzLayer::new(authentik, policies), logout)?;
    axum::serve(listener, app).await?;
    Ok(())
}

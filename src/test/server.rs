//! The stand-in's HTTP side.

mod client;
mod discovery;
mod end_session;
mod endpoint;
mod fault;
mod introspection;
mod revocation;
mod switches;
mod token;
mod userinfo;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
};

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use tokio::sync::oneshot;

pub(super) use switches::Switches;
pub use {
    endpoint::{Endpoint, SeenRequest},
    fault::Fault,
};

use super::shared::Shared;

/// A listening server, until it is dropped: then listener and connections are closed.
///
/// It has a thread and a runtime of its own, so that stopping it closes every connection at once, and that
/// a test which stops its runtime's clock does not stop the server.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("test-issuer".to_owned()).spawn(move || {
            // Dropping the runtime afterwards drops the tasks of all connections.
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, routes(shared)) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// Listens at `address`, which a server that has just stopped may have used.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
}

/// Authentik's paths. Every one but discovery ends in a slash.
fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/application/o/{slug}/", get(discovery::provider_root))
        .route("/application/o/{slug}/.well-known/openid-configuration", get(discovery::document))
        .route("/application/o/{slug}/jwks/", get(discovery::key_set))
        .route(
            "/application/o/{slug}/end-session/",
            get(end_session::by_query).post(end_session::by_form),
        )
        .route("/application/o/token/", post(token::grant))
        .route("/application/o/introspect/", post(introspection::introspect))
        .route("/application/o/revoke/", post(revocation::revoke))
        .route("/application/o/userinfo/", get(userinfo::userinfo).post(userinfo::userinfo))
        .layer(from_fn_with_state(Arc::clone(&shared), switches::apply))
        .with_state(shared)
}

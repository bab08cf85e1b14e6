//! The services that are tested, and what they answer.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Request},
    response::Response,
};
use axum_authz::{
    audit::CallId,
    decide::Decide,
    guard,
    layer::{AuthzLayer, Refusal},
    test::{TestClock, TestIssuer, TestToken},
    token::{RevocationList, SharedSecret},
};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt, util::BoxCloneSyncService};

use crate::{
    handlers,
    trail::record,
    world::{App, Watched},
};

pub(crate) type Boxed = BoxCloneSyncService<Request<Body>, Response, Infallible>;

pub(crate) struct Setup {
    pub(crate) issuer: TestIssuer,
    pub(crate) revocations: RevocationList,
    layer: AuthzLayer,
}

impl Setup {
    pub(crate) async fn new(decider: impl Decide) -> Self {
        Self::at(&TestClock::new(), decider).await
    }

    /// No key is fetched for the tokens: nothing waits for the network.
    pub(crate) async fn at(clock: &TestClock, decider: impl Decide) -> Self {
        let issuer = TestIssuer::builder().clock(clock).client_secret_signing().start().await;
        let secret = SharedSecret::new(issuer.client_secret()).unwrap();
        let revocations = RevocationList::on_clock(Duration::from_secs(3600), clock);
        let authentik = issuer.authentik().client_secret_signing(secret);
        let authentik = authentik.revocations(revocations.clone()).build().unwrap();
        let layer = AuthzLayer::new(authentik, Watched(decider)).realm("photos");
        Self { issuer, revocations, layer }
    }

    /// Words refusals itself.
    pub(crate) fn respond_with(
        self,
        write: impl Fn(&Refusal, CallId, &HeaderMap) -> Option<(HeaderValue, String)>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { layer: self.layer.respond_with(write), ..self }
    }

    /// The handlers of [`handlers`] in axum's router, and in the guarded one.
    pub(crate) fn both(&self) -> [(&'static str, Boxed); 2] {
        let plain = handlers::plain().with_state(App).layer(self.layer.clone());
        [("plain", boxed(plain)), ("guarded", self.finish(handlers::guarded().with_state(App)))]
    }

    pub(crate) fn plain(&self, router: axum::Router) -> Boxed {
        boxed(router.layer(self.layer.clone()))
    }

    pub(crate) fn finish(&self, router: guard::Router) -> Boxed {
        boxed(router.finish(self.layer.clone()).unwrap())
    }

    /// Someone who has the role and the scope.
    pub(crate) fn user(&self, name: &str) -> TestToken {
        self.issuer.token(name).groups(["user"]).scope("photos.write")
    }
}

pub(crate) fn boxed<S>(service: S) -> Boxed
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    BoxCloneSyncService::new(service)
}

pub(crate) fn bearer(token: TestToken) -> String {
    format!("Bearer {}", token.sign())
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) call_id: Option<CallId>,
    pub(crate) steps: String,
}

impl Answer {
    pub(crate) async fn to(service: &Boxed, request: Request<Body>) -> Self {
        let (response, steps) = record(service.clone().oneshot(request)).await;
        let (head, body) = response.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
            call_id: head.extensions.get().copied(),
            steps,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

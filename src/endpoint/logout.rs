//! Back-channel logout: Authentik tells the service that a session has ended.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{self, Body},
    extract::Request,
    response::Response,
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use tower_service::Service;
use url::form_urlencoded;

use crate::{
    audit::CallId,
    danger::LegacyLogoutTokens,
    token::{Authentik, ConfigError, Logouts, TokenError},
};

/// A logout token has some 1000 bytes, twice that when it is encrypted.
const MAX_BODY: usize = 32 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// The endpoint to which Authentik sends logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8).
///
/// Every token of the session that has ended is refused from then on, and
/// [`until_ended`](crate::Principal::until_ended) resolves for the streams that were opened with one. In
/// Authentik, give its URL as the provider's *Logout URI*, with the logout method *Back-channel*. It is
/// Authentik's worker that calls it, not the browser.
///
/// It is a service and no handler: route it with `post_service`. It needs no
/// [`AuthzLayer`](crate::layer::AuthzLayer): the logout token is its own credential.
///
/// ```
/// use axum::{Router, routing::post_service};
/// use axum_authz::{endpoint::BackChannelLogout, token::{Authentik, RevocationList}};
///
/// let authentik = Authentik::issuer("https://id.example.org/application/o/photos/")
///     .audience("photos")
///     .revocations(RevocationList::default())
///     .build()?;
/// let app: Router = Router::new().route("/auth/backchannel-logout", post_service(BackChannelLogout::new(&authentik)?));
/// # Ok::<(), axum_authz::token::ConfigError>(())
/// ```
///
/// # Answers
///
/// 200 when the session is over; 400 with `{"error":"invalid_request"}` when what came is no logout token for
/// this service, or was taken before; 503 when that could not be found out or recorded, so that Authentik sees
/// a failure. The reason is told to the operator, as an event under the target `axum_authz::token`.
///
/// # What it does not reach
///
/// Authentik tells only applications for which it still stores an access token of the session. Tokens without
/// `sid` belong to no session: those of service accounts, and those that a client gets *after* the logout with
/// a refresh token, because Authentik keeps refresh tokens (scope `offline_access`, 30 days unless set) and
/// takes the session out of them. Such a client stays signed in, introspection says so too, and nothing here
/// can tell. Where logout has to count, offer no `offline_access`, or let the policies ask for
/// `has(request.auxData.jwt.sid)`.
#[derive(Clone)]
pub struct BackChannelLogout(Logouts);

impl BackChannelLogout {
    /// Takes logout tokens of these providers.
    ///
    /// # Errors
    ///
    /// When one of them has no store in which a logout could be recorded.
    pub fn new(authentik: &Authentik) -> Result<Self, ConfigError> {
        Ok(Self(authentik.logouts()?))
    }

    /// Takes logout tokens of older servers too; what that opens is said [there](LegacyLogoutTokens).
    #[must_use]
    pub fn accept_legacy(self, legacy: LegacyLogoutTokens) -> Self {
        Self(self.0.accept_legacy(legacy))
    }
}

impl fmt::Debug for BackChannelLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BackChannelLogout").field(&self.0).finish()
    }
}

impl Service<Request> for BackChannelLogout {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let logouts = self.0.clone();
        Box::pin(async move { Ok(answer(&logouts, request).await) })
    }
}

async fn answer(logouts: &Logouts, request: Request) -> Response {
    if request.method() != Method::POST {
        let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, "");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let taken = match read(request).await {
        Ok(token) => logouts.take(&token).await,
        Err(reason) => return refuse(reason, &"the request has no form with one `logout_token`"),
    };
    match taken {
        Ok(()) => {
            tracing::info!(target: "axum_authz::token", "a session has ended");
            respond(StatusCode::OK, "")
        }
        Err(TokenError::Invalid(invalid)) => refuse(invalid.reason(), &invalid),
        Err(TokenError::Undecided(undecided)) => {
            let reason = undecided.reason();
            tracing::warn!(target: "axum_authz::token", call_id = %CallId::new(), reason, detail = %undecided, "logout not recorded");
            let mut response = respond(StatusCode::SERVICE_UNAVAILABLE, "");
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
    }
}

/// The one `logout_token` of a form (section 2.5).
async fn read(request: Request) -> Result<String, &'static str> {
    if !is_form(request.headers()) {
        return Err("not_a_form");
    }
    let form =
        body::to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| "body_unreadable")?;
    let mut tokens = form_urlencoded::parse(&form).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        (None, _) => Err("logout_token_absent"),
        (Some(_), Some(_)) => Err("logout_token_repeated"),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(FORM)
}

fn refuse(reason: &str, detail: &dyn fmt::Display) -> Response {
    tracing::info!(target: "axum_authz::token", call_id = %CallId::new(), reason, %detail, "logout refused");
    respond(
        StatusCode::BAD_REQUEST,
        r#"{"error":"invalid_request","error_description":"not a logout token for this service"}"#,
    )
}

/// Section 2.8: no answer may be cached.
fn respond(status: StatusCode, body: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

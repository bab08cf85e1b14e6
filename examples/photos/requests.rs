//! Requests that show what the service does, each with the status it gives. The service prints them; a test
//! sends them.

/// A request, in the order in which they are meant to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// Whose token goes with it.
    pub person: Option<&'static str>,
    /// JSON.
    pub body: Option<&'static str>,
    /// What it is answered with.
    pub status: u16,
    /// Why that is so.
    pub why: &'static str,
}

/// Everybody of the demonstration and their groups.
pub const PEOPLE: [(&str, &[&str]); 5] = [
    ("alice", &["photos-users"]),
    ("bob", &["photos-users"]),
    ("carol", &["photos-moderators"]),
    ("dave", &["photos-users"]),
    ("eve", &["sales"]),
];

const fn get(path: &'static str, person: &'static str, status: u16, why: &'static str) -> Request {
    Request { method: "GET", path, person: Some(person), body: None, status, why }
}

const fn send(
    method: &'static str,
    path: &'static str,
    person: &'static str,
    body: &'static str,
    status: u16,
    why: &'static str,
) -> Request {
    Request { method, path, person: Some(person), body: Some(body), status, why }
}

/// What is sent, one after the other.
pub const REQUESTS: &[Request] = &[
    Request { person: None, ..get("/healthz", "", 200, "public") },
    Request { person: None, ..get("/whoami", "", 401, "no token") },
    get("/whoami", "alice", 200, "any verified caller"),
    get("/albums", "dave", 200, "what dave may see"),
    get("/albums/1", "alice", 200, "her own"),
    get("/albums/1", "bob", 200, "shared with him"),
    get("/albums/1", "dave", 403, "private"),
    get("/albums/2", "dave", 200, "public"),
    get("/albums/3", "alice", 403, "flagged"),
    get("/albums/3", "carol", 200, "moderators see what is flagged"),
    get("/albums/99", "alice", 404, "no such album"),
    send("PUT", "/albums/1", "bob", r#"{"title":"Mine"}"#, 403, "only the owner edits"),
    send("PUT", "/albums/1", "bob", "{", 403, "decided before the body is read"),
    send("PUT", "/albums/1", "alice", "{", 400, "malformed body, with the right"),
    send(
        "PUT",
        "/albums/1",
        "alice",
        r#"{"title":"Ours","owner":"bob"}"#,
        403,
        "nobody gives away",
    ),
    send("PUT", "/albums/1", "bob", r#"{"title":"Ours","owner":"bob"}"#, 403, "nobody takes"),
    send("PUT", "/albums/1", "alice", r#"{"title":"Our family"}"#, 204, "the owner edits"),
    send("POST", "/albums", "eve", "{", 403, "no member, decided before the body is read"),
    send("POST", "/albums", "carol", "{", 400, "malformed body, with the right"),
    send(
        "POST",
        "/albums",
        "carol",
        r#"{"title":"Ads","public":true}"#,
        403,
        "moderators are neutral",
    ),
    send("POST", "/albums", "carol", r#"{"title":"Notes"}"#, 201, "a private one is fine"),
    send("POST", "/albums", "dave", r#"{"title":"New","public":true}"#, 201, "everybody creates"),
    get("/albums/2/export", "dave", 200, "asked again on the way"),
    get("/capabilities", "dave", 200, "what a user interface shows to dave"),
    Request {
        body: None,
        ..send("POST", "/albums/2/into/4", "dave", "", 204, "may see the one, owns the other")
    },
    Request {
        body: None,
        ..send("POST", "/albums/2/into/1", "dave", "", 403, "may see the one, not edit the other")
    },
    Request {
        body: None,
        ..send("POST", "/albums/1/into/4", "dave", "", 403, "owns the other, may not see the one")
    },
    send("POST", "/albums/4/share", "dave", r#"{"person":"alice"}"#, 204, "the owner shares"),
    Request {
        body: None,
        ..send("POST", "/albums/2/flag", "dave", "", 204, "one reports what one sees")
    },
    Request { body: None, ..send("DELETE", "/albums/3", "carol", "", 204, "moderators clean up") },
];

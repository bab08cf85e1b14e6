//! Requests that show what the service does, each with the status it gives. The service prints them; a test
//! sends them.

/// A request, in the order in which they are meant to be sent.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) person: Option<&'static str>,
    pub(crate) body: Option<&'static str>,
    pub(crate) status: u16,
    pub(crate) why: &'static str,
}

/// Everybody of the demonstration and their groups.
pub(crate) const PEOPLE: [(&str, &[&str]); 4] = [
    ("alice", &["photos-users"]),
    ("bob", &["photos-users"]),
    ("carol", &["photos-moderators"]),
    ("dave", &["photos-users"]),
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

pub(crate) const REQUESTS: [Request; 19] = [
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
    send("PUT", "/albums/1", "alice", r#"{"title":"Our family"}"#, 204, "the owner edits"),
    send("POST", "/albums", "dave", r#"{"title":"New","public":true}"#, 201, "everybody creates"),
    send("POST", "/albums/4/share", "dave", r#"{"person":"alice"}"#, 204, "the owner shares"),
    Request {
        body: None,
        ..send("POST", "/albums/2/flag", "dave", "", 204, "one reports what one sees")
    },
    Request { body: None, ..send("DELETE", "/albums/3", "carol", "", 204, "moderators clean up") },
];

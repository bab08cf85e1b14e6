//! Requests about the example's albums.

/// An owner, a friend, and somebody else.
pub(super) const REQUESTS: [&str; 3] = [
    r#"{
  "principal": {"id": "alice", "roles": ["photos-users"], "attr": {}},
  "resources": [{"actions": ["view", "edit", "share"], "resource": {"kind": "album", "id": "1",
    "attr": {"owner": "alice", "public": false, "flagged": false, "shared_with": ["bob"]}}}]
}"#,
    r#"{
  "principal": {"id": "bob", "roles": ["photos-users"], "attr": {}},
  "resources": [{"actions": ["view", "edit"], "resource": {"kind": "album", "id": "1",
    "attr": {"owner": "alice", "public": false, "flagged": false, "shared_with": ["bob"]}}}]
}"#,
    r#"{
  "principal": {"id": "carol", "roles": ["photos-users"], "attr": {}},
  "resources": [{"actions": ["view", "delete"], "resource": {"kind": "album", "id": "1",
    "attr": {"owner": "alice", "public": false, "flagged": false, "shared_with": ["bob"]}}}]
}"#,
];

//! Every declaration in every situation: status, headers, and what was done until then.

use axum_authz::decide::Decide;

use crate::{
    service::{Answer, Setup},
    world::policies,
    wrong::Wrong::{self, *},
};

/// A way to declare, as the handler at `path` does it.
pub(crate) struct Form {
    pub(crate) path: &'static str,
    /// The steps of a request with nothing wrong, and of those whose fault this handler cannot see.
    good: &'static str,
    /// What goes wrong, the status, and the steps until then.
    bad: &'static [(Wrong, u16, &'static str)],
}

pub(crate) const FORMS: &[Form] = &[
    Form {
        path: "/text/{id}",
        good: "decide(edit) argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Scope, 403, ""),
            (Role, 403, "decide(edit)"),
            (RoleAndText, 403, "decide(edit)"),
            (Claim, 503, "decide(edit)"),
            (Owner, 403, "decide(edit)"),
            (OwnerAndText, 403, "decide(edit)"),
            (Huge, 503, "decide(edit)"),
            (Text, 400, "decide(edit) argument body"),
            (ContentType, 415, "decide(edit) argument"),
        ],
    },
    Form { path: "/typed", ..LIST },
    Form { path: "/closure", ..LIST },
    Form {
        path: "/authenticated",
        good: "argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Text, 400, "argument body"),
            (RoleAndText, 400, "argument body"),
            (OwnerAndText, 400, "argument body"),
            (ContentType, 415, "argument"),
        ],
    },
    Form {
        path: "/authenticated-scope",
        good: "argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Scope, 403, ""),
            (Text, 400, "argument body"),
            (RoleAndText, 400, "argument body"),
            (OwnerAndText, 400, "argument body"),
            (ContentType, 415, "argument"),
        ],
    },
    Form {
        path: "/public",
        good: "argument body handler",
        bad: &[
            (Token, 401, ""),
            (Text, 400, "argument body"),
            (RoleAndText, 400, "argument body"),
            (OwnerAndText, 400, "argument body"),
            (ContentType, 415, "argument"),
        ],
    },
    Form {
        path: "/loaded/{id}",
        good: "foresee(edit) load(album) decide(edit) argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(edit)"),
            (RoleAndText, 403, "foresee(edit)"),
            (Claim, 503, "foresee(edit) load(album) decide(edit)"),
            (Key, 400, "foresee(edit)"),
            (Absent, 404, "foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) load(album)"),
            (Owner, 403, "foresee(edit) load(album) decide(edit)"),
            (OwnerAndText, 403, "foresee(edit) load(album) decide(edit)"),
            (Huge, 503, "foresee(edit) load(album) decide(edit)"),
            (Text, 400, "foresee(edit) load(album) decide(edit) argument body"),
            (ContentType, 415, "foresee(edit) load(album) decide(edit) argument"),
        ],
    },
    Form {
        path: "/concealed/{id}",
        good: "foresee(edit) load(album) decide(edit) argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 404, "foresee(edit)"),
            (RoleAndText, 404, "foresee(edit)"),
            (Claim, 503, "foresee(edit) load(album) decide(edit)"),
            (Key, 400, "foresee(edit)"),
            (Absent, 404, "foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) load(album)"),
            (Owner, 404, "foresee(edit) load(album) decide(edit)"),
            (OwnerAndText, 404, "foresee(edit) load(album) decide(edit)"),
            (Huge, 503, "foresee(edit) load(album) decide(edit)"),
            (Text, 400, "foresee(edit) load(album) decide(edit) argument body"),
            (ContentType, 415, "foresee(edit) load(album) decide(edit) argument"),
        ],
    },
    Form {
        path: "/two-loaded/{id}/{folder}",
        good: "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit) foresee(add) load(folder) decide(add) argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(edit)"),
            (RoleAndText, 403, "foresee(edit)"),
            (Claim, 503, "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit)"),
            (Key, 400, "foresee(edit) foresee(add) foresee(edit)"),
            (Absent, 404, "foresee(edit) foresee(add) foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) foresee(add) foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) foresee(add) foresee(edit) load(album)"),
            (Owner, 403, "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit)"),
            (
                OwnerAndText,
                403,
                "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit)",
            ),
            (Huge, 503, "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit)"),
            (
                FolderAbsent,
                404,
                "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit) foresee(add) load(folder)",
            ),
            (
                FolderOwner,
                403,
                "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit) foresee(add) load(folder) decide(add)",
            ),
            (
                Text,
                400,
                "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit) foresee(add) load(folder) decide(add) argument body",
            ),
            (
                ContentType,
                415,
                "foresee(edit) foresee(add) foresee(edit) load(album) decide(edit) foresee(add) load(folder) decide(add) argument",
            ),
        ],
    },
    Form {
        path: "/authorized-loaded/{id}",
        good: "foresee(edit) decide(list) foresee(edit) load(album) decide(edit) argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(edit)"),
            (RoleAndText, 403, "foresee(edit)"),
            (Claim, 503, "foresee(edit) decide(list)"),
            (Key, 400, "foresee(edit) decide(list) foresee(edit)"),
            (Absent, 404, "foresee(edit) decide(list) foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) decide(list) foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) decide(list) foresee(edit) load(album)"),
            (Owner, 403, "foresee(edit) decide(list) foresee(edit) load(album) decide(edit)"),
            (
                OwnerAndText,
                403,
                "foresee(edit) decide(list) foresee(edit) load(album) decide(edit)",
            ),
            (Huge, 503, "foresee(edit) decide(list) foresee(edit) load(album) decide(edit)"),
            (
                Text,
                400,
                "foresee(edit) decide(list) foresee(edit) load(album) decide(edit) argument body",
            ),
            (
                ContentType,
                415,
                "foresee(edit) decide(list) foresee(edit) load(album) decide(edit) argument",
            ),
        ],
    },
    Form {
        path: "/loaded-authorized/{id}",
        good: "foresee(edit) foresee(edit) load(album) decide(edit) decide(list) argument body handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Scope, 403, ""),
            (Role, 403, "foresee(edit)"),
            (RoleAndText, 403, "foresee(edit)"),
            (Claim, 503, "foresee(edit) foresee(edit) load(album) decide(edit)"),
            (Key, 400, "foresee(edit) foresee(edit)"),
            (Absent, 404, "foresee(edit) foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) foresee(edit) load(album)"),
            (Owner, 403, "foresee(edit) foresee(edit) load(album) decide(edit)"),
            (OwnerAndText, 403, "foresee(edit) foresee(edit) load(album) decide(edit)"),
            (Huge, 503, "foresee(edit) foresee(edit) load(album) decide(edit)"),
            (
                Text,
                400,
                "foresee(edit) foresee(edit) load(album) decide(edit) decide(list) argument body",
            ),
            (
                ContentType,
                415,
                "foresee(edit) foresee(edit) load(album) decide(edit) decide(list) argument",
            ),
        ],
    },
    Form {
        path: "/checked",
        good: "foresee(create) body decide(create) handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(create)"),
            (RoleAndText, 403, "foresee(create)"),
            (Claim, 503, "foresee(create) body decide(create)"),
            (Text, 400, "foresee(create) body"),
            (OwnerAndText, 400, "foresee(create) body"),
            (ContentType, 415, "foresee(create)"),
            (Owner, 403, "foresee(create) body decide(create)"),
            (NewOwner, 403, "foresee(create) body decide(create)"),
            (Huge, 503, "foresee(create) body decide(create)"),
            (NewHuge, 503, "foresee(create) body decide(create)"),
            (Stars, 503, "foresee(create) body"),
            (NewStars, 503, "foresee(create) body"),
        ],
    },
    Form {
        path: "/ahead",
        good: "foresee(create) argument foresee(create) body decide(create) handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(create)"),
            (RoleAndText, 403, "foresee(create)"),
            (Claim, 503, "foresee(create) argument foresee(create) body decide(create)"),
            (Text, 400, "foresee(create) argument foresee(create) body"),
            (OwnerAndText, 400, "foresee(create) argument foresee(create) body"),
            (ContentType, 415, "foresee(create) argument foresee(create)"),
            (Owner, 403, "foresee(create) argument foresee(create) body decide(create)"),
            (NewOwner, 403, "foresee(create) argument foresee(create) body decide(create)"),
            (Huge, 503, "foresee(create) argument foresee(create) body decide(create)"),
            (NewHuge, 503, "foresee(create) argument foresee(create) body decide(create)"),
            (Stars, 503, "foresee(create) argument foresee(create) body"),
            (NewStars, 503, "foresee(create) argument foresee(create) body"),
        ],
    },
    Form {
        path: "/changed/{id}",
        good: "foresee(edit) load(album) decide(edit) body decide(edit) handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(edit)"),
            (RoleAndText, 403, "foresee(edit)"),
            (Claim, 503, "foresee(edit) load(album) decide(edit)"),
            (Key, 400, "foresee(edit)"),
            (Absent, 404, "foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) load(album)"),
            (Owner, 403, "foresee(edit) load(album) decide(edit)"),
            (OwnerAndText, 403, "foresee(edit) load(album) decide(edit)"),
            (Huge, 503, "foresee(edit) load(album) decide(edit)"),
            (Text, 400, "foresee(edit) load(album) decide(edit) body"),
            (ContentType, 415, "foresee(edit) load(album) decide(edit)"),
            (NewOwner, 403, "foresee(edit) load(album) decide(edit) body decide(edit)"),
            (NewStars, 503, "foresee(edit) load(album) decide(edit) body"),
            (NewHuge, 503, "foresee(edit) load(album) decide(edit) body decide(edit)"),
        ],
    },
    Form {
        path: "/ahead-changed/{id}",
        good: "foresee(edit) argument foresee(edit) load(album) decide(edit) body decide(edit) handler",
        bad: &[
            (Anonymous, 401, ""),
            (Token, 401, ""),
            (Role, 403, "foresee(edit)"),
            (RoleAndText, 403, "foresee(edit)"),
            (Claim, 503, "foresee(edit) argument foresee(edit) load(album) decide(edit)"),
            (Key, 400, "foresee(edit) argument foresee(edit)"),
            (Absent, 404, "foresee(edit) argument foresee(edit) load(album)"),
            (Loader, 503, "foresee(edit) argument foresee(edit) load(album)"),
            (Stars, 503, "foresee(edit) argument foresee(edit) load(album)"),
            (Owner, 403, "foresee(edit) argument foresee(edit) load(album) decide(edit)"),
            (OwnerAndText, 403, "foresee(edit) argument foresee(edit) load(album) decide(edit)"),
            (Huge, 503, "foresee(edit) argument foresee(edit) load(album) decide(edit)"),
            (Text, 400, "foresee(edit) argument foresee(edit) load(album) decide(edit) body"),
            (ContentType, 415, "foresee(edit) argument foresee(edit) load(album) decide(edit)"),
            (
                NewOwner,
                403,
                "foresee(edit) argument foresee(edit) load(album) decide(edit) body decide(edit)",
            ),
            (NewStars, 503, "foresee(edit) argument foresee(edit) load(album) decide(edit) body"),
            (
                NewHuge,
                503,
                "foresee(edit) argument foresee(edit) load(album) decide(edit) body decide(edit)",
            ),
        ],
    },
];

/// An action on the kind as a whole, whose policy asks about the caller only.
const LIST: Form = Form {
    path: "",
    good: "decide(list) argument body handler",
    bad: &[
        (Anonymous, 401, ""),
        (Token, 401, ""),
        (Role, 403, "decide(list)"),
        (RoleAndText, 403, "decide(list)"),
        (Claim, 503, "decide(list)"),
        (Text, 400, "decide(list) argument body"),
        (OwnerAndText, 400, "decide(list) argument body"),
        (ContentType, 415, "decide(list) argument"),
    ],
};

impl Form {
    /// The status, and the steps until it was clear.
    pub(crate) fn outcome(&self, wrong: Wrong) -> (u16, &'static str) {
        let row = self.bad.iter().find(|(which, ..)| *which == wrong);
        row.map_or((200, self.good), |(_, status, steps)| (*status, *steps))
    }

    /// Whether anything is decided on.
    pub(crate) fn asks(&self) -> bool {
        self.good.contains("decide")
    }
}

#[tokio::test]
async fn every_declaration_answers_as_its_table_says_and_does_nothing_beyond() {
    every_declaration(policies()).await;
}

pub(crate) async fn every_declaration(decider: impl Decide) {
    let setup = Setup::new(decider).await;
    let mut failures = Vec::new();
    for (router, service) in setup.both() {
        for form in FORMS {
            let path = form.path;
            for wrong in Wrong::ALL {
                let (status, steps) = form.outcome(*wrong);
                let answer = Answer::to(&service, wrong.request(path, &setup)).await;
                if (answer.status, &*answer.steps) != (status, steps) {
                    failures.push(format!(
                        "{router} {path} {wrong:?}: {} {:?}, not {status} {steps:?}",
                        answer.status, answer.steps
                    ));
                }
                let told = headers(*wrong, &answer);
                failures
                    .extend(told.err().map(|told| format!("{router} {path} {wrong:?}: {told}")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What a refusal of this crate says besides its status. That a body cannot be read is told by axum.
fn headers(wrong: Wrong, answer: &Answer) -> Result<(), String> {
    let by_axum = answer.status == 415 || (answer.status == 400 && wrong != Key);
    let ours = answer.status != 200 && !by_axum;
    let expected = [
        ("www-authenticate", wrong.challenge(answer.status)),
        ("retry-after", (answer.status == 503).then_some("5")),
        ("cache-control", ours.then_some("no-store")),
    ];
    for (name, value) in expected {
        if answer.header(name) != value {
            return Err(format!("{name} is {:?}, not {value:?}", answer.header(name)));
        }
    }
    if ours != (answer.header("content-type") == Some("application/problem+json")) {
        return Err(format!("content-type is {:?}", answer.header("content-type")));
    }
    if ours != answer.call_id.is_some_and(|id| answer.body.contains(&id.to_string())) {
        return Err(format!("the call id of the log is not in {}", answer.body));
    }
    match answer.body.contains("db.internal") {
        true => Err("the loader's error was told".into()),
        false => Ok(()),
    }
}

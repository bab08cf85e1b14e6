//! The rules in Rust, the structs of a service, and questions.

use serde::Serialize;

/// Kinds of resources. Each has the same rules, written down for itself, as in applications with a hundred kinds.
pub(crate) const KINDS: usize = 100;
/// Users, each with one of [`ROLES`] besides `member`.
pub(crate) const USERS: usize = 60;
pub(crate) const ROLES: [&str; 4] = ["viewer", "editor", "admin", "guest"];
pub(crate) const ACTIONS: [&str; 4] = ["view", "edit", "delete", "approve"];
const DEPARTMENTS: [&str; 3] = ["sales", "research", "logistics"];

/// Who asks, as a service has it at hand after authentication.
#[derive(Debug, Clone, Hash, Serialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) roles: Vec<String>,
    pub(crate) department: String,
    pub(crate) limit: i64,
}

/// What is asked about, as a service has it from its database.
#[derive(Debug, Clone, Hash, Serialize)]
pub(crate) struct Record {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) department: String,
    pub(crate) amount: i64,
}

/// Whether this user may do this to that record.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) user: User,
    pub(crate) action: &'static str,
    pub(crate) record: Record,
}

/// Why a question is answered as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Role,
    Owner,
    Attributes,
    Denied,
}

impl Question {
    /// The rules.
    pub(crate) fn reason(&self) -> Reason {
        let Self { user, action, record } = self;
        let role = |wanted: &[&str]| user.roles.iter().any(|role| wanted.contains(&role.as_str()));
        let by_role = match *action {
            "view" => role(&["viewer", "editor", "admin"]),
            "edit" => role(&["editor", "admin"]),
            _ => role(&["admin"]),
        };
        if by_role {
            Reason::Role
        } else if *action == "edit" && record.owner == user.id {
            Reason::Owner
        } else if *action == "approve"
            && record.amount < user.limit
            && record.department == user.department
        {
            Reason::Attributes
        } else {
            Reason::Denied
        }
    }
}

/// The name of a kind.
pub(crate) fn kind(number: usize) -> String {
    format!("kind_{number:03}")
}

pub(crate) fn user(number: usize) -> User {
    User {
        id: format!("user_{number:02}"),
        roles: vec![pick(&ROLES, number as u64).to_owned(), "member".to_owned()],
        department: pick(&DEPARTMENTS, number as u64 / 4).to_owned(),
        limit: 1000 * (1 + number as i64 % 5),
    }
}

/// Questions of which some are answered for each reason.
pub(crate) fn random(count: usize) -> Vec<Question> {
    Random(7).take(count).collect()
}

/// So many questions for each reason, shuffled.
pub(crate) fn of_each_reason(each: usize) -> Vec<Question> {
    let mut counts = [0; 4];
    let wanted = |question: &Question| {
        let count = &mut counts[question.reason() as usize];
        *count += 1;
        *count <= each
    };
    Random(11).filter(wanted).take(4 * each).collect()
}

/// Questions without an end.
struct Random(u64);

impl Random {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Iterator for Random {
    type Item = Question;

    fn next(&mut self) -> Option<Question> {
        let user = user((self.next() % USERS as u64) as usize);
        let owner =
            if self.next().is_multiple_of(3) { user.id.clone() } else { "user_99".to_owned() };
        let record = Record {
            kind: kind((self.next() % KINDS as u64) as usize),
            id: format!("record-{}", self.next() % 10_000),
            owner,
            department: pick(&DEPARTMENTS, self.next()).to_owned(),
            amount: (self.next() % 6000) as i64,
        };
        Some(Question { user, action: pick(&ACTIONS, self.next()), record })
    }
}

fn pick<const N: usize>(list: &[&'static str; N], number: u64) -> &'static str {
    list[(number % N as u64) as usize]
}

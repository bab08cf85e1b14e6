//! Resources, their actions, and the policies about them.

use std::{borrow::Cow, fmt, time::SystemTime};

use axum::extract::Path;
use axum_authz::{
    Principal,
    decide::{Answer, Decide, Question},
    guard::Action,
    policies::{Decision, Map, Outline, Outlook, Policies, Source, Vocabulary},
    resource::{Attribute, Change, Load, Resource},
};
use serde::Deserialize;

use crate::trail::note;

/// Albums may be changed by those who own them, unless that takes too long to say, which it does for huge ones
/// and for callers with a huge claim.
const POLICIES: &str = r#"
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: album
  version: default
  rules:
    - actions: [list]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: '!has(P.attr.huge) || OF_CALLER'}}
    - actions: [print]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: '!has(R.attr.huge) || OF_CALLER'}}
    - actions: [edit, create]
      effect: EFFECT_ALLOW
      roles: [user]
      condition:
        match:
          all:
            of:
              - expr: '!has(P.attr.huge) || OF_CALLER'
              - expr: '!has(R.attr.huge) || OF_ALBUM'
              - expr: R.attr.owner == P.id && R.attr.stars != 1
---
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: folder
  version: default
  rules:
    - actions: [add]
      effect: EFFECT_ALLOW
      roles: [user]
      condition: {match: {expr: R.attr.owner == P.id}}
"#;

/// More steps than an evaluation may take: the text `first` is doubled until it is too long.
fn limit(first: &str) -> String {
    let body = "size(x) > 0".to_owned();
    let body = (0..40).fold(body, |body, _| format!("cel.bind(x, x + x, {body})"));
    format!("cel.bind(x, {first}, {body})")
}

pub(crate) fn policies() -> Policies {
    let text = POLICIES.replace("OF_CALLER", &limit("P.id"));
    let text = text.replace("OF_ALBUM", &limit("R.attr.owner"));
    let files = text.split("---\n").enumerate();
    Policies::from_sources(files.map(|(n, text)| Source::new(format!("{n}.yaml"), text))).unwrap()
}

/// Decides as `D` does, and notes each question.
pub(crate) struct Watched<D>(pub(crate) D);

impl<D: Decide> Decide for Watched<D> {
    fn decide<'a>(&'a self, question: Question<'a>, action: &'a str) -> Answer<'a, Decision> {
        note(format!("decide({action})"));
        self.0.decide(question, action)
    }

    fn decide_each<'a>(
        &'a self,
        question: Question<'a>,
        actions: &'a [&'a str],
    ) -> Answer<'a, Vec<Decision>> {
        note(format!("decide_each({})", actions.join(",")));
        self.0.decide_each(question, actions)
    }

    fn foresee<'a>(
        &'a self,
        principal: &'a Principal,
        outline: Outline<'a>,
        action: &'a str,
        now: SystemTime,
    ) -> Answer<'a, Outlook> {
        note(format!("foresee({action})"));
        self.0.foresee(principal, outline, action, now)
    }

    fn vocabulary(&self) -> Option<Vocabulary> {
        self.0.vocabulary()
    }
}

macro_rules! actions {
    ($($action:ident, $kind:literal, $name:literal;)*) => {$(
        pub(crate) struct $action;

        impl Action for $action {
            const KIND: &'static str = $kind;
            const NAME: &'static str = $name;
        }
    )*};
}

actions! {
    List, "album", "list";
    Edit, "album", "edit";
    Print, "album", "print";
    Create, "album", "create";
    Add, "folder", "add";
}

#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(kind = "album")]
pub(crate) struct Album {
    #[id]
    pub(crate) id: u64,
    #[attr]
    pub(crate) owner: String,
    /// Without them the number is none, which JSON has no other way to say.
    #[attr]
    #[serde(default = "not_a_number")]
    pub(crate) stars: f64,
    #[attr(none = omit)]
    pub(crate) huge: Option<bool>,
}

fn not_a_number() -> f64 {
    f64::NAN
}

/// An album of which only those know who may do something with it.
#[derive(Debug, Deserialize)]
pub(crate) struct Hidden(pub(crate) Album);

impl Resource for Hidden {
    const KIND: &'static str = Album::KIND;
    const ATTRIBUTES: &'static [Attribute] = Album::ATTRIBUTES;
    const CONCEAL: bool = true;

    fn id(&self) -> Cow<'_, str> {
        self.0.id()
    }

    fn attributes(&self) -> Map {
        self.0.attributes()
    }
}

#[derive(Debug, Resource)]
#[resource(kind = "folder")]
pub(crate) struct Folder {
    #[id]
    id: u64,
    #[attr]
    pub(crate) owner: &'static str,
}

/// The state of the services.
#[derive(Debug, Clone, Default)]
pub(crate) struct App;

/// The database is gone; where it was is nobody else's business.
#[derive(Debug)]
pub(crate) struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection to db.internal")
    }
}

impl std::error::Error for Gone {}

#[derive(Deserialize)]
pub(crate) struct AlbumKey {
    pub(crate) id: u64,
}

#[derive(Deserialize)]
pub(crate) struct FolderKey {
    folder: u64,
}

impl Load<App> for Album {
    type Key = Path<AlbumKey>;
    type Error = Gone;

    async fn load(_: &App, Path(AlbumKey { id }): Self::Key) -> Result<Option<Self>, Gone> {
        note("load(album)");
        match id {
            LOST => Err(Gone),
            ALICES | BOBS | NOT_A_NUMBER | HUGE => Ok(Some(stored(id))),
            _ => Ok(None),
        }
    }
}

/// An album as it is kept.
pub(crate) fn stored(id: u64) -> Album {
    Album {
        id,
        owner: if id == BOBS { "bob".into() } else { "alice".into() },
        stars: if id == NOT_A_NUMBER { f64::NAN } else { 4.5 },
        huge: (id == HUGE).then_some(true),
    }
}

pub(crate) const ALICES: u64 = 1;
pub(crate) const BOBS: u64 = 2;
pub(crate) const NOT_A_NUMBER: u64 = 3;
pub(crate) const HUGE: u64 = 4;
pub(crate) const LOST: u64 = 5;
pub(crate) const ABSENT: u64 = 6;

impl Load<App> for Hidden {
    type Key = Path<AlbumKey>;
    type Error = Gone;

    async fn load(app: &App, key: Self::Key) -> Result<Option<Self>, Gone> {
        Ok(Album::load(app, key).await?.map(Self))
    }
}

impl Load<App> for Folder {
    type Key = Path<FolderKey>;
    type Error = Gone;

    async fn load(_: &App, Path(FolderKey { folder }): Self::Key) -> Result<Option<Self>, Gone> {
        note("load(folder)");
        let owner = match folder {
            ALICES => "alice",
            BOBS => "bob",
            _ => return Ok(None),
        };
        Ok(Some(Self { id: folder, owner }))
    }
}

impl Change<Album> for Album {
    fn apply(&self, old: &Album) -> Album {
        Album { id: old.id, ..self.clone() }
    }
}

impl Change<Hidden> for Album {
    fn apply(&self, old: &Hidden) -> Hidden {
        Hidden(self.apply(&old.0))
    }
}

use axum_authz::{prelude::*, resource::describe};

// All of them are told at once, and what uses the type is not reported as well.
#[derive(Resource)]
#[resource(tabel = "albums")]
struct Album {
    #[id]
    id: u64,
    #[attr]
    team: Option<String>,
    title: String,
}

impl Load<()> for Album {
    type Key = ();
    type Error = std::io::Error;

    async fn load(_: &(), (): ()) -> std::io::Result<Option<Self>> {
        Ok(None)
    }
}

fn main() {
    let album = Album { id: 1, team: None, title: String::new() };
    let _ = describe(&album);
    let _ = Album::KIND;
}

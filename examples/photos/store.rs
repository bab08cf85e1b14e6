//! Albums and their photos in SQLite.

use axum::Json;
use axum_authz::extract::{Changed, Checked, Loaded};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::album;
use crate::model::{Album, EditAlbum, NewAlbum, Target};

/// The albums. What changes one takes the proof that the caller may.
#[derive(Debug, Clone)]
pub struct Store(SqlitePool);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS albums (
        id INTEGER PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,
        public BOOLEAN NOT NULL DEFAULT FALSE, flagged BOOLEAN NOT NULL DEFAULT FALSE);
    CREATE TABLE IF NOT EXISTS shares (
        album INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE, person TEXT NOT NULL, UNIQUE (album, person));
    CREATE TABLE IF NOT EXISTS photos (
        album INTEGER NOT NULL REFERENCES albums ON DELETE CASCADE, title TEXT NOT NULL);";

const SEED: &str = "
    INSERT INTO albums VALUES
        (1, 'alice', 'Family', FALSE, FALSE), (2, 'alice', 'Lofoten', TRUE, FALSE),
        (3, 'bob', 'Concerts', TRUE, TRUE), (4, 'dave', 'Flat', FALSE, FALSE);
    INSERT INTO shares VALUES (1, 'bob');
    INSERT INTO photos VALUES (1, 'Breakfast'), (2, 'Reine'), (2, 'Northern lights'), (3, 'Front row');";

const ALBUM: &str = "
    SELECT a.*, (SELECT json_group_array(person) FROM shares WHERE album = a.id) AS shared_with,
                (SELECT json_group_array(title) FROM photos WHERE album = a.id) AS photos
    FROM albums a";

impl Store {
    /// Opens the database at `url`, or one in memory; a new one gets the albums of the demonstration.
    ///
    /// # Errors
    ///
    /// The database cannot be had.
    pub async fn open(url: Option<&str>) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = url.unwrap_or("sqlite::memory:").parse()?;
        // A database in memory lives as long as its one connection.
        let pool = SqlitePoolOptions::new()
            .max_connections(if url.is_some() { 4 } else { 1 })
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.create_if_missing(true).foreign_keys(true))
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        let empty: i64 = sqlx::query_scalar("SELECT count(*) FROM albums").fetch_one(&pool).await?;
        if empty == 0 {
            sqlx::raw_sql(SEED).execute(&pool).await?;
        }
        Ok(Self(pool))
    }

    pub(crate) async fn albums(&self) -> Result<Vec<Album>, sqlx::Error> {
        let rows = sqlx::query(ALBUM).fetch_all(&self.0).await?;
        rows.iter().map(album).collect()
    }

    pub(crate) async fn album(&self, id: i64) -> Result<Option<Album>, sqlx::Error> {
        let query = format!("{ALBUM} WHERE a.id = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(query)).bind(id).fetch_optional(&self.0).await?;
        row.as_ref().map(album).transpose()
    }

    /// Stores a new album of the caller.
    pub(crate) async fn create(
        &self,
        new: &Checked<Json<NewAlbum>, album::Create>,
    ) -> Result<i64, sqlx::Error> {
        let insert = "INSERT INTO albums (owner, title, public) VALUES (?, ?, ?) RETURNING id";
        let insert = sqlx::query_scalar(insert).bind(new.principal().id());
        insert.bind(&new.title).bind(new.public).fetch_one(&self.0).await
    }

    /// Stores an album as it was decided that it may be.
    pub(crate) async fn edit(
        &self,
        change: &Changed<Album, Json<EditAlbum>, album::Edit>,
    ) -> Result<(), sqlx::Error> {
        let Album { id, owner, title, public, .. } = change.new();
        let update = "UPDATE albums SET owner = ?, title = ?, public = ? WHERE id = ?";
        let update = sqlx::query(update).bind(owner).bind(title).bind(public).bind(id);
        update.execute(&self.0).await.map(drop)
    }

    pub(crate) async fn delete(
        &self,
        album: &Loaded<Album, album::Delete>,
    ) -> Result<(), sqlx::Error> {
        let delete = sqlx::query("DELETE FROM albums WHERE id = ?");
        delete.bind(album.id).execute(&self.0).await.map(drop)
    }

    pub(crate) async fn share(
        &self,
        album: &Loaded<Album, album::Share>,
        person: &str,
    ) -> Result<(), sqlx::Error> {
        let insert = sqlx::query("INSERT OR IGNORE INTO shares VALUES (?, ?)");
        insert.bind(album.id).bind(person).execute(&self.0).await.map(drop)
    }

    pub(crate) async fn flag(&self, album: &Loaded<Album, album::Flag>) -> Result<(), sqlx::Error> {
        let update = sqlx::query("UPDATE albums SET flagged = TRUE WHERE id = ?");
        update.bind(album.id).execute(&self.0).await.map(drop)
    }

    /// Copies the photos of one album into another.
    pub(crate) async fn copy(
        &self,
        from: &Loaded<Album, album::View>,
        to: &Loaded<Target, album::Edit>,
    ) -> Result<(), sqlx::Error> {
        let insert = "INSERT INTO photos SELECT ?, title FROM photos WHERE album = ?";
        sqlx::query(insert).bind(to.0.id).bind(from.id).execute(&self.0).await.map(drop)
    }
}

fn album(row: &SqliteRow) -> Result<Album, sqlx::Error> {
    let list = |column: &str| -> Result<Vec<String>, sqlx::Error> {
        let json: String = row.try_get(column)?;
        serde_json::from_str(&json).map_err(|e| sqlx::Error::Decode(e.into()))
    };
    Ok(Album {
        id: row.try_get("id")?,
        owner: row.try_get("owner")?,
        title: row.try_get("title")?,
        public: row.try_get("public")?,
        flagged: row.try_get("flagged")?,
        shared_with: list("shared_with")?,
        photos: list("photos")?,
    })
}

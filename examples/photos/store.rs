//! Albums and their photos in SQLite.

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{Row as _, sqlite::SqliteRow};

/// An album, with what the policies want to know about it.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Album {
    pub(crate) id: i64,
    pub(crate) owner: String,
    pub(crate) title: String,
    pub(crate) public: bool,
    pub(crate) flagged: bool,
    pub(crate) shared_with: Vec<String>,
    pub(crate) photos: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Store(SqlitePool);

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
    pub(crate) async fn open(url: Option<&str>) -> Result<Self, sqlx::Error> {
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

    pub(crate) async fn create(
        &self,
        owner: &str,
        title: &str,
        public: bool,
    ) -> Result<i64, sqlx::Error> {
        let insert = "INSERT INTO albums (owner, title, public) VALUES (?, ?, ?) RETURNING id";
        sqlx::query_scalar(insert).bind(owner).bind(title).bind(public).fetch_one(&self.0).await
    }

    pub(crate) async fn edit(&self, id: i64, title: &str, public: bool) -> Result<(), sqlx::Error> {
        let update = sqlx::query("UPDATE albums SET title = ?, public = ? WHERE id = ?");
        update.bind(title).bind(public).bind(id).execute(&self.0).await.map(drop)
    }

    pub(crate) async fn delete(&self, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM albums WHERE id = ?").bind(id).execute(&self.0).await.map(drop)
    }

    pub(crate) async fn share(&self, id: i64, person: &str) -> Result<(), sqlx::Error> {
        let insert = sqlx::query("INSERT OR IGNORE INTO shares VALUES (?, ?)");
        insert.bind(id).bind(person).execute(&self.0).await.map(drop)
    }

    pub(crate) async fn flag(&self, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE albums SET flagged = TRUE WHERE id = ?")
            .bind(id)
            .execute(&self.0)
            .await
            .map(drop)
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

//! Paths of routes and paths of documents.

/// A path whose placeholders have lost their names. Of routes and of documents alike, one path is another when these
/// are equal.
pub(super) fn normal(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        normal.push_str(before);
        normal.push('{');
        // A brace that is doubled is no placeholder in routes.
        rest = match (after.strip_prefix('{'), after.split_once('}')) {
            (Some(literal), _) => literal,
            (None, Some((_, behind))) => {
                normal.push('}');
                behind
            }
            (None, None) => after,
        };
    }
    normal.push_str(rest);
    normal
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn names_of_placeholders_do_not_count() {
        for (path, expected) in [
            ("/", "/"),
            ("/albums", "/albums"),
            ("/albums/{id}", "/albums/{}"),
            ("/{user}/albums/{album_id}/", "/{}/albums/{}/"),
            ("/files/{*rest}", "/files/{}"),
            ("/files/{name}.json", "/files/{}.json"),
            ("/a/{{b/{c}", "/a/{b/{}"),
            ("/a/{b", "/a/{b"),
        ] {
            assert_eq!(normal(path), expected);
        }
    }
}

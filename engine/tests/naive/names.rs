//! Names and scopes (section 3).

/// Rule N1.
pub(super) fn sanitize(name: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let has_the_shape_of_a_name = name.split(':').all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| word(c) || "@.-/".contains(c))
    });
    if !has_the_shape_of_a_name {
        return name.to_owned();
    }
    let mut result = String::new();
    let mut in_run = false;
    for c in name.chars() {
        let stays = word(c) || c == '.';
        if stays {
            result.push(c);
        } else if !in_run {
            result.push('_');
        }
        in_run = !stays;
    }
    result
}

/// Rule N2.
pub(super) fn key(kind: &str, name: &str, version: &str, scope: &str) -> String {
    let slash = if scope.is_empty() { "" } else { "/" };
    format!("{kind}.{}.v{version}{slash}{scope}", sanitize(name))
}

/// Rule N3: a scope and its parents, the root last.
pub(super) fn scope_and_parents(scope: &str) -> Vec<String> {
    let mut all = vec![scope.to_owned()];
    let mut rest = scope;
    while !rest.is_empty() {
        rest = rest.rsplit_once('.').map_or("", |(parent, _)| parent);
        all.push(rest.to_owned());
    }
    all
}

//! Paths of files, as text (docs/semantics.md, rule F26 to F28).

use std::borrow::Cow;

use super::super::glob;
use super::super::path::{Path, volume};
use super::super::quoted::Quoted;
use super::super::vals::V;
use super::texts::texts;
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "Paths",
    rows: &[
        global("basePath", "string -> string", base, "basePath('/a/b.txt') == 'b.txt'"),
        global("dirPath", "string -> string", dir, "dirPath('/a/b.txt') == '/a'"),
        global("extPath", "string -> string", extension, "extPath('/a/b.txt') == '.txt'"),
        global("volumeName", "string -> string", volume_name, "volumeName('C:\\\\a') == 'C:'"),
        global("joinPath", "list(string) -> string", join, "joinPath(['/a', 'b']) == '/a/b'"),
        global("relPath", "string, string -> string", relative, "relPath('/a', '/a/b') == 'b'"),
        global(
            "pathHasPrefix",
            "string, string -> bool",
            has_prefix,
            "pathHasPrefix('/a/b', '/a') && !pathHasPrefix('/ab', '/a')",
        ),
        member("pathHasPrefix", "string, string -> bool", has_prefix, "'/a/b'.pathHasPrefix('/a')"),
        global("pathMatch", "string, string -> bool", matches, "pathMatch('/a/b', '/a/*')"),
        member("pathMatch", "string, string -> bool", matches, "'/a/b'.pathMatch('/a/*')"),
        global(
            "pathMatchAnyOf",
            "string, list(string) -> bool",
            matches_any,
            "pathMatchAnyOf('/a/b', ['/c', '/a/*'])",
        ),
        member(
            "pathMatchAnyOf",
            "string, list(string) -> bool",
            matches_any,
            "'/a/b'.pathMatchAnyOf(['/c', '/a/*'])",
        ),
    ],
};

/// Reads a path, which messages call `what`.
fn read<'a>(eval: &Eval<'a, '_>, what: &str, text: &'a str) -> Result<Path<'a>, EvalError<'a>> {
    eval.step(1 + text.len() / 8)?;
    Path::parse(text).ok_or_else(|| {
        eval.invalid(format_args!("failed to encode {what} {text}: unsupported Win32 path"))
    })
}

fn shown<'a>(eval: &Eval<'a, '_>, text: Cow<'a, str>) -> V<'a> {
    V::Str(match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => eval.arena().str(&text),
    })
}

fn base<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(V::Str(read(eval, "path", text)?.base())),
        _ => no_overload(),
    }
}

fn dir<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text)] = args else { return no_overload() };
    let dir = read(eval, "path", text)?.dir();
    // An error in Cerbos too, of an index out of range (rule F27).
    let dir = dir.ok_or(EvalError::Invalid("a Windows path of one part has no directory"))?;
    Ok(shown(eval, dir))
}

fn extension<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(V::Str(read(eval, "path", text)?.extension())),
        _ => no_overload(),
    }
}

fn volume_name<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(V::Str(volume(text))),
        _ => no_overload(),
    }
}

/// One path alone is not even cleaned.
fn join<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::List(list)] = args else { return no_overload() };
    let texts = texts(eval, *list)?;
    let (first, rest) = match &*texts {
        [] => return Ok(V::Str("")),
        [only] => return Ok(V::Str(only)),
        [first, rest @ ..] => (first, rest),
    };
    let mut path = read(eval, "first path", first)?;
    for text in rest {
        path.join(&read(eval, "path", text)?);
    }
    Ok(shown(eval, path.shown()))
}

/// A base and a path below or beside it.
fn read_pair<'a>(
    eval: &Eval<'a, '_>,
    base: &'a str,
    target: &'a str,
) -> Result<(Path<'a>, Path<'a>), EvalError<'a>> {
    Ok((read(eval, "base path", base)?, read(eval, "target path", target)?))
}

#[cold]
fn unrelated<'a>(
    eval: &Eval<'a, '_>,
    base: &Path<'_>,
    target: &Path<'_>,
    text: &str,
) -> EvalError<'a> {
    eval.invalid(format_args!(
        "failed to determine relative path of {text}: Rel: can't make {} relative to {}",
        target.slashed(),
        base.slashed()
    ))
}

fn relative<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(base), V::Str(text)] = args else { return no_overload() };
    let (base, target) = read_pair(eval, base, text)?;
    match target.relative_text(&base) {
        Some(text) => Ok(shown(eval, text)),
        None => Err(unrelated(eval, &base, &target, text)),
    }
}

/// Equal as written, or below it by a name without a dot in front (rule F27).
fn has_prefix<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text), V::Str(prefix)] = args else { return no_overload() };
    if text == prefix {
        return Ok(V::Bool(true));
    }
    let (base, target) = read_pair(eval, prefix, text)?;
    match target.relative_to(&base) {
        Some((0, [first, ..])) => Ok(V::Bool(!first.starts_with('.'))),
        Some(_) => Ok(V::Bool(false)),
        None => Err(unrelated(eval, &base, &target, text)),
    }
}

fn matches<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text), V::Str(pattern)] => matches_one(eval, text, pattern).map(V::Bool),
        _ => no_overload(),
    }
}

fn matches_any<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Str(text), V::List(patterns)] = args else { return no_overload() };
    for pattern in texts(eval, *patterns)? {
        if matches_one(eval, text, pattern)? {
            return Ok(V::Bool(true));
        }
    }
    Ok(V::Bool(false))
}

fn matches_one<'a>(
    eval: &Eval<'a, '_>,
    text: &'a str,
    pattern: &'a str,
) -> Result<bool, EvalError<'a>> {
    let (path, glob) = (read(eval, "path", text)?, read(eval, "pattern", pattern)?);
    // Every star may look at all of the path again.
    let stars = pattern.bytes().filter(|b| *b == b'*').count();
    eval.step(stars.saturating_mul(text.len() / 8))?;
    glob::matches(&glob.slashed(), &path.slashed()).ok_or_else(|| {
        let (pattern, text) = (Quoted(pattern), Quoted(text));
        eval.invalid(format_args!(
            "failed to match pattern {pattern} on path {text}: syntax error in pattern"
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    /// Calls a function with texts; a backslash stands for itself.
    #[track_caller]
    fn check(function: &str, texts: &[&str], wanted: &str) {
        let args: Vec<String> = texts.iter().map(|text| format!("r'{text}'")).collect();
        let wanted = match wanted.strip_prefix("error: ") {
            Some(_) => wanted.to_owned(),
            None if matches!(wanted, "true" | "false") => wanted.to_owned(),
            None => format!("{wanted:?}"),
        };
        check_bare(&format!("{function}({})", args.join(", ")), &wanted);
    }

    #[test]
    fn the_last_part_is_found_in_both_styles() {
        for (path, wanted) in [
            ("", "."),
            ("//", "/"),
            ("/..", "/"),
            ("a//b/", "b"),
            (r"C:\", "C:"),
            (r"C:\a\", "a"),
            (r"\\", "/"),
            (r"\\host\share\x", "x"),
            (r"a\..", "."),
            (r"a/b\c", "c"),
        ] {
            check("basePath", &[path], wanted);
        }
        for (path, wanted) in [
            (".bashrc", ".bashrc"),
            ("a.b.", "."),
            ("a.tar.gz", ".gz"),
            ("a.b/c", ""),
            ("a.b/", ".b"),
            ("", "."),
            ("/", ""),
            (r"C:\a.b\c", ""),
        ] {
            check("extPath", &[path], wanted);
        }
    }

    #[test]
    fn a_drive_without_a_backslash_is_no_path() {
        let why = "unsupported Win32 path";
        check("basePath", &["C:a"], &format!("error: failed to encode path C:a: {why}"));
        check("dirPath", &["C:/a"], &format!("error: failed to encode path C:/a: {why}"));
        check("relPath", &["C:a", "/"], &format!("error: failed to encode base path C:a: {why}"));
        check("relPath", &["/", "C:a"], &format!("error: failed to encode target path C:a: {why}"));
        check("pathMatch", &["a", "C:a"], &format!("error: failed to encode pattern C:a: {why}"));
        check("basePath", &["C:"], "C:");
        check("basePath", &["1:a"], "1:a");
    }

    #[test]
    fn the_directory_is_cut_as_cerbos_cuts_it() {
        for (path, wanted) in [
            ("", "."),
            ("..", "."),
            ("/a", "/"),
            ("a//b/", "a"),
            ("/../a", "/"),
            ("C:", r"C:\"),
            (r"C:\", r"C:\"),
            (r"C:\a", "C:"),
            (r"C:\a\b", r"C:\a"),
            (r"C:\..", ""),
            (r"C:a\b", "C:a"),
            (r"\a", ""),
            (r"\a\b", r"\a"),
            (r"\\", r"\"),
            (r"\\\", r"\\"),
            (r"\\host", r"\"),
            (r"\\host\share", r"\\host\share"),
            (r"\\host\share\", r"\\host"),
            (r"\\host\share\x", r"\\host\share"),
            (r"a\b/c", r"a\b"),
            (r"..\a", ".."),
        ] {
            check("dirPath", &[path], wanted);
        }
        for path in [r"a\", r"a\..", r".\a"] {
            check("dirPath", &[path], "error: a Windows path of one part has no directory");
        }
    }

    #[test]
    fn a_volume_is_a_drive_or_a_share() {
        for (path, wanted) in [
            ("C:a", "C:"),
            (r"c:\a", "c:"),
            (r"\\host\share\a", r"\\host\share"),
            (r"\\host\", ""),
            (r"\\\share", ""),
            (r"\\host/share\a", r"\\host/share\a"),
            ("//host/share", ""),
            ("é:", ""),
        ] {
            check("volumeName", &[path], wanted);
        }
    }

    #[test]
    fn paths_are_joined_in_the_style_of_the_first() {
        for (paths, wanted) in [
            ("[]", ""),
            ("['a//b/']", "a//b/"),
            ("['C:a']", "C:a"),
            ("['', '']", "."),
            ("['a', '/../b', '..', '..', '..', 'c']", "../c"),
            ("['/a', '..', '..', 'b']", "/b"),
            (r"[r'C:\a', r'D:/\b/c']", r"C:\a\D:\b\c"),
            (r"['a', r'b\c']", "a/b/c"),
            (r"[r'\\h\s', '..', '..', '..']", r"\\"),
            (r"[r'C:\a', '..', '..']", ""),
            (r"[r'\', 'a']", r"\a"),
        ] {
            check_bare(&format!("joinPath({paths})"), &format!("{wanted:?}"));
        }
        check_bare(
            "joinPath(['C:/a', 'b'])",
            "error: failed to encode first path C:/a: unsupported Win32 path",
        );
    }

    #[test]
    fn a_relative_path_is_in_the_style_of_its_target() {
        for (base, target, wanted) in [
            ("/a", "/a/b", "b"),
            ("/a/b", "/", "../.."),
            ("/a", "/ab", "../ab"),
            ("", "", "."),
            ("a", "..", "../.."),
            ("../a", "../b", "../b"),
            (r"C:\a", r"D:\a", r"..\..\D:\a"),
            (r"C:\a", r"c:\a", r"..\..\c:\a"),
            (r"\\h\s", "/h/s/x/y", "x/y"),
            ("/h/s", r"\\h\s\x\y", r"x\y"),
        ] {
            check("relPath", &[base, target], wanted);
        }
        let failed = "error: failed to determine relative path of";
        check("relPath", &["..", "a"], &format!("{failed} a: Rel: can't make a relative to .."));
        check(
            "relPath",
            &[r"a\b", "/a"],
            &format!("{failed} /a: Rel: can't make /a relative to a/b"),
        );
    }

    #[test]
    fn what_lies_below_a_prefix_has_no_dot_in_front() {
        for (path, prefix, wanted) in [
            ("/a", "/a", "true"),
            ("/a/", "/a", "false"),
            ("C:a", "C:a", "true"),
            ("/ab", "/a", "false"),
            ("/a/.b", "/a", "false"),
            ("/a/b/.c", "/a", "true"),
            ("/a/../b", "/a", "false"),
            ("/a/b", "/A", "false"),
            ("a", "", "true"),
            (r"C:\a\b", "C:", "true"),
            (r"\\h\s\x", "/h/s", "true"),
        ] {
            check("pathHasPrefix", &[path, prefix], wanted);
        }
        check(
            "pathHasPrefix",
            &["a", "/a"],
            "error: failed to determine relative path of a: Rel: can't make a relative to /a",
        );
    }

    #[test]
    fn patterns_are_paths_too() {
        for (path, pattern, wanted) in [
            ("/a//b/", "/a/*", "true"),
            ("/b", "/*/../b", "true"),
            ("", ".", "true"),
            (r"C:\a\b.txt", r"C:\a\*.txt", "true"),
            (r"C:\a\b.txt", "/*/a/*.txt", "true"),
            (r"C:\a\b.txt", r"*:\a\*.txt", "false"),
            (r"\\h\s\x", r"\\*\*\*", "true"),
            // A backslash never escapes.
            ("a*b", r"a\*b", "false"),
            ("a/xb", r"a\*b", "true"),
        ] {
            check("pathMatch", &[path, pattern], wanted);
        }
        check(
            "pathMatch",
            &["a\"b", "["],
            r#"error: failed to match pattern "[" on path "a\"b": syntax error in pattern"#,
        );
        check_bare("pathMatchAnyOf('a', ['a', '['])", "true");
        check_bare("pathMatchAnyOf('C:x', [])", "false");
        check_bare(
            "pathMatchAnyOf('a', dyn([1]))",
            "error: no such overload: pathMatchAnyOf(string, list)",
        );
    }
}

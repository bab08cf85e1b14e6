//! Who may call which route, as a file that is checked in.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use crate::{
    Principal,
    decide::Decide,
    guard::{Manifest, outlook},
    policies::{Outlook, Undecided},
};

mod diff;

/// Writes the file anew when it is set to anything but `0`.
const UPDATE: &str = "AUTHZ_UPDATE";

/// Personas whose tokens nobody has.
const NOBODY: &str = "anonymous";

/// What conditions take for the present, 2026-01-01T12:00:00Z: the file must not change because time goes by.
const NOON: Duration = Duration::from_secs(1_767_268_800);

/// Holds who may call which route against a text file that is checked in, so that every change of a route, a
/// declaration or a policy that gives or takes access shows as a changed line.
///
/// It takes the service (or its [`Manifest`](crate::guard::Manifest)), who decides, the personas, and the path of the
/// file relative to the package that the test stands in.
///
/// ```
/// use axum_authz::{Principal, authenticated, guard::{Router, get}, test::assert_access_matrix};
/// # use axum_authz::{layer::AuthzLayer, policies::Policies, token::Authentik};
///
/// #[authenticated]
/// async fn whoami() {}
///
/// #[authenticated(scope = "photos.read")]
/// async fn photos() {}
///
/// # let issuer = "https://id.example.org/application/o/photos/";
/// # let authentik = Authentik::issuer(issuer).audience("photos").build().unwrap();
/// # let policies = Policies::from_sources([]).unwrap();
/// let layer = AuthzLayer::new(authentik, policies.clone());
/// let app = Router::new().route("/whoami", get(whoami)).route("/photos", get(photos)).finish(layer).unwrap();
///
/// let alice = Principal::test("alice").role("user").scope("photos.read");
/// let personas = [("alice", alice), ("printer", Principal::test("printer"))];
/// # let package = tempfile::tempdir().unwrap();
/// # let text = [
/// #     "# Who may call what: yes, no, or depends on the request. AUTHZ_UPDATE=1 writes this file anew.",
/// #     "",
/// #     "anonymous  alice    printer  route           access",
/// #     "no         yes      no       GET /photos     any caller with scope photos.read",
/// #     "no         yes      yes      GET /whoami     any caller",
/// # ].join("\n");
/// # std::fs::write(package.path().join("access.txt"), text).unwrap();
/// # macro_rules! assert_access_matrix { ($app:expr, $policies:expr, $personas:expr, $file:expr) => {
/// #     axum_authz::test::check_access_matrix(package.path(), "access.txt", $app, $policies, $personas)
/// # } }
/// assert_access_matrix!(&app, &policies, personas, "tests/access.txt");
/// ```
///
/// The file has a line for each route:
///
/// ```text
/// anonymous  alice    printer  route           access
/// no         yes      no       GET /photos     any caller with scope photos.read
/// no         yes      yes      GET /whoami     any caller
/// ```
///
/// `yes` and `no` hold for every request of the persona; `depends` says that it depends on the resource. The
/// personas' scopes count. Conditions that read the time see noon of the first of January 2026 (UTC), so that the
/// file stays as it is while time goes by.
///
/// When the file is not what it has to be, the test fails and prints the lines that differ. With `AUTHZ_UPDATE=1` it
/// writes the file instead: run the tests with it, and read the difference before it is committed. A file that is not
/// there is never written without.
#[doc(inline)]
pub use crate::__assert_access_matrix as assert_access_matrix;

#[doc(hidden)]
#[macro_export]
macro_rules! __assert_access_matrix {
    ($routes:expr, $decider:expr, $personas:expr, $file:expr $(,)?) => {
        $crate::test::check_access_matrix(
            ::core::env!("CARGO_MANIFEST_DIR"),
            $file,
            $routes,
            $decider,
            $personas,
        )
    };
}

/// Holds the matrix against `file` in `package`: what [`assert_access_matrix!`](assert_access_matrix) expands to.
///
/// # Panics
///
/// The file is not what it has to be, or not there; something cannot be decided; or a persona's name is no single
/// word, or there twice.
#[track_caller]
#[expect(clippy::panic, reason = "part of the test kit")]
pub fn check_access_matrix<N: Into<String>>(
    package: impl AsRef<Path>,
    file: impl AsRef<Path>,
    routes: &impl AsRef<Manifest>,
    decider: &impl Decide,
    personas: impl IntoIterator<Item = (N, Principal)>,
) {
    let personas: Vec<(String, Principal)> =
        personas.into_iter().map(|(name, who)| (name.into(), who)).collect();
    check_names(&personas);
    let actual = match wait(matrix(routes.as_ref(), decider, &personas)) {
        Ok(text) => text,
        Err((route, undecided)) => panic!("who may call {route} cannot be told: {undecided}"),
    };
    let path = package.as_ref().join(file.as_ref());
    let shown = path.display();
    if std::env::var_os(UPDATE).is_some_and(|value| !value.is_empty() && value != "0") {
        if let Err(error) = std::fs::write(&path, actual) {
            panic!("{shown} cannot be written: {error}");
        }
        return;
    }
    match std::fs::read_to_string(&path) {
        // Line by line, since git may end them in another way on Windows.
        Ok(text) if text.lines().eq(actual.lines()) => {}
        Ok(text) => panic!(
            "who may call what is not as {shown} says (- the file, + the routes and policies):\n\n{}\n\
             if this is meant, write the file anew and commit it: `{UPDATE}=1 cargo test`",
            diff::lines(&text, &actual)
        ),
        Err(error) => panic!(
            "{shown} cannot be read: {error}\n\nif it is not there yet, have it written, and commit it: `{UPDATE}=1 cargo test`"
        ),
    }
}

#[track_caller]
fn check_names(personas: &[(String, Principal)]) {
    let names: Vec<&str> = personas.iter().map(|(name, _)| name.as_str()).collect();
    for (position, name) in names.iter().enumerate() {
        let is_word = !name.is_empty() && !name.contains(char::is_whitespace);
        assert!(is_word, "the name of a persona is one word, and `{name}` is not");
        let is_new = *name != NOBODY && !names.iter().take(position).any(|other| other == name);
        assert!(is_new, "there are two personas of the name `{name}`");
    }
}

/// Waits on a thread of its own, since this one may be one on which must not be waited.
#[expect(clippy::expect_used, reason = "part of the test kit")]
fn wait<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(future)
        });
        waiting.join().expect("whoever decides should not panic")
    })
}

/// The text of the file.
async fn matrix(
    manifest: &Manifest,
    decider: &dyn Decide,
    personas: &[(String, Principal)],
) -> Result<String, (String, Undecided)> {
    let now = SystemTime::UNIX_EPOCH + NOON;
    let callers = || {
        let known = personas.iter().map(|(name, who)| (name.as_str(), Some(who)));
        std::iter::once((NOBODY, None)).chain(known)
    };
    // Answers come first and the path gets room to spare, so that a new route leaves the other lines as they are.
    let widths: Vec<usize> = callers().map(|(name, _)| name.chars().count().max(7)).collect();
    let longest = manifest.routes().iter().map(|route| route.to_string().chars().count()).max();
    let path = (longest.unwrap_or(0) + 4).next_multiple_of(16) - 2;

    let mut text = format!(
        "# Who may call what: yes, no, or depends on the request. {UPDATE}=1 writes this file anew.\n\n"
    );
    for ((name, _), width) in callers().zip(&widths) {
        text += &format!("{name:width$}  ");
    }
    text += &format!("{:path$}  access\n", "route");
    for route in manifest.routes() {
        for ((_, caller), width) in callers().zip(&widths) {
            let outlook = outlook(route.rule(), caller, decider, now).await;
            let cell = match outlook.map_err(|undecided| (route.to_string(), undecided))? {
                Outlook::Always => "yes",
                Outlook::Depends => "depends",
                Outlook::Never => "no",
            };
            text += &format!("{cell:width$}  ");
        }
        text += &format!("{:path$}  {}\n", route.to_string(), route.rule());
    }
    Ok(text)
}

//! The stand-in for Authentik, and lines to paste into a shell.

use std::io::{self, Write};

use axum_authz::test::{TestIssuer, TestPerson};

use crate::requests::{PEOPLE, REQUESTS};

/// Starts it, with all the people.
///
/// # Errors
///
/// There is no port to listen on.
pub async fn start() -> io::Result<TestIssuer> {
    let people = PEOPLE
        .map(|(name, groups)| TestPerson::new(name).password(name).groups(groups.iter().copied()));
    people
        .into_iter()
        .fold(TestIssuer::builder().slug("photos"), axum_authz::test::TestIssuerBuilder::person)
        .try_start()
        .await
}

/// Prints one `curl` line for each request, with the status that it gives behind it.
///
/// # Errors
///
/// `out` cannot be written to.
pub fn explain(out: &mut impl Write, base: &str, issuer: &TestIssuer) -> io::Result<()> {
    writeln!(out, "# a stand-in for Authentik runs at {}", issuer.issuer())?;
    for request in REQUESTS {
        write!(out, "curl -s -o /dev/null -w '%{{http_code}}\\n' -X {}", request.method)?;
        if let Some(body) = request.body {
            write!(out, " -H 'Content-Type: application/json' -d '{body}'")?;
        }
        if let Some(person) = request.person {
            write!(out, " -H 'Authorization: Bearer {}'", issuer.token(person).sign())?;
        }
        let who = request.person.unwrap_or("anonymous");
        // The status ends the line, so that the line can be checked by itself.
        writeln!(out, " '{base}{}' # {who}: {} # {}", request.path, request.why, request.status)?;
    }
    Ok(())
}

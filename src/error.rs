//! What can go wrong before the first request.

use std::{error, fmt, io};

#[cfg(feature = "axum")]
use crate::guard::RouteProblem;
use crate::policies::Diagnostics;
#[cfg(feature = "authentik")]
use crate::token::ConfigError;

/// Why a service could not be set up.
///
/// It is made from the errors of its parts by `?`. `Debug` is written for people, because that is
/// what `main` prints when it returns an error; mistakes in policies come with the lines they are on.
///
/// ```
/// use axum_authz::{Error, ErrorKind, policies::Policies};
///
/// let error: Error = Policies::dir("no/such/folder").load().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Policies);
/// ```
pub struct Error(Box<Repr>);

enum Repr {
    #[cfg(feature = "authentik")]
    Config(ConfigError),
    Policies(Diagnostics),
    #[cfg(feature = "axum")]
    Routes(RouteProblems),
    Io(io::Error),
    #[cfg(feature = "watch")]
    Watch(notify::Error),
}

/// Which part an [`Error`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration of the identity provider or of the layer.
    Config,
    /// The policies: [`Error::diagnostics`] lists what is wrong and where.
    Policies,
    /// The route table: [`Error::route_problems`] lists what is wrong with which route.
    Routes,
    /// Files, the network, or watching them.
    Io,
}

impl Error {
    /// Which part the error is about.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &*self.0 {
            #[cfg(feature = "authentik")]
            Repr::Config(_) => ErrorKind::Config,
            Repr::Policies(_) => ErrorKind::Policies,
            #[cfg(feature = "axum")]
            Repr::Routes(_) => ErrorKind::Routes,
            Repr::Io(_) => ErrorKind::Io,
            #[cfg(feature = "watch")]
            Repr::Watch(_) => ErrorKind::Io,
        }
    }

    /// Everything found in the policies, when the error is about them.
    #[must_use]
    pub fn diagnostics(&self) -> Option<&Diagnostics> {
        match &*self.0 {
            Repr::Policies(diagnostics) => Some(diagnostics),
            _ => None,
        }
    }

    /// Everything found in the route table, when the error is about it.
    #[cfg(feature = "axum")]
    #[must_use]
    pub fn route_problems(&self) -> &[RouteProblem] {
        match &*self.0 {
            Repr::Routes(problems) => &problems.0,
            _ => &[],
        }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn routes(problems: Vec<RouteProblem>) -> Self {
        Self(Box::new(Repr::Routes(RouteProblems(problems))))
    }

    fn inner(&self) -> &(dyn error::Error + 'static) {
        match &*self.0 {
            #[cfg(feature = "authentik")]
            Repr::Config(error) => error,
            Repr::Policies(error) => error,
            #[cfg(feature = "axum")]
            Repr::Routes(error) => error,
            Repr::Io(error) => error,
            #[cfg(feature = "watch")]
            Repr::Watch(error) => error,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.0 {
            #[cfg(feature = "authentik")]
            Repr::Config(_) => "the identity provider or the layer is not configured properly",
            Repr::Policies(_) => "the policies cannot be used",
            #[cfg(feature = "axum")]
            Repr::Routes(_) => "the routes do not fit the policies",
            Repr::Io(_) => "input or output failed",
            #[cfg(feature = "watch")]
            Repr::Watch(_) => "the policies cannot be watched",
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.inner().to_string();
        // Diagnostics are a page of their own.
        let separator = if text.contains('\n') { ":\n\n" } else { ": " };
        write!(f, "{self}{separator}{text}")?;
        let mut source = self.inner().source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(self.inner())
    }
}

/// One line each.
#[cfg(feature = "axum")]
#[derive(Debug)]
struct RouteProblems(Vec<RouteProblem>);

#[cfg(feature = "axum")]
impl fmt::Display for RouteProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| writeln!(f, "{problem}"))
    }
}

#[cfg(feature = "axum")]
impl error::Error for RouteProblems {}

#[cfg(feature = "authentik")]
impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self(Box::new(Repr::Config(error)))
    }
}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Self {
        Self(Box::new(Repr::Policies(diagnostics)))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self(Box::new(Repr::Io(error)))
    }
}

#[cfg(feature = "watch")]
impl Error {
    pub(crate) fn watch(error: notify::Error) -> Self {
        Self(Box::new(Repr::Watch(error)))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Error, ErrorKind};
    use crate::policies::{Policies, Source};

    #[test]
    fn what_main_prints_names_the_file_and_the_place() {
        let error = Policies::from_sources([Source::new("album.yaml", "resourcePolicy: {}\n")])
            .expect_err("a policy without `apiVersion`");
        assert_eq!(error.kind(), ErrorKind::Policies);
        assert!(error.diagnostics().is_some());
        let printed = format!("{error:?}");
        assert!(printed.starts_with("the policies cannot be used:"), "{printed}");
        assert!(printed.contains("album.yaml:1:1"), "{printed}");
    }

    #[test]
    fn an_input_error_keeps_its_cause() {
        let error = Error::from(io::Error::from(io::ErrorKind::AddrInUse));
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(format!("{error:?}"), "input or output failed: address in use");
    }
}

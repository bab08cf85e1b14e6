//! The policies a service decides on: loading, watching, swapping, asking.

#[cfg(feature = "watch")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use arc_swap::ArcSwap;
use authz_engine::{Engine, policy::PolicySet};

pub use authz_engine::{
    AuxData, Effect, Map, Options, Principal as EnginePrincipal, Resource, SchemaEnforcement,
    Value,
    check::{
        CheckOutput, EffectivePolicy, EvaluationError, Outline, Outlook, OutputEntry,
        ValidationError, ValidationSource,
    },
    diag::{Diagnostic, Diagnostics},
    inspect::{Read, Vocabulary},
    policy::Source,
};

use crate::Error;
#[cfg(feature = "authentik")]
use crate::Principal;

mod decision;
#[cfg(feature = "watch")]
mod watch;

pub use decision::{Decision, Undecided};

/// The target of events about loading and reloading.
pub const TARGET: &str = "axum_authz::policy";

/// A set of policies, ready to decide. Clones share the set.
///
/// A set is replaced only as a whole: a request is decided on one generation from beginning to end, and a set
/// with a mistake in it never takes the place of one that works. [`epoch`](Self::epoch) counts the generations.
///
/// ```
/// use axum_authz::policies::{Policies, Source};
///
/// let policies = Policies::from_sources([Source::new("album.yaml", r#"
/// apiVersion: api.cerbos.dev/v1
/// resourcePolicy:
///   resource: album
///   version: default
///   rules:
///     - actions: ["view"]
///       effect: EFFECT_ALLOW
///       roles: ["user"]
/// "#)])?;
/// assert_eq!(policies.epoch(), 1);
/// # Ok::<(), axum_authz::Error>(())
/// ```
#[derive(Clone)]
pub struct Policies(Arc<Shared>);

struct Shared {
    current: ArcSwap<Generation>,
    /// Told of each set that comes into use after they were added.
    listeners: Mutex<Vec<Listener>>,
    /// Keeps the watcher alive as long as anybody decides on what it reloads.
    #[cfg(feature = "watch")]
    _watcher: Option<watch::Watcher>,
}

type Listener = Arc<dyn Fn(&Vocabulary) + Send + Sync>;

struct Generation {
    engine: Engine,
    epoch: u64,
}

impl Policies {
    /// Policies from the files of a folder, by the rules of Cerbos: `docs/semantics.md`, section 1.
    pub fn dir(path: impl Into<PathBuf>) -> DirLoader {
        DirLoader {
            path: path.into(),
            options: Options::default(),
            #[cfg(feature = "watch")]
            watched: false,
        }
    }

    /// Policies from texts in memory, with default [`Options`].
    ///
    /// # Errors
    ///
    /// Everything that is wrong in any of the texts, as [`Error::diagnostics`].
    pub fn from_sources(sources: impl IntoIterator<Item = Source>) -> Result<Self, Error> {
        Self::from_sources_with(sources, Options::default())
    }

    /// Policies from texts in memory.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in any of the texts, as [`Error::diagnostics`].
    pub fn from_sources_with(
        sources: impl IntoIterator<Item = Source>,
        options: Options,
    ) -> Result<Self, Error> {
        Ok(Self::new(compile(PolicySet::load(sources)?, options)))
    }

    /// How many sets have been in use so far, this one included; grows by one whenever a reload succeeds.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.0.current.load().epoch
    }

    /// Decides whether `principal` may do `action` to `resource` at the time `now`.
    ///
    /// Handlers get this done by [`Authorized`](crate::extract::Authorized); this is for code that has no
    /// request, or no axum. Nothing is recorded.
    ///
    /// # Errors
    ///
    /// [`Undecided`], which is neither yes nor no. Over HTTP its answer is 503.
    #[cfg(feature = "authentik")]
    pub fn decide(
        &self,
        principal: &Principal,
        resource: &Resource,
        action: &str,
        now: SystemTime,
    ) -> Result<Decision, Undecided> {
        let Generation { engine, epoch } = &**self.0.current.load();
        let (who, aux) = (principal.engine(), principal.aux());
        match engine.decide(who, resource, action, Some(aux), now.into()) {
            Ok(decision) => Ok(Decision::of(decision, *epoch)),
            Err(reason) => Err(Undecided::of(reason, *epoch)),
        }
    }

    /// Decides several actions on one resource in one evaluation; one answer each, in their order.
    ///
    /// # Errors
    ///
    /// [`Undecided`]: an action without an answer is no answer for the others either.
    #[cfg(feature = "authentik")]
    pub fn decide_each(
        &self,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        now: SystemTime,
    ) -> Result<Vec<Decision>, Undecided> {
        let Generation { engine, epoch } = &**self.0.current.load();
        let (who, aux) = (principal.engine(), principal.aux());
        match engine.decide_each(who, resource, actions, Some(aux), now.into()) {
            Ok(decisions) => {
                Ok(decisions.into_iter().map(|decision| Decision::of(decision, *epoch)).collect())
            }
            Err(reason) => Err(Undecided::of(reason, *epoch)),
        }
    }

    /// What can be said of an action before the resource is known.
    ///
    /// # Errors
    ///
    /// [`Undecided`], which is neither yes nor no.
    #[cfg(feature = "authentik")]
    pub fn foresee(
        &self,
        principal: &Principal,
        outline: &Outline<'_>,
        action: &str,
        now: SystemTime,
    ) -> Result<Outlook, Undecided> {
        let Generation { engine, epoch } = &**self.0.current.load();
        let (who, aux) = (principal.engine(), principal.aux());
        let outlook = engine.foresee(who, outline, action, Some(aux), now.into());
        outlook.map_err(|reason| Undecided::of(reason, *epoch))
    }

    /// Which kinds and actions the policies speak of at this moment, and which attributes they read.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        self.0.current.load().engine.vocabulary()
    }

    /// Calls `listener` with the words of each set that comes into use from now on, after it is in use.
    ///
    /// It is called on the thread that watches the files, and kept as long as the policies are. A clone of
    /// these policies in it would keep them alive for ever.
    pub fn on_change(&self, listener: impl Fn(&Vocabulary) + Send + Sync + 'static) {
        let mut listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::new(listener));
    }

    /// Decides several actions on one resource, and tells what else Cerbos tells: derived roles, outputs, and
    /// expressions that failed.
    ///
    /// The principal is the engine's, an [`EnginePrincipal`], so this works for callers that did not come by HTTP.
    /// Nothing is recorded.
    ///
    /// # Errors
    ///
    /// [`Undecided`], which is neither yes nor no.
    pub fn check(
        &self,
        principal: &EnginePrincipal,
        resource: &Resource,
        actions: &[&str],
        aux: Option<&AuxData>,
        now: SystemTime,
    ) -> Result<CheckOutput, Undecided> {
        let Generation { engine, epoch } = &**self.0.current.load();
        let output = engine.check(principal, resource, actions, aux, now.into());
        output.map_err(|reason| Undecided::of(reason, *epoch))
    }

    fn new(engine: Engine) -> Self {
        Self(Arc::new(Shared {
            current: ArcSwap::from_pointee(Generation { engine, epoch: 1 }),
            listeners: Mutex::default(),
            #[cfg(feature = "watch")]
            _watcher: None,
        }))
    }
}

#[cfg(feature = "watch")]
impl Shared {
    /// Puts the next set in the place of this one, and returns its epoch.
    fn replace(&self, engine: Engine) -> u64 {
        let epoch = self.current.load().epoch + 1;
        self.current.store(Arc::new(Generation { engine, epoch }));
        // Not called with the lock: one may add another.
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !listeners.is_empty() {
            let vocabulary = self.current.load().engine.vocabulary();
            for listener in listeners {
                // The thread that reloads has to go on.
                if catch_unwind(AssertUnwindSafe(|| listener(&vocabulary))).is_err() {
                    tracing::error!(target: TARGET, epoch, "a listener has panicked; the policies are in use all the same");
                }
            }
        }
        epoch
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies").field("epoch", &self.epoch()).finish_non_exhaustive()
    }
}

/// How a folder of policies is loaded: [`Policies::dir`].
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `load`"]
pub struct DirLoader {
    path: PathBuf,
    options: Options,
    #[cfg(feature = "watch")]
    watched: bool,
}

impl DirLoader {
    /// Sets the engine's options: default policy version and scope, globals and so on.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Reloads when a file of the folder changes.
    ///
    /// All files are compiled anew and the whole set is swapped in at once. When anything in it is wrong, the
    /// last good set stays in use and the mistakes are logged as errors under the target `axum_authz::policy`.
    /// Watching ends when the last clone of the [`Policies`] is dropped.
    #[cfg(feature = "watch")]
    pub fn watch(mut self) -> Self {
        self.watched = true;
        self
    }

    /// Reads and compiles the policies.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in any of the files, as [`Error::diagnostics`], or that the folder cannot be watched.
    pub fn load(self) -> Result<Policies, Error> {
        #[cfg(feature = "watch")]
        if self.watched {
            return watch::load(self.path, self.options);
        }
        Ok(Policies::new(self.compile()?))
    }

    fn compile(&self) -> Result<Engine, Diagnostics> {
        Ok(compile(PolicySet::from_dir(&self.path)?, self.options.clone()))
    }
}

fn compile(set: PolicySet, options: Options) -> Engine {
    let warnings = set.warnings();
    if !warnings.is_empty() {
        tracing::warn!(target: TARGET, "policies loaded with warnings\n\n{warnings}");
    }
    let problems = set.schema_problems();
    if options.schema_enforcement != SchemaEnforcement::None && !problems.is_empty() {
        tracing::error!(target: TARGET, "schemas cannot be used; requests that need them fail validation\n\n{problems}");
    }
    Engine::new(set, options)
}

//! Sets of policies with the requests to ask about them.
//!
//! [`Workload::classic`] and [`Workload::multitenant`] make sets of any size in the shape of Cerbos' own load tests:
//! resource policies in four scopes with derived roles, variables, schemas and a principal policy; and role policies that
//! inherit, in three scopes for each tenant. [`Workload::from_dir`] reads a set that was rendered elsewhere.

mod classic;
mod multitenant;
mod photos;
mod question;

use std::io;
use std::path::Path;

use authz_engine::policy::{PolicySet, Source, read_dir};
use authz_engine::{Engine, Options};
use serde_json::Value;

pub use question::Question;

/// Policies, schemas and requests.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Paths within the policy folder, and texts.
    pub files: Vec<(String, String)>,
    /// Bodies for Cerbos' `/api/check/resources`. Those of one unit follow one another.
    pub requests: Vec<Value>,
}

impl Workload {
    /// `units` times nine policies and three schemas, with two requests each.
    #[must_use]
    pub fn classic(units: usize) -> Self {
        Self::render(units, classic::FILES, &classic::REQUESTS)
    }

    /// Role policies of `units` tenants for twelve kinds of resources, with two requests each.
    #[must_use]
    pub fn multitenant(units: usize) -> Self {
        let mut all = Self::render(units, multitenant::FILES, &multitenant::REQUESTS);
        all.files.extend(multitenant::shared_files());
        all
    }

    /// The example's policies, `policies/photos`, with three requests.
    ///
    /// # Errors
    ///
    /// What cannot be read.
    pub fn photos() -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/photos");
        let (sources, problems) = read_dir(root);
        if !problems.is_empty() {
            return Err(io::Error::other(problems));
        }
        let files = sources.iter().map(|s| (s.name().to_owned(), s.text().to_owned())).collect();
        Ok(Self { files, requests: photos::REQUESTS.map(question::json).into() })
    }

    /// The policies of `root/policies` and the requests of `root/requests`, in the order of the names; a
    /// number at the end of a request's name goes first.
    ///
    /// # Errors
    ///
    /// What cannot be read, and requests that are no JSON.
    pub fn from_dir(root: &Path) -> io::Result<Self> {
        let (sources, _) = read_dir(root.join("policies"));
        let files = sources.iter().map(|s| (s.name().to_owned(), s.text().to_owned())).collect();
        let mut paths = std::fs::read_dir(root.join("requests"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()?;
        // `name_00017.json`: by unit first.
        paths.sort_by_key(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let unit = name.rsplit('_').next().unwrap_or_default().to_owned();
            (unit, name)
        });
        let read = |path: &std::path::PathBuf| {
            serde_json::from_str(&std::fs::read_to_string(path)?).map_err(io::Error::from)
        };
        Ok(Self { files, requests: paths.iter().map(read).collect::<io::Result<_>>()? })
    }

    /// The set `classic` or `multitenant`: read from `$AUTHZ_LOADTEST/{name}_{units}` if that variable is set, made here
    /// otherwise.
    ///
    /// # Errors
    ///
    /// As [`from_dir`](Self::from_dir), and another name.
    pub fn named(name: &str, units: usize) -> io::Result<Self> {
        match (std::env::var_os("AUTHZ_LOADTEST"), name) {
            (Some(root), _) => Self::from_dir(&Path::new(&root).join(format!("{name}_{units}"))),
            (None, "classic") => Ok(Self::classic(units)),
            (None, "multitenant") => Ok(Self::multitenant(units)),
            _ => Err(io::Error::other(format!("there is no set named `{name}`"))),
        }
    }

    /// Writes the policies to `root/policies`, the schemas below them, and the requests to `root/requests`.
    ///
    /// # Errors
    ///
    /// What cannot be written.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        std::fs::create_dir_all(root.join("policies/_schemas"))?;
        std::fs::create_dir_all(root.join("requests"))?;
        for (name, text) in &self.files {
            std::fs::write(root.join("policies").join(name), text)?;
        }
        for (number, request) in self.requests.iter().enumerate() {
            let path = root.join(format!("requests/{number:05}.json"));
            std::fs::write(path, request.to_string())?;
        }
        Ok(())
    }

    /// How many policies there are, schemas not counted.
    #[must_use]
    pub fn policies(&self) -> usize {
        self.files.iter().filter(|(name, _)| !name.ends_with(".json")).count()
    }

    /// The files as the engine takes them.
    pub fn sources(&self) -> impl Iterator<Item = Source> {
        self.files.iter().map(|(name, text)| Source::new(name.as_str(), text.as_str()))
    }

    /// An engine of the policies.
    #[expect(clippy::panic, reason = "policies of benchmarks load")]
    #[must_use]
    pub fn engine(&self) -> Engine {
        match PolicySet::load(self.sources()) {
            Ok(set) => Engine::new(set, Options::default()),
            Err(diagnostics) => panic!("the policies do not load\n{diagnostics}"),
        }
    }

    /// The requests as the engine takes them.
    pub fn questions(&self) -> impl Iterator<Item = Question> {
        self.requests.iter().map(Question::read)
    }

    /// `{n}` becomes the number of the unit.
    fn render(units: usize, files: &[(&str, &str)], requests: &[&str]) -> Self {
        let mut all = Self { files: Vec::new(), requests: Vec::new() };
        for unit in 0..units {
            let numbered = |text: &str| text.replace("{n}", &format!("{unit:05}"));
            all.files.extend(files.iter().map(|(name, text)| (numbered(name), numbered(text))));
            all.requests.extend(requests.iter().map(|text| question::json(&numbered(text))));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use authz_engine::Effect::{Allow, Deny};
    use authz_engine::cel::Timestamp;

    use super::*;

    fn effects(workload: &Workload) -> Vec<Vec<authz_engine::Effect>> {
        let engine = workload.engine();
        let answers = |question: Question| {
            let decisions = question.ask(&engine, Timestamp::now());
            decisions.iter().map(|decision| decision.effect).collect()
        };
        workload.questions().map(answers).collect()
    }

    #[test]
    fn sets_have_the_size_asked_for_and_every_unit_answers_alike() {
        let classic = Workload::classic(3);
        assert_eq!((classic.policies(), classic.requests.len()), (27, 6));
        let answers = effects(&classic);
        assert_eq!(answers[0], [Allow, Deny].repeat(5));
        let [scoped, parent] = [[Allow, Allow, Allow], [Allow, Deny, Allow]];
        let others = [Allow, Deny, Deny, Deny, Deny];
        assert_eq!(answers[1], [&scoped[..], &parent, &others].concat());
        assert_eq!(answers[..2], answers[4..]);

        let answers = effects(&Workload::multitenant(2));
        let innermost = [Allow, Allow, Allow, Allow, Deny, Allow, Allow, Allow, Allow, Allow];
        assert_eq!(answers[0], innermost);
        assert_eq!(answers[1], [Allow, Allow, Deny, Allow, Deny, Deny]);
        assert_eq!(answers[..2], answers[2..]);
    }

    #[test]
    fn the_example_answers_as_it_says() {
        let answers = effects(&Workload::photos().unwrap());
        assert_eq!(answers, [vec![Allow, Allow, Allow], vec![Allow, Deny], vec![Deny, Deny]]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = std::env::temp_dir().join(format!("authz-workload-{}", std::process::id()));
        let workload = Workload::classic(2);
        workload.write(&folder).unwrap();
        let read = Workload::from_dir(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(read.requests, workload.requests);
        let sorted =
            |w: &Workload| w.files.iter().cloned().collect::<std::collections::BTreeMap<_, _>>();
        assert_eq!(sorted(&read), sorted(&workload));
    }
}

//! What the handles of a stand-in and its server share.

use std::{sync::Arc, time::SystemTime};

use super::{
    TestClock, TestPerson,
    application::{Application, TestApplication},
    server::Switches,
    store::Store,
};

pub(super) struct Shared {
    pub(super) origin: String,
    /// At least one: the first is the stand-in's own.
    pub(super) applications: Vec<Arc<Application>>,
    pub(super) people: Vec<TestPerson>,
    pub(super) store: Store,
    pub(super) switches: Switches,
    pub(super) clock: Option<TestClock>,
}

impl Shared {
    pub(super) fn new(
        origin: String,
        applications: Vec<Arc<Application>>,
        people: Vec<TestPerson>,
        clock: Option<TestClock>,
    ) -> Self {
        let (store, switches) = (Store::default(), Switches::default());
        Self { origin, applications, people, store, switches, clock }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.as_ref().map_or_else(SystemTime::now, TestClock::now)
    }

    /// The person of this name, or someone of this name in no group.
    pub(super) fn person(&self, username: &str) -> TestPerson {
        let known = self.people.iter().find(|person| person.username == username);
        known.cloned().unwrap_or_else(|| TestPerson::new(username))
    }

    pub(super) fn of_slug(self: &Arc<Self>, slug: &str) -> Option<TestApplication> {
        let application = self.applications.iter().find(|application| application.slug == slug)?;
        Some(TestApplication::new(self, application))
    }

    pub(super) fn of_client(self: &Arc<Self>, id: &str) -> Option<TestApplication> {
        let application =
            self.applications.iter().find(|application| application.client_id == id)?;
        Some(TestApplication::new(self, application))
    }
}

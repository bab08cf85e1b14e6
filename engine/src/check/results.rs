//! What rules came to, so that each is evaluated once a request.

use smallvec::SmallVec;

use crate::table::{Entry, Hash, Row};

/// A rule of a policy, and the derived role it was reached through.
type Place = (*const Entry, u32, Option<u32>);

/// Results of rules. A few are compared one by one, many are looked up.
#[derive(Default)]
pub(super) struct Results {
    few: SmallVec<[(Place, bool); 4]>,
    many: Option<Box<Hash<Place, bool>>>,
}

const FEW: usize = 16;

impl Results {
    /// Rows that share a name share a result.
    #[inline]
    pub(super) fn get(&self, entry: &Entry, row: &Row) -> Option<bool> {
        let place = place(entry, row);
        match self.few.iter().find(|(known, _)| *known == place) {
            Some((_, met)) => Some(*met),
            None => self.many.as_ref()?.get(&place).copied(),
        }
    }

    #[inline]
    pub(super) fn set(&mut self, entry: &Entry, row: &Row, met: bool) {
        let place = place(entry, row);
        if self.few.len() < FEW {
            self.few.push((place, met));
        } else {
            self.many.get_or_insert_default().insert(place, met);
        }
    }
}

fn place(entry: &Entry, row: &Row) -> Place {
    (std::ptr::from_ref(entry), row.first_of_name, row.derived_role)
}

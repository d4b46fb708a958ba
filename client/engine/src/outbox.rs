//! The outbox behind the storage interface, in memory.
//!
//! In: [`StoreRequest`]. Out: [`StoreReply`], at once. It is what a browser without IndexedDB gets, and what tests use
//! as the disk: keep the value while the engine is dropped, and the edits survive a "reload". Tabs share one; a tab
//! that has its own is a client of its own.

use std::collections::BTreeMap;

use tideboard_shared::ClientId;

use crate::{Contents, OpNo, StoreReply, StoreRequest, StoredEdit, Term};

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

/// Stored edits by `n`.
#[derive(Debug, Clone, Default)]
pub struct MemoryOutbox {
    rows: BTreeMap<OpNo, StoredEdit>,
    last_n: u64,
    last_term: u64,
    /// Client id that was taken instead of the first one.
    client: Option<ClientId>,
}

impl MemoryOutbox {
    /// Carries out one request; the reply, if there is one, is to be fed back to the engine.
    pub fn handle(&mut self, request: StoreRequest) -> Option<StoreReply> {
        match request {
            StoreRequest::Load => Some(StoreReply::Loaded(self.contents())),
            StoreRequest::Lead => {
                self.last_term += 1;
                Some(StoreReply::Led { term: Term(self.last_term), contents: self.contents() })
            }
            StoreRequest::Append { mut edit, id, replaces } => {
                if replaces.is_some_and(|old| self.rows.remove(&old).is_none()) {
                    return Some(StoreReply::Gone { id });
                }
                let n = OpNo::after(self.last_n);
                self.last_n = n.get();
                edit.op.id.n = n.get();
                if let Some(client) = &self.client {
                    edit.op.id.client = client.clone();
                }
                self.rows.insert(n, *edit);
                Some(StoreReply::Appended { id, n })
            }
            StoreRequest::SetAside { n, why } => {
                if let Some(edit) = self.rows.get_mut(&n) {
                    edit.aside = Some(why);
                }
                Some(StoreReply::SetAside { n })
            }
            StoreRequest::Drop { id, term, .. } if term.is_some_and(|term| term < Term(self.last_term)) => {
                Some(StoreReply::Kept { id })
            }
            StoreRequest::Drop { id, n, .. } => Some(match self.rows.remove(&n) {
                Some(_) => StoreReply::Dropped { id },
                None => StoreReply::Gone { id },
            }),
            StoreRequest::Settle(numbers) => {
                for n in numbers {
                    self.rows.remove(&n);
                }
                None
            }
            StoreRequest::Rename { from, to } => {
                let is_current = self.client.as_ref().is_none_or(|client| *client == from);
                let client = if is_current { to } else { self.client.take().unwrap_or(to) };
                self.client = Some(client.clone());
                Some(StoreReply::Renamed { client })
            }
        }
    }

    fn contents(&self) -> Contents {
        let edits = self.rows.values().cloned().collect();
        Contents { edits, last_n: self.last_n, client: self.client.clone() }
    }

    /// Number of stored edits, those set aside included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if no edit is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_in_memory_is_like_all_others() {
        for case in conformance::cases() {
            let mut outbox = MemoryOutbox::default();
            for (at, (request, reply)) in case.steps.into_iter().enumerate() {
                assert_eq!(outbox.handle(request), reply, "{}: step {at}", case.name);
            }
        }
    }

    #[test]
    fn a_row_of_a_build_that_wrote_no_first_number_as_0_is_read() {
        for first in ["", r#","first":0"#, r#","first":null"#] {
            let row = format!(
                r#"{{"board":"main","strategy":"ask","created":1,"schema":1{first},"op":{{"id":"me/7","entity":"n",
                "base":0,"action":{{"do":"increment","field":"count","by":1}}}}}}"#
            );
            let row: StoredEdit = serde_json::from_str(&row).unwrap();
            assert_eq!((row.first, row.first_no()), (None, OpNo::new(7)));
        }
    }
}

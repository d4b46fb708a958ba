//! Durable outbox of one browser, shared by its tabs: one order of transactions, which outlives every page.

use std::collections::BTreeMap;

use tideboard_engine::{Contents, OpNo, StoreReply, StoreRequest, StoredEdit, Term};
use tideboard_shared::ClientId;

/// Changes that a transaction made to the rows.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The edit that was given this number, whether it was written, and which it replaced.
    pub(crate) appended: Option<(StoredEdit, bool, Option<u64>)>,
    /// Rows that were forgotten.
    pub(crate) forgotten: Vec<StoredEdit>,
}

#[derive(Debug, Default)]
pub(crate) struct Disk {
    rows: BTreeMap<u64, StoredEdit>,
    last_n: u64,
    last_term: u64,
    /// Client id that was taken instead of the browser's first one.
    client: Option<ClientId>,
    /// Takes no new rows; it still gives out numbers, and forgets.
    pub(crate) is_full: bool,
    /// Takes its time.
    pub(crate) is_slow: bool,
}

impl Disk {
    pub(crate) fn handle(&mut self, request: StoreRequest) -> (Option<StoreReply>, Written) {
        let mut written = Written::default();
        let reply = match request {
            StoreRequest::Load => Some(StoreReply::Loaded(self.contents())),
            StoreRequest::Lead => {
                self.last_term += 1;
                Some(StoreReply::Led { term: Term(self.last_term), contents: self.contents() })
            }
            StoreRequest::Append { edit, id, replaces } => {
                let replaces = replaces.map(OpNo::get);
                if replaces.is_some_and(|old| !self.rows.contains_key(&old)) {
                    return (Some(StoreReply::Gone { id }), written);
                }
                let n = OpNo::after(self.last_n);
                self.last_n = n.get();
                let mut edit = *edit;
                edit.op.id.n = n.get();
                if let Some(client) = &self.client {
                    edit.op.id.client = client.clone();
                }
                written.appended = Some((edit.clone(), !self.is_full, replaces));
                if self.is_full {
                    return (Some(StoreReply::AppendFailed { id, n, reason: "the disk is full".into() }), written);
                }
                written.forgotten.extend(replaces.and_then(|old| self.rows.remove(&old)));
                self.rows.insert(n.get(), edit);
                Some(StoreReply::Appended { id, n })
            }
            StoreRequest::SetAside { n, why } => {
                if let Some(edit) = self.rows.get_mut(&n.get()) {
                    edit.aside = Some(why);
                }
                Some(StoreReply::SetAside { n })
            }
            StoreRequest::Drop { id, term, .. } if term.is_some_and(|term| term < Term(self.last_term)) => {
                Some(StoreReply::Kept { id })
            }
            StoreRequest::Drop { id, n, .. } => {
                let dropped = self.rows.remove(&n.get());
                let reply = if dropped.is_some() { StoreReply::Dropped { id } } else { StoreReply::Gone { id } };
                written.forgotten.extend(dropped);
                Some(reply)
            }
            StoreRequest::Rename { from, to } => {
                let is_current = self.client.as_ref().is_none_or(|client| *client == from);
                let client = if is_current { to } else { self.client.take().unwrap_or(to) };
                self.client = Some(client.clone());
                Some(StoreReply::Renamed { client })
            }
            StoreRequest::Settle(numbers) => {
                written.forgotten.extend(numbers.iter().filter_map(|n| self.rows.remove(&n.get())));
                None
            }
        };
        (reply, written)
    }

    pub(crate) fn contents(&self) -> Contents {
        let edits = self.rows.values().cloned().collect();
        Contents { edits, last_n: self.last_n, client: self.client.clone() }
    }

    pub(crate) fn rows(&self) -> &BTreeMap<u64, StoredEdit> {
        &self.rows
    }

    /// Loses a row, which no sound disk does.
    pub(crate) fn lose(&mut self, n: u64) {
        self.rows.remove(&n);
    }

    /// Gives the last number out again, which no sound disk does.
    pub(crate) fn step_back(&mut self) {
        self.last_n = self.last_n.saturating_sub(1);
    }
}

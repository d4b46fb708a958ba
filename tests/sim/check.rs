//! The invariants of the design, checked while the simulation runs and once it is quiet.

use std::collections::{BTreeMap, BTreeSet};

use tideboard_engine::{BoardStatus, EditEnd, EditId};
use tideboard_shared::{OpId, Operation};

use crate::{
    client::{Made, SimClient},
    server::{Server, board},
};

/// What users were told of their edits.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The tag of every tagged edit that a page still has in hand, by client, page and edit.
    open: BTreeMap<(usize, u64, EditId), String>,
    /// What the user was told, by tag.
    told: BTreeMap<String, bool>,
    rows_checked: usize,
    seen: BTreeSet<OpId>,
    /// How often each tag stands in the log.
    logged: BTreeMap<String, usize>,
}

impl Ledger {
    pub(crate) fn note_made(&mut self, client: usize, page: u64, made: Made) {
        if let Some(tag) = made.tag {
            self.open.insert((client, page, made.id), tag);
        }
    }

    /// No acked operation is lost: at the moment the user is told, it is in the durable log at the place that was named.
    pub(crate) fn note_ended(&mut self, client: usize, page: u64, id: EditId, end: &EditEnd, server: &Server) {
        if let EditEnd::Applied { seq, .. } = end {
            assert!(*seq <= server.seq(), "an edit was acked as {seq}, but the log ends at {}", server.seq());
        }
        let Some(tag) = self.open.remove(&(client, page, id)) else { return };
        match end {
            EditEnd::Applied { .. } => drop(self.told.insert(tag, true)),
            EditEnd::Refused(_) => drop(self.told.insert(tag, false)),
            EditEnd::AlreadySettled | EditEnd::RolledBack | EditEnd::Confirmed => {}
        }
    }

    /// None is applied twice, under its number or, renumbered, under its tag.
    pub(crate) fn check_log(&mut self, server: &Server) {
        for event in server.history[self.rows_checked..].iter().flat_map(|row| &row.events) {
            assert!(self.seen.insert(event.op.id.clone()), "operation {} was applied twice", event.op.id);
            if let Some(tag) = tag(&event.op) {
                let times = self.logged.entry(tag).or_default();
                *times += 1;
                assert_eq!(*times, 1, "edit {:?} was applied under two numbers", event.op);
            }
        }
        self.rows_checked = server.history.len();
    }

    /// What users were told is what happened.
    pub(crate) fn check_told(&self) {
        for (tag, was_applied) in &self.told {
            let is_logged = self.logged.contains_key(tag);
            assert_eq!(is_logged, *was_applied, "edit {tag}: told applied={was_applied}, in the log={is_logged}");
        }
    }

    pub(crate) fn applied(&self) -> u64 {
        self.seen.len() as u64
    }
}

/// Same order everywhere: a replica at `seq` is the board after the log's first `seq` events.
pub(crate) fn check_replica(client: &SimClient, server: &Server) {
    let Some(view) = client.engine.board_view(&board()) else { return };
    if view.status == BoardStatus::Loading {
        return;
    }
    let confirmed = client.engine.confirmed_board(&board()).expect("a viewed board is there");
    let index = usize::try_from(view.seq.0).expect("few events");
    let expected = server.boards.get(index).expect("a replica is never ahead of the durable log");
    assert_eq!(confirmed, expected, "the replica at {} differs from the log", view.seq);
}

/// Whether nothing is left to do for this client.
pub(crate) fn is_quiet(client: &SimClient, server: &Server) -> bool {
    let view = client.engine.board_view(&board());
    client.engine.sync_view().pending == 0
        && client.is_disk_empty()
        && view.is_some_and(|view| view.status == BoardStatus::Live && view.seq == server.seq() && view.pending == 0)
}

/// Once quiet, what the user sees is what the server has.
pub(crate) fn check_quiet(client: &SimClient, server: &Server) {
    check_replica(client, server);
    let shown = client.engine.entity_views(&board(), "note");
    let stored = server.boards.last().expect("there is always the empty board");
    assert_eq!(shown.len(), stored.len());
    for (view, entity) in shown.iter().zip(stored.entities()) {
        assert_eq!(view.entity, *entity, "shown and stored differ");
    }
}

fn tag(op: &Operation) -> Option<String> {
    use tideboard_shared::Action::{Create, Increment, Patch, Remove, SetAdd, SetRemove};
    let value = match &op.action {
        Create { fields, .. } => fields.values().next(),
        Patch { set, .. } => set.values().next(),
        SetAdd { value, .. } => Some(value),
        Increment { .. } | SetRemove { .. } | Remove => None,
    };
    value.and_then(|value| value.as_str()).map(str::to_owned)
}

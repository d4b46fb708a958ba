//! The way back of one's own edits: rollback of one, undo and redo of the last.

use tideboard_shared::{Action, BoardId, Conflict, FieldConflict, Refusal, board::Side};

use super::{
    ApplyError, Choice, ConflictStrategy, Context, Edit, EditEnd, EditId, Edits, OpNo, Rollback, RollbackError,
    UndoError,
    history::{Entry, EntryState, Origin},
    life::Life,
};
use crate::{Now, StoreRequest, Term, devtools::Milestone, peers::PeerBody};

/// Stack that is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Undo,
    Redo,
}

impl Edits {
    /// True if there is an edit of mine to undo.
    pub(crate) fn can_undo(&self, board: &BoardId) -> bool {
        self.boards.get(board).is_some_and(|board| !board.history.undo.is_empty())
    }

    /// True if there is an undo of mine to redo.
    pub(crate) fn can_redo(&self, board: &BoardId) -> bool {
        self.boards.get(board).is_some_and(|board| !board.history.redo.is_empty())
    }

    /// Takes one edit back: removed when it was not sent, reverted once its outcome is known when it was.
    pub(crate) fn rollback(&mut self, cx: &mut Context<'_>, id: EditId, now: Now) -> Result<Rollback, RollbackError> {
        let Some(edit) = self.all.get(&id) else { return self.roll_ended_back(cx, id, now) };
        match &edit.life {
            Life::Asking { .. } => {
                let resolved = self.resolve(cx, id, &Choice::Theirs, now);
                resolved.map(|()| Rollback::Removed).map_err(|_| RollbackError::Unknown(id))
            }
            Life::GivenUp { .. } | Life::Aside { .. } => Err(RollbackError::Unknown(id)),
            // It is applied, and its event is still to come: that says what has to be put back.
            Life::Applied { .. } => {
                self.take_back(cx, id);
                Ok(Rollback::Reverting)
            }
            Life::Manual => {
                self.end(cx, id, EditEnd::RolledBack);
                Ok(Rollback::Removed)
            }
            // Nobody has sent it, and nobody else can.
            Life::Storing { .. } | Life::Queued { .. } | Life::Superseded { .. }
                if edit.is_unsent() && cx.peers.is_alone() =>
            {
                self.end(cx, id, EditEnd::RolledBack);
                Ok(Rollback::Removed)
            }
            // It may have been applied even though it is not in flight now, if only by another tab: its outcome can
            // tell, or storage, where nobody has sent it.
            Life::Storing { .. } | Life::Queued { .. } | Life::Superseded { .. } | Life::Dropping { .. } => {
                self.take_back(cx, id);
                self.take_numbered_back(cx, id);
                Ok(Rollback::Reverting)
            }
        }
    }

    /// Takes my last edit of a board back, or my last undo.
    pub(crate) fn step_back(
        &mut self,
        cx: &mut Context<'_>,
        board: &BoardId,
        way: Way,
        now: Now,
    ) -> Result<EditId, UndoError> {
        if !cx.config.features.undo {
            return Err(UndoError::Disabled);
        }
        let entry = self.boards.get_mut(board).and_then(|board| board.stack(way).pop_back());
        let entry = entry.ok_or(UndoError::Nothing)?;
        let stepped = self.take_entry_back(cx, board, &entry, way, now);
        if stepped.is_err() {
            // It may be possible later.
            self.board_mut(board).stack(way).push_back(entry);
        }
        stepped
    }

    /// Takes an edit back that is, or may be, in the log: from here on it no longer shows.
    pub(super) fn take_back(&mut self, cx: &mut Context<'_>, id: EditId) {
        if let Some(edit) = self.all.get_mut(&id) {
            edit.take_back();
            cx.devtools.note(id, Milestone::TakenBack);
            self.touch(cx, id);
        }
    }

    /// The user took an edit back that may have a number. Storage drops it if this tab leads and nobody has sent it: a
    /// later leader may have, of which this tab does not know yet. Of an edit that storage never had nothing could tell,
    /// so it is seen through.
    pub(super) fn take_numbered_back(&mut self, cx: &mut Context<'_>, id: EditId) {
        let term = cx.peers.leading().map(|leading| leading.term);
        let Some(edit) = self.all.get_mut(&id) else { return };
        let (Life::Queued { n, .. } | Life::Superseded { n, .. }) = edit.life else { return };
        if term.is_some() && edit.is_unsent() && edit.is_stored() {
            edit.drop_unsent();
            // Until storage has answered it is not sent.
            let board = edit.board.clone();
            self.board_mut(&board).lane.hold(n);
            self.drop_stored(cx, id, n, term);
        } else {
            cx.tell(PeerBody::TakenBack { n });
        }
    }

    /// Asks storage to forget an edit, unless another tab has gone on with it.
    pub(super) fn drop_stored(&mut self, cx: &mut Context<'_>, id: EditId, n: OpNo, term: Option<Term>) {
        self.storage.handle_asking();
        cx.store(StoreRequest::Drop { id, n, term });
    }

    /// Storage has dropped an edit: it was never sent, or the server had refused it.
    pub(super) fn handle_dropped(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get(&id) else { return };
        match &edit.life {
            Life::GivenUp { .. } => self.end_given_up(cx, id),
            Life::Dropping { n } => {
                let n = *n;
                if cx.is_follower() {
                    self.settle_everywhere(cx, Some(n));
                }
                self.end(cx, id, EditEnd::RolledBack);
            }
            // Another tab went on with it meanwhile, and said so.
            Life::Manual
            | Life::Storing { .. }
            | Life::Queued { .. }
            | Life::Superseded { .. }
            | Life::Applied { .. }
            | Life::Asking { .. }
            | Life::Aside { .. } => {}
        }
    }

    /// Another tab may have sent what was to be dropped.
    pub(super) fn handle_kept(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        let Some(n) = edit.handle_kept() else { return };
        let board = edit.board.clone();
        let lane = &mut self.board_mut(&board).lane;
        lane.release(n);
        lane.enqueue(n, id);
        cx.tell(PeerBody::TakenBack { n });
    }

    /// Follows that an edit was not there to be dropped: another tab has gone on with it, unless it is a conflict that
    /// storage never had. Of those the leader decides.
    pub(super) fn handle_drop_gone(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        if !edit.is_stored() {
            return match edit.life {
                Life::GivenUp { n, .. } if cx.is_follower() => cx.tell(PeerBody::TakenBack { n }),
                _ => self.handle_dropped(cx, id),
            };
        }
        if let Life::Dropping { n } = edit.life {
            edit.handle_superseded(n);
        }
        self.read_storage(cx);
    }

    fn roll_ended_back(&mut self, cx: &mut Context<'_>, id: EditId, now: Now) -> Result<Rollback, RollbackError> {
        let known = self.boards.iter().find_map(|(board, edits)| Some((board.clone(), edits.history.get(id)?.clone())));
        let (board, entry) = known.ok_or(RollbackError::Unknown(id))?;
        if !matches!(entry.state, EntryState::Confirmed { .. }) {
            // One that was taken back before is not taken back twice.
            return Err(RollbackError::Unknown(id));
        }
        if let Some(conflict) = self.overtaken(cx, &board, &entry) {
            return Err(RollbackError::Conflict(conflict));
        }
        match self.apply_from(cx, way_back(&board, &entry), Origin::Revert(None), now) {
            Ok(by) => {
                self.board_mut(&board).history.remove(id);
                Ok(Rollback::Reverted { by })
            }
            Err(ApplyError::Refused(Refusal::Conflict(conflict))) => Err(RollbackError::Conflict(conflict)),
            Err(error) => Err(RollbackError::Apply(error)),
        }
    }

    fn take_entry_back(
        &mut self,
        cx: &mut Context<'_>,
        board: &BoardId,
        entry: &Entry,
        way: Way,
        now: Now,
    ) -> Result<EditId, UndoError> {
        let origin = match way {
            Way::Undo => Origin::Undo,
            Way::Redo => Origin::Redo,
        };
        if let EntryState::Pending = entry.state {
            self.rollback(cx, entry.edit, now).map_err(|_| UndoError::Nothing)?;
            let again = Entry { state: EntryState::RolledBack, is_overtaken: false, ..entry.clone() };
            self.board_mut(board).history.push(origin, again, cx.config.optimistic.max_undo.get());
            return Ok(entry.edit);
        }
        if let Some(conflict) = self.overtaken(cx, board, entry) {
            return Err(UndoError::Conflict(conflict));
        }
        self.apply_from(cx, way_back(board, entry), origin, now).map_err(|error| match error {
            ApplyError::Refused(Refusal::Conflict(conflict)) => UndoError::Conflict(conflict),
            error => UndoError::Apply(error),
        })
    }

    /// Fields that others changed after an edit, though it is not theirs that was written last.
    fn overtaken(&self, cx: &Context<'_>, board: &BoardId, entry: &Entry) -> Option<Conflict> {
        if !entry.is_overtaken {
            return None;
        }
        let (_, inverse) = entry.way()?;
        let replica = cx.boards.get(board)?;
        let stands = match cx.config.features.optimistic {
            true => self.overlay(board, replica, &entry.op.entity).entity?,
            false => replica.board().entity(&entry.op.entity)?.clone(),
        };
        let yours: Vec<_> = match inverse {
            Action::Patch { set, unset } => {
                let set = set.iter().map(|(name, value)| (name, Some(value.clone())));
                set.chain(unset.iter().map(|name| (name, None))).collect()
            }
            _ => stands.fields.keys().map(|name| (name, None)).collect(),
        };
        let fields = yours.into_iter().map(|(name, yours)| {
            let mut field = FieldConflict::new(name);
            field.fill(Side::Theirs, stands.fields.get(name).cloned());
            field.fill(Side::Yours, yours);
            field
        });
        Some(Conflict { theirs_version: stands.version, fields: fields.collect() })
    }
}

impl super::BoardEdits {
    fn stack(&mut self, way: Way) -> &mut std::collections::VecDeque<Entry> {
        match way {
            Way::Undo => &mut self.history.undo,
            Way::Redo => &mut self.history.redo,
        }
    }
}

/// The edit that takes an entry's back, or does it again; refused when others changed the same since.
fn way_back(board: &BoardId, entry: &Entry) -> Edit {
    let (action, base) = match &entry.state {
        EntryState::Confirmed { seq, inverse } => (inverse.clone(), Some(*seq)),
        EntryState::Pending | EntryState::RolledBack => (entry.op.action.clone(), Some(entry.op.base)),
    };
    let strategy = ConflictStrategy::RemoteWins;
    Edit { base, ..Edit::new(board.clone(), entry.op.entity.clone(), action).strategy(strategy) }
}

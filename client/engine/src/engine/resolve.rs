//! Edits that wait for the user: conflicts to settle, refused edits to send again or discard.

use std::sync::Arc;

use tideboard_shared::{BoardId, Entity, EntityId, Refusal, Seq};

use super::Engine;
use crate::{
    ApplyError, Choice, ConflictStrategy, ConflictView, EditEnd, EditId, Key, MergeFn, Now, Output, Refused,
    RefusedView, ResolveError, StoreRequest, StoredEdit,
    edits::{ConflictCase, Pending, Place, inverse},
};

impl Engine {
    pub(super) fn run_set_merge(&mut self, board: BoardId, entity: EntityId, merge: Option<MergeFn>) {
        self.merges.set(board, entity, merge);
    }

    /// Conflicts that wait, oldest edit first, each with what every choice would make of the entity now.
    #[must_use]
    pub fn conflicts(&self) -> Vec<ConflictView> {
        self.conflicts.0.iter().filter_map(|(id, case)| self.conflict_view(*id, case)).collect()
    }

    /// What a choice would make of the entity as it stands now; `None` where the entity would not exist.
    ///
    /// # Errors
    /// When [`Self::resolve`] would fail with that choice.
    pub fn preview(&self, id: EditId, choice: &Choice) -> Result<Option<Arc<Entity>>, ResolveError> {
        let case = self.conflicts.0.get(&id).ok_or(ResolveError::Unknown(id))?;
        let (shown, seq) = self.shown_under(case).ok_or(ResolveError::Unknown(id))?;
        case.preview(choice, shown, seq).map_err(ResolveError::Refused)
    }

    pub(super) fn run_resolve(&mut self, id: EditId, choice: Choice, now: Now) -> Result<(), ResolveError> {
        let case = self.conflicts.0.get(&id).ok_or(ResolveError::Unknown(id))?;
        let board = case.board.clone();
        let state = self.boards.get(&board).ok_or(ResolveError::Unknown(id))?;
        let Some(op) = case.resolution(&choice, state.replica.seq()) else {
            self.drop_conflict(id);
            return Ok(());
        };
        let applied = state.may_apply(&op).map_err(ResolveError::Refused)?;
        let inverse = inverse(&op.action, &applied);
        let deadline = now.mono + self.config.optimistic.operation_timeout.get();
        let pending = Pending { deadline, inverse, ..Pending::new(op, ConflictStrategy::LocalWins, case.created) };
        self.conflicts.0.remove(&id);
        self.deadlines.insert((deadline, id));
        self.insert_pending(board.clone(), id, pending, Place::Newest);
        self.renumber(&board, id);
        self.changed.insert(Key::Conflicts);
        Ok(())
    }

    /// Refused edits that were set aside, oldest first.
    pub fn refused(&self) -> impl Iterator<Item = (EditId, &RefusedView)> {
        self.refused.iter().map(|(id, view)| (*id, view))
    }

    pub(super) fn run_requeue(&mut self, id: EditId, now: Now) -> Result<EditId, ApplyError> {
        let Some(view) = self.refused.get(&id) else {
            return Err(ApplyError::Refused(Refusal::Rejected(tideboard_shared::Rejection::new(
                tideboard_shared::Reason::AlreadySettled,
                format!("edit {} is not set aside", id.0),
            ))));
        };
        let edit = crate::Edit {
            strategy: view.strategy,
            ..crate::Edit::new(view.board.clone(), view.op.entity.clone(), view.op.action.clone())
        };
        let again = self.run_apply(edit, now)?;
        self.run_discard(id);
        Ok(again)
    }

    pub(super) fn run_discard(&mut self, id: EditId) -> bool {
        let Some(view) = self.refused.remove(&id) else { return false };
        self.peers.known.remove(id);
        self.settle_everywhere(vec![view.op.id.n]);
        self.changed.insert(Key::Sync);
        true
    }

    /// Keeps a conflict until the user has chosen; on disk as well.
    pub(super) fn ask(&mut self, id: EditId, case: ConflictCase) {
        let why = Refused::Conflict(case.conflict.clone());
        self.leave_lane(&case.board, id, Some(why));
        self.conflicts.0.insert(id, case);
        self.changed.insert(Key::Conflicts);
    }

    /// Sets a refused edit aside, where it blocks nothing, and tells the user.
    pub(super) fn set_aside(&mut self, board: &BoardId, id: EditId, why: Refused, now: Now) {
        self.tell_user(board, id, &why, now);
        let Some(pending) = self.leave_lane(board, id, Some(why.clone())) else { return };
        self.keep_refused(
            id,
            RefusedView {
                board: board.clone(),
                op: pending.op,
                strategy: pending.strategy,
                why: why.clone(),
                created: pending.created,
            },
        );
        self.board_mut(board).history.remove(id);
        if self.is_told_here(id) {
            self.outputs.push(Output::Ended { id, end: EditEnd::Refused(why) });
        }
    }

    /// Takes over an edit that an earlier run of this client had set aside.
    pub(super) fn keep_aside(&mut self, id: EditId, edit: StoredEdit, why: Refused) {
        let StoredEdit { board, op, strategy, created, .. } = edit;
        let op = Arc::new(op);
        match why {
            Refused::Conflict(conflict) => {
                self.board_mut(&board);
                self.conflicts.0.insert(id, ConflictCase { board, op, conflict, created });
                self.changed.insert(Key::Conflicts);
            }
            why => self.keep_refused(id, RefusedView { board, op, strategy, why, created }),
        }
    }

    /// Storage has noted that an edit is set aside: the server may forget its outcome now.
    pub(super) fn handle_set_aside(&mut self, n: u64) {
        for state in self.boards.values_mut() {
            state.lane.release(n);
        }
    }

    fn keep_refused(&mut self, id: EditId, view: RefusedView) {
        self.refused.insert(id, view);
        self.changed.insert(Key::Sync);
        if !self.is_follower()
            && self.refused.len() > self.config.sync.max_refused.get()
            && let Some(oldest) = self.refused.keys().next().copied()
        {
            self.run_discard(oldest);
        }
    }

    /// Takes an edit off its lane and off the entity. Its number stays unsettled until storage has noted why; `None` when it
    /// has.
    pub(super) fn leave_lane(&mut self, board: &BoardId, id: EditId, why: Option<Refused>) -> Option<Pending> {
        let pending = self.remove_pending(board, id)?;
        self.edits.remove(&id);
        let n = pending.op.id.n;
        let is_follower = self.is_follower();
        let lane = &mut self.board_mut(board).lane;
        match why {
            Some(why) if !is_follower => {
                lane.hold(n);
                self.outputs.push(Output::Store(StoreRequest::SetAside { n, why }));
            }
            _ => lane.settle(n),
        }
        Some(pending)
    }

    /// The user wants theirs. Another tab may go on with mine at the same time: storage decides.
    pub(super) fn drop_conflict(&mut self, id: EditId) {
        let Some(case) = self.conflicts.0.remove(&id) else { return };
        let n = case.op.id.n;
        self.given_up.insert(id, case);
        self.changed.extend([Key::Conflicts, Key::Sync]);
        if self.peers.is_alone() {
            self.end_given_up(id);
        } else {
            self.drop_stored(id, n, None);
        }
    }

    /// Nobody goes on with a conflict that was given up.
    pub(super) fn end_given_up(&mut self, id: EditId) {
        let Some(case) = self.given_up.remove(&id) else { return };
        let n = case.op.id.n;
        let state = self.board_mut(&case.board);
        state.lane.settle(n);
        state.history.remove(id);
        self.settle_everywhere(vec![n]);
        self.ended(id, EditEnd::Refused(Refused::Conflict(case.conflict)));
    }

    fn conflict_view(&self, id: EditId, case: &ConflictCase) -> Option<ConflictView> {
        let (shown, seq) = self.shown_under(case)?;
        let merge = self.merges.get(&case.board, &case.op.entity);
        let merged = merge
            .and_then(|merge| merge.merge(&case.merge_input()))
            .and_then(|fields| case.preview(&Choice::Fields(fields), shown.clone(), seq).ok().flatten());
        Some(ConflictView {
            id,
            case: case.clone(),
            with_mine: case.preview(&Choice::Mine, shown.clone(), seq),
            with_theirs: shown,
            merged,
        })
    }

    /// The entity as the user sees it without the edit that waits, and how far its board has come.
    fn shown_under(&self, case: &ConflictCase) -> Option<(Option<Arc<Entity>>, Seq)> {
        let state = self.boards.get(&case.board)?;
        let (entity, seq) = (&case.op.entity, state.replica.seq());
        Some((state.pending.overlay(entity, state.replica.board().entity(entity), seq).entity, seq))
    }
}

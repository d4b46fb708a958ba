//! Edits that wait for the user: conflicts to settle, refused edits to send again or discard; and notices of what was
//! refused.

use std::sync::Arc;

use tideboard_shared::{BoardId, Conflict, Entity, EntityId, Reason, Refusal, Rejection, Seq, board::predict};

use super::{
    ApplyError, Choice, ConflictStrategy, ConflictView, Context, Edit, EditEnd, EditId, Edits, MergeFn, Notice, OpNo,
    Refused, RefusedView, ResolveError, SetBack,
    conflicts::ConflictCase,
    history::inverse,
    life::{Life, MadeIn, Tracked},
    stacks::Place,
};
use crate::{Key, Now, StoreRequest, replica::Boards};

impl Edits {
    /// Registers how conflicts of one entity are merged, or takes that back.
    pub(crate) fn set_merge(&mut self, board: BoardId, entity: EntityId, merge: Option<MergeFn>) {
        self.merges.set(board, entity, merge);
    }

    /// Conflicts that wait, oldest edit first, each with what every choice would make of the entity now.
    pub(crate) fn conflicts(&self, boards: &Boards) -> Vec<ConflictView> {
        self.waiting.iter().filter_map(|id| self.conflict_view(*id, boards)).collect()
    }

    /// Entity of a conflict as a choice would make it now.
    pub(crate) fn preview(
        &self,
        boards: &Boards,
        id: EditId,
        choice: &Choice,
    ) -> Result<Option<Arc<Entity>>, ResolveError> {
        let case = self.conflict(id).ok_or(ResolveError::Unknown(id))?;
        let (shown, seq) = self.shown_under(&case, boards).ok_or(ResolveError::Unknown(id))?;
        case.preview(choice, shown, seq).map_err(ResolveError::Refused)
    }

    /// Refused edits that were set aside, oldest first.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (EditId, RefusedView)> {
        self.waiting.iter().filter_map(|id| Some((*id, self.all.get(id)?.refused_view()?)))
    }

    /// Notices of what became of edits, oldest first.
    pub(crate) fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }

    /// Boards that were set back, oldest first.
    pub(crate) fn set_backs(&self) -> impl Iterator<Item = &SetBack> {
        self.set_backs.iter()
    }

    /// Tells the user that the server has gone back to another history of a board, in one tab.
    pub(super) fn tell_set_back(&mut self, cx: &mut Context<'_>, board: &BoardId, lost: usize, now: Now) {
        if cx.is_follower() {
            return;
        }
        self.last_notice += 1;
        self.set_backs.push_back(SetBack { id: self.last_notice, board: board.clone(), lost, at: now.wall });
        if self.set_backs.len() > cx.config.optimistic.max_notices.get() {
            self.set_backs.pop_front();
        }
        cx.changed.insert(Key::Notices);
    }

    /// Forgets a notice that the user has seen.
    pub(crate) fn dismiss_notice(&mut self, cx: &mut Context<'_>, id: u64) {
        self.notices.retain(|notice| notice.id != id);
        self.set_backs.retain(|notice| notice.id != id);
        cx.changed.insert(Key::Notices);
    }

    /// Settles a conflict as the user chose.
    pub(crate) fn resolve(
        &mut self,
        cx: &mut Context<'_>,
        id: EditId,
        choice: &Choice,
        now: Now,
    ) -> Result<(), ResolveError> {
        let case = self.conflict(id).ok_or(ResolveError::Unknown(id))?;
        let replica = cx.boards.get(&case.board).ok_or(ResolveError::Unknown(id))?;
        let seq = replica.seq();
        let Some(op) = case.resolution(choice, seq) else {
            self.drop_conflict(cx, id);
            return Ok(());
        };
        let mut entity = self.overlay(&case.board, replica, &op.entity).entity;
        let applied = predict(&mut entity, &op, seq.next()).map_err(ResolveError::Refused)?;
        let Some(before) = self.all.remove(&id) else { return Err(ResolveError::Unknown(id)) };
        self.waiting.remove(&id);
        let edit = Tracked {
            made_in: MadeIn::Here(replica.position().cloned()),
            inverse: inverse(&op.action, &applied),
            deadline: Some(now.mono + cx.config.optimistic.operation_timeout.get()),
            provenance: before.provenance,
            ..Tracked::new(case.board, op, ConflictStrategy::LocalWins, case.created, before.life)
        };
        self.enter_board(cx, id, &edit, Place::Newest);
        self.all.insert(id, edit);
        self.send_again(cx, id);
        cx.changed.insert(Key::Conflicts);
        Ok(())
    }

    /// Makes a refused edit again, of what stands now; it gets a new id.
    pub(crate) fn requeue(&mut self, cx: &mut Context<'_>, id: EditId, now: Now) -> Result<EditId, ApplyError> {
        let Some(view) = self.all.get(&id).and_then(Tracked::refused_view) else {
            let message = format!("edit {} is not set aside", id.0);
            return Err(ApplyError::Refused(Refusal::Rejected(Rejection::new(Reason::AlreadySettled, message))));
        };
        let edit = Edit::new(view.board, view.op.entity.clone(), view.op.action.clone()).strategy(view.strategy);
        let again = self.apply(cx, edit, now)?;
        self.discard(cx, id);
        Ok(again)
    }

    /// Forgets a refused edit. `false` when there is none.
    pub(crate) fn discard(&mut self, cx: &mut Context<'_>, id: EditId) -> bool {
        let Some(Life::Aside { n, .. }) = self.all.get(&id).map(|edit| &edit.life) else { return false };
        let n = *n;
        self.take(cx, id);
        self.settle_everywhere(cx, Some(n));
        true
    }

    /// Keeps a conflict until the user has chosen; on disk as well.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>, id: EditId, conflict: Conflict) {
        let Some(n) = self.all.get(&id).and_then(|edit| edit.life.number()) else { return };
        self.note_aside(cx, id, n, Refused::Conflict(conflict.clone()));
        self.set_waiting(cx, id, Life::Asking { n, conflict });
    }

    /// Sets a refused edit aside, where it blocks nothing, and tells the user.
    pub(super) fn set_aside(&mut self, cx: &mut Context<'_>, id: EditId, why: Refused, now: Now) {
        let Some(n) = self.all.get(&id).and_then(|edit| edit.life.number()) else { return };
        self.tell_user(cx, id, &why, now);
        self.note_aside(cx, id, n, why.clone());
        self.set_waiting(cx, id, Life::Aside { n, why: why.clone() });
        if let Some(edit) = self.all.get(&id) {
            let board = edit.board.clone();
            self.board_mut(&board).history.remove(id);
        }
        self.trim_refused(cx);
        self.tell_end(cx, id, EditEnd::Refused(why));
    }

    /// Takes an edit off its lane. Its number stays unsettled until storage has noted why; a follower leaves both to
    /// the leader.
    fn note_aside(&mut self, cx: &mut Context<'_>, id: EditId, n: OpNo, why: Refused) {
        let Some(board) = self.all.get(&id).and_then(|edit| self.boards.get_mut(&edit.board)) else { return };
        if cx.is_follower() {
            board.lane.settle(n);
        } else {
            board.lane.hold(n);
            cx.store(StoreRequest::SetAside { n, why });
        }
    }

    /// Discards the oldest refused edit when there are more than may be.
    pub(super) fn trim_refused(&mut self, cx: &mut Context<'_>) {
        if cx.is_follower() || self.aside() <= cx.config.sync.max_refused.get() {
            return;
        }
        let oldest = self.refused().next().map(|(id, _)| id);
        if let Some(oldest) = oldest {
            self.discard(cx, oldest);
        }
    }

    /// Gives a conflict up: the user wants theirs. Another tab may go on with mine at the same time: storage decides.
    pub(super) fn drop_conflict(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(n) = self.all.get_mut(&id).and_then(|edit| edit.give_up()) else { return };
        cx.changed.extend([Key::Conflicts, Key::Sync]);
        if cx.peers.is_alone() {
            self.end_given_up(cx, id);
        } else {
            self.drop_stored(cx, id, n, None);
        }
    }

    /// Ends a conflict that was given up and that no tab goes on with.
    pub(super) fn end_given_up(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(Life::GivenUp { n, conflict }) = self.all.get(&id).map(|edit| edit.life.clone()) else { return };
        let is_told_here = self.is_told_here(cx, id);
        if let Some(edit) = self.drop_edit(cx, id) {
            self.note_unstored_over(cx, &edit);
        }
        self.settle_everywhere(cx, Some(n));
        if is_told_here {
            let end = EditEnd::Refused(Refused::Conflict(conflict));
            cx.outputs.push(crate::Output::Ended { id, end });
        }
    }

    /// True if an edit is a conflict that waits.
    pub(super) fn is_asking(&self, id: EditId) -> bool {
        self.all.get(&id).is_some_and(|edit| matches!(edit.life, Life::Asking { .. }))
    }

    /// Tells the user that an edit was refused, in one tab.
    pub(super) fn tell_user(&mut self, cx: &mut Context<'_>, id: EditId, why: &Refused, now: Now) {
        let Some(edit) = self.all.get(&id) else { return };
        self.last_notice += 1;
        let notice = Notice {
            id: self.last_notice,
            edit: id,
            board: edit.board.clone(),
            entity: edit.op.entity.clone(),
            action: edit.op.action.name(),
            why: why.clone(),
            at: now.wall,
        };
        if self.is_told_here(cx, id) {
            self.show_notice(cx, notice);
        } else {
            self.keep_untold(cx, id, notice);
        }
    }

    /// Shows a notice; the oldest leaves when there are too many.
    pub(crate) fn show_notice(&mut self, cx: &mut Context<'_>, notice: Notice) {
        self.notices.push_back(notice);
        if self.notices.len() > cx.config.optimistic.max_notices.get() {
            self.notices.pop_front();
        }
        cx.changed.insert(Key::Notices);
    }

    /// Keeps what another tab is to tell its user, for the case that it cannot.
    fn keep_untold(&self, cx: &mut Context<'_>, id: EditId, notice: Notice) {
        let provenance = self.all.get(&id).and_then(|edit| edit.provenance.as_ref());
        let author = provenance.and_then(|provenance| provenance.author.clone());
        if let (Some(author), Some(leading)) = (author, cx.peers.leading_mut()) {
            let untold = leading.untold.entry(author.tab).or_default();
            untold.push_back(notice);
            untold.truncate(cx.config.optimistic.max_notices.get());
        }
    }

    fn conflict(&self, id: EditId) -> Option<ConflictCase> {
        let edit = self.all.get(&id)?;
        match &edit.life {
            Life::Asking { conflict, .. } => Some(edit.case(conflict.clone())),
            Life::Manual
            | Life::Storing { .. }
            | Life::Queued { .. }
            | Life::Superseded { .. }
            | Life::Dropping { .. }
            | Life::Applied { .. }
            | Life::GivenUp { .. }
            | Life::Aside { .. } => None,
        }
    }

    fn conflict_view(&self, id: EditId, boards: &Boards) -> Option<ConflictView> {
        let case = self.conflict(id)?;
        let (shown, seq) = self.shown_under(&case, boards)?;
        let merge = self.merges.get(&case.board, &case.op.entity);
        let merged = merge
            .and_then(|merge| merge.merge(&case.merge_input()))
            .and_then(|fields| case.preview(&Choice::Fields(fields), shown.clone(), seq).ok().flatten());
        let with_mine = case.preview(&Choice::Mine, shown.clone(), seq);
        Some(ConflictView { id, case, with_mine, with_theirs: shown, merged })
    }

    /// The entity as the user sees it without the edit that waits, and how far its board has come.
    fn shown_under(&self, case: &ConflictCase, boards: &Boards) -> Option<(Option<Arc<Entity>>, Seq)> {
        let replica = boards.get(&case.board)?;
        Some((self.overlay(&case.board, replica, &case.op.entity).entity, replica.seq()))
    }
}

impl Tracked {
    /// The edit as a conflict that waits for the user.
    pub(super) fn case(&self, conflict: Conflict) -> ConflictCase {
        ConflictCase { board: self.board.clone(), op: Arc::clone(&self.op), conflict, created: self.created }
    }

    /// The edit as one that was set aside; `None` when it was not.
    fn refused_view(&self) -> Option<RefusedView> {
        let Life::Aside { why, .. } = &self.life else { return None };
        Some(RefusedView {
            board: self.board.clone(),
            op: Arc::clone(&self.op),
            strategy: self.strategy,
            why: why.clone(),
            created: self.created,
        })
    }
}

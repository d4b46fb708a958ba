//! Edits in the log: taken off the top once the board shows them, reverted if they were taken back too late.

use tideboard_shared::{
    Action, Applied, BoardId, Durability, OpResult, Outcome, Position,
    message::{Event, Outcomes},
};

use super::{
    Context, Edit, EditEnd, EditId, Edits, OpNo,
    history::{Origin, inverse, is_changed, narrowed, writes},
    life::{Landed, Life, Still, Tracked},
    rows::is_told_here,
};
use crate::{
    Now, Output,
    devtools::Milestone,
    replica::{Progress, Replaced, Replica},
};

/// Edit that puts back what another one replaced which was taken back too late.
#[derive(Debug)]
struct Revert {
    edit: Edit,
    /// Row of the edit that is reverted, whose place the revert takes; `None` where storage has none.
    row: Option<OpNo>,
}

impl Edits {
    /// Follows what a message did to the confirmed board.
    pub(crate) fn handle_progress(&mut self, cx: &mut Context<'_>, board: &BoardId, progress: &Progress, now: Now) {
        for event in &progress.events {
            self.note_rebased(cx, board, event);
        }
        let mut reverts = Vec::new();
        for (event, applied) in &progress.mine {
            reverts.extend(self.handle_own_event(cx, board, event, applied));
        }
        let me = cx.client;
        for event in progress.events.iter().filter(|event| event.op.id.client != *me) {
            self.board_mut(board).history.handle_others(&event.op, event.seq);
        }
        if let Some(replaced) = progress.replaced {
            if let Some(epoch) = cx.boards.get(board).and_then(Replica::epoch) {
                self.ends.handle_snapshot(board, epoch, &replaced);
            }
            self.handle_snapshot(board, replaced.last_n);
            let history = &mut self.board_mut(board).history;
            if let Some(replica) = cx.boards.get(board) {
                history.handle_snapshot(replica.board(), replaced.known);
            }
            if replaced.is_new_log {
                history.handle_new_log();
                self.forget_bases(board);
            }
            self.drop_lost(cx, board, &replaced);
            if let Some(lost) = replaced.lost {
                self.tell_set_back(cx, board, lost, now);
            }
        }
        self.drop_arrived(cx, board, now);
        for revert in reverts {
            self.revert(cx, revert, now);
        }
    }

    /// The server has applied an edit.
    pub(super) fn handle_applied(
        &mut self,
        cx: &mut Context<'_>,
        id: EditId,
        at: Landed,
        durability: Durability,
        now: Now,
    ) {
        if !self.note_applied(cx, id, at, durability) {
            return;
        }
        let Some(edit) = self.all.get(&id) else { return };
        let Life::Applied { n, still, .. } = edit.life else { return };
        let board = edit.board.clone();
        let is_shown = is_shown(cx, edit);
        match still {
            // What was taken back gives its place in storage to the edit that reverts it, once its event has arrived.
            Still::TakenBackBefore { row } => self.hold(&board, row),
            Still::Wanted | Still::TakenBackAfter => self.settle(cx, Some(n)),
        }
        // Until its event arrives the edit stays on top, or its effect would vanish for a moment.
        if !cx.is_followed(&board) || is_shown {
            self.take_off_unseen(cx, id, now);
        }
    }

    /// An edit came back as an event. The edit that reverts it, when it was taken back meanwhile.
    fn handle_own_event(
        &mut self,
        cx: &mut Context<'_>,
        board: &BoardId,
        event: &Event,
        applied: &Applied,
    ) -> Option<Revert> {
        tracing::info!(op = %event.op.id, %board, seq = %event.seq, "confirmed");
        let edits = self.boards.get(board)?;
        // The outcome may have come first; then the edit is no longer in its lane.
        let is_it = |id: &EditId| self.all.get(id).is_some_and(|edit| edit.op.id == event.op.id);
        let queued = OpNo::new(event.op.id.n).and_then(|n| edits.lane.edit(n));
        let id = queued.or_else(|| edits.stacks.applied_at(event.seq).filter(is_it))?;
        cx.devtools.note(id, Milestone::Confirmed { seq: event.seq });
        // The event is as durable as the outcome: nothing is broadcast before.
        let welcome = cx.connection.facts().welcome.as_ref();
        let durability = welcome.map_or(Durability::Memory, |welcome| welcome.durability);
        let log = cx.boards.get(board).and_then(Replica::position).cloned();
        let is_newly_ended = self.note_applied(cx, id, Landed { seq: event.seq, log: log.clone() }, durability);
        let edit = self.take(cx, id)?;
        if is_newly_ended {
            let outcome = Outcome::Applied { seq: event.seq, durability };
            let result = OpResult { id: event.op.id.clone(), outcome };
            self.note_outcome(cx, board, log.as_ref(), &result);
            let outcomes = Outcomes { board: board.clone(), at: log, results: vec![result] };
            cx.peers.relay_outcome(outcomes, cx.outputs);
        }
        let Life::Applied { n, still, .. } = edit.life else { return None };
        let inverse = inverse(&event.op.action, applied);
        let revert = |row, action| {
            let edit = Edit::new(board.clone(), event.op.entity.clone(), action);
            Revert { edit: Edit { base: Some(event.seq), ..edit }, row }
        };
        match (still, inverse) {
            (Still::Wanted, inverse) => {
                self.board_mut(board).history.handle_confirmed(id, event.seq, inverse);
                if is_newly_ended {
                    self.settle(cx, Some(n));
                }
                None
            }
            // The leader reverts what was taken back on its way.
            (Still::TakenBackBefore { row }, Some(action)) if !cx.is_follower() => {
                self.hold(board, row);
                Some(revert(row, action))
            }
            (Still::TakenBackBefore { .. }, _) => {
                self.settle(cx, Some(n));
                None
            }
            // What was taken back later is reverted by the tab where that was done.
            (Still::TakenBackAfter, inverse) => inverse.map(|action| revert(None, action)),
        }
    }

    /// Ends an edit that is in the log. Whether it had no end before.
    fn note_applied(&mut self, cx: &mut Context<'_>, id: EditId, at: Landed, durability: Durability) -> bool {
        let seq = at.seq;
        let Some(edit) = self.all.get_mut(&id) else { return false };
        let Life::Queued { n, .. } = edit.life else { return false };
        let before = edit.provenance.clone();
        edit.handle_applied(at);
        if let Some(at) = edit.deadline.take() {
            self.deadlines.remove(&(at, id));
        }
        if let Some(replica) = cx.boards.get_mut(&edit.board) {
            replica.note_mine(n.get());
        }
        let board = self.boards.entry(edit.board.clone()).or_default();
        board.stacks.handle_applied(id, edit.created, seq);
        board.lane.settle(n);
        if let Some(provenance) = &before {
            self.by_first.remove(&provenance.first);
            if !cx.peers.is_alone() {
                self.ends.note_over(provenance.first, cx.peers.config.max_recent.get());
            }
        }
        self.touch(cx, id);
        if is_told_here(cx, before.as_ref()) {
            cx.outputs.push(Output::Ended { id, end: EditEnd::Applied { seq, durability } });
        }
        true
    }

    /// Keeps a number unsettled until storage has noted what becomes of its row.
    fn hold(&mut self, board: &BoardId, row: Option<OpNo>) {
        if let Some(n) = row {
            self.board_mut(board).lane.hold(n);
        }
    }

    /// A snapshot replaced the board.
    fn handle_snapshot(&mut self, board: &BoardId, last_n: u64) {
        let Some(edits) = self.boards.get_mut(board) else { return };
        for id in edits.stacks.ids() {
            if let Some(edit) = self.all.get_mut(&id) {
                edit.handle_snapshot(last_n);
            }
        }
        edits.stacks.touch_all();
    }

    /// Others changed an entity: its edits run again on top of that.
    fn note_rebased(&self, cx: &mut Context<'_>, board: &BoardId, event: &Event) {
        if !cx.devtools.is_on() || event.op.id.client == *cx.client {
            return;
        }
        let Some(edits) = self.boards.get(board) else { return };
        for id in edits.stacks.of_entity(&event.op.entity) {
            cx.devtools.note(id, Milestone::Rebased);
        }
    }

    /// Puts back what an edit replaced that was taken back too late, but for what was written again since: by others,
    /// or by later edits of mine that stand. Once: whoever takes its place in storage does it.
    fn revert(&mut self, cx: &mut Context<'_>, revert: Revert, now: Now) {
        let Revert { edit, row } = revert;
        let Some(replica) = cx.boards.get(&edit.board) else { return };
        let confirmed = replica.board().entity(&edit.entity);
        let since = edit.base.unwrap_or_default();
        let is_later = |name: &str| {
            confirmed.and_then(|entity| entity.changed.get(name)).is_some_and(|changed| changed.seq > since)
        };
        let mine = self.boards.get(&edit.board).into_iter().flat_map(|board| board.stacks.of_entity(&edit.entity));
        let mine: Vec<_> = mine.filter_map(|id| self.all.get(&id)).filter(|mine| !mine.life.is_taken_back()).collect();
        let is_mine = |name: &str| mine.iter().any(|mine| writes(&mine.op.action, name));
        let action = narrowed(edit.action.clone(), |name| is_later(name) || is_mine(name));
        // Refused when others changed the same since: then theirs stands, as after any undo that comes too late.
        let made = action.map(|action| self.apply_from(cx, Edit { action, ..edit }, Origin::Revert(row), now));
        if !matches!(made, Some(Ok(_))) {
            self.settle(cx, row);
        }
    }

    /// Takes applied edits off that came with a snapshot.
    fn drop_arrived(&mut self, cx: &mut Context<'_>, board: &BoardId, now: Now) {
        for id in self.applied_where(board, |edit| is_shown(cx, edit)) {
            self.take_off_unseen(cx, id, now);
        }
    }

    /// The board is of another history: what edits were based on says nothing in it.
    fn forget_bases(&mut self, board: &BoardId) {
        let ids = self.boards.get(board).into_iter().flat_map(|board| board.stacks.ids());
        for id in ids.collect::<Vec<_>>() {
            if let Some(edit) = self.all.get_mut(&id).filter(|edit| edit.life.is_unended()) {
                edit.forget_base();
            }
        }
        if let Some(board) = self.boards.get_mut(board) {
            board.stacks.touch_all();
        }
    }

    /// The furthest position of a board that is known of by an edit whose event has not arrived.
    pub(crate) fn furthest(&self, board: &BoardId) -> Option<&Position> {
        let applied = self.boards.get(board).into_iter().flat_map(|board| board.stacks.applied());
        let logs = applied.filter_map(|id| landed(self.all.get(&id)?)?.log.as_ref());
        logs.max_by_key(|log| log.seq)
    }

    /// Takes off edits that were applied in a history which is no longer the board's. They are lost with it.
    fn drop_lost(&mut self, cx: &mut Context<'_>, board: &BoardId, replaced: &Replaced) {
        let Some(epoch) = cx.boards.get(board).and_then(Replica::epoch).cloned() else { return };
        let is_elsewhere = |edit: &Tracked| landed(edit).is_some_and(|at| at.is_elsewhere(Some(&epoch)));
        for id in self.applied_where(board, |edit| replaced.is_fork || is_elsewhere(edit)) {
            self.drop_unseen(cx, id);
        }
    }

    /// Edits of a board that are applied as an event that has not arrived, those that meet a condition.
    fn applied_where(&self, board: &BoardId, condition: impl Fn(&Tracked) -> bool) -> Vec<EditId> {
        let applied = self.boards.get(board).into_iter().flat_map(|board| board.stacks.applied());
        applied.filter(|id| self.all.get(id).is_some_and(&condition)).collect()
    }

    /// Takes all applied edits off: the board is no longer followed. One that was taken back stays applied.
    pub(crate) fn drop_applied(&mut self, cx: &mut Context<'_>, board: &BoardId) {
        for id in self.applied_where(board, |_| true) {
            self.drop_unseen(cx, id);
        }
    }

    /// Takes an applied edit off whose event nobody waits for.
    fn drop_unseen(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.take(cx, id) else { return };
        self.board_mut(&edit.board).history.handle_unseen(id);
        if let Life::Applied { n, still: Still::TakenBackBefore { .. }, .. } = edit.life {
            self.settle(cx, Some(n));
        }
    }

    /// Takes an applied edit off whose event does not come: a snapshot holds it, or nobody follows the board. In a
    /// snapshot it replaced what its author saw; on a board that nobody follows nobody knows, and it stays applied.
    fn take_off_unseen(&mut self, cx: &mut Context<'_>, id: EditId, now: Now) {
        let Some(edit) = self.take(cx, id) else { return };
        let Life::Applied { n, at: Landed { seq, .. }, still } = edit.life else { return };
        let board = edit.board;
        let entity = cx.boards.get(&board).and_then(|replica| replica.board().entity(&edit.op.entity));
        let stands = |inverse: &Action| !is_changed(entity, inverse, seq);
        let inverse = if cx.is_followed(&board) { edit.inverse.filter(stands) } else { None };
        let revert = |row, action| {
            let edit = Edit::new(board.clone(), edit.op.entity.clone(), action);
            Revert { edit: Edit { base: Some(seq), ..edit }, row }
        };
        match (still, inverse) {
            (Still::Wanted, inverse) => self.board_mut(&board).history.handle_confirmed(id, seq, inverse),
            (Still::TakenBackBefore { row }, Some(action)) if !cx.is_follower() => {
                self.revert(cx, revert(row, action), now);
            }
            (Still::TakenBackBefore { .. }, _) => self.settle(cx, Some(n)),
            (Still::TakenBackAfter, Some(action)) => self.revert(cx, revert(None, action), now),
            (Still::TakenBackAfter, None) => {}
        }
    }
}

/// Place of an edit that is applied.
fn landed(edit: &Tracked) -> Option<&Landed> {
    match &edit.life {
        Life::Applied { at, .. } => Some(at),
        Life::Manual
        | Life::Storing { .. }
        | Life::Queued { .. }
        | Life::Superseded { .. }
        | Life::Dropping { .. }
        | Life::Asking { .. }
        | Life::GivenUp { .. }
        | Life::Aside { .. } => None,
    }
}

/// True if the confirmed board has come as far as an applied edit, in the log in which that is.
fn is_shown(cx: &Context<'_>, edit: &Tracked) -> bool {
    let Some(replica) = cx.boards.get(&edit.board) else { return false };
    landed(edit).is_some_and(|at| at.seq <= replica.seq() && !at.is_elsewhere(replica.epoch()))
}

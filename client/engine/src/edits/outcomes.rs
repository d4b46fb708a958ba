//! An edit's outcome: in the log, in conflict, or rejected.

use std::sync::Arc;

use tideboard_shared::{
    BoardId, Conflict, OnConflict, OpResult, Outcome, Position, Reason, Rejection, message::Outcomes,
};

use super::{
    Choice, ConflictStrategy, Context, EditEnd, EditId, Edits, OpNo, Refused,
    life::{Landed, Tracked},
};
use crate::{Key, Now, Output, devtools::Milestone};

impl Edits {
    /// Takes in what the server has decided.
    pub(crate) fn handle_outcomes(&mut self, cx: &mut Context<'_>, outcomes: &Outcomes, now: Now) {
        let Outcomes { board, at, results } = outcomes;
        self.last_synced_at = Some(now.wall);
        cx.changed.insert(Key::Sync);
        for result in results {
            if result.id.client != *cx.client {
                continue;
            }
            self.note_outcome(cx, board, at.as_ref(), result);
            let lane = self.boards.get(board).map(|board| &board.lane);
            let Some(id) = lane.zip(OpNo::new(result.id.n)).and_then(|(lane, n)| lane.edit(n)) else { continue };
            tracing::info!(op = %result.id, %board, outcome = result.outcome.name(), "decided");
            cx.devtools.note(id, Milestone::Decided { outcome: result.outcome.name() });
            match &result.outcome {
                Outcome::Applied { seq, durability } => {
                    let landed = Landed { seq: *seq, log: at.clone() };
                    self.handle_applied(cx, id, landed, *durability, now);
                }
                Outcome::Conflict(conflict) => self.handle_conflict(cx, id, conflict, now),
                Outcome::Rejected(rejection) => self.handle_rejected(cx, id, rejection, now),
            }
        }
    }

    /// Notes an answer over REST, which holds all outcomes there are.
    pub(crate) fn handle_synced(&mut self, now: Now) {
        self.last_synced_at = Some(now.wall);
    }

    fn handle_conflict(&mut self, cx: &mut Context<'_>, id: EditId, conflict: &Conflict, now: Now) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        let standing = cx.boards.get(&edit.board).and_then(|replica| replica.board().entity(&edit.op.entity));
        let conflict = edit.complete_conflict(conflict.clone(), standing.map(Arc::as_ref));
        if edit.life.is_taken_back() {
            // The leader may not have heard of it yet, and goes on with the edit; it says how that ends. Only where
            // theirs wins nothing goes on.
            if cx.is_follower() && edit.strategy != ConflictStrategy::RemoteWins {
                return;
            }
            return self.end(cx, id, EditEnd::RolledBack);
        }
        match edit.strategy {
            ConflictStrategy::RemoteWins => {
                let why = Refused::Conflict(conflict);
                self.tell_user(cx, id, &why, now);
                self.end(cx, id, EditEnd::Refused(why));
            }
            ConflictStrategy::LocalWins => {
                if !cx.is_follower() {
                    edit.overwrite();
                    self.send_again(cx, id);
                }
            }
            ConflictStrategy::Ask => self.ask(cx, id, conflict),
            ConflictStrategy::Merge => {
                // Of several tabs that merge, storage lets one go on; of what it could not take, only the leader does.
                let may_go_on = edit.is_stored() || !cx.is_follower();
                let case = edit.case(conflict.clone());
                let merge = self.merges.get(&case.board, &case.op.entity);
                let merged = if may_go_on { merge.and_then(|merge| merge.merge(&case.merge_input())) } else { None };
                self.ask(cx, id, conflict);
                if let Some(fields) = merged {
                    // What cannot be merged after all waits for the user.
                    let _ = self.resolve(cx, id, &Choice::Fields(fields), now);
                }
            }
        }
    }

    fn handle_rejected(&mut self, cx: &mut Context<'_>, id: EditId, rejection: &Rejection, now: Now) {
        let Some(edit) = self.all.get(&id) else { return };
        let is_over = match rejection.reason {
            // The leader may not have heard that it was taken back, and sends it again; it says how that ends.
            Reason::OutOfOrder => !cx.is_follower(),
            Reason::AlreadySettled => false,
            reason => !reason.is_retryable(),
        };
        if edit.life.is_taken_back() && is_over {
            return self.end(cx, id, EditEnd::RolledBack);
        }
        match rejection.reason {
            Reason::RateLimited | Reason::Unavailable => {
                if !cx.is_follower() {
                    self.wait_for_repeat(cx, id, now);
                }
            }
            // Never decided, and never will be under this number. A follower hears from the leader how it goes on.
            Reason::OutOfOrder => {
                if !cx.is_follower() {
                    self.send_again(cx, id);
                }
            }
            // An earlier run of this client knew the outcome. With other tabs, one of them may know it still.
            Reason::AlreadySettled => {
                if cx.peers.is_alone() {
                    self.end(cx, id, EditEnd::AlreadySettled);
                } else if !cx.is_follower() {
                    self.doubt(cx, id);
                }
            }
            _ => self.set_aside(cx, id, Refused::Rejected(rejection.clone()), now),
        }
    }

    fn wait_for_repeat(&mut self, cx: &mut Context<'_>, id: EditId, now: Now) {
        let Some(edit) = self.all.get(&id) else { return };
        if let (Some(n), Some(board)) = (edit.life.number(), self.boards.get_mut(&edit.board)) {
            board.lane.handle_refused_for_now(n, now.mono, &cx.config.sync, cx.rng);
        }
    }

    /// Only storage can tell what became of an edit that the server calls settled: another tab may have set it aside.
    fn doubt(&mut self, cx: &mut Context<'_>, id: EditId) {
        let read = self.read_storage(cx);
        if let Some(provenance) = self.all.get_mut(&id).and_then(|edit| edit.provenance.as_mut()) {
            provenance.doubt = Some(read);
        }
    }

    /// Keeps what the server said of an edit of this client, for tabs that hear of the edit later.
    pub(super) fn note_outcome(&mut self, cx: &Context<'_>, board: &BoardId, at: Option<&Position>, result: &OpResult) {
        if !cx.peers.is_alone() {
            let decided = Outcomes { board: board.clone(), at: at.cloned(), results: vec![result.clone()] };
            self.ends.note_decided(decided, cx.peers.config.max_recent.get());
        }
    }

    /// An edit goes on under another number than this one.
    pub(super) fn note_replaced(&mut self, cx: &Context<'_>, n: OpNo) {
        if !cx.peers.is_alone() {
            self.ends.note_replaced(n, cx.peers.config.max_recent.get());
        }
    }

    /// An edit is over. Of one that storage never had this has to be known: storage keeps no tab from going on with it.
    pub(super) fn note_unstored_over(&mut self, cx: &Context<'_>, edit: &Tracked) {
        if let Some(provenance) = &edit.provenance
            && !provenance.is_stored
        {
            self.ends.note_over(provenance.first, cx.peers.config.max_recent.get());
        }
    }

    /// Tells the user that an edit has ended, in one tab: where it was made, or of a page that is gone, with the
    /// leader.
    pub(super) fn tell_end(&mut self, cx: &mut Context<'_>, id: EditId, end: EditEnd) {
        if self.is_told_here(cx, id) {
            cx.outputs.push(Output::Ended { id, end });
        }
    }
}

impl Tracked {
    /// The edit replaces what others wrote, which only its event will say.
    fn overwrite(&mut self) {
        std::sync::Arc::make_mut(&mut self.op).on_conflict = OnConflict::Overwrite;
        self.inverse = None;
    }
}

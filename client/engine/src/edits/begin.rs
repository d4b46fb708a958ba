//! An edit's beginning and its way out: checked, shown, stored, submitted.

use std::{collections::BTreeSet, sync::Arc};

use tideboard_shared::{
    Applied, BoardId, Channel, OnConflict, OpId, Operation, Reason, Refusal, Rejection, Seq, WireLimits,
    board::predict, message::Submit,
};

use super::{
    ApplyError, BoardEdits, Carrier, ConflictStrategy, Context, Edit, EditEnd, EditId, Edits, Maker, OpNo, PendingView,
    Refused, Stage,
    history::{Entry, EntryState, Origin, inverse},
    lane::Lane,
    life::{Life, MadeIn, Provenance, Sight, Tracked},
    stacks::Place,
};
use crate::{
    ChannelStatus, Key, Now, StoreReply, StoreRequest, StoredEdit,
    devtools::Milestone,
    peers::{Numbers, PeerBody},
    replica::Replica,
};

/// Bytes around the operations of a submit, at most: the names of its fields, the board's name, the number that is settled.
const AROUND_BYTES: usize = 1_024;
/// Bytes of operations for which everything on the way to a server has room.
const NEVER_TOO_LARGE: usize = 16 * 1_024;

/// Room on the way to the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) limits: WireLimits,
    pub(crate) frames: Frames,
}

/// Number of frames that take the submits of several boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frames {
    /// A frame for each, on a socket.
    OneForEach,
    /// A single frame for all, in a post.
    OneForAll,
}

impl Edits {
    /// Makes an edit.
    pub(crate) fn apply(&mut self, cx: &mut Context<'_>, edit: Edit, now: Now) -> Result<EditId, ApplyError> {
        let origin = match edit.maker {
            Maker::User => Origin::User,
            Maker::Program => Origin::Program,
        };
        self.apply_from(cx, edit, origin, now)
    }

    /// Ends an edit that the application has taken to the server itself. `false` when there is no such edit.
    pub(crate) fn confirm(&mut self, cx: &mut Context<'_>, id: EditId) -> bool {
        let is_manual = self.all.get(&id).is_some_and(|edit| edit.life == Life::Manual);
        if is_manual {
            self.end(cx, id, EditEnd::Confirmed);
        }
        is_manual
    }

    /// Edits without an end, oldest first, for the list the user can open.
    pub(crate) fn pending_views(&self) -> Vec<PendingView> {
        let view = |(id, edit): (&EditId, &Tracked)| {
            let stage = match &edit.life {
                Life::Manual => Stage::Manual,
                Life::Storing { .. } => Stage::Storing,
                Life::Queued { n, .. } if self.boards.get(&edit.board)?.lane.is_in_flight(*n) => Stage::InFlight,
                Life::Queued { .. } | Life::Superseded { .. } | Life::Dropping { .. } => Stage::Queued,
                Life::Applied { .. } | Life::Asking { .. } | Life::GivenUp { .. } | Life::Aside { .. } => return None,
            };
            Some(PendingView {
                id: *id,
                board: edit.board.clone(),
                op: Arc::clone(&edit.op),
                created: edit.created,
                attempts: edit.attempts,
                stage,
                is_overdue: edit.is_overdue,
            })
        };
        let mut views: Vec<_> = self.all.iter().filter_map(view).collect();
        crate::sort::sort_few(&mut views, |view| view.created);
        views
    }

    pub(super) fn apply_from(
        &mut self,
        cx: &mut Context<'_>,
        edit: Edit,
        origin: Origin,
        now: Now,
    ) -> Result<EditId, ApplyError> {
        let Edit { board, entity, action, strategy, base, delivery, maker: _ } = edit;
        let is_revert = matches!(origin, Origin::Revert(_));
        if !cx.config.features.offline_queue && !cx.connection.state().is_live() && !is_revert {
            return Err(ApplyError::NotLive);
        }
        let Some(replica) = cx.boards.get(&board).filter(|replica| replica.is_loaded()) else {
            return Err(ApplyError::NotLoaded(board));
        };
        let seq = replica.seq();
        let op = Operation {
            id: OpId { client: cx.client.clone(), n: 0 },
            entity,
            base: base.map_or(seq, |base| base.min(seq)),
            action,
            on_conflict: OnConflict::Reject,
        };
        let (op, applied) = self.predicted(&board, replica, op, strategy)?;
        let confirmed = replica.board().entity(&op.entity);
        let seen = confirmed.filter(|entity| entity.version <= op.base).cloned();
        let inverse = applied.and_then(|applied| inverse(&op.action, &applied));
        let life = match delivery {
            Carrier::Manual => Life::Manual,
            Carrier::Auto => Life::Storing { replaces: origin.reverted(), sight: Sight::OnTop },
        };
        let made_in = MadeIn::Here(replica.position().cloned());
        let edit = Tracked { seen, inverse, made_in, ..Tracked::new(board, op, strategy, now.wall, life) };
        if !is_revert {
            // What the user took back is taken back whatever waits.
            self.check_room(cx, edit.bytes)?;
        }
        let id = self.next_id();
        tracing::info!(edit = id.0, board = %edit.board, action = edit.op.action.name(), "edited");
        cx.devtools.open(id, &edit.board, &edit.op, Milestone::Created);
        self.begin(cx, id, edit, origin, now);
        Ok(id)
    }

    fn begin(&mut self, cx: &mut Context<'_>, id: EditId, mut edit: Tracked, origin: Origin, now: Now) {
        if edit.life == Life::Manual {
            return self.put(cx, id, edit, Place::Newest);
        }
        edit.deadline = Some(now.mono + cx.config.optimistic.operation_timeout.get());
        let entry = Entry { edit: id, op: Arc::clone(&edit.op), state: EntryState::Pending, is_overtaken: false };
        let limit = cx.config.optimistic.max_undo.get();
        self.board_mut(&edit.board).history.push(origin, entry, limit);
        self.put(cx, id, edit, Place::Newest);
        self.store(cx, id);
    }

    /// The operation, if it applies to what the user sees, and what it replaces there; overwriting, where that is how
    /// its conflict would be settled.
    fn predicted(
        &self,
        board: &BoardId,
        replica: &Replica,
        mut op: Operation,
        strategy: ConflictStrategy,
    ) -> Result<(Operation, Option<Applied>), ApplyError> {
        let mut entity = self.overlay(board, replica, &op.entity).entity;
        let next = replica.seq().next();
        match (predict(&mut entity, &op, next), strategy) {
            (Ok(applied), _) => Ok((op, Some(applied))),
            (Err(Refusal::Conflict(_)), ConflictStrategy::LocalWins) => {
                op.on_conflict = OnConflict::Overwrite;
                let applied = predict(&mut entity, &op, next).map_err(ApplyError::Refused)?;
                Ok((op, Some(applied)))
            }
            // The server will say the same, and then the merge or the user decides.
            (Err(Refusal::Conflict(_)), ConflictStrategy::Merge | ConflictStrategy::Ask) => Ok((op, None)),
            (Err(refusal), _) => Err(ApplyError::Refused(refusal)),
        }
    }

    fn check_room(&self, cx: &Context<'_>, bytes: usize) -> Result<(), ApplyError> {
        let limit = cx.config.optimistic.max_pending.get();
        // An applied edit that was taken back keeps its place for the edit that reverts it.
        let owed: usize = self.boards.values().map(|board| board.stacks.owed(&self.all)).sum();
        if self.unended() + self.asking() + owed >= limit {
            return Err(ApplyError::OutboxFull { limit });
        }
        let limit = cx.config.sync.max_outbox_bytes.get();
        if self.bytes + bytes > limit {
            return Err(ApplyError::OutboxTooLarge { limit });
        }
        Ok(())
    }

    /// Gives an edit to storage, which numbers it.
    pub(super) fn store(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get(&id) else { return };
        let Life::Storing { replaces, .. } = edit.life else { return };
        let (first, author) = match &edit.provenance {
            Some(provenance) => (Some(provenance.first), provenance.author.clone()),
            None => (None, Some(cx.peers.me.clone())),
        };
        let stored = StoredEdit {
            board: edit.board.clone(),
            op: edit.op.as_ref().clone(),
            strategy: edit.strategy,
            created: edit.created,
            schema: self.migrations.schema(),
            aside: None,
            first,
            author,
            seen: edit.made_in.position().cloned(),
        };
        // A row that storage could not take is not there to be replaced.
        let replaces = if edit.is_stored() { replaces } else { None };
        self.storage.handle_asking();
        cx.store(StoreRequest::Append { edit: stored.into(), id, replaces });
    }

    /// Storage answers for one edit. Whether there is something new to be submitted.
    pub(crate) fn handle_reply(&mut self, cx: &mut Context<'_>, reply: StoreReply) -> bool {
        match reply {
            StoreReply::Appended { id, n } => {
                self.storage.handle_answer();
                self.storage.handle_written(None);
                self.handle_numbered(cx, id, n, true)
            }
            StoreReply::AppendFailed { id, n, reason } => {
                self.storage.handle_answer();
                self.storage.handle_written(Some(reason));
                self.handle_numbered(cx, id, n, false)
            }
            StoreReply::Gone { id } => {
                self.storage.handle_answer();
                self.handle_gone(cx, id);
                false
            }
            StoreReply::Dropped { id } => {
                self.storage.handle_answer();
                self.handle_dropped(cx, id);
                false
            }
            StoreReply::Kept { id } => {
                self.storage.handle_answer();
                self.handle_kept(cx, id);
                false
            }
            StoreReply::SetAside { n } => {
                // The server may forget its outcome now.
                for board in self.boards.values_mut() {
                    board.lane.release(n);
                }
                false
            }
            // These say more than of one edit.
            StoreReply::Loaded(_) | StoreReply::Led { .. } => false,
        }
    }

    fn handle_numbered(&mut self, cx: &mut Context<'_>, id: EditId, n: OpNo, is_written: bool) -> bool {
        cx.changed.insert(Key::Sync);
        let Some(edit) = self.unended_edit(id) else {
            // It was taken back while it was being written.
            self.settle_everywhere(cx, Some(n));
            return false;
        };
        match &edit.life {
            Life::Storing { .. } => {}
            Life::Queued { n: other, .. } | Life::Superseded { n: other, .. } | Life::Dropping { n: other } => {
                if *other < n {
                    // Another tab has gone on with it meanwhile, which storage could not prevent.
                    self.settle_everywhere(cx, Some(n));
                }
                return false;
            }
            Life::Manual | Life::Applied { .. } | Life::Asking { .. } | Life::GivenUp { .. } | Life::Aside { .. } => {
                return false;
            }
        }
        let Some(edit) = self.all.get_mut(&id) else { return false };
        let replaced = edit.handle_numbered(n);
        tracing::info!(edit = id.0, op = %edit.op.id, "stored");
        let board = self.boards.entry(edit.board.clone()).or_default();
        if let Some(old) = replaced {
            board.lane.settle(old);
            if !is_written {
                // The row that it should have replaced would be sent again after a reload.
                cx.forget(&[old]);
            }
        }
        board.lane.enqueue(n, id);
        if let Some(old) = replaced {
            self.note_replaced(cx, old);
        }
        self.note_number(cx, id, n, is_written);
        if self.all.get(&id).is_some_and(|edit| edit.life.is_taken_back()) {
            self.take_numbered_back(cx, id);
        }
        true
    }

    /// An edit got a number from storage: the other tabs hear of it.
    fn note_number(&mut self, cx: &mut Context<'_>, id: EditId, n: OpNo, is_stored: bool) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        let (first, author) = match edit.provenance.take() {
            Some(before) => (before.first, before.author),
            None => (n, Some(cx.peers.me.clone())),
        };
        let may_be_sent = cx.is_follower();
        edit.provenance = Some(Provenance { first, author, is_stored, may_be_sent, doubt: None });
        self.by_first.insert(first, id);
        self.hear_number(cx, n);
        if !cx.peers.is_alone() {
            self.sort(id);
            self.tell_row(cx, id);
        }
    }

    /// The row of an edit was not there to be replaced: storage says what became of it.
    fn handle_gone(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        let Life::Storing { replaces, .. } = &mut edit.life else { return self.handle_drop_gone(cx, id) };
        let Some(old) = replaces.take() else { return };
        if edit.provenance.is_some() {
            edit.handle_superseded(old);
            self.sort(id);
            self.read_storage(cx);
        } else if cx.peers.is_alone() {
            // It reverts an edit that was never stored.
            self.store(cx, id);
        } else {
            // It reverts an edit, and another tab has taken the same edit back already.
            self.end(cx, id, EditEnd::RolledBack);
        }
    }

    /// Sends an edit again as a new operation. The old number stays unsettled until the new one is stored.
    pub(super) fn send_again(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        let Some(old) = edit.renumber() else { return };
        let board = self.boards.entry(edit.board.clone()).or_default();
        board.lane.hold(old);
        board.stacks.raise(id, &edit.op.entity);
        cx.note_entity(&edit.board, &edit.op);
        self.store(cx, id);
    }

    /// Submits an edit again now, instead of when its repeat is due. `false` when it is not waiting.
    pub(crate) fn retry(&mut self, id: EditId) -> bool {
        let Some(board) = self.unended_edit(id).map(|edit| edit.board.clone()) else { return false };
        self.board_mut(&board).lane.retry_now();
        true
    }

    /// Submits that may be made now, on every board. They count as in flight from here on. An edit that no frame has room
    /// for is set aside.
    pub(crate) fn ready_submits(&mut self, cx: &mut Context<'_>, room: Room, now: Now) -> Vec<Submit> {
        let Room { limits, frames } = room;
        let heard = cx.peers.leading().map(|leading| &leading.numbers);
        let below = heard.and_then(Numbers::submit_below);
        let known_through = heard.map(Numbers::known_through);
        let mut submits = Vec::new();
        let mut too_large = Vec::new();
        let mut bytes = 0;
        for (id, BoardEdits { lane, .. }) in &mut self.boards {
            let mut ops = Vec::new();
            let mut numbers = BTreeSet::new();
            let mut seen = Vec::new();
            let mut is_seen_here = false;
            if frames == Frames::OneForEach {
                bytes = 0;
            }
            let ready: Vec<_> = lane.ready(below, now.mono).take(limits.ops_per_submit).collect();
            if !ready.is_empty() && is_held(cx, id) {
                continue;
            }
            for (n, edit_id) in ready {
                let Some(edit) = self.all.get_mut(&edit_id) else { continue };
                if edit.bytes + AROUND_BYTES > limits.frame_bytes {
                    too_large.push(edit_id);
                    continue;
                }
                // Half of the limit is left for what is around the operations.
                if bytes > 0 && bytes + edit.bytes + 1 > limits.frame_bytes / 2 {
                    break;
                }
                bytes += edit.bytes + 1;
                edit.attempts += 1;
                tracing::info!(op = %edit.op.id, board = %id, attempt = edit.attempts, "submitted");
                cx.devtools.note(edit_id, Milestone::Submitted { n });
                ops.push(edit.op.as_ref().clone());
                numbers.insert(n);
                match &edit.made_in {
                    _ if edit.op.base == Seq::ZERO => {}
                    // What the board is at now is of the same history.
                    MadeIn::Here(_) => is_seen_here = true,
                    MadeIn::Elsewhere(position) => {
                        seen.extend(
                            position.iter().filter(|position| !seen.contains(*position)).cloned().collect::<Vec<_>>(),
                        );
                    }
                }
            }
            if ops.is_empty() {
                continue;
            }
            let here = cx.boards.get(id).and_then(Replica::position).filter(|_| is_seen_here).cloned();
            seen.extend(here);
            lane.handle_submitted(numbers, now.mono, &cx.config.sync);
            let settled = lane.settled_through();
            let settled_through = known_through.map_or(settled, |known| known.min(settled));
            let epoch = seen.first().map(|seen| seen.epoch.clone());
            submits.push(Submit { board: id.clone(), epoch, seen, settled_through, ops });
            cx.changed.insert(Key::Sync);
        }
        for id in too_large {
            self.set_too_large_aside(cx, id, now);
        }
        submits
    }

    /// Heeds that a frame was too large for something on the way to the server. Of the submits in flight the largest is
    /// the one: half of it is tried next, or its one edit is set aside.
    pub(crate) fn handle_too_large(&mut self, cx: &mut Context<'_>, now: Now) {
        let bytes = |lane: &Lane| -> usize {
            let edits = lane.flight().filter_map(|n| self.all.get(&lane.edit(n)?));
            edits.map(|edit| edit.bytes).sum()
        };
        let largest = self.boards.iter().map(|(id, board)| (bytes(&board.lane), id.clone())).max();
        let Some((_, board)) = largest.filter(|(bytes, _)| *bytes > NEVER_TOO_LARGE) else { return };
        let lane = &mut self.board_mut(&board).lane;
        if let Some(id) = lane.halve().and_then(|n| lane.edit(n)) {
            self.set_too_large_aside(cx, id, now);
        }
    }

    fn set_too_large_aside(&mut self, cx: &mut Context<'_>, id: EditId, now: Now) {
        let Some(edit) = self.all.get(&id) else { return };
        let message = format!("the edit takes {} bytes, for which the way to the server has no room", edit.bytes);
        self.set_aside(cx, id, Refused::Rejected(Rejection::new(Reason::TooLarge, message)), now);
    }

    /// Puts the edits of this one's entity into the order of their numbers.
    pub(super) fn sort(&mut self, id: EditId) {
        let Some(edit) = self.all.get(&id) else { return };
        if let Some(board) = self.boards.get_mut(&edit.board) {
            board.stacks.sort(&edit.op.entity, &self.all);
        }
    }

    /// Tells the other tabs of an edit as it is here.
    pub(super) fn tell_row(&mut self, cx: &mut Context<'_>, id: EditId) {
        let is_stored = self.all.get(&id).is_some_and(Tracked::is_stored);
        if let Some(edit) = self.stored_edit(id) {
            cx.tell(PeerBody::Stored { edit: edit.into(), is_stored });
        }
    }
}

/// True if the server was asked for a board and has not said which history it has: before that nobody knows what the
/// bases of its edits mean, nor of which history an outcome would be.
fn is_held(cx: &Context<'_>, board: &BoardId) -> bool {
    let view = cx.subscriptions.view(&Channel::Board(board.clone()));
    let is_asked = view.is_some_and(|view| matches!(view.status, ChannelStatus::Pending | ChannelStatus::Active));
    is_asked && cx.boards.get(board).is_none_or(Replica::is_unanswered)
}

//! Edits that the user has made: what they look like, how they reach the server, and how they end.
//!
//! In: edits, their numbers, their outcomes, what other tabs say of them. Out: any entity with its edits on top, what
//! is to be submitted, conflicts and refused edits that wait for the user, the way back of one's own edits, and exactly
//! one end for each. An edit's stages stand in `edits/life.rs`, with a picture. Never: an edit that ends in silence, or
//! is kept in two places.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use tideboard_shared::{BoardId, Channel, ClientId, EntityId, Operation, UnixMs};

use crate::{
    Config, Key, Migrations, Now, Output, Outputs, StoreRequest,
    connection::Connection,
    devtools::Devtools,
    peers::{PeerBody, Peers},
    replica::{Boards, Replica},
    subscriptions::Subscriptions,
};

mod applied;
mod begin;
mod conflicts;
mod edit;
mod ends;
mod history;
mod lane;
mod life;
mod merge;
mod outcomes;
mod rows;
mod stacks;
mod storage;
mod undo;
mod waiting;

pub use conflicts::{Choice, ConflictCase, ConflictView, ResolveError};
pub use edit::{
    ApplyError, Carrier, ConflictStrategy, Edit, EditEnd, EditId, Maker, Notice, PendingView, Refused, RefusedView,
    SetBack, Stage,
};
pub use history::{Rollback, RollbackError, UndoError};
pub use life::OpNo;
pub use merge::{MergeFn, MergeInput};

pub(crate) use begin::{Frames, Room};
pub(crate) use rows::Source;
pub(crate) use stacks::Overlaid;
pub(crate) use undo::Way;

use ends::RecentEnds;
use history::History;
use lane::Lane;
use life::{Life, Tracked};
use merge::Merges;
use stacks::{All, Place, Stacks};
use storage::Storage;

/// The manager of edits: the one owner of everything that is kept for them.
#[derive(Debug)]
pub(crate) struct Edits {
    /// Every edit without an end, and those whose event is still to come.
    all: All,
    boards: BTreeMap<BoardId, BoardEdits>,
    /// Numbered edits without an end, by their first number.
    by_first: BTreeMap<OpNo, EditId>,
    /// Edits that wait for the user: conflicts, and those that were set aside.
    waiting: BTreeSet<EditId>,
    /// Time at which the outcome of each edit becomes overdue.
    deadlines: BTreeSet<(Duration, EditId)>,
    /// Bytes in the outbox of the edits on the boards.
    bytes: usize,
    last_id: u64,
    merges: Merges,
    ends: RecentEnds,
    migrations: Migrations,
    notices: VecDeque<Notice>,
    set_backs: VecDeque<SetBack>,
    last_notice: u64,
    storage: Storage,
    last_synced_at: Option<UnixMs>,
}

/// Edits of one board.
#[derive(Debug, Default)]
struct BoardEdits {
    stacks: Stacks,
    lane: Lane,
    history: History,
}

/// Managers that an edit's life touches, beside its own.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) config: &'a Config,
    pub(crate) client: &'a ClientId,
    pub(crate) connection: &'a Connection,
    pub(crate) subscriptions: &'a Subscriptions,
    pub(crate) boards: &'a mut Boards,
    pub(crate) peers: &'a mut Peers,
    pub(crate) devtools: &'a mut Devtools,
    pub(crate) rng: &'a mut fastrand::Rng,
    pub(crate) outputs: &'a mut Outputs,
    pub(crate) changed: &'a mut BTreeSet<Key>,
}

impl Context<'_> {
    /// True if another tab submits and settles what this one does.
    fn is_follower(&self) -> bool {
        self.connection.is_following()
    }

    fn is_followed(&self, board: &BoardId) -> bool {
        self.subscriptions.contains(&Channel::Board(board.clone()))
    }

    fn tell(&mut self, body: PeerBody) {
        self.peers.tell(body, self.outputs);
    }

    fn store(&mut self, request: StoreRequest) {
        self.outputs.push(Output::Store(request));
    }

    /// Tells storage alone to forget edits.
    fn forget(&mut self, numbers: &[OpNo]) {
        self.store(StoreRequest::Settle(numbers.to_vec()));
    }

    fn note_entity(&mut self, board: &BoardId, op: &Operation) {
        let entity = Key::Entity(board.clone(), op.entity.clone());
        self.changed.extend([Key::Sync, Key::Board(board.clone()), entity]);
    }
}

impl Edits {
    /// No edits yet; storage is being read.
    pub(crate) fn new(migrations: Migrations) -> Self {
        Self {
            all: All::new(),
            boards: BTreeMap::new(),
            by_first: BTreeMap::new(),
            waiting: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            bytes: 0,
            last_id: 0,
            merges: Merges::default(),
            ends: RecentEnds::default(),
            migrations,
            notices: VecDeque::new(),
            set_backs: VecDeque::new(),
            last_notice: 0,
            storage: Storage::new(),
            last_synced_at: None,
        }
    }

    /// Number of edits without an outcome, of all boards.
    pub(crate) fn unended(&self) -> usize {
        self.boards.values().map(|board| board.stacks.unended()).sum()
    }

    /// Number of edits of a board without an outcome.
    pub(crate) fn unended_on(&self, board: &BoardId) -> usize {
        self.boards.get(board).map_or(0, |board| board.stacks.unended())
    }

    /// Number of edits that were submitted on this connection.
    pub(crate) fn in_flight(&self) -> usize {
        self.boards.values().map(|board| board.lane.in_flight()).sum()
    }

    /// Number of conflicts that wait.
    pub(crate) fn asking(&self) -> usize {
        self.waiting.iter().filter(|id| self.is_asking(**id)).count()
    }

    /// Number of refused edits that were set aside.
    pub(crate) fn aside(&self) -> usize {
        let is_aside = |id: &&EditId| self.all.get(id).is_some_and(|edit| matches!(edit.life, Life::Aside { .. }));
        self.waiting.iter().filter(is_aside).count()
    }

    /// Creation time of the oldest edit without an end.
    pub(crate) fn oldest(&self) -> Option<UnixMs> {
        self.boards.values().filter_map(|board| board.stacks.oldest()).min()
    }

    /// Time at which an outcome last arrived.
    pub(crate) fn last_synced_at(&self) -> Option<UnixMs> {
        self.last_synced_at
    }

    /// Entities of a board with edits on them, by ascending id.
    pub(crate) fn entities(&self, board: &BoardId) -> impl Iterator<Item = &EntityId> {
        self.boards.get(board).into_iter().flat_map(|board| board.stacks.entities())
    }

    /// The entity as the user should see it: confirmed, then every edit of it run again.
    pub(crate) fn overlay(&self, board: &BoardId, replica: &Replica, entity: &EntityId) -> Overlaid {
        let confirmed = replica.board().entity(entity);
        match self.boards.get(board) {
            Some(board) => board.stacks.overlay(entity, confirmed, replica.seq(), &self.all),
            None => Overlaid::of(confirmed),
        }
    }

    /// Runs of an edit on an entity so far.
    #[cfg(test)]
    pub(crate) fn runs(&self) -> usize {
        self.boards.values().map(|board| board.stacks.runs.get()).sum()
    }

    /// True if a board has to be kept for the sake of its edits.
    pub(crate) fn need(&self, board: &BoardId) -> bool {
        self.boards.get(board).is_some_and(|edits| !edits.stacks.is_empty())
            || self.waiting.iter().filter_map(|id| self.all.get(id)).any(|edit| edit.board == *board)
    }

    /// Forgets a board that [`Self::need`] does not keep.
    pub(crate) fn forget_board(&mut self, board: &BoardId) {
        self.boards.remove(board);
    }

    /// The link is gone: whatever was in flight is submitted again on the next.
    pub(crate) fn handle_lost(&mut self) {
        for board in self.boards.values_mut() {
            board.lane.handle_lost();
        }
    }

    /// True if an edit waits for the server and is not in flight.
    pub(crate) fn has_waiting(&self) -> bool {
        self.boards.values().any(|board| board.lane.has_waiting())
    }

    /// Earliest time at which a lane wants to submit again.
    pub(crate) fn submit_timeout(&self) -> Option<Duration> {
        self.boards.values().filter_map(|board| board.lane.poll_timeout()).min()
    }

    /// Earliest time at which an edit becomes overdue.
    pub(crate) fn overdue_timeout(&self) -> Option<Duration> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Shows edits whose outcome takes too long as overdue. They stay queued.
    pub(crate) fn handle_timeout(&mut self, cx: &mut Context<'_>, now: Now) {
        for board in self.boards.values_mut() {
            board.lane.handle_timeout(now.mono);
        }
        while let Some((deadline, id)) = self.deadlines.first().copied()
            && deadline <= now.mono
        {
            self.deadlines.pop_first();
            if let Some(edit) = self.all.get_mut(&id) {
                edit.is_overdue = true;
                cx.outputs.push(Output::Overdue(id));
                cx.changed.insert(Key::Sync);
            }
        }
    }

    fn next_id(&mut self) -> EditId {
        self.last_id += 1;
        EditId(self.last_id)
    }

    /// An edit that needs nothing of the user and has no end.
    fn unended_edit(&self, id: EditId) -> Option<&Tracked> {
        self.all.get(&id).filter(|edit| edit.life.is_unended())
    }

    fn board_mut(&mut self, board: &BoardId) -> &mut BoardEdits {
        if !self.boards.contains_key(board) {
            self.boards.insert(board.clone(), BoardEdits::default());
        }
        self.boards.get_mut(board).expect("it was inserted")
    }

    /// Takes an edit in, on top of its board or among those that wait.
    fn put(&mut self, cx: &mut Context<'_>, id: EditId, edit: Tracked, place: Place) {
        if let Some(provenance) = &edit.provenance {
            self.by_first.insert(provenance.first, id);
        }
        cx.boards.open(&edit.board);
        if edit.life.is_waiting() {
            self.waiting.insert(id);
            cx.changed.extend([Key::Conflicts, Key::Sync]);
        } else {
            self.enter_board(cx, id, &edit, place);
        }
        self.all.insert(id, edit);
    }

    /// Forgets an edit, wherever something was kept for it. The one place where edits leave.
    fn take(&mut self, cx: &mut Context<'_>, id: EditId) -> Option<Tracked> {
        let edit = self.all.remove(&id)?;
        if let Some(provenance) = &edit.provenance {
            self.by_first.remove(&provenance.first);
        }
        if self.waiting.remove(&id) {
            cx.changed.extend([Key::Conflicts, Key::Sync]);
        } else {
            self.leave_board(cx, id, &edit);
        }
        Some(edit)
    }

    /// Forgets an edit that is not in the log, or is not known to be: nothing is owed to anybody for it.
    fn drop_edit(&mut self, cx: &mut Context<'_>, id: EditId) -> Option<Tracked> {
        let edit = self.take(cx, id)?;
        let board = self.board_mut(&edit.board);
        if let Some(n) = edit.life.number() {
            board.lane.settle(n);
        }
        board.history.remove(id);
        Some(edit)
    }

    /// Takes an edit off its board, to wait for the user.
    fn set_waiting(&mut self, cx: &mut Context<'_>, id: EditId, life: Life) {
        let Some(mut edit) = self.all.remove(&id) else { return };
        self.leave_board(cx, id, &edit);
        edit.life = life;
        self.waiting.insert(id);
        self.all.insert(id, edit);
        cx.changed.extend([Key::Conflicts, Key::Sync]);
    }

    fn enter_board(&mut self, cx: &mut Context<'_>, id: EditId, edit: &Tracked, place: Place) {
        self.bytes += edit.bytes;
        self.deadlines.extend(edit.deadline.map(|at| (at, id)));
        self.board_mut(&edit.board);
        if let Some(board) = self.boards.get_mut(&edit.board) {
            board.stacks.insert(id, edit, place, &self.all);
        }
        cx.note_entity(&edit.board, &edit.op);
    }

    fn leave_board(&mut self, cx: &mut Context<'_>, id: EditId, edit: &Tracked) {
        self.bytes -= edit.bytes;
        if let Some(at) = edit.deadline {
            self.deadlines.remove(&(at, id));
        }
        self.board_mut(&edit.board).stacks.remove(id, edit);
        cx.note_entity(&edit.board, &edit.op);
    }

    /// An edit shows another way than before.
    fn touch(&mut self, cx: &mut Context<'_>, id: EditId) {
        let Some(edit) = self.all.get(&id) else { return };
        if let Some(board) = self.boards.get_mut(&edit.board) {
            board.stacks.touch(&edit.op.entity);
        }
        cx.note_entity(&edit.board, &edit.op);
    }

    /// Ends an edit that is not in the log.
    fn end(&mut self, cx: &mut Context<'_>, id: EditId, end: EditEnd) {
        let is_told_here = self.is_told_here(cx, id);
        let Some(edit) = self.drop_edit(cx, id) else { return };
        if !cx.is_follower() {
            self.note_unstored_over(cx, &edit);
            self.settle_everywhere(cx, edit.life.number());
        }
        if is_told_here {
            cx.outputs.push(Output::Ended { id, end });
        }
    }

    /// Storage may forget edits whose end the server has told. A follower leaves that to the leader.
    fn settle(&mut self, cx: &mut Context<'_>, number: Option<OpNo>) {
        let Some(n) = number else { return };
        for board in self.boards.values_mut() {
            board.lane.release(n);
        }
        if !cx.is_follower() {
            cx.forget(&[n]);
        }
    }
}

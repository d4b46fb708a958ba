//! Edits that cannot go on under the number, or the client id, that they have.
//!
//! In: refusals of an id, numbers that the server or storage speaks of. Out: new numbers in the order of the old ones,
//! and a new client id for storage where the one it has is used elsewhere as well: by a copied browser profile, by one
//! that was put back to an older state, or by somebody who has read it. Never: an operation that may have been decided
//! under its id, made again under another.

use tideboard_shared::{BoardId, ClientId, Operation, Reason, Rejection};

use super::{
    Context, EditId, Edits, Refused,
    life::{Sent, Tracked},
};
use crate::{Now, StoreRequest};

/// Times that an edit gets another number for the server's sake, before it waits for its user.
const MOST_RENUMBERINGS: u32 = 4;

/// State of the client id that storage has.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Highest number that storage is known to have given out.
    last_given: u64,
    /// Number of this client that storage may never have given out, and the read of storage that will tell.
    doubted: Option<(u64, u64)>,
    /// True while storage is asked to take another client id.
    is_renaming: bool,
}

impl Edits {
    /// The server will not have an edit under the id that it has, and did not decide it: it goes on under another, or
    /// waits for its user where that was to no avail. A follower hears from the leader how it goes on.
    pub(super) fn go_on_anew(&mut self, cx: &mut Context<'_>, id: EditId, rejection: &Rejection, now: Now) {
        if cx.is_follower() {
            return;
        }
        let Some(edit) = self.all.get_mut(&id) else { return };
        edit.renumbered += 1;
        if edit.renumbered > MOST_RENUMBERINGS {
            self.set_aside(cx, id, Refused::Rejected(rejection.clone()), now);
            return self.tell_row(cx, id);
        }
        let is_current = edit.op.id.client == *cx.client;
        // A number that the server has not even reached is too far ahead.
        let is_too_far = rejection.last_n.is_some_and(|last_n| last_n < edit.op.id.n);
        let is_used_elsewhere = rejection.reason != Reason::OutOfOrder || is_too_far;
        if is_current && is_used_elsewhere {
            self.renew_client(cx);
        } else if is_current && let Some(last_n) = rejection.last_n {
            self.doubt_numbers(cx, last_n);
        }
        self.send_again(cx, id);
    }

    /// Gives new numbers to edits of a board that nobody has sent, so that they stay behind those that got one.
    pub(super) fn renumber_waiting(&mut self, cx: &mut Context<'_>, board: &BoardId) {
        let Some(edits) = self.boards.get(board) else { return };
        let is_unsent = |id: &EditId| self.all.get(id).is_some_and(|edit| edit.sent == Sent::No);
        for id in edits.lane.waiting().filter(is_unsent).collect::<Vec<_>>() {
            self.send_again(cx, id);
        }
    }

    /// Storage has given out numbers up to here.
    pub(super) fn note_given(&mut self, n: u64) {
        self.standing.last_given = self.standing.last_given.max(n);
    }

    /// True if storage is not known to have given out a number of this client.
    pub(super) fn is_foreign(&self, n: u64) -> bool {
        n > self.standing.last_given
    }

    /// The server knows a number of this client. One that storage never gave out is of another machine.
    pub(super) fn doubt_numbers(&mut self, cx: &mut Context<'_>, n: u64) {
        if cx.is_follower() || !self.is_foreign(n) {
            return;
        }
        // Another tab may have got it, which storage knows.
        let read = self.read_storage(cx);
        let highest = self.standing.doubted.map_or(n, |(doubted, _)| doubted.max(n));
        self.standing.doubted = Some((highest, read));
    }

    /// Storage was read: the number of the read, and the highest number that was given out.
    pub(super) fn check_numbers(&mut self, cx: &mut Context<'_>, read: u64, last_n: u64) {
        if let Some((n, _)) = self.standing.doubted.take_if(|(_, awaited)| *awaited <= read)
            && n > last_n
            && !cx.is_follower()
        {
            self.renew_client(cx);
        }
    }

    /// Storage has taken another client id, or had done so before.
    pub(crate) fn handle_renamed(&mut self) {
        self.standing.is_renaming = false;
    }

    fn renew_client(&mut self, cx: &mut Context<'_>) {
        if self.standing.is_renaming {
            return;
        }
        self.standing.is_renaming = true;
        let to: ClientId = format!("c_{:016x}{:016x}", cx.rng.u64(..), cx.rng.u64(..))
            .parse()
            .expect("letters, digits and _ make a client id");
        tracing::warn!(client = %cx.client, "the client id is used elsewhere as well; takes a new one");
        cx.store(StoreRequest::Rename { from: cx.client.clone(), to });
    }
}

impl Tracked {
    /// True if an operation in the log is this edit, and not another machine's under the same id. Another tab may have sent
    /// it from storage before this one knew its number, so that only the content counts: where another machine made the
    /// same edit under the same number, both are one.
    pub(super) fn is_event(&self, op: &Operation) -> bool {
        self.op.id == op.id
            && self.op.entity == op.entity
            && self.op.action == op.action
            && self.op.on_conflict == op.on_conflict
    }
}

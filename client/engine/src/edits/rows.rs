//! Edits as storage and the other tabs know them: every tab writes, shows and ends the same ones; the leader submits.

use std::collections::BTreeSet;

use tideboard_shared::{ServerMessage, TabId, tree};

use super::{
    ConflictStrategy, Context, EditEnd, EditId, Edits, OpNo, Refused,
    life::{Life, MadeIn, Provenance, Sight, Tracked},
    stacks::Place,
};
use crate::{
    Contents, Now, Output, StorageStatus, StoreRequest, StoredEdit,
    devtools::Milestone,
    migration::Unreadable,
    peers::{Fate, PeerBody},
};

/// Source of the news which edits there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Storage, in its read of this number.
    Storage { read: u64 },
    /// Storage, when it gave out a term.
    Term,
    /// The leading tab.
    Leader,
}

impl Edits {
    /// Place where edits are kept.
    pub(crate) fn storage_status(&self) -> StorageStatus {
        self.storage.status()
    }

    /// Notes where edits are kept from now on.
    pub(crate) fn handle_storage_status(&mut self, status: StorageStatus) {
        self.storage.handle_status(status);
    }

    /// Asks storage for everything, one read at a time; which read will show all that is there now.
    pub(crate) fn read_storage(&mut self, cx: &mut Context<'_>) -> u64 {
        let (is_now, read) = self.storage.start_read();
        if is_now {
            cx.store(StoreRequest::Load);
        }
        read
    }

    /// Storage was read.
    pub(crate) fn handle_loaded(&mut self, cx: &mut Context<'_>, contents: Contents, now: Now) {
        let read = self.storage.finish_read();
        if read.is_followed {
            cx.store(StoreRequest::Load);
        }
        self.reconcile(cx, contents, Source::Storage { read: read.no }, now);
        if !read.is_followed
            && let Some(leading) = cx.peers.leading_mut()
        {
            leading.numbers.wait_no_longer();
        }
    }

    /// Numbers of edits without an end.
    pub(crate) fn unended_numbers(&self) -> Vec<OpNo> {
        // A conflict has no end before somebody has settled it, nor before storage has dropped one that was given up.
        let is_open = |life: &Life| life.is_unended() || matches!(life, Life::Asking { .. } | Life::GivenUp { .. });
        let unended = self.all.values().filter(|edit| is_open(&edit.life));
        unended.filter_map(|edit| edit.life.number()).collect()
    }

    /// Numbers of edits that the user took back while they were on their way.
    pub(crate) fn numbers_taken_back(&self) -> Vec<OpNo> {
        let taken_back = self.all.values().filter(|edit| edit.life.is_unended() && edit.life.is_taken_back());
        taken_back.filter_map(|edit| edit.life.number()).collect()
    }

    /// All edits as storage has them or will have them, by rising number.
    pub(crate) fn stored_edits(&self) -> Vec<StoredEdit> {
        let mut edits: Vec<_> = self.all.keys().filter_map(|id| self.stored_edit(*id)).collect();
        crate::sort::sort_few(&mut edits, |edit| edit.op.id.n);
        edits
    }

    /// Edit without an end that storage has under a number.
    pub(crate) fn edit_of(&self, n: OpNo) -> Option<EditId> {
        let number = |id: &EditId| self.all.get(id).and_then(|edit| edit.life.number());
        self.by_first.values().copied().find(|id| number(id) == Some(n))
    }

    /// Outcomes of these edits, as far as they are remembered.
    pub(crate) fn outcomes_of(&self, numbers: &[OpNo]) -> Vec<ServerMessage> {
        numbers.iter().filter_map(|n| self.ends.get(*n)?.outcome()).collect()
    }

    /// End of an edit that is not here any more: the server's outcome, and whether it is settled as well.
    pub(crate) fn end_of(&self, n: OpNo) -> (Option<ServerMessage>, bool) {
        let end = self.ends.get(n).cloned().unwrap_or_default();
        // What was refused may have gone on after that; here it is over, however it ended.
        (end.outcome(), end.is_settled || !end.is_applied())
    }

    /// From here on it is not known of numbered edits whether an earlier leader has submitted them.
    pub(crate) fn doubt_numbered(&mut self) {
        for id in self.by_first.values() {
            if let Some(provenance) = self.all.get_mut(id).and_then(|edit| edit.provenance.as_mut()) {
                provenance.may_be_sent = true;
            }
        }
    }

    /// Another tab has an edit in storage.
    pub(crate) fn handle_told_stored(&mut self, cx: &mut Context<'_>, edit: StoredEdit, is_stored: bool, now: Now) {
        if let Some(n) = edit.no() {
            self.hear_number(cx, n);
        }
        self.take_row(cx, edit, is_stored, now);
    }

    /// Another tab has settled edits.
    pub(crate) fn handle_told_settled(&mut self, cx: &mut Context<'_>, from: &TabId, numbers: &[OpNo], fate: Fate) {
        let limit = cx.peers.config.max_recent.get();
        let is_from_leader = cx.peers.leader() == Some(from);
        for n in numbers.iter().copied() {
            self.hear_number(cx, n);
            let Some(id) = self.edit_of(n) else {
                self.ends.note_settled(n, limit);
                continue;
            };
            let Some(edit) = self.all.get(&id) else { continue };
            // A tab that leads no longer, and does not know it yet, knows no better what became of an edit on its way.
            let is_on_its_way = match cx.is_follower() {
                true => !is_from_leader && edit.life.is_unended(),
                false => edit.life.is_unended() && edit.attempts > 0,
            };
            if !is_on_its_way {
                self.ends.note_settled(n, limit);
                self.end_elsewhere(cx, id, fate);
            }
        }
    }

    /// The user took an edit back in another tab.
    pub(crate) fn handle_told_taken_back(&mut self, cx: &mut Context<'_>, n: OpNo) {
        let Some(id) = self.edit_of(n) else { return };
        if !cx.is_follower() && self.is_asking(id) {
            // Its conflict was faster than the word of it.
            return self.drop_conflict(cx, id);
        }
        let Some(edit) = self.all.get_mut(&id) else { return };
        if !edit.life.is_unended() {
            return;
        }
        let is_news = !edit.life.is_taken_back();
        edit.take_back();
        // Whoever sends it has to see it through; a leader that has not asks storage to drop it.
        let may_drop = is_news && !cx.is_follower() && edit.is_unsent();
        self.touch(cx, id);
        if may_drop {
            self.take_numbered_back(cx, id);
        }
    }

    /// Tells the leader of edits that it may not have heard of.
    pub(crate) fn tell_unheard(&mut self, cx: &mut Context<'_>, heard_through: u64) {
        for (id, edit) in &self.all {
            let Some(provenance) = &edit.provenance else { continue };
            if let Life::GivenUp { n, .. } = edit.life
                && !provenance.is_stored
            {
                cx.tell(PeerBody::TakenBack { n });
            }
            if !edit.life.is_unended() {
                continue;
            }
            let Some(n) = OpNo::new(edit.op.id.n) else { continue };
            let is_stored = provenance.is_stored;
            if (!is_stored || n.get() > heard_through)
                && let Some(edit) = self.stored_edit(*id)
            {
                cx.tell(PeerBody::Stored { edit: edit.into(), is_stored });
            }
            if edit.life.is_taken_back() {
                cx.tell(PeerBody::TakenBack { n });
            }
        }
    }

    /// Makes the edits here those that storage, or the leader, knows.
    pub(crate) fn reconcile(&mut self, cx: &mut Context<'_>, contents: Contents, source: Source, now: Now) {
        let Contents { edits, last_n } = contents;
        let mut there = BTreeSet::new();
        let mut stored = BTreeSet::new();
        for edit in edits {
            there.extend(edit.first_no());
            stored.insert(edit.op.id.n);
            self.take_row(cx, edit, true, now);
        }
        let read = match source {
            Source::Storage { read } => Some(read),
            Source::Term | Source::Leader => None,
        };
        if read.is_some()
            && let Some(leading) = cx.peers.leading_mut()
        {
            leading.numbers.handle_contents(last_n, &stored);
        }
        if cx.is_follower() && source != Source::Leader {
            // The leader can say more of how an edit ended than that it is gone.
            return;
        }
        let ids: BTreeSet<_> = tree(self.by_first.values().copied());
        for id in ids {
            let Some(edit) = self.all.get(&id) else { continue };
            let (Some(provenance), Some(n)) = (&edit.provenance, edit.life.number()) else { continue };
            // Of an edit that storage never had, the leader is told again; but not of a conflict, with which another
            // tab has gone on.
            let is_asking = matches!(edit.life, Life::Asking { .. } | Life::GivenUp { .. });
            let is_listed = provenance.is_stored || (is_asking && source == Source::Leader);
            let is_there = !is_listed || there.contains(&provenance.first);
            let is_settled = read.is_some_and(|read| provenance.doubt.is_some_and(|doubt| doubt <= read));
            if !is_there && n.get() <= last_n {
                self.end_elsewhere(cx, id, Fate::Unknown);
            } else if !cx.is_follower() && !provenance.is_stored && matches!(edit.life, Life::GivenUp { .. }) {
                // It waited for the word of the tab that leads, which is this one now.
                self.end_given_up(cx, id);
            } else if is_settled {
                // The server called it settled, and storage still has it as it was: no tab knows how it ended.
                self.end_elsewhere(cx, id, Fate::Unknown);
                self.forget_everywhere(cx, n, Fate::Unknown);
            }
        }
    }

    /// Forgets an edit that has not become part of the board, in storage and in every tab.
    pub(super) fn settle_everywhere(&mut self, cx: &mut Context<'_>, number: Option<OpNo>) {
        if let Some(n) = number {
            self.forget_everywhere(cx, n, Fate::Out);
        }
    }

    fn forget_everywhere(&mut self, cx: &mut Context<'_>, n: OpNo, fate: Fate) {
        self.hear_number(cx, n);
        self.ends.note_settled(n, cx.peers.config.max_recent.get());
        cx.forget(&[n]);
        cx.tell(PeerBody::Settled { numbers: vec![n], fate });
    }

    /// A number was said: lower ones that were not may be in storage.
    pub(super) fn hear_number(&mut self, cx: &mut Context<'_>, n: OpNo) {
        if cx.peers.leading_mut().is_some_and(|leading| leading.numbers.note(n.get())) {
            self.read_storage(cx);
        }
    }

    /// True if the user hears in this tab of what becomes of an edit: where it was made, or of a page that is gone,
    /// with the leader.
    pub(super) fn is_told_here(&self, cx: &Context<'_>, id: EditId) -> bool {
        is_told_here(cx, self.all.get(&id).and_then(|edit| edit.provenance.as_ref()))
    }

    /// An edit as storage has it or will have it; `None` while it has no number.
    pub(super) fn stored_edit(&self, id: EditId) -> Option<StoredEdit> {
        let edit = self.all.get(&id)?;
        let provenance = edit.provenance.as_ref()?;
        let mut op = edit.op.as_ref().clone();
        op.id.n = edit.life.number()?.get();
        let (strategy, aside) = match &edit.life {
            Life::Storing { .. } | Life::Queued { .. } | Life::Superseded { .. } | Life::Dropping { .. } => {
                (edit.strategy, None)
            }
            Life::Asking { conflict, .. } | Life::GivenUp { conflict, .. } => {
                (ConflictStrategy::Ask, Some(Refused::Conflict(conflict.clone())))
            }
            Life::Aside { why, .. } => (edit.strategy, Some(why.clone())),
            Life::Manual | Life::Applied { .. } => return None,
        };
        Some(StoredEdit {
            board: edit.board.clone(),
            op,
            strategy,
            created: edit.created,
            schema: self.migrations.schema(),
            aside,
            first: Some(provenance.first),
            author: provenance.author.clone(),
            seen: edit.made_in.position().cloned(),
        })
    }

    /// Takes in an edit as storage or another tab has it.
    fn take_row(&mut self, cx: &mut Context<'_>, edit: StoredEdit, is_stored: bool, now: Now) {
        let (Some(n), Some(first)) = (edit.no(), edit.first_no()) else { return };
        if let Some(id) = self.by_first.get(&first) {
            return self.update_edit(cx, *id, n, edit, now);
        }
        let end = self.ends.get(n).cloned().unwrap_or_default();
        if end.is_applied() {
            // It only waits to be forgotten; or to be replaced, if it was taken back.
            if !self.boards.values().any(|board| board.stacks.is_applied(n, &self.all)) {
                self.settle(cx, Some(n));
            }
            return;
        }
        if end.is_settled {
            // Whoever was to forget it was stopped before.
            return self.settle(cx, Some(n));
        }
        if self.ends.get(first).is_some_and(|end| end.is_over) {
            // Another tab has gone on with it and had not heard of its end, which storage could not prevent.
            if !cx.is_follower() {
                self.settle_everywhere(cx, Some(n));
            }
            return;
        }
        if edit.author.as_ref() == Some(&cx.peers.me) && !self.storage.is_answered() {
            return; // Its number is on its way.
        }
        let edit = match self.migrations.migrate(edit) {
            Ok(edit) => edit,
            Err(unreadable) => {
                let Unreadable { edit, problem } = *unreadable;
                StoredEdit { aside: Some(Refused::Unreadable { problem }), ..edit }
            }
        };
        let id = self.next_id();
        let may_be_sent = cx.peers.leading().is_none_or(|leading| n.get() <= leading.first_own) && !cx.peers.is_alone();
        let author = edit.author.clone();
        let provenance = Provenance { first, author, is_stored, may_be_sent, doubt: None };
        let is_aside = matches!(edit.aside, Some(Refused::Rejected(_) | Refused::Unreadable { .. }));
        self.put_row(cx, id, n, edit, provenance, now);
        if is_aside {
            self.trim_refused(cx);
        }
        if let Some(decided) = &end.decided {
            self.handle_outcomes(cx, decided, now);
        }
    }

    /// Shows an edit that was stored by another page, in the order of the numbers; or lets it wait, as it does there.
    fn put_row(
        &mut self,
        cx: &mut Context<'_>,
        id: EditId,
        n: OpNo,
        edit: StoredEdit,
        provenance: Provenance,
        now: Now,
    ) {
        let StoredEdit { board, op, strategy, created, aside, seen, .. } = edit;
        let life = match aside {
            Some(Refused::Conflict(conflict)) => Life::Asking { n, conflict },
            Some(why) => Life::Aside { n, why },
            None if n.get() <= cx.boards.open(&board).last_n() => Life::Queued { n, sight: Sight::InBoard },
            None => Life::Queued { n, sight: Sight::OnTop },
        };
        let mut edit = Tracked::new(board, op, strategy, created, life);
        if let Life::Queued { .. } = edit.life {
            cx.devtools.open(id, &edit.board, &edit.op, Milestone::Restored);
            self.board_mut(&edit.board).lane.enqueue(n, id);
            if is_told_here(cx, Some(&provenance)) {
                edit.deadline = Some(now.mono + cx.config.optimistic.operation_timeout.get());
            }
        }
        edit.provenance = Some(provenance);
        edit.made_in = MadeIn::Elsewhere(seen);
        self.put(cx, id, edit, Place::ByNumber);
    }

    /// Follows what another page did with an edit that is known here.
    fn update_edit(&mut self, cx: &mut Context<'_>, id: EditId, n: OpNo, row: StoredEdit, now: Now) {
        let Some(edit) = self.all.get(&id) else { return };
        let old = edit.life.number();
        match &edit.life {
            // Another page goes on with what waits for the user here.
            Life::Asking { n: old, .. } | Life::GivenUp { n: old, .. } | Life::Aside { n: old, .. } => {
                let old = *old;
                if row.aside.is_none() && n > old {
                    self.note_replaced(cx, old);
                    let provenance = self.take(cx, id).and_then(|edit| {
                        self.board_mut(&edit.board).lane.settle(old);
                        edit.provenance
                    });
                    if let Some(provenance) = provenance {
                        self.put_row(cx, id, n, row, provenance, now);
                    }
                }
            }
            // The row tells how the edit was before it is stored again.
            Life::Storing { replaces, .. } if *replaces == Some(n) => {}
            Life::Storing { .. } | Life::Queued { .. } | Life::Superseded { .. } | Life::Dropping { .. } => {
                if old.is_none_or(|old| n < old) {
                    return;
                }
                match row.aside.clone() {
                    Some(why) => self.wait_as_elsewhere(cx, id, n, row, why, now),
                    // Two tabs went on with it, which storage could not prevent. It is on its way as this one has it.
                    None if self.is_submitting(cx, id, n) => {
                        self.settle_everywhere(cx, Some(n));
                        self.tell_row(cx, id);
                    }
                    None if old.is_some_and(|old| n > old) => self.go_on_as_elsewhere(cx, id, n, row),
                    None => {}
                }
            }
            Life::Manual | Life::Applied { .. } => {}
        }
    }

    /// Another page has set an edit aside that is pending here, or asks its user.
    fn wait_as_elsewhere(
        &mut self,
        cx: &mut Context<'_>,
        id: EditId,
        n: OpNo,
        row: StoredEdit,
        why: Refused,
        now: Now,
    ) {
        let is_ended = !matches!(why, Refused::Conflict(_));
        if is_ended {
            self.tell_user(cx, id, &why, now);
        }
        let Some(edit) = self.take(cx, id) else { return };
        if let Some(old) = edit.life.number() {
            self.board_mut(&edit.board).lane.settle(old);
        }
        let Some(provenance) = edit.provenance else { return };
        if is_ended && is_told_here(cx, Some(&provenance)) {
            cx.outputs.push(Output::Ended { id, end: EditEnd::Refused(why) });
        }
        self.put_row(cx, id, n, row, provenance, now);
        if is_ended {
            self.trim_refused(cx);
        }
    }

    /// Another page goes on with an edit under a new number.
    fn go_on_as_elsewhere(&mut self, cx: &mut Context<'_>, id: EditId, n: OpNo, row: StoredEdit) {
        let Some(edit) = self.all.get_mut(&id) else { return };
        let old = edit.life.number();
        edit.handle_taken_over(n, row.op, MadeIn::Elsewhere(row.seen));
        let is_taken_back = edit.life.is_taken_back();
        if let Some(provenance) = &mut edit.provenance {
            provenance.doubt = None;
        }
        let board = self.boards.entry(edit.board.clone()).or_default();
        if let Some(old) = old {
            board.lane.settle(old);
        }
        board.lane.enqueue(n, id);
        if let Some(old) = old {
            self.note_replaced(cx, old);
        }
        if is_taken_back {
            // Word of it under the old number says nothing to a tab that has given it the new one.
            cx.tell(PeerBody::TakenBack { n });
        }
        self.touch(cx, id);
        self.sort(id);
    }

    /// True if this tab submits an edit under another number than `n`.
    fn is_submitting(&self, cx: &Context<'_>, id: EditId, n: OpNo) -> bool {
        let Some(edit) = self.all.get(&id) else { return false };
        match &edit.life {
            Life::Queued { n: mine, .. } => !cx.is_follower() && edit.attempts > 0 && *mine != n,
            Life::Manual
            | Life::Storing { .. }
            | Life::Superseded { .. }
            | Life::Dropping { .. }
            | Life::Applied { .. }
            | Life::Asking { .. }
            | Life::GivenUp { .. }
            | Life::Aside { .. } => false,
        }
    }

    /// An edit came to an end that nobody here saw.
    fn end_elsewhere(&mut self, cx: &mut Context<'_>, id: EditId, fate: Fate) {
        let is_told_here = self.is_told_here(cx, id);
        let Some(edit) = self.drop_edit(cx, id) else { return };
        if fate == Fate::Out {
            self.note_unstored_over(cx, &edit);
        }
        let end = match edit.life {
            // Its end was told when it was set aside.
            Life::Aside { .. } => return,
            // A conflict stands as refused only where nobody went on with it.
            Life::Asking { conflict, .. } | Life::GivenUp { conflict, .. } if fate == Fate::Out => {
                EditEnd::Refused(Refused::Conflict(conflict))
            }
            life if life.is_taken_back() && fate == Fate::Out => EditEnd::RolledBack,
            Life::Manual
            | Life::Storing { .. }
            | Life::Queued { .. }
            | Life::Superseded { .. }
            | Life::Dropping { .. }
            | Life::Applied { .. }
            | Life::Asking { .. }
            | Life::GivenUp { .. } => EditEnd::AlreadySettled,
        };
        if is_told_here {
            cx.outputs.push(Output::Ended { id, end });
        }
    }
}

/// True if the user hears in this tab of what becomes of an edit of this origin.
pub(super) fn is_told_here(cx: &Context<'_>, provenance: Option<&Provenance>) -> bool {
    match provenance {
        // It has no number yet, so only this tab knows it.
        None => true,
        Some(Provenance { author: None, .. }) => !cx.is_follower(),
        Some(Provenance { author: Some(author), .. }) => {
            *author == cx.peers.me || (!cx.is_follower() && !cx.peers.is_alive(author))
        }
    }
}

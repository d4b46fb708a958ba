//! Checks of pages: after every input, and once everything is quiet.

use std::time::Duration;

use tideboard_engine::{BoardStatus, ConnectionState, StoreReply};

use crate::{
    browser::PageId,
    disk::Written,
    happening::Happening,
    invariant::{Checked, Invariant},
    sabotage::Mutation,
    server::boards,
    world::World,
};

/// Time for which a robbed leader may go on beside the new one.
const OVERLAP: Duration = Duration::from_secs(5);
/// More edits than a page ever holds.
const MOST_PENDING: usize = 110;

impl World {
    /// Same order everywhere: a replica at `seq` is the board after the log's first `seq` events.
    pub(crate) fn check_page(&self, id: PageId) -> Checked {
        let Some(page) = self.pages.get(&id) else { return Ok(()) };
        for board in boards() {
            let Some(view) = page.engine.board_view(&board) else { continue };
            if view.status == BoardStatus::Loading {
                continue;
            }
            let Some(confirmed) = page.engine.confirmed_board(&board) else { continue };
            let is_same = self.server.log(&board).is_at(view.seq, confirmed);
            Invariant::Replica
                .holds(is_same, || format!("{id:?} has {board} at {}, which is not as in the log", view.seq))?;
        }
        self.check_screen(id)?;
        let pending = page.engine.sync_view().pending;
        Invariant::Bounded.holds(pending <= MOST_PENDING, || format!("{id:?} has {pending} edits pending"))
    }

    /// Checks that the page with the newest term leads on, whoever else says that it leads.
    pub(crate) fn check_lead(&mut self, id: PageId, is_told_to_follow: bool) -> Checked {
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        let is_leading = page.engine.connection_view().is_leader;
        let has_led = std::mem::replace(&mut page.is_leading, is_leading);
        let is_right = is_leading || !has_led || is_told_to_follow;
        let newest = self.browsers[page.browser].newest_leader;
        Invariant::Leads.holds(is_right || newest != Some(id), || format!("{id:?} has the newest term, and steps down"))
    }

    /// Checks that a browser has one socket, but for the moment in which a robbed leader does not know it yet.
    pub(crate) fn check_sockets(&mut self, id: PageId) -> Checked {
        let Some(page) = self.pages.get(&id) else { return Ok(()) };
        let browser = page.browser;
        Invariant::OneSocket.holds(page.sockets.len() <= 1, || format!("{id:?} has {} sockets", page.sockets.len()))?;
        if *page.engine.connection().state() == ConnectionState::NeedsAuth
            && !std::mem::replace(&mut self.browsers[browser].is_signing_in, true)
        {
            let pause = self.rng.u64(100..5_000);
            self.after(pause, Happening::SignIn(browser));
        }
        let with_socket = self.pages.values().filter(|page| page.browser == browser && !page.is_frozen);
        let with_socket = with_socket.filter(|page| !page.sockets.is_empty()).count();
        let crowded_since = &mut self.browsers[browser].crowded_since;
        if with_socket <= 1 {
            *crowded_since = None;
            return Ok(());
        }
        let since = *crowded_since.get_or_insert(self.now);
        Invariant::OneSocket.holds(self.now < since + OVERLAP, || format!("{with_socket} pages have a socket"))
    }

    /// Checks that no edit waits for its end, not even one of which its user sees nothing any more.
    pub(crate) fn check_ends(&self) -> Checked {
        self.ledger.check_ends(|page| self.pages.contains_key(&page))
    }

    /// Once quiet, what everybody sees is what the server has.
    pub(crate) fn check_quiet(&self) -> Checked {
        for (id, page) in &self.pages {
            self.check_page(*id)?;
            for board in page.follows.keys() {
                let shown = page.engine.entity_views(board, "note");
                let stored = self.server.log(board).board();
                let is_same = shown.len() == stored.len()
                    && shown.iter().zip(stored.entities()).all(|(view, entity)| view.entity == *entity);
                Invariant::Equal.holds(is_same, || format!("{id:?} shows {board} as {shown:?}, it is {stored:?}"))?;
            }
        }
        let is_awake = |page| self.pages.get(&page).is_some_and(|page| !page.has_slept);
        self.ledger.check_quiet(|page| self.pages.contains_key(&page), is_awake, &self.server)
    }

    /// Carries out the mutations of a disk that is not sound.
    pub(crate) fn sabotage_disk(
        &mut self,
        browser: usize,
        (is_read, settled): (bool, Option<u64>),
        reply: &mut Option<StoreReply>,
        written: &mut Written,
    ) {
        let disk = &mut self.browsers[browser].disk;
        match (self.sabotage, reply) {
            (Some(Mutation::NumberTwice), Some(StoreReply::Appended { n, .. })) if n.get().is_multiple_of(7) => {
                disk.step_back();
            }
            (Some(Mutation::ForgetAnothers), None) => {
                let next = settled.and_then(|n| disk.rows().range(n + 1..).next());
                if let Some((n, row)) = next.map(|(n, row)| (*n, row.clone())) {
                    written.forgotten.push(row);
                    disk.lose(n);
                }
            }
            (
                Some(Mutation::LoseRowOnReload),
                Some(StoreReply::Loaded(contents) | StoreReply::Led { contents, .. }),
            ) if is_read => {
                if let Some(lost) = contents.edits.pop() {
                    disk.lose(lost.op.id.n);
                }
            }
            (
                Some(Mutation::ReplayUnderNewNumber),
                Some(StoreReply::Loaded(contents) | StoreReply::Led { contents, .. }),
            ) => {
                let last_n = contents.last_n;
                for (edit, n) in contents.edits.iter_mut().zip(last_n + 1..) {
                    edit.op.id.n = n;
                    contents.last_n = n;
                }
            }
            _ => {}
        }
    }
}

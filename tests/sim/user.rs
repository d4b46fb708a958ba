//! Actions of users in their tabs.

use serde_json::json;
use tideboard_engine::{Carrier, Choice, ConflictStrategy, Edit, EditId, Now, Rollback};
use tideboard_shared::{Action, BoardId, Fields, OpId, Seq};

use crate::{
    browser::{Page, PageId},
    invariant::Checked,
    ledger::Origin,
    server::boards,
    world::World,
};

pub(crate) const ENTITIES: [&str; 5] = ["a", "b", "c", "d", "e"];

impl World {
    /// Lets a user do a thing in a page.
    pub(crate) fn use_page(&mut self) -> Checked {
        let browser = self.rng.usize(..self.browsers.len());
        let awake = self.awake_pages(browser);
        let Some(id) = self.rng.choice(awake) else { return Ok(()) };
        let Some(page) = self.pages.get(&id) else { return Ok(()) };
        let now = page.now(self.now, &self.browsers[browser]);
        let follows: Vec<_> = page.follows.keys().cloned().collect();
        let board = self.rng.choice(follows);
        match (self.rng.u8(..100), board) {
            (0..60, Some(board)) => self.edit(id, board, now),
            (60..70, _) => self.decide(id, now),
            (70..82, Some(board)) if self.ledger.has_ways_back => self.go_back(id, &board, now),
            (82..84, _) => self.end_manual(id, now),
            (84..87, Some(board)) => self.check_for_news(id, &board, now),
            (87..90, _) => return self.change_board(id),
            _ => {}
        }
        self.drain(id)?;
        self.check_page(id)
    }

    fn edit(&mut self, id: PageId, board: BoardId, now: Now) {
        self.tags += 1;
        let tag = format!("tag{}", self.tags);
        let (action, is_tagged) = some_action(&tag, &mut self.rng);
        use ConflictStrategy::{Ask, LocalWins, Merge, RemoteWins};
        let strategy = [RemoteWins, LocalWins, Merge, Ask][self.rng.usize(..4)];
        let entity = ENTITIES[self.rng.usize(..ENTITIES.len())];
        let mut edit = Edit::new(board.clone(), entity, action).strategy(strategy);
        let is_manual = self.rng.u8(..30) == 0;
        let Some(page) = self.pages.get_mut(&id) else { return };
        if is_manual {
            edit = Edit { delivery: Carrier::Manual, ..edit };
        } else if self.rng.u8(..10) == 0 {
            // Begun a while ago.
            let seq = page.engine.board_view(&board).map(|view| view.seq).unwrap_or_default();
            edit.base = Some(Seq(seq.0.saturating_sub(self.rng.u64(..5))));
        }
        let Ok(made) = page.engine.apply(edit, now) else { return };
        let origin = match is_manual {
            true => Origin::Manual,
            false => Origin::Hand(is_tagged.then_some(tag)),
        };
        if is_manual {
            page.manual.insert(made);
        }
        self.ledger.made(id, made, board, origin);
    }

    /// Decides about an edit that waits for the user.
    fn decide(&mut self, id: PageId, now: Now) {
        let Some(page) = self.pages.get_mut(&id) else { return };
        let conflict = page.engine.conflicts().first().map(|view| view.id);
        let refused = page.engine.refused().next().map(|(id, view)| (id, view.board.clone()));
        match (conflict, refused, self.rng.u8(..4)) {
            (Some(conflict), _, 0) => drop(page.engine.resolve(conflict, Choice::Mine, now)),
            (Some(conflict), _, 1) => {
                let fields = Fields::from([("text".to_owned(), json!(format!("settled {}", now.mono.as_millis())))]);
                drop(page.engine.resolve(conflict, Choice::Fields(fields), now));
            }
            (Some(conflict), ..) => self.settle_for_theirs(id, conflict, now),
            (_, Some((refused, board)), 0) => {
                if let Ok(again) = page.engine.requeue(refused, now) {
                    self.took_back(id, refused);
                    self.ledger.made(id, again, board, Origin::Hand(None));
                }
            }
            (_, Some((refused, _)), _) => self.discard(id, refused),
            _ => {}
        }
    }

    fn settle_for_theirs(&mut self, id: PageId, conflict: EditId, now: Now) {
        self.took_back(id, conflict);
        if let Some(page) = self.pages.get_mut(&id) {
            drop(page.engine.resolve(conflict, Choice::Theirs, now));
        }
    }

    fn discard(&mut self, id: PageId, refused: EditId) {
        self.took_back(id, refused);
        if let Some(page) = self.pages.get_mut(&id) {
            page.engine.discard(refused);
        }
    }

    fn go_back(&mut self, id: PageId, board: &BoardId, now: Now) {
        let Some(page) = self.pages.get_mut(&id) else { return };
        match self.rng.u8(..3) {
            0 => {
                let mine = self.ledger.latest_of(id, self.rng.usize(..6));
                let Some((edit, board)) = mine else { return };
                let seen = page.engine.board_view(&board).map(|view| view.seq).unwrap_or_default();
                match page.engine.rollback(edit, now) {
                    Ok(Rollback::Removed | Rollback::Reverting) => self.took_back(id, edit),
                    Ok(Rollback::Reverted { by }) => {
                        self.ledger.made(id, by, board, Origin::WayBack(Some(seen)));
                    }
                    Err(_) => {}
                }
            }
            1 => {
                for _ in 0..self.rng.u8(1..6) {
                    let Some(page) = self.pages.get_mut(&id) else { return };
                    let seen = page.engine.board_view(board).map(|view| view.seq);
                    let stepped = page.engine.undo(board.clone(), now).ok();
                    self.stepped((id, stepped), board, Origin::WayBack(seen));
                }
            }
            _ => {
                // What never reached the log is done anew, whatever stands now.
                let stepped = page.engine.redo(board.clone(), now).ok();
                self.stepped((id, stepped), board, Origin::Hand(None));
            }
        }
    }

    /// An undo or redo was done by this edit, or by taking it back.
    fn stepped(&mut self, (id, by): (PageId, Option<EditId>), board: &BoardId, origin: Origin) {
        let Some(by) = by else { return };
        if self.ledger.is_made(id, by) {
            self.took_back(id, by);
        } else {
            self.ledger.made(id, by, board.clone(), origin);
        }
    }

    fn end_manual(&mut self, id: PageId, now: Now) {
        let Some(page) = self.pages.get_mut(&id) else { return };
        let Some(manual) = page.manual.pop_first() else { return };
        if self.rng.bool() {
            page.engine.confirm(manual);
        } else {
            drop(page.engine.rollback(manual, now));
        }
    }

    fn check_for_news(&mut self, id: PageId, board: &BoardId, now: Now) {
        let Some(page) = self.pages.get_mut(&id) else { return };
        match self.rng.u8(..3) {
            0 => drop(page.engine.refresh(vec![], now)),
            1 => drop(page.engine.invalidate(board.clone(), now)),
            _ => page.engine.resync(board.clone()),
        }
    }

    fn change_board(&mut self, id: PageId) -> Checked {
        let boards: Vec<_> = boards().collect();
        let board = boards[self.rng.usize(..boards.len())].clone();
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        match page.follows.remove(&board) {
            Some(wish) => {
                page.awaited.retain(|(awaited, _)| *awaited != board);
                page.engine.unsubscribe(wish);
            }
            None => return self.follow(id, board),
        }
        self.drain(id)
    }

    fn took_back(&mut self, id: PageId, edit: EditId) {
        let Some(page) = self.pages.get(&id) else { return };
        let client = self.browsers[page.browser].client.clone();
        let named = page.names.get(&edit).map(|n| OpId { client, n: *n });
        self.ledger.take_back(id, edit, named);
    }

    /// Once the storm is over users settle whatever waits for them.
    pub(crate) fn tidy_up(&mut self) -> Checked {
        for id in self.pages.keys().copied().collect::<Vec<_>>() {
            let Some(page) = self.pages.get_mut(&id).filter(|page| !page.is_frozen) else { continue };
            let now = Page::now(page, self.now, &self.browsers[page.browser]);
            let conflicts: Vec<_> = page.engine.conflicts().into_iter().map(|view| view.id).collect();
            let refused: Vec<_> = page.engine.refused().map(|(id, _)| id).collect();
            while self.pages.get(&id).is_some_and(|page| !page.manual.is_empty()) {
                self.end_manual(id, now);
            }
            conflicts.into_iter().for_each(|conflict| self.settle_for_theirs(id, conflict, now));
            refused.into_iter().for_each(|refused| self.discard(id, refused));
            self.drain(id)?;
        }
        Ok(())
    }
}

/// Some action, and whether the text is written by it.
fn some_action(tag: &str, rng: &mut fastrand::Rng) -> (Action, bool) {
    let tagged = |field: &str| Fields::from([(field.to_owned(), json!(tag))]);
    match rng.u8(..14) {
        0..=2 => (Action::Create { kind: "note".into(), fields: tagged("title") }, true),
        3..=6 => (Action::set([(["title", "text"][rng.usize(..2)], tag)]), true),
        7 | 8 => (Action::SetAdd { field: "tags".into(), value: json!(tag) }, true),
        9 => (Action::SetRemove { field: "tags".into(), value: json!(format!("tag{}", rng.u32(1..60))) }, false),
        10 | 11 => (Action::Increment { field: "count".into(), by: rng.i32(-3..4).into() }, false),
        12 => (Action::Patch { set: tagged("title"), unset: ["text".to_owned()].into() }, true),
        _ => (Action::Remove, false),
    }
}

//! View that a tab has to show: the confirmed board, and on top every edit of its own that is not in there, once.

use std::sync::Arc;

use tideboard_engine::BoardStatus;
use tideboard_shared::{BoardId, Entity, EntityId, OpId, Operation, Seq, board::predict};

use crate::{
    browser::{Page, PageId},
    invariant::{Checked, Invariant},
    seen::Seen,
    server::boards,
    user::ENTITIES,
    world::World,
};

/// With more edits of which it is not known whether they are to be shown, nothing is checked: there are too many ways.
const MOST_DOUBTS: usize = 5;

/// Edit that may be on top.
struct Layer {
    /// Edits are shown in the order of their numbers; one that has none comes last.
    n: u64,
    op: Arc<Operation>,
    /// Set when it has to be shown; unknown where others, or the server, have decided about it and this tab may not
    /// know.
    is_shown: Option<bool>,
}

impl World {
    pub(crate) fn check_screen(&self, id: PageId) -> Checked {
        let Some(page) = self.pages.get(&id) else { return Ok(()) };
        for board in boards().filter(|board| page.follows.contains_key(board)) {
            let Some(view) = page.engine.board_view(&board) else { continue };
            if view.status == BoardStatus::Loading {
                continue;
            }
            if self.server.log(&board).lives > 0 {
                // Places of another log say nothing about this one, and which of them a page is on it does not say.
                let seen = self.seen.get();
                let looks = seen.looks + ENTITIES.len();
                let put_back = seen.put_back + ENTITIES.len();
                self.seen.set(Seen { looks, put_back, ..seen });
                continue;
            }
            let layers = self.layers(id, page, &board, view.seq);
            for entity in ENTITIES {
                self.check_entity((id, page), &board, &entity.into(), (view.seq, &layers))?;
            }
        }
        Ok(())
    }

    /// All edits that may be on top of a board at `seq`, in order.
    fn layers(&self, id: PageId, page: &Page, board: &BoardId, seq: Seq) -> Vec<Layer> {
        let log = self.server.log(board);
        let client = &self.browsers[page.browser].client;
        let mut layers = Vec::new();
        for pending in page.engine.pending_edits().into_iter().filter(|pending| pending.board == *board) {
            let number = OpId { client: client.clone(), n: pending.op.id.n };
            let known = page.names.get(&pending.id).map(|n| OpId { client: client.clone(), n: *n });
            let is_taken_back = self.ledger.is_made_taken_back(id, pending.id)
                || known.is_some_and(|number| self.ledger.is_taken_back(&number));
            let is_shown = match log.applied_at(&number) {
                _ if is_taken_back => None,
                Some(at) => Some(at > seq),
                // Whether a number that was refused or skipped counts as decided depends on what the tab was told.
                None if log.refusal(&number).is_some() || (number.n > 0 && log.is_skipped(&number, seq)) => None,
                None => Some(true),
            };
            // What is to be stored again has no number, as what is stored for the first time.
            let n = if pending.op.id.n == 0 { u64::MAX } else { pending.op.id.n };
            layers.push(Layer { n, op: pending.op, is_shown });
        }
        for event in &log.events[usize::try_from(seq.0).expect("few events")..] {
            let n = event.op.id.n;
            let is_pending = layers.iter().any(|layer| layer.op.id.n == n);
            if event.op.id.client == *client && !is_pending && page.names.values().any(|known| *known == n) {
                let is_awaited = page.awaited.contains(&(board.clone(), n)) && !self.ledger.is_taken_back(&event.op.id);
                layers.push(Layer { n, op: Arc::clone(&event.op), is_shown: is_awaited.then_some(true) });
            }
        }
        layers.sort_by_key(|layer| layer.n);
        layers
    }

    fn check_entity(
        &self,
        (id, page): (PageId, &Page),
        board: &BoardId,
        entity: &EntityId,
        (seq, layers): (Seq, &[Layer]),
    ) -> Checked {
        let shown = page.engine.entity_view(board, entity).map(|view| view.entity);
        let confirmed = page.engine.confirmed(board, entity);
        let layers: Vec<_> = layers.iter().filter(|layer| layer.op.entity == *entity).collect();
        let doubts = layers.iter().filter(|layer| layer.is_shown.is_none()).count();
        let unnumbered = layers.iter().filter(|layer| layer.n == u64::MAX).count();
        let is_too_dark = doubts > MOST_DOUBTS || unnumbered > 1;
        let seen = self.seen.get();
        self.seen.set(Seen { looks: seen.looks + 1, skipped: seen.skipped + usize::from(is_too_dark), ..seen });
        if is_too_dark {
            // The order of several without a number is that of the requests to storage, which nobody sees.
            return Ok(());
        }
        let is_right = (0..1_u32 << doubts).any(|choice| {
            let mut doubt = 0;
            let mut made = confirmed.clone();
            for layer in &layers {
                let is_shown = layer.is_shown.unwrap_or_else(|| {
                    doubt += 1;
                    choice >> (doubt - 1) & 1 == 1
                });
                if is_shown {
                    // What no longer applies is left out.
                    let _ = predict(&mut made, &layer.op, seq.next());
                }
            }
            is_same(made.as_ref(), shown.as_ref())
        });
        Invariant::Screen.holds(is_right, || {
            let edits: Vec<_> = layers.iter().map(|layer| (layer.n, &layer.op.action, layer.is_shown)).collect();
            format!("{id:?} shows {entity} of {board} at {seq} as {shown:?}; it is {confirmed:?}, and on top {edits:?}")
        })
    }
}

fn is_same(one: Option<&Arc<Entity>>, other: Option<&Arc<Entity>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.fields == other.fields && one.kind == other.kind,
        (one, other) => one.is_none() && other.is_none(),
    }
}

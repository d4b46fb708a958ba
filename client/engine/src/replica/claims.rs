//! Positions that other tabs know of, and the server's word on whether they are in its history.
//!
//! In: positions, answers to subscriptions. Out: what is still to be asked, and what the server has said. Never more than
//! [`MOST`] of a kind; the oldest are forgotten, and asked anew when somebody comes with them again.

use tideboard_shared::Position;

/// Most positions of a kind that are kept.
const MOST: usize = 32;

/// Positions of one board that others know of.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// Still to be asked.
    open: Vec<Position>,
    /// Asked with the subscription that is not answered.
    asked: Vec<Position>,
    confirmed: Vec<Position>,
    refuted: Vec<Position>,
}

impl Claims {
    /// Takes a position in. Whether the server has to be asked for it.
    pub(crate) fn add(&mut self, position: &Position) -> bool {
        let is_known =
            [&self.open, &self.asked, &self.confirmed, &self.refuted].into_iter().any(|of| of.contains(position));
        if !is_known {
            keep(&mut self.open, [position.clone()]);
        }
        !is_known
    }

    /// The server is being asked for all that are open.
    pub(crate) fn ask(&mut self) -> Vec<Position> {
        let open = std::mem::take(&mut self.open);
        keep(&mut self.asked, open);
        self.asked.clone()
    }

    /// The server has answered: all of them are in its history, or not all.
    pub(crate) fn handle_answer(&mut self, is_reset: bool) {
        let asked = std::mem::take(&mut self.asked);
        if is_reset {
            // What was in the history before is in another one now.
            self.confirmed.clear();
            keep(&mut self.refuted, asked);
        } else {
            keep(&mut self.confirmed, asked);
        }
    }

    /// No answer will come.
    pub(crate) fn handle_lost(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        keep(&mut self.open, asked);
    }

    /// True if there are positions that no subscription has asked for.
    pub(crate) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// True if the server has not said anything of a position.
    pub(crate) fn is_waiting(&self, position: &Position) -> bool {
        self.open.contains(position) || self.asked.contains(position)
    }

    /// True if a position is of another history.
    pub(crate) fn is_refuted(&self, position: &Position) -> bool {
        self.refuted.contains(position)
    }
}

fn keep(list: &mut Vec<Position>, more: impl IntoIterator<Item = Position>) {
    list.extend(more);
    list.drain(..list.len().saturating_sub(MOST));
}

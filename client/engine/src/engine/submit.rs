//! An edit's way out: what may be submitted now, on every board.

use std::collections::BTreeSet;

use tideboard_shared::{ClientMessage, message::Submit};

use super::{BoardState, Engine};
use crate::{EditId, Key, Now, devtools::Milestone, peers::Numbers};

impl Engine {
    pub(super) fn run_retry(&mut self, id: EditId, now: Now) -> bool {
        let Some(state) = self.edits.get(&id).and_then(|board| self.boards.get_mut(board)) else { return false };
        state.lane.retry_now();
        self.hurry_rest(now);
        self.submit_all(now);
        true
    }

    pub(super) fn submit_all(&mut self, now: Now) {
        if self.connection.live_epoch().is_none() {
            return;
        }
        for submit in self.ready_submits(now) {
            self.send_frame(&[ClientMessage::Submit(submit)]);
        }
    }

    /// What may be submitted now; it counts as in flight from here on.
    pub(super) fn ready_submits(&mut self, now: Now) -> Vec<Submit> {
        let limits = self.limits();
        let numbers = self.peers.leading().map(|leading| &leading.numbers);
        let below = numbers.map_or(u64::MAX, Numbers::submit_below);
        let known_through = numbers.map_or(u64::MAX, Numbers::known_through);
        let mut submits = Vec::new();
        for (id, state) in &mut self.boards {
            let BoardState { pending, lane, .. } = state;
            let (mut ops, mut numbers, mut bytes) = (Vec::new(), BTreeSet::new(), 0);
            let ready: Vec<_> = lane.ready(below, now.mono).take(limits.ops_per_submit).collect();
            for (n, edit) in ready {
                let Some(pending) = pending.books_mut(edit) else { continue };
                bytes += pending.bytes + 1;
                // Half of the limit is left for what is around the operations.
                if !ops.is_empty() && bytes > limits.frame_bytes / 2 {
                    break;
                }
                pending.attempts += 1;
                tracing::debug!(op = %pending.op.id, board = %id, attempt = pending.attempts, "submitted");
                self.devtools.note(edit, Milestone::Submitted { n });
                ops.push(pending.op.as_ref().clone());
                numbers.insert(n);
            }
            if ops.is_empty() {
                continue;
            }
            lane.handle_submitted(numbers, now.mono, &self.config.sync);
            submits.push(Submit { board: id.clone(), settled_through: lane.settled_through().min(known_through), ops });
            self.changed.insert(Key::Sync);
        }
        submits
    }
}

//! Latest events of boards, for tabs that missed them.

use std::collections::{BTreeMap, VecDeque};

use tideboard_shared::{BoardId, Seq, message::Event};

/// The latest events of boards that other tabs follow, without holes.
#[derive(Debug, Default)]
pub(crate) struct RecentEvents(BTreeMap<BoardId, VecDeque<Event>>);

impl RecentEvents {
    pub(crate) fn extend(&mut self, board: &BoardId, events: &[Event], limit: usize) {
        let kept = self.0.entry(board.clone()).or_default();
        kept.extend(events.iter().cloned());
        kept.drain(..kept.len().saturating_sub(limit));
    }

    pub(crate) fn forget(&mut self, board: &BoardId) {
        self.0.remove(board);
    }

    /// The events after `since` up to `seq`, when all are here.
    pub(crate) fn between(&self, board: &BoardId, since: Seq, seq: Seq) -> Option<Vec<Event>> {
        if since == seq {
            return Some(Vec::new());
        }
        let kept = self.0.get(board)?;
        let is_whole = kept.front()?.seq <= since.next() && kept.back()?.seq == seq && since < seq;
        is_whole.then(|| kept.iter().filter(|event| event.seq > since).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::{Action, UnixMs};

    use super::*;
    use crate::testing::{main, op};

    fn event(seq: u64) -> Event {
        let op = op(&format!("c/{seq}"), "e", Action::Remove);
        Event { seq: Seq(seq), by: "ann".into(), at: UnixMs(0), op: op.into() }
    }

    fn between(recent: &RecentEvents, since: u64, seq: u64) -> Option<Vec<u64>> {
        let events = recent.between(&main(), Seq(since), Seq(seq))?;
        Some(events.iter().map(|event| event.seq.0).collect())
    }

    #[test]
    fn missed_events_are_told_when_all_are_there_and_not_otherwise() {
        let mut recent = RecentEvents::default();
        assert_eq!(between(&recent, 40, 40), Some(vec![]));
        assert_eq!(between(&recent, 40, 41), None);
        recent.extend(&main(), &[event(41), event(42), event(43), event(44)], 3);
        assert_eq!(between(&recent, 41, 44), Some(vec![42, 43, 44]));
        assert_eq!(between(&recent, 43, 44), Some(vec![44]));
        assert_eq!(between(&recent, 40, 44), None, "41 is forgotten");
        assert_eq!(between(&recent, 45, 44), None, "that is a position of another time");
    }
}

//! Latest events of boards, for tabs that missed them.

use std::collections::{BTreeMap, VecDeque};

use tideboard_shared::{BoardId, Position, Seq, message::Event};

use crate::{replica::Progress, updates::Ordered};

/// The latest events of boards that other tabs follow, without holes.
#[derive(Debug, Default)]
pub(crate) struct RecentEvents(BTreeMap<BoardId, Recent>);

#[derive(Debug, Default)]
struct Recent {
    events: VecDeque<Ordered>,
    /// Position of the board before the first of them, where that is known.
    from: Option<Position>,
}

impl RecentEvents {
    /// Takes in the events that have brought a board to a position.
    pub(crate) fn extend(&mut self, board: &BoardId, progress: &Progress, position: &Position, limit: usize) {
        let Recent { events, from } = self.0.entry(board.clone()).or_default();
        if events.is_empty() {
            *from = progress.from.clone();
        }
        events.extend(progress.events.iter().map(|event| Ordered { event: event.clone(), check: None }));
        if let Some(last) = events.back_mut() {
            last.check = Some(position.check);
        }
        let excess = events.len().saturating_sub(limit);
        if let Some(Ordered { event, check }) = events.drain(..excess).next_back() {
            *from = check.map(|check| Position { seq: event.seq, check, ..position.clone() });
        }
    }

    pub(crate) fn forget(&mut self, board: &BoardId) {
        self.0.remove(board);
    }

    /// The events after `since` up to `seq`, when all are here.
    pub(crate) fn between(&self, board: &BoardId, since: Seq, seq: Seq) -> Option<Vec<Event>> {
        if since == seq {
            return Some(Vec::new());
        }
        let kept = &self.0.get(board)?.events;
        let is_whole = kept.front()?.event.seq <= since.next() && kept.back()?.event.seq == seq && since < seq;
        is_whole.then(|| kept.iter().map(|kept| &kept.event).filter(|event| event.seq > since).cloned().collect())
    }

    /// True if the board is known to have been at this very position.
    pub(crate) fn contains(&self, board: &BoardId, position: &Position) -> bool {
        let is_it = |kept: &Ordered| kept.event.seq == position.seq && kept.check == Some(position.check);
        self.0.get(board).is_some_and(|kept| kept.from.as_ref() == Some(position) || kept.events.iter().any(is_it))
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::{Action, Check, UnixMs};

    use super::*;
    use crate::testing::{at, main, op};

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
        let events = vec![event(41), event(42), event(43), event(44)];
        let progress = Progress { events, from: Some(at(40)), ..Progress::default() };
        recent.extend(&main(), &progress, &at(44), 4);
        assert!(recent.contains(&main(), &at(40)) && recent.contains(&main(), &at(44)));
        assert!(!recent.contains(&main(), &at(43)), "nobody said its check");
        assert!(!recent.contains(&main(), &Position { check: Check::EMPTY, ..at(44) }));
        recent.extend(&main(), &Progress::default(), &at(44), 3);
        assert_eq!(between(&recent, 41, 44), Some(vec![42, 43, 44]));
        assert_eq!(between(&recent, 43, 44), Some(vec![44]));
        assert_eq!(between(&recent, 40, 44), None, "41 is forgotten");
        assert_eq!(between(&recent, 45, 44), None, "that is a position of another time");
        assert!(!recent.contains(&main(), &at(40)));
    }
}

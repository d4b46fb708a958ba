//! What happened lately, for tabs that missed it.

use std::collections::{BTreeMap, VecDeque};

use tideboard_shared::{BoardId, OpResult, Outcome, Reason, Rejection, Seq, ServerMessage, message::Event};

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

/// How the latest edits ended; the lowest numbers are forgotten first.
#[derive(Debug, Default)]
pub(crate) struct RecentEnds(BTreeMap<u64, End>);

/// How an edit ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct End {
    /// As the server decided, where that is known.
    pub(crate) decided: Option<(BoardId, OpResult)>,
    /// For good: nobody is to be asked any more, and it is not in the log.
    pub(crate) is_settled: bool,
}

impl End {
    /// Whether the server applied it.
    pub(crate) fn is_applied(&self) -> bool {
        matches!(self.decided, Some((_, OpResult { outcome: Outcome::Applied { .. }, .. })))
    }

    /// What the server said of it.
    pub(crate) fn outcome(&self) -> Option<ServerMessage> {
        let (board, result) = self.decided.as_ref()?;
        Some(ServerMessage::Outcomes { board: board.clone(), results: vec![result.clone()] })
    }
}

impl RecentEnds {
    /// What the server said; nothing, where it did not decide, or does not know any more how it did.
    pub(crate) fn note_decided(&mut self, board: &BoardId, result: &OpResult, limit: usize) {
        if let Outcome::Rejected(Rejection { reason, .. }) = &result.outcome
            && (reason.is_retryable() || matches!(reason, Reason::AlreadySettled | Reason::OutOfOrder))
        {
            return;
        }
        self.0.entry(result.id.n).or_default().decided = Some((board.clone(), result.clone()));
        self.trim(limit);
    }

    pub(crate) fn note_settled(&mut self, n: u64, limit: usize) {
        self.0.entry(n).or_default().is_settled = true;
        self.trim(limit);
    }

    /// The edit goes on under another number: what the server said of this one says nothing of how it ends.
    pub(crate) fn note_replaced(&mut self, n: u64, limit: usize) {
        self.0.insert(n, End { decided: None, is_settled: true });
        self.trim(limit);
    }

    /// Another log: that an edit was applied as some event of the one before says nothing of this one. It is over all the
    /// same.
    pub(crate) fn handle_new_log(&mut self, board: &BoardId) {
        for end in self.0.values_mut().filter(|end| end.is_applied()) {
            if end.decided.as_ref().is_some_and(|(of, _)| of == board) {
                *end = End { decided: None, is_settled: true };
            }
        }
    }

    pub(crate) fn get(&self, n: u64) -> Option<&End> {
        self.0.get(&n)
    }

    /// What the server said of these.
    pub(crate) fn outcomes(&self, numbers: &[u64]) -> Vec<ServerMessage> {
        numbers.iter().filter_map(|n| self.get(*n)?.outcome()).collect()
    }

    fn trim(&mut self, limit: usize) {
        if self.0.len() > limit {
            self.0.pop_first();
        }
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

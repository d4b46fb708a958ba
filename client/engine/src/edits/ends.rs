//! Ends of the latest edits, for tabs that hear of them late.

use std::collections::BTreeMap;

use tideboard_shared::{BoardId, OpResult, Outcome, Reason, Rejection, ServerMessage};

use super::OpNo;

/// Ends of the latest edits; the lowest numbers are forgotten first.
#[derive(Debug, Default)]
pub(super) struct RecentEnds(BTreeMap<OpNo, End>);

/// End of an edit, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct End {
    /// As the server decided, where that is known.
    pub(super) decided: Option<(BoardId, OpResult)>,
    /// For good: nobody is to be asked any more, and it is not in the log.
    pub(super) is_settled: bool,
    /// The edit that began under this number is over, under whichever numbers.
    pub(super) is_over: bool,
}

impl End {
    /// True if the server applied the edit.
    pub(super) fn is_applied(&self) -> bool {
        matches!(self.decided, Some((_, OpResult { outcome: Outcome::Applied { .. }, .. })))
    }

    /// Outcome as the server would say it again; `None` where it is not known.
    pub(super) fn outcome(&self) -> Option<ServerMessage> {
        let (board, result) = self.decided.as_ref()?;
        Some(ServerMessage::Outcomes { board: board.clone(), results: vec![result.clone()] })
    }
}

impl RecentEnds {
    /// Notes an outcome. One by which the server did not decide, or does not know any more how it did, is passed over.
    pub(super) fn note_decided(&mut self, board: &BoardId, result: &OpResult, limit: usize) {
        if let Outcome::Rejected(Rejection { reason, .. }) = &result.outcome
            && (reason.is_retryable()
                || matches!(reason, Reason::AlreadySettled | Reason::OutOfOrder | Reason::IdReused | Reason::NotYours))
        {
            return;
        }
        let Some(n) = OpNo::new(result.id.n) else { return };
        self.0.entry(n).or_default().decided = Some((board.clone(), result.clone()));
        self.trim(limit);
    }

    pub(super) fn note_settled(&mut self, n: OpNo, limit: usize) {
        self.0.entry(n).or_default().is_settled = true;
        self.trim(limit);
    }

    /// Notes that an edit is over, by its first number.
    pub(super) fn note_over(&mut self, first: OpNo, limit: usize) {
        self.0.entry(first).or_default().is_over = true;
        self.trim(limit);
    }

    /// The edit goes on under another number: what the server said of this one says nothing of how it ends.
    pub(super) fn note_replaced(&mut self, n: OpNo, limit: usize) {
        self.0.insert(n, End { is_settled: true, ..End::default() });
        self.trim(limit);
    }

    /// Another log: that an edit was applied as some event of the one before says nothing of this one. It is over all
    /// the same.
    pub(super) fn handle_new_log(&mut self, board: &BoardId) {
        for end in self.0.values_mut().filter(|end| end.is_applied()) {
            if end.decided.as_ref().is_some_and(|(of, _)| of == board) {
                *end = End { decided: None, is_settled: true, is_over: end.is_over };
            }
        }
    }

    pub(super) fn get(&self, n: OpNo) -> Option<&End> {
        self.0.get(&n)
    }

    fn trim(&mut self, limit: usize) {
        if self.0.len() > limit {
            self.0.pop_first();
        }
    }
}

//! Ends of the latest edits, for tabs that hear of them late.

use std::collections::BTreeMap;

use tideboard_shared::{BoardId, Epoch, OpResult, Outcome, Reason, Rejection, ServerMessage, message::Outcomes};

use super::OpNo;
use crate::replica::Replaced;

/// Ends of the latest edits; the lowest numbers are forgotten first.
#[derive(Debug, Default)]
pub(super) struct RecentEnds(BTreeMap<OpNo, End>);

/// End of an edit, as far as it is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct End {
    /// As the server decided, where that is known.
    pub(super) decided: Option<Outcomes>,
    /// For good: nobody is to be asked any more, and it is not in the log.
    pub(super) is_settled: bool,
    /// The edit that began under this number is over, under whichever numbers.
    pub(super) is_over: bool,
}

impl End {
    /// True if the server applied the edit.
    pub(super) fn is_applied(&self) -> bool {
        let is_applied =
            |decided: &Outcomes| matches!(decided.results[..], [OpResult { outcome: Outcome::Applied { .. }, .. }]);
        self.decided.as_ref().is_some_and(is_applied)
    }

    /// Outcome as the server would say it again; `None` where it is not known.
    pub(super) fn outcome(&self) -> Option<ServerMessage> {
        self.decided.clone().map(ServerMessage::Outcomes)
    }
}

impl RecentEnds {
    /// Notes an outcome. One by which the server did not decide, or does not know any more how it did, is passed over.
    pub(super) fn note_decided(&mut self, decided: Outcomes, limit: usize) {
        let [OpResult { id, outcome }] = &decided.results[..] else { return };
        if let Outcome::Rejected(Rejection { reason, .. }) = outcome
            && (reason.is_retryable() || matches!(reason, Reason::AlreadySettled | Reason::OutOfOrder))
        {
            return;
        }
        let Some(n) = OpNo::new(id.n) else { return };
        self.0.entry(n).or_default().decided = Some(decided);
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

    /// A snapshot replaced a board, in the log of this epoch: that an edit was applied as some event of another one says
    /// nothing of it, nor of one from which it forked. It is over all the same.
    pub(super) fn handle_snapshot(&mut self, board: &BoardId, epoch: &Epoch, replaced: &Replaced) {
        for end in self.0.values_mut().filter(|end| end.is_applied()) {
            let is_there = |of: &Outcomes| !replaced.is_fork && of.at.as_ref().is_some_and(|at| at.epoch == *epoch);
            if end.decided.as_ref().is_some_and(|of| of.board == *board && !is_there(of)) {
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

//! The outbox as this tab sees it: where edits are kept, and which reads of it are under way.

use crate::StorageStatus;

/// State of the durable outbox.
#[derive(Debug)]
pub(super) struct Storage {
    /// Kind of storage, as the driver says.
    status: StorageStatus,
    /// Reason why the last edit could not be stored.
    problem: Option<String>,
    /// Requests for single edits that have no answer.
    unanswered: usize,
    /// Reads begun; the number of the last.
    started: u64,
    /// Reads answered.
    done: u64,
    /// True if another read follows the one under way, which may not show what was written since.
    is_wanted: bool,
}

/// End of a read of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) no: u64,
    /// True if the next read is to be asked for at once.
    pub(super) is_followed: bool,
}

impl Storage {
    /// Storage that is being read for the first time, as the engine begins.
    pub(super) fn new() -> Self {
        let status = StorageStatus::Persisted;
        Self { status, problem: None, unanswered: 0, started: 1, done: 0, is_wanted: false }
    }

    /// Notes where edits are kept from now on.
    pub(super) fn handle_status(&mut self, status: StorageStatus) {
        self.status = status;
        self.problem = None;
    }

    /// Place where edits are kept: what the driver says, or that the last one could not be stored.
    pub(super) fn status(&self) -> StorageStatus {
        match (&self.status, &self.problem) {
            (StorageStatus::Persisted, Some(reason)) => StorageStatus::MemoryOnly { reason: reason.clone() },
            (status, _) => status.clone(),
        }
    }

    /// Notes that something is asked of storage for one edit.
    pub(super) fn handle_asking(&mut self) {
        self.unanswered += 1;
    }

    /// Notes the answer to that.
    pub(super) fn handle_answer(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Notes whether an edit could be written; with the reason, if not.
    pub(super) fn handle_written(&mut self, problem: Option<String>) {
        self.problem = problem;
    }

    /// True if every edit of this tab has its answer.
    pub(super) fn is_answered(&self) -> bool {
        self.unanswered == 0
    }

    /// Begins a read, or wants one after that which is under way. Whether to ask for it now, and the number of the read
    /// that will show all that is there now.
    pub(super) fn start_read(&mut self) -> (bool, u64) {
        let is_idle = self.started == self.done;
        if is_idle {
            self.started += 1;
            (true, self.started)
        } else {
            self.is_wanted = true;
            (false, self.started + 1)
        }
    }

    /// Ends the read under way.
    pub(super) fn finish_read(&mut self) -> Read {
        self.done = self.started;
        let is_followed = std::mem::take(&mut self.is_wanted);
        if is_followed {
            self.started += 1;
        }
        Read { no: self.done, is_followed }
    }
}

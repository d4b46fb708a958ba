//! Timelines: the milestones of each edit, and their times.

use std::collections::BTreeMap;

use tideboard_shared::{BoardId, EntityId, Operation, Seq};

use crate::{Call, EditEnd, EditId, Input, Now, OpNo, Output, StoreReply, StoreRequest, config::DevtoolsConfig};

/// Way of an edit from the user's hand to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The edit.
    pub edit: EditId,
    /// Board of the edit.
    pub board: BoardId,
    /// Entity of the edit.
    pub entity: EntityId,
    /// Name of its action on the wire.
    pub action: &'static str,
    /// Steps, oldest first.
    pub steps: Vec<Step>,
    /// Steps that are not in `steps`, because it holds `devtools.max_steps`.
    pub left_out: usize,
}

/// Step of an edit's way.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Time of the step; the first time, if `times` is more than 1.
    pub at: Now,
    /// The last time.
    pub last_at: Now,
    /// Times in a row; more than 1 only for [`Milestone::Rebased`].
    pub times: usize,
    /// Milestone that was reached.
    pub milestone: Milestone,
}

/// Milestone of an edit's way.
#[derive(Debug, Clone, PartialEq)]
pub enum Milestone {
    /// The edit was made, and shows.
    Created,
    /// The edit was read from storage: an earlier run of this client made it.
    Restored,
    /// The edit is durable here and has its number.
    Stored {
        /// The number.
        n: OpNo,
    },
    /// The edit could not be stored and is kept in memory only.
    NotStored {
        /// Number that it has all the same.
        n: OpNo,
        /// Reason of the storage.
        reason: String,
    },
    /// The edit was sent.
    Submitted {
        /// Number under which it was sent.
        n: OpNo,
    },
    /// The server's answer arrived.
    Decided {
        /// `applied`, `conflict` or `rejected`.
        outcome: &'static str,
    },
    /// The edit's event arrived on the board.
    Confirmed {
        /// Position in the log.
        seq: Seq,
    },
    /// Others changed its entity: it was run again on top of that.
    Rebased,
    /// The edit goes on as a new operation, because the server will never accept the old one.
    Renumbered {
        /// The number that is given up.
        from: OpNo,
    },
    /// The outcome takes longer than `optimistic.operation_timeout`.
    Overdue,
    /// The user took it back after it was sent: its outcome decides how it ends.
    TakenBack,
    /// The edit came to its end.
    Ended(EditEnd),
}

/// The latest timelines.
#[derive(Debug)]
pub(super) struct Timelines {
    by_edit: BTreeMap<EditId, Timeline>,
    max_timelines: usize,
    max_steps: usize,
    has_changed: bool,
}

impl Timelines {
    pub(super) fn new(config: &DevtoolsConfig) -> Self {
        let max_timelines = config.max_timelines.get();
        let max_steps = config.max_steps.get();
        Self { by_edit: BTreeMap::new(), max_timelines, max_steps, has_changed: false }
    }

    pub(super) fn get(&self, id: EditId) -> Option<&Timeline> {
        self.by_edit.get(&id)
    }

    /// Oldest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = &Timeline> {
        self.by_edit.values()
    }

    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }

    pub(super) fn open(&mut self, edit: EditId, board: &BoardId, op: &Operation, milestone: Milestone, now: Now) {
        let board = board.clone();
        let entity = op.entity.clone();
        let action = op.action.name();
        self.by_edit.insert(edit, Timeline { edit, board, entity, action, steps: Vec::new(), left_out: 0 });
        if self.by_edit.len() > self.max_timelines {
            self.by_edit.pop_first();
        }
        self.note(edit, milestone, now);
    }

    /// Adds a step; the edit's end always finds room.
    pub(super) fn note(&mut self, id: EditId, milestone: Milestone, now: Now) {
        let Some(timeline) = self.by_edit.get_mut(&id) else { return };
        self.has_changed = true;
        let is_repeated = |last: &&mut Step| milestone == Milestone::Rebased && last.milestone == milestone;
        if let Some(last) = timeline.steps.last_mut().filter(is_repeated) {
            last.times += 1;
            last.last_at = now;
            return;
        }
        if timeline.steps.len() >= self.max_steps {
            timeline.left_out += 1;
            if !matches!(milestone, Milestone::Ended(_)) {
                return;
            }
            timeline.steps.pop();
        }
        timeline.steps.push(Step { at: now, last_at: now, times: 1, milestone });
    }

    pub(super) fn handle_call(&mut self, call: &Call, now: Now) {
        match call {
            Call::Input(Input::Stored(StoreReply::Appended { id, n })) => {
                self.note(*id, Milestone::Stored { n: *n }, now);
            }
            Call::Input(Input::Stored(StoreReply::AppendFailed { id, n, reason })) => {
                self.note(*id, Milestone::NotStored { n: *n, reason: reason.clone() }, now);
            }
            _ => {}
        }
    }

    pub(super) fn handle_output(&mut self, output: &Output, now: Now) {
        match output {
            // A first number it has when it goes on as another operation, and not when it only replaces another edit.
            Output::Store(StoreRequest::Append { id, replaces: Some(from), edit }) if edit.first.is_some() => {
                self.note(*id, Milestone::Renumbered { from: *from }, now);
            }
            Output::Overdue(id) => self.note(*id, Milestone::Overdue, now),
            Output::Ended { id, end } => self.note(*id, Milestone::Ended(end.clone()), now),
            _ => {}
        }
    }
}

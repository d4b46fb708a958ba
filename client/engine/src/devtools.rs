//! Tools for developers on a running engine: each edit's timeline, and a recording that replays exactly.
//!
//! In: every public call that changes the engine, every poll, every output, a few notes on an edit's way. Out:
//! [`Timeline`]s and a [`Recording`], both bounded. Never: anything at all while `features.devtools` is off; a token in
//! a recording; an effect on what the engine does.

mod recording;
#[cfg(test)]
mod tests;
mod timeline;

pub use recording::{Entry, FORMAT, Functions, Header, Recording, RecordingError, Replay};
pub use timeline::{Milestone, Step, Timeline};

use recording::Recorder;
pub(crate) use recording::token_of;
use tideboard_shared::{BoardId, Operation};
use timeline::Timelines;

use crate::{Call, Config, EditId, Identity, Now, Output};

/// The tools of one engine; `None` while they are switched off.
#[derive(Debug)]
pub(crate) struct Devtools(Option<Box<Tools>>);

#[derive(Debug)]
struct Tools {
    timelines: Timelines,
    recorder: Recorder,
    /// The time of the last call that had one.
    now: Now,
}

impl Devtools {
    pub(crate) fn new(config: &Config, identity: &Identity) -> Self {
        let tools = || Tools {
            timelines: Timelines::new(&config.devtools),
            recorder: Recorder::new(config, identity),
            now: Now::default(),
        };
        Self(config.features.devtools.then(|| Box::new(tools())))
    }

    /// A public call begins; `now` where it has a time.
    pub(crate) fn record(&mut self, now: Option<Now>, call: impl FnOnce() -> Call) {
        let Some(tools) = &mut self.0 else { return };
        tools.now = now.unwrap_or(tools.now);
        let call = call();
        tools.timelines.handle_call(&call, tools.now);
        tools.recorder.record(tools.now, call);
    }

    /// An edit begins.
    pub(crate) fn open(&mut self, id: EditId, board: &BoardId, op: &Operation, milestone: Milestone) {
        if let Some(tools) = &mut self.0 {
            tools.timelines.open(id, board, op, milestone, tools.now);
        }
    }

    /// An output was polled, or the end of them.
    pub(crate) fn handle_polled(&mut self, output: Option<&Output>) {
        let Some(tools) = &mut self.0 else { return };
        tools.recorder.handle_poll();
        if let Some(output) = output {
            tools.timelines.handle_output(output, tools.now);
        }
    }

    /// Notes a milestone that neither a call nor an output shows.
    pub(crate) fn note(&mut self, id: EditId, milestone: Milestone) {
        if let Some(tools) = &mut self.0 {
            tools.timelines.note(id, milestone, tools.now);
        }
    }

    /// Says whether a timeline has changed since the last call of this.
    pub(crate) fn take_changed(&mut self) -> bool {
        self.0.as_mut().is_some_and(|tools| tools.timelines.take_changed())
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn timeline(&self, id: EditId) -> Option<&Timeline> {
        self.0.as_ref()?.timelines.get(id)
    }

    pub(crate) fn timelines(&self) -> impl Iterator<Item = &Timeline> {
        self.0.iter().flat_map(|tools| tools.timelines.recent())
    }

    pub(crate) fn recording(&self) -> Option<Recording> {
        self.0.as_ref().map(|tools| tools.recorder.recording())
    }
}

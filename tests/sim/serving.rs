//! Actions of the server, carried out: things said to pages, tasks that reach the log, answers that reach a board.

use tideboard_room::{Failure, Input, Now};
use tideboard_shared::{OpResult, Outcome, Reason, ServerMessage, message::Outcomes};

use crate::{
    happening::Happening,
    invariant::{Checked, Invariant},
    log::{Condition, Task},
    server::{Act, Place, To},
    world::World,
};

/// Fate of an append whose answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unheard {
    /// The row is in the log.
    Written,
    /// Never written.
    NotWritten,
    /// Written after the node was told that the result is unknown.
    WrittenLater,
}

impl World {
    pub(crate) fn server_now(&self) -> Now {
        Now { mono: self.now, wall: self.wall() }
    }

    /// Carries out what the server does, in order.
    pub(crate) fn act(&mut self, acts: Vec<Act>) -> Checked {
        for act in acts {
            match act {
                Act::Say(To::Impostor, messages) => check_impostor(&messages)?,
                Act::Say(to, messages) => {
                    self.check_answer(&messages)?;
                    self.note_forgotten(&messages);
                    self.send(to, messages)?;
                }
                Act::Close(link, code) => self.after(1, Happening::Close(link, code.code())),
                Act::Fail(job, status) => self.post_failed(job.page, job.id, Some(status)),
                Act::WakeAt(place, at) => self.at(at, Happening::WakeBoard(place)),
                Act::Log(place, task) => {
                    let delay = if self.is_log_slow { self.rng.u64(1..4_000) } else { self.rng.u64(1..40) };
                    self.after(delay, Happening::Log(place, task));
                }
            }
        }
        Ok(())
    }

    /// Of what the server has forgotten, the user decides.
    fn note_forgotten(&mut self, messages: &[ServerMessage]) {
        for message in messages {
            let ServerMessage::Outcomes(Outcomes { board, results, .. }) = message else { continue };
            let Some(log) = self.server.logs.get_mut(board) else { continue };
            for OpResult { id, outcome } in results {
                if matches!(outcome, Outcome::Rejected(why) if why.reason == Reason::UnknownClient) {
                    log.chronicle.note_forgotten(id);
                }
            }
        }
    }

    pub(crate) fn tell_board(&mut self, place: &Place, input: Input<To>) -> Checked {
        let acts = self.server.input(place, input, self.server_now())?;
        self.act(acts)
    }

    /// A task reaches the log, and its answer is on the way back.
    pub(crate) fn reach_log(&mut self, place: Place, task: Task) -> Checked {
        let is_there = self.server.is_at(&place);
        let task = match task {
            // What was on its way when its node died may have arrived, or may still.
            Task::Append(row) if !is_there && self.rng.bool() => Task::AppendUnheard(row),
            Task::AppendUnheard(row) => Task::AppendUnheard(row),
            _ if !is_there => return Ok(()),
            Task::Append(row) if self.is_unheard() => {
                self.says(place.clone(), Input::AppendFailed(Failure::Unknown));
                match [Unheard::Written, Unheard::NotWritten, Unheard::WrittenLater][self.rng.usize(..3)] {
                    Unheard::Written => Task::AppendUnheard(row),
                    Unheard::NotWritten => return Ok(()),
                    Unheard::WrittenLater => {
                        let delay = self.rng.u64(1..400);
                        self.after(delay, Happening::Log(place, Task::AppendUnheard(row)));
                        return Ok(());
                    }
                }
            }
            task => task,
        };
        let is_heard = !matches!(task, Task::AppendUnheard(_));
        let log = self.server.logs.get_mut(&place.board).expect("every board has a log");
        let before = log.last();
        let answer = log.handle(task, self.server.log_condition);
        let last = log.last();
        if last > before {
            // Whoever has the board in memory is told, sooner or later.
            for place in self.server.places(&place.board) {
                let delay = self.rng.u64(1..=self.storm.server.follow_ms);
                self.after(delay, Happening::LogSays(place, Input::LogAt(last).into()));
            }
        }
        if is_heard {
            self.says(place, answer);
        }
        Ok(())
    }

    fn is_unheard(&mut self) -> bool {
        match self.server.log_condition {
            Condition::Sound => self.chance(self.storm.server.log_unknown),
            Condition::Away => self.rng.bool(),
            Condition::Full => false,
        }
    }

    fn says(&mut self, place: Place, answer: Input<To>) {
        let delay = self.rng.u64(1..10);
        self.after(delay, Happening::LogSays(place, answer.into()));
    }
}

/// Checks that another machine than the client's own is told nothing of what became of the client's operations.
fn check_impostor(messages: &[ServerMessage]) -> Checked {
    let results = messages.iter().filter_map(|message| match message {
        ServerMessage::Outcomes(outcomes) => Some(&outcomes.results),
        _ => None,
    });
    for result in results.flatten() {
        let is_refused = matches!(result.outcome, Outcome::Rejected(_));
        Invariant::Owner.holds(is_refused, || format!("somebody else's {} is answered: {result:?}", result.id))?;
    }
    Ok(())
}

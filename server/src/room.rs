//! Driver of one board's [`Machine`], which decides what is done and in which order.
//!
//! In: a mailbox, the log's answers, the time. Out: orders to the log, answers to those who asked, frames to the
//! workers of readers. Never: a decision of its own, or more mail than the machine and the mailbox hold.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{BoxStream, FuturesUnordered},
};
use tideboard_room::{Answer, Input, LogRow, Machine, Mail, Now, Output, RoomState, RowNo, Submission, unavailable};
use tideboard_shared::{BoardId, Channel, DeniedReason, OpResult, Position, ServerMessage, message::Outcomes};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    clock,
    fanout::{Address, Readers, SessionKey, SubscribeRequest, ToWorker, WorkerHandle, frame, held::SharedSnapshot},
    log::{Log, LogError},
    metrics::Metrics,
    rooms::Place,
};

/// Most messages waiting for one board. Sessions wait when it is full, and so do their clients.
const WAITING_MESSAGES: usize = 1_024;
/// Most messages that are handed to the machine at once.
const MESSAGES_AT_ONCE: usize = 256;

/// Receiver of an answer.
#[derive(Debug)]
pub(crate) enum To {
    /// Socket that gets outcomes.
    Socket(Address),
    /// Socket that becomes a reader.
    Subscriber(SubscribeRequest),
    /// Request that waits.
    Caller(oneshot::Sender<Answer>),
}

/// Author of a message, and when it came. A socket whose message is dropped without an answer, by a room that panics or has
/// ended, is closed: it comes back and asks again.
#[derive(Debug)]
pub(crate) struct Asker {
    /// `None` once it is answered.
    to: Option<To>,
    since: Instant,
}

impl Asker {
    /// Asker whose message comes now.
    pub(crate) fn now(to: To) -> Self {
        Self { to: Some(to), since: Instant::now() }
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        match self.to.take() {
            Some(To::Socket(address)) => address.cut(),
            // These see to it by themselves.
            Some(To::Subscriber(_) | To::Caller(_)) | None => {}
        }
    }
}

/// Message in a room's mailbox.
#[derive(Debug)]
enum ToRoom {
    Mail(Mail<Asker>),
    /// Finish what waits, then end.
    Close(oneshot::Sender<()>),
}

/// Messages that wait for a room.
#[derive(Debug)]
pub(crate) struct Mailbox(mpsc::Receiver<ToRoom>);

impl Mailbox {
    /// Says whether nothing waits and nobody but the registry can send.
    pub(crate) fn is_unused(&self) -> bool {
        self.0.is_empty() && self.0.sender_strong_count() == 1
    }
}

/// Way to one room.
#[derive(Debug, Clone)]
pub(crate) struct RoomHandle(mpsc::Sender<ToRoom>);

impl RoomHandle {
    /// A handle and the mailbox that it leads to.
    pub(crate) fn new() -> (Self, Mailbox) {
        let (sender, mailbox) = mpsc::channel(WAITING_MESSAGES);
        (Self(sender), Mailbox(mailbox))
    }

    /// Waits for a place in the mailbox. A room that has ended drops the message, and with it whoever waits for it.
    pub(crate) async fn tell(&self, mail: Mail<Asker>) {
        let _ = self.0.send(ToRoom::Mail(mail)).await;
    }

    /// Asks and waits for the answer.
    pub(crate) async fn ask(&self, mail: impl FnOnce(Asker) -> Mail<Asker>) -> Answer {
        let (caller, answer) = oneshot::channel();
        self.tell(mail(Asker::now(To::Caller(caller)))).await;
        answer.await.unwrap_or(Answer::Unavailable)
    }

    /// Decides operations and waits for their durable outcomes, and for the position of the board with them.
    pub(crate) async fn submit(&self, submission: Submission) -> (Option<Position>, Vec<OpResult>) {
        let ids: Vec<_> = submission.ops.iter().map(|op| op.id.clone()).collect();
        match self.ask(|from| Mail::Submit { from, submission }).await {
            Answer::Outcomes { at, results } => (Some(at), results),
            Answer::Welcome(_) | Answer::Missed(_) | Answer::Board(_) | Answer::Unavailable => {
                let outcome = unavailable("the server is going away");
                (None, ids.into_iter().map(|id| OpResult { id, outcome: outcome.clone() }).collect())
            }
        }
    }

    /// Lets the room finish what waits, and waits for its end.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.send(ToRoom::Close(done)).await.is_ok() {
            // An error says that the room has ended, too.
            let _ = closed.await;
        }
    }
}

/// A machine with a mailbox, a log and readers.
#[derive(Debug)]
pub(crate) struct Room {
    board: BoardId,
    channel: Channel,
    machine: Machine<Asker>,
    log: Arc<dyn Log>,
    /// Events before a snapshot that the log has to keep.
    keep_events: usize,
    metrics: Arc<Metrics>,
    readers: Readers,
    /// What readers of one position share.
    snapshot: SharedSnapshot,
    /// Outcomes that go to sockets together, by worker.
    outcomes: HashMap<usize, (WorkerHandle, Vec<(SessionKey, Bytes)>)>,
    /// Orders to the log that it has not answered.
    orders: FuturesUnordered<BoxFuture<'static, Input<Asker>>>,
    /// Origin of the machine's time.
    start: Instant,
    timeout: Option<Instant>,
}

impl Room {
    pub(crate) fn new(state: RoomState, log: Arc<dyn Log>, keep_events: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            board: state.id().clone(),
            channel: Channel::Board(state.id().clone()),
            machine: Machine::new(state),
            log,
            keep_events,
            metrics,
            readers: Readers::default(),
            snapshot: SharedSnapshot::default(),
            outcomes: HashMap::new(),
            orders: FuturesUnordered::new(),
            start: Instant::now(),
            timeout: None,
        }
    }

    /// Works until told to close, or until the board is idle and has left its place. `rows` says how far the log has
    /// come.
    pub(crate) async fn run(mut self, mut mailbox: Mailbox, mut rows: BoxStream<'static, RowNo>, place: Arc<Place>) {
        let mut waiting = Vec::new();
        let mut closing = Vec::new();
        let mut is_open = true;
        'work: loop {
            while let Some(output) = self.machine.poll_output() {
                match output {
                    Output::Idle if self.readers.is_empty() && place.leave(&mailbox) => break 'work,
                    Output::Damaged(error) => place.set_aside(&self.board, &error).await,
                    Output::Closed => break 'work,
                    other => self.act(other).await,
                }
            }
            self.send_outcomes().await;
            let timeout = self.timeout;
            tokio::select! {
                Some(answer) = self.orders.next() => self.handle(answer),
                Some(last) = rows.next() => self.handle(Input::LogAt(last)),
                count = mailbox.0.recv_many(&mut waiting, MESSAGES_AT_ONCE), if is_open && !self.machine.is_full() => {
                    if count == 0 {
                        is_open = false;
                        self.handle(Input::Close);
                    }
                    for message in waiting.drain(..) {
                        match message {
                            ToRoom::Mail(mail) => self.handle(Input::Mail(mail)),
                            // What was sent before is still handed in.
                            ToRoom::Close(done) => {
                                mailbox.0.close();
                                closing.push(done);
                            }
                        }
                    }
                }
                () = sleep_until(timeout) => {
                    self.timeout = None;
                    self.handle(Input::Timeout);
                }
            }
        }
        self.send_outcomes().await;
        for done in closing {
            let _ = done.send(());
        }
    }

    fn handle(&mut self, input: Input<Asker>) {
        self.machine.handle(input, Now { mono: self.start.elapsed(), wall: clock::now() });
    }

    async fn act(&mut self, output: Output<Asker>) {
        match output {
            Output::Append(row) => self.append(row),
            Output::CatchUp { after } => self.catch_up(after),
            Output::Load => self.load(),
            Output::Snapshot(snapshot) => {
                let keep_events = self.keep_events;
                self.order(async move |log, board| {
                    if let Err(error) = log.snapshot(&board, snapshot, keep_events).await {
                        tracing::warn!(%board, %error, "snapshot failed");
                    }
                    Input::SnapshotEnded
                });
            }
            Output::Answer { to, answer } => self.answer(to, answer).await,
            Output::Broadcast { events, check, since } => {
                self.send_outcomes().await;
                self.broadcast(ServerMessage::Updates { board: self.board.clone(), check, events }, Some(since)).await;
            }
            Output::Dismiss => {
                tracing::error!(board = %self.board, "the log was put back while the board was open");
                let channel = self.channel.to_string();
                let denied = ServerMessage::Denied { channel, reason: DeniedReason::Unavailable };
                self.broadcast(denied, None).await;
            }
            Output::Timeout(at) => self.timeout = Some(self.start + at),
            // Acted on where the room can end.
            Output::Idle | Output::Damaged(_) | Output::Closed => {}
        }
    }

    fn order<F: Future<Output = Input<Asker>> + Send + 'static>(&self, order: impl FnOnce(Arc<dyn Log>, BoardId) -> F) {
        self.orders.push(order(Arc::clone(&self.log), self.board.clone()).boxed());
    }

    fn append(&self, row: Arc<LogRow>) {
        self.order(async move |log, board| match log.append(&board, &row).await {
            Ok(()) => {
                for event in &row.events {
                    tracing::debug!(op = %event.op.id, %board, seq = %event.seq, "committed");
                }
                Input::Appended
            }
            Err(error) => {
                tracing::error!(%board, row = %row.no, %error, "append failed");
                Input::AppendFailed(error.of_append())
            }
        });
    }

    fn catch_up(&self, after: RowNo) {
        self.order(async move |log, board| match log.rows_after(&board, after).await {
            Ok(rows) => Input::RowsElsewhere(rows),
            Err(LogError::RowsGone { .. }) => Input::RowsGone,
            Err(error) => {
                tracing::error!(%board, %error, "the log cannot be read");
                Input::ReadFailed
            }
        });
    }

    fn load(&self) {
        let resume_events = self.machine.state().config().retain_events;
        self.order(async move |log, board| match log.load(&board, resume_events).await {
            Ok(Some(stored)) => Input::Loaded(Box::new(stored)),
            Ok(None) => {
                tracing::error!(%board, "the log has lost this board");
                Input::ReadFailed
            }
            Err(error) => {
                tracing::error!(%board, %error, "the log cannot be read");
                Input::ReadFailed
            }
        });
    }

    async fn answer(&mut self, mut asker: Asker, answer: Answer) {
        let Some(to) = asker.to.take() else { return };
        if let Answer::Outcomes { results, .. } = &answer {
            self.metrics.decided(results);
            self.metrics.commit().record(asker.since.elapsed());
        }
        match (to, answer) {
            (To::Caller(caller), answer) => drop(caller.send(answer)),
            (To::Socket(Address { worker, key }), Answer::Outcomes { at, results }) => {
                let outcomes = Outcomes { board: self.board.clone(), at: Some(at), results };
                let frame = frame::message(&ServerMessage::Outcomes(outcomes));
                self.outcomes.entry(worker.id()).or_insert_with(|| (worker, Vec::new())).1.push((key, frame));
            }
            (To::Subscriber(request), Answer::Welcome(messages)) => {
                self.send_outcomes().await;
                let guard = self.readers.guard(&request.address.worker);
                request.grant(messages, &mut self.snapshot, guard).await;
            }
            (To::Subscriber(request), _) => request.deny(DeniedReason::Unavailable).await,
            // Sockets as such only submit.
            (To::Socket(_), _) => {}
        }
    }

    /// Sends outcomes to their authors, one message to each worker.
    async fn send_outcomes(&mut self) {
        for (worker, frames) in std::mem::take(&mut self.outcomes).into_values() {
            worker.send(ToWorker::Direct(frames)).await;
        }
    }

    async fn broadcast(&mut self, message: ServerMessage, since: Option<Duration>) {
        if !self.readers.is_empty() {
            self.metrics.broadcast();
            let since = since.map(|since| (self.start + since).into_std());
            self.readers.broadcast(&self.channel, &frame::message(&message), since).await;
        }
    }
}

async fn sleep_until(timeout: Option<Instant>) {
    match timeout {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;

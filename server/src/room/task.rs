//! The loop of one board: drain the mailbox, decide as one batch, commit, then tell.
//!
//! In: the mailbox. Out: answers and frames to workers. While a commit is awaited the mailbox fills, and all of it goes
//! into the next one. Never: an outcome or an update before its row is in the log; less than [`FLUSH_GAP`] between two
//! `updates`; a reader that gets an event before its snapshot.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant as Clock},
};

use bytes::Bytes;
use tideboard_room::{Decision, RoomConfig, RoomState, RowNo, Submission};
use tideboard_shared::{BoardId, Channel, DeniedReason, OpId, OpResult, Position, Seq, ServerMessage, message::Event};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{ReplyTo, ToRoom, unavailable};
use crate::{
    clock,
    fanout::{Address, Readers, SessionKey, ToWorker, WorkerHandle, frame},
    log::Log,
    metrics::Metrics,
};

/// Operations of one commit, beyond which no further message is taken in.
const OPS_PER_COMMIT: usize = 1_024;
/// Least time between two `updates`. A browser paints no faster, and under load fewer sends are the only lever.
const FLUSH_GAP: Duration = Duration::from_millis(16);
/// Most events in one `updates`.
const EVENTS_PER_UPDATE: usize = 512;

/// What every room of a server shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoomSettings {
    /// Limits of memory, and durability.
    pub(crate) room: RoomConfig,
    /// A snapshot is taken after so many rows or events.
    pub(crate) snapshot_every: u64,
    /// The log can show the board at each of so many last events.
    pub(crate) keep_events: usize,
}

/// A board, its readers and what they have not been told yet.
#[derive(Debug)]
pub(super) struct Room {
    board: BoardId,
    channel: Channel,
    log: Arc<dyn Log>,
    settings: RoomSettings,
    metrics: Arc<Metrics>,
    /// `None` after a commit failed, until the log could be read again.
    state: Option<RoomState>,
    readers: Readers,
    pending: Vec<Event>,
    /// When the first of them was durable.
    pending_since: Option<Clock>,
    last_flush: Option<Instant>,
    /// The last event that was durable when it was last known.
    durable: Position,
    snapshot_at: (RowNo, Seq),
    snapshot: Option<tokio::task::JoinHandle<()>>,
}

/// Who gets the results of a submission, and since when they wait for them.
#[derive(Debug)]
struct Asked {
    reply: ReplyTo,
    received: Clock,
}

/// What is worked on together. Everything in it is handled in the order in which it came.
#[derive(Debug, Default)]
struct Mail {
    /// Asked before the first submission.
    before: Vec<ToRoom>,
    submissions: Vec<Submission>,
    replies: Vec<Asked>,
    ops: usize,
    /// Asked after the submissions, so answered once they are decided. Nothing is taken in after it.
    after: Option<ToRoom>,
}

impl Mail {
    /// Takes what waits, without waiting.
    fn collect(first: ToRoom, mailbox: &mut mpsc::Receiver<ToRoom>) -> Self {
        let mut mail = Self::default();
        mail.add(first);
        while mail.ops < OPS_PER_COMMIT
            && mail.after.is_none()
            && let Ok(message) = mailbox.try_recv()
        {
            mail.add(message);
        }
        mail
    }

    fn add(&mut self, message: ToRoom) {
        match message {
            ToRoom::Submit { submission, reply, received } => {
                self.ops += submission.ops.len();
                self.submissions.push(submission);
                self.replies.push(Asked { reply, received });
            }
            other if self.submissions.is_empty() => self.before.push(other),
            other => self.after = Some(other),
        }
    }
}

impl Room {
    pub(super) fn new(state: RoomState, log: Arc<dyn Log>, settings: RoomSettings, metrics: Arc<Metrics>) -> Self {
        let durable = Position { epoch: state.epoch().clone(), seq: state.seq() };
        Self {
            board: state.id().clone(),
            channel: Channel::Board(state.id().clone()),
            log,
            settings,
            metrics,
            snapshot_at: (state.row(), state.seq()),
            state: Some(state),
            readers: Readers::default(),
            pending: Vec::new(),
            pending_since: None,
            last_flush: None,
            durable,
            snapshot: None,
        }
    }

    /// Works until told to close or until nobody can reach it any more.
    pub(super) async fn run(mut self, mut mailbox: mpsc::Receiver<ToRoom>) {
        loop {
            let Some(first) = self.next(&mut mailbox).await else { break };
            let closing = self.work(Mail::collect(first, &mut mailbox)).await;
            if let Some(reply) = closing {
                mailbox.close();
                self.finish(&mut mailbox).await;
                let _ = reply.send(());
                break;
            }
        }
    }

    /// The next message; meanwhile flushes updates when their time has come.
    async fn next(&mut self, mailbox: &mut mpsc::Receiver<ToRoom>) -> Option<ToRoom> {
        loop {
            let Some(due) = self.flush_due() else { return mailbox.recv().await };
            match tokio::time::timeout_at(due, mailbox.recv()).await {
                Ok(message) => return message,
                Err(_) => self.flush().await,
            }
        }
    }

    async fn work(&mut self, mail: Mail) -> Option<oneshot::Sender<()>> {
        self.recover().await;
        let mut closing = None;
        for message in mail.before {
            closing = self.answer(message).await.or(closing);
        }
        if !mail.submissions.is_empty() {
            self.commit(mail.submissions, mail.replies).await;
        }
        if let Some(message) = mail.after {
            closing = self.answer(message).await.or(closing);
        }
        if self.flush_due().is_some_and(|due| due <= Instant::now()) {
            self.flush().await;
        }
        closing
    }

    /// What was sent before the room closed is still decided.
    async fn finish(&mut self, mailbox: &mut mpsc::Receiver<ToRoom>) {
        while let Some(first) = mailbox.recv().await {
            self.work(Mail::collect(first, mailbox)).await;
        }
        self.flush().await;
        if let Some(snapshot) = self.snapshot.take() {
            let _ = snapshot.await;
        }
    }

    /// Answers what is no submission. Returns whom to tell when the room has closed.
    async fn answer(&mut self, message: ToRoom) -> Option<oneshot::Sender<()>> {
        match (message, &self.state) {
            (ToRoom::Close { reply }, _) => return Some(reply),
            (ToRoom::Subscribe { wish, .. }, None) => wish.deny(DeniedReason::Unavailable).await,
            (ToRoom::Subscribe { wish, client, since }, Some(state)) => {
                let messages = state.subscribe(since.as_ref(), &client);
                // What this reader is told includes every event so far, so they have to be out before it joins.
                self.flush().await;
                let token = self.readers.token(&wish.address.worker);
                wish.grant(&messages, token).await;
            }
            (ToRoom::CatchUp { client, since, reply }, Some(state)) => {
                drop(reply.send(state.subscribe(since.as_ref(), &client)));
            }
            (ToRoom::Read { reply }, Some(state)) => drop(reply.send(state.reply())),
            // Whoever waits for an answer learns of it by the dropped reply.
            (ToRoom::CatchUp { .. } | ToRoom::Read { .. } | ToRoom::Submit { .. }, _) => {}
        }
        None
    }

    async fn commit(&mut self, submissions: Vec<Submission>, replies: Vec<Asked>) {
        let ids: Vec<Vec<_>> =
            submissions.iter().map(|submission| submission.ops.iter().map(|op| op.id.clone()).collect()).collect();
        let Some(state) = &mut self.state else {
            return self.refuse(ids, replies).await;
        };
        let decision = state.decide(&submissions, clock::now());
        let row = decision.row.clone();
        if let Some(row) = &row
            && let Err(error) = self.log.append(&self.board, row).await
        {
            tracing::error!(board = %self.board, row = %row.no, %error, "commit failed; reading the log again");
            self.state = None;
            self.refuse(ids, replies).await;
            return self.recover().await;
        }
        state.commit(&decision);
        self.committed(decision, replies).await;
    }

    async fn committed(&mut self, decision: Decision, replies: Vec<Asked>) {
        for event in decision.events() {
            tracing::debug!(op = %event.op.id, board = %self.board, seq = %event.seq, "committed");
        }
        if self.pending.is_empty() {
            self.pending_since = Some(Clock::now());
        }
        self.pending.extend_from_slice(decision.events());
        if let Some(event) = self.pending.last() {
            self.durable.seq = event.seq;
        }
        self.metrics.decided(&decision.results);
        self.reply(decision.results, replies).await;
        self.take_snapshot();
    }

    async fn refuse(&self, ids: Vec<Vec<OpId>>, replies: Vec<Asked>) {
        let result = |id| OpResult { id, outcome: unavailable("the operation could not be stored") };
        self.reply(ids.into_iter().map(|ids| ids.into_iter().map(result).collect()).collect(), replies).await;
    }

    /// Sends results to their authors, one message to each worker.
    async fn reply(&self, results: Vec<Vec<OpResult>>, replies: Vec<Asked>) {
        let mut direct: HashMap<usize, (WorkerHandle, Vec<(SessionKey, Bytes)>)> = HashMap::new();
        let mut waited = Vec::with_capacity(replies.len());
        for (results, Asked { reply, received }) in results.into_iter().zip(replies) {
            waited.push(received);
            match reply {
                ReplyTo::Caller(caller) => drop(caller.send(results)),
                ReplyTo::Socket(Address { worker, key }) => {
                    let frame = frame::message(&ServerMessage::Outcomes { board: self.board.clone(), results });
                    direct.entry(worker.id()).or_insert_with(|| (worker, Vec::new())).1.push((key, frame));
                }
            }
        }
        for (worker, frames) in direct.into_values() {
            worker.send(ToWorker::Direct(frames)).await;
        }
        let now = Clock::now();
        for received in waited {
            self.metrics.commit().record(now.saturating_duration_since(received));
        }
    }

    fn flush_due(&self) -> Option<Instant> {
        if self.pending.is_empty() {
            return None;
        }
        // The first event after a quiet time leaves at once; only then is there anything to wait for.
        Some(self.last_flush.map_or_else(Instant::now, |last| last + FLUSH_GAP))
    }

    async fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut events = std::mem::take(&mut self.pending);
        let since = self.pending_since.take();
        if !self.readers.is_empty() {
            self.last_flush = Some(Instant::now());
            while !events.is_empty() {
                let rest = events.split_off(events.len().min(EVENTS_PER_UPDATE));
                let updates = ServerMessage::Updates { board: self.board.clone(), events };
                let frame = frame::message(&updates);
                self.metrics.broadcast();
                self.readers.broadcast(&self.channel, &frame, since).await;
                events = rest;
            }
        }
    }

    /// After a failed commit: what is in the log now is the truth, and readers get what they have not seen of it.
    async fn recover(&mut self) {
        if self.state.is_some() {
            return;
        }
        let stored = match self.log.load(&self.board, self.settings.room.retain_events).await {
            Ok(Some(stored)) => stored,
            Ok(None) => return tracing::error!(board = %self.board, "the log has lost this board"),
            Err(error) => return tracing::error!(board = %self.board, %error, "the log cannot be read"),
        };
        match RoomState::restore(self.board.clone(), self.settings.room, stored) {
            Ok(state) => {
                // Where they are not all there, readers will see the hole in `seq` and resync by themselves.
                self.pending.extend(state.events_since(&self.durable).unwrap_or_default());
                self.durable.seq = state.seq();
                self.state = Some(state);
            }
            Err(error) => tracing::error!(board = %self.board, %error, "the log cannot be replayed"),
        }
    }

    fn take_snapshot(&mut self) {
        let Some(state) = &self.state else { return };
        let (row, seq) = self.snapshot_at;
        let grown = (state.row().0 - row.0).max(state.seq().0 - seq.0);
        if grown < self.settings.snapshot_every || self.snapshot.as_ref().is_some_and(|running| !running.is_finished())
        {
            return;
        }
        self.snapshot_at = (state.row(), state.seq());
        let (log, board, snapshot) = (Arc::clone(&self.log), self.board.clone(), state.snapshot());
        let keep = self.settings.keep_events;
        self.snapshot = Some(tokio::spawn(async move {
            // Without it nothing is lost, the log only stays longer; the next one will do.
            if let Err(error) = log.snapshot(&board, snapshot, keep).await {
                tracing::warn!(%board, %error, "snapshot failed");
            }
        }));
    }
}

#[cfg(test)]
mod tests;

//! The server as the client sees it: sessions and one room, around the real `room::state`, over a log of rows.
//!
//! It keeps the real room task's rules: one batch at a time, nothing answered or broadcast before its row is in the log,
//! subscribers answered between commits, the state thrown away when a write fails.

use std::{collections::BTreeMap, sync::Arc};

use tideboard_server::room::state::{LogRow, RoomConfig, RoomState, Stored, StoredSnapshot, Submission};
use tideboard_shared::{
    Board, BoardId, Channel, ClientId, ClientMessage, Durability, Epoch, OpResult, Outcome, PROTOCOL, Position, Reason,
    Rejection, Rights, Seq, ServerMessage, UnixMs, WireLimits, decode_client,
    message::{Auth, Submit, Welcome},
};

use crate::network::LinkId;

/// The room remembers so few events that resuming sometimes needs a snapshot.
const RETAIN_EVENTS: usize = 40;
/// A snapshot is stored, and rows before it dropped, every so many rows.
const SNAPSHOT_EVERY: u64 = 25;

/// A frame for a connection.
pub(crate) type Reply = (LinkId, ServerMessage);

/// What survives a crash.
#[derive(Debug)]
struct Disk {
    epoch: Epoch,
    snapshot: Option<StoredSnapshot>,
    rows: Vec<LogRow>,
}

/// A batch between decision and commit.
#[derive(Debug)]
struct Commit {
    row: Option<Arc<LogRow>>,
    replies: Vec<Reply>,
}

#[derive(Debug)]
struct Session {
    client: Option<ClientId>,
    is_subscribed: bool,
}

#[derive(Debug)]
pub(crate) struct Server {
    disk: Disk,
    state: RoomState,
    sessions: BTreeMap<LinkId, Session>,
    /// What waits for the room, in order.
    submits: Vec<(LinkId, Submit)>,
    subscribes: Vec<(LinkId, Option<Position>)>,
    commit: Option<Commit>,
    pub(crate) is_up: bool,
    pub(crate) is_log_failing: bool,
    /// Every row that was ever durable, for the invariants; the disk may have dropped it since.
    pub(crate) history: Vec<LogRow>,
    /// The board after each event.
    pub(crate) boards: Vec<Board>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let epoch = Epoch::from("e_sim");
        let disk = Disk { epoch: epoch.clone(), snapshot: None, rows: Vec::new() };
        Self {
            disk,
            state: RoomState::new(board(), epoch, config()),
            sessions: BTreeMap::new(),
            submits: Vec::new(),
            subscribes: Vec::new(),
            commit: None,
            is_up: true,
            is_log_failing: false,
            history: Vec::new(),
            boards: vec![Board::default()],
        }
    }

    pub(crate) fn handle_opened(&mut self, link: LinkId, now: UnixMs) -> Vec<Reply> {
        self.sessions.insert(link, Session { client: None, is_subscribed: false });
        let welcome = Welcome {
            protocol: PROTOCOL,
            server_time: now,
            heartbeat_ms: 30_000,
            limits: WireLimits { ops_per_submit: 5, ..WireLimits::default() },
            durability: Durability::Fsynced,
            auth: Auth::Optional,
            build: "sim".into(),
        };
        vec![(link, ServerMessage::Welcome(welcome))]
    }

    pub(crate) fn handle_closed(&mut self, link: LinkId) {
        self.sessions.remove(&link);
    }

    pub(crate) fn handle_frame(&mut self, link: LinkId, frame: &str, now: UnixMs) -> Vec<Reply> {
        let messages = decode_client(frame).expect("the engine writes sound frames");
        let mut replies = Vec::new();
        for message in messages {
            let Some(session) = self.sessions.get_mut(&link) else { break };
            match message.expect("the engine writes sound messages") {
                ClientMessage::Hello(hello) => {
                    session.client = Some(hello.client);
                    let (session, user) = (format!("s_{}", link.0).into(), "sim".into());
                    replies.push((link, ServerMessage::Ready { session, user, rights: Rights::default() }));
                }
                ClientMessage::Subscribe(subscribe) => {
                    assert_eq!(subscribe.channel, Channel::Board(board()));
                    self.subscribes.push((link, subscribe.since));
                }
                ClientMessage::Submit(submit) => self.submits.push((link, submit)),
                ClientMessage::Ping { t } => replies.push((link, ServerMessage::Pong { t, server_time: now })),
                other => panic!("the simulation does not expect {other:?}"),
            }
        }
        replies
    }

    /// Whether a batch waits and none is being committed.
    pub(crate) fn has_work(&self) -> bool {
        self.is_up && self.commit.is_none() && !(self.submits.is_empty() && self.subscribes.is_empty())
    }

    /// Answers subscribers, decides what waits as one batch, and starts its commit.
    pub(crate) fn begin_batch(&mut self, now: UnixMs) -> Vec<Reply> {
        let mut replies = Vec::new();
        for (link, since) in std::mem::take(&mut self.subscribes) {
            let Some(session) = self.sessions.get_mut(&link) else { continue };
            let Some(client) = &session.client else { continue };
            session.is_subscribed = true;
            replies.extend(self.state.subscribe(since.as_ref(), client).into_iter().map(|message| (link, message)));
        }
        let submits: Vec<_> = std::mem::take(&mut self.submits)
            .into_iter()
            .filter_map(|(link, submit)| Some((link, self.sessions.get(&link)?.client.clone()?, submit)))
            .collect();
        let batch = submits.iter().map(|(_, client, submit)| Submission {
            client: client.clone(),
            user: client.to_string(),
            settled_through: submit.settled_through,
            ops: submit.ops.clone(),
        });
        let decision = self.state.decide(batch.collect(), now);
        let outcomes = submits
            .into_iter()
            .zip(decision.results)
            .map(|((link, _, submit), results)| (link, ServerMessage::Outcomes { board: submit.board, results }));
        self.commit = Some(Commit { row: decision.row, replies: outcomes.collect() });
        replies
    }

    /// The row reaches the disk; only now does anybody hear of it.
    pub(crate) fn end_batch(&mut self) -> Vec<Reply> {
        let Some(mut commit) = self.commit.take() else { return Vec::new() };
        let Some(row) = commit.row else { return commit.replies };
        if self.is_log_failing {
            self.restore();
            commit.replies.iter_mut().for_each(|(_, message)| make_unavailable(message));
            return commit.replies;
        }
        self.write(&row);
        if !row.events.is_empty() {
            let updates = ServerMessage::Updates { board: board(), events: row.events.clone() };
            let subscribed = self.sessions.iter().filter(|(_, session)| session.is_subscribed);
            commit.replies.extend(subscribed.map(|(link, _)| (*link, updates.clone())));
        }
        commit.replies
    }

    /// Kills the process. `is_committed` says whether the batch under way had reached the disk.
    pub(crate) fn crash(&mut self, is_committed: bool) {
        if let Some(row) = self.commit.take().and_then(|commit| commit.row).filter(|_| is_committed) {
            self.write(&row);
        }
        self.sessions.clear();
        self.submits.clear();
        self.subscribes.clear();
        self.is_up = false;
    }

    pub(crate) fn start(&mut self) {
        self.restore();
        self.is_up = true;
    }

    pub(crate) fn seq(&self) -> Seq {
        Seq(self.boards.len() as u64 - 1)
    }

    fn write(&mut self, row: &LogRow) {
        for event in &row.events {
            let mut board = self.boards.last().expect("there is always the empty board").clone();
            board.apply(&event.op, event.seq).expect("the room accepted it on this very board");
            self.boards.push(board);
        }
        self.history.push(row.clone());
        self.disk.rows.push(row.clone());
        if row.no.is_multiple_of(SNAPSHOT_EVERY) {
            self.disk.snapshot = Some(self.state.snapshot());
            self.disk.rows.retain(|old| old.no + SNAPSHOT_EVERY > row.no);
        }
    }

    fn restore(&mut self) {
        let Disk { epoch, snapshot, rows } = &self.disk;
        let stored = Stored { epoch: epoch.clone(), snapshot: snapshot.clone(), rows: rows.clone() };
        self.state = RoomState::restore(board(), config(), stored).expect("the log is whole");
    }
}

/// The one board.
pub(crate) fn board() -> BoardId {
    "main".parse().expect("a board name")
}

fn config() -> RoomConfig {
    RoomConfig { retain_events: RETAIN_EVENTS, ..RoomConfig::default() }
}

fn make_unavailable(message: &mut ServerMessage) {
    let ServerMessage::Outcomes { results, .. } = message else { return };
    for OpResult { outcome, .. } in results {
        *outcome = Outcome::Rejected(Rejection::new(Reason::Unavailable, "the log could not be written"));
    }
}

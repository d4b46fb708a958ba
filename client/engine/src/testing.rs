//! A bench for unit tests: an engine, a disk, and a clock that moves when told.
//!
//! The functions that make server messages spell one each, with the numbers they are given: they script a case and
//! decide nothing. Tests that need a server which decides and numbers drive a real room: `tideboard_room::testing::Solo`.

use std::time::Duration;

use tideboard_shared::{
    Board, BoardId, Channel, Durability, Entity, Epoch, Operation, PROTOCOL, Point, Position, Rights, Seq,
    ServerMessage, UnixMs, WireLimits,
    message::{Auth, Event, Snapshot, Welcome},
};

use crate::{
    Answer, Config, DeliveryId, Edit, EditEnd, EditId, Engine, Identity, Input, Item, MemoryOutbox, Migrations, Now,
    Output, PeerMessage, PostId, RefreshError, RefreshId, RequestId, SocketEpoch, SocketEvent, StoreReply,
    StoreRequest, TimeoutReason,
};

mod peers;

pub(crate) use peers::PeersBench;

pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) disk: MemoryOutbox,
    pub(crate) now: Now,
    pub(crate) ended: Vec<(EditId, EditEnd)>,
    pub(crate) posted: Vec<(PostId, String)>,
    pub(crate) overdue: Vec<EditId>,
    pub(crate) answered: Vec<(RequestId, Answer)>,
    pub(crate) delivered: Vec<(DeliveryId, Vec<Item>)>,
    pub(crate) frames_requested: usize,
    pub(crate) refreshed: Vec<(RefreshId, Result<(), RefreshError>)>,
    /// Messages to other tabs.
    pub(crate) told: Vec<PeerMessage>,
    /// Times that it wanted the lead to be taken.
    pub(crate) takes: usize,
    /// Every output, for comparisons.
    pub(crate) log: Vec<String>,
    opened: Vec<SocketEpoch>,
    closed: Vec<SocketEpoch>,
    sent: Vec<String>,
    epoch: SocketEpoch,
    timeout: Option<(Duration, TimeoutReason)>,
    /// Requests that the disk has not carried out, while it is slow.
    withheld: Option<Vec<StoreRequest>>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::seeded(config, 1)
    }

    pub(crate) fn seeded(config: Config, seed: u64) -> Self {
        Self::on_disk(config, seed, MemoryOutbox::default())
    }

    /// A page that is loaded with what an earlier one left on the disk.
    pub(crate) fn on_disk(config: Config, seed: u64, disk: MemoryOutbox) -> Self {
        Self::of(Engine::new(config, identity(seed)), disk)
    }

    fn of(engine: Engine, disk: MemoryOutbox) -> Self {
        let mut bench = Self {
            engine,
            disk,
            now: Now { mono: Duration::from_secs(1), wall: UnixMs(1_700_000_000_000) },
            ended: Vec::new(),
            posted: Vec::new(),
            overdue: Vec::new(),
            answered: Vec::new(),
            delivered: Vec::new(),
            frames_requested: 0,
            refreshed: Vec::new(),
            told: Vec::new(),
            takes: 0,
            log: Vec::new(),
            opened: Vec::new(),
            closed: Vec::new(),
            sent: Vec::new(),
            epoch: SocketEpoch(0),
            timeout: None,
            withheld: None,
        };
        bench.drain();
        bench
    }

    /// A page of a newer version of the application.
    pub(crate) fn migrating(migrations: Migrations, disk: MemoryOutbox) -> Self {
        let engine = Engine::with_migrations(Config::default(), identity(3), migrations);
        Self::of(engine, disk)
    }

    /// From now on the disk takes requests and carries none out.
    pub(crate) fn withhold_storage(&mut self) {
        self.withheld = Some(Vec::new());
    }

    /// The disk carries out what it was asked meanwhile.
    pub(crate) fn release_storage(&mut self) {
        for request in self.withheld.take().unwrap_or_default() {
            self.store(request);
        }
        self.drain();
    }

    /// The disk carries out what it was asked meanwhile; its answers, which the engine has not read.
    pub(crate) fn answers_of_storage(&mut self) -> Vec<StoreReply> {
        let requests = self.withheld.take().unwrap_or_default();
        requests.into_iter().filter_map(|request| self.disk.handle(request)).collect()
    }

    /// The disk works again; what it was asked meanwhile is lost.
    pub(crate) fn drop_withheld(&mut self) {
        self.withheld = None;
    }

    /// Carries out all that was withheld, except the requests to set an edit aside.
    pub(crate) fn release_storage_except_set_aside(&mut self) {
        if let Some(requests) = &mut self.withheld {
            requests.retain(|request| !matches!(request, StoreRequest::SetAside { .. }));
        }
        self.release_storage();
    }

    fn store(&mut self, request: StoreRequest) {
        if let Some(withheld) = &mut self.withheld {
            withheld.push(request);
        } else if let Some(reply) = self.disk.handle(request) {
            self.engine.handle_input(Input::Stored(reply), self.now);
        }
    }

    /// The socket that was opened last opens.
    pub(crate) fn open_current(&mut self) {
        self.input(socket(self.epoch.0, SocketEvent::Opened));
    }

    /// The socket that was opened last is cut.
    pub(crate) fn cut(&mut self) {
        self.input(socket(self.epoch.0, closed(1006)));
    }

    /// The server answers the socket that was opened last.
    pub(crate) fn greet_current(&mut self) {
        self.greet(self.epoch.0);
    }

    pub(crate) fn live() -> Self {
        let mut bench = Self::new();
        bench.go_live();
        bench
    }

    pub(crate) fn go_live(&mut self) {
        self.go_live_keeping_sent();
        self.opened();
        self.sent();
    }

    pub(crate) fn go_live_keeping_sent(&mut self) {
        self.input(Input::Connect);
        self.greet(1);
    }

    /// Live, and subscribed to a board with these entities at `seq` 40.
    pub(crate) fn on_board(entities: Vec<Entity>) -> Self {
        let mut bench = Self::live();
        bench.follow();
        bench.receive(&[subscribed(40, false), snapshot(40, 0, entities)]);
        bench.sent();
        bench
    }

    pub(crate) fn follow(&mut self) {
        self.engine.subscribe(Channel::Board(main()).into());
        self.drain();
    }

    pub(crate) fn greet(&mut self, epoch: u64) {
        self.input(socket(epoch, SocketEvent::Opened));
        self.receive(&[welcome(), ready()]);
    }

    /// Waits out the backoff and lets the server answer.
    pub(crate) fn reconnect(&mut self) {
        self.opened();
        while self.opened.is_empty() {
            self.pass(Duration::from_millis(100));
        }
        self.greet(self.epoch.0);
    }

    /// Like [`Self::reconnect`], to a server with other limits.
    pub(crate) fn reconnect_to(&mut self, limits: WireLimits) {
        self.opened();
        while self.opened.is_empty() {
            self.pass(Duration::from_millis(100));
        }
        self.open_current();
        let ServerMessage::Welcome(welcome) = welcome() else { return };
        self.receive(&[ServerMessage::Welcome(Welcome { limits, ..welcome }), ready()]);
    }

    /// Something happens to the socket that was opened last.
    pub(crate) fn input_current(&mut self, event: SocketEvent) {
        self.input(Input::Socket { epoch: self.epoch, event });
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.engine.handle_input(input, self.now);
        self.drain();
    }

    pub(crate) fn receive(&mut self, messages: &[ServerMessage]) {
        for message in messages {
            let frame = tideboard_shared::encode(message);
            self.input(Input::Socket { epoch: self.epoch, event: SocketEvent::Frame(frame) });
        }
    }

    pub(crate) fn apply(&mut self, edit: Edit) -> EditId {
        let id = self.engine.apply(edit, self.now).unwrap();
        self.drain();
        id
    }

    /// Lets time pass, with the engine being called when it asked to be.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some((at, _)) = self.timeout.filter(|(at, _)| *at <= end) {
            self.sleep(at.saturating_sub(self.now.mono));
            self.timeout = None;
            self.input(Input::Timeout);
        }
        self.sleep(end.saturating_sub(self.now.mono));
    }

    /// Lets time pass without anybody being called.
    pub(crate) fn sleep(&mut self, time: Duration) {
        self.now.mono += time;
        self.now.wall.0 += time.as_millis() as u64;
    }

    pub(crate) fn opened(&mut self) -> Vec<SocketEpoch> {
        std::mem::take(&mut self.opened)
    }

    pub(crate) fn closed(&mut self) -> Vec<SocketEpoch> {
        std::mem::take(&mut self.closed)
    }

    pub(crate) fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sent)
    }

    pub(crate) fn sent_types(&mut self) -> Vec<String> {
        let kind = |frame: String| {
            let value: serde_json::Value = serde_json::from_str(&frame).unwrap();
            value["type"].as_str().unwrap_or("array").to_owned()
        };
        self.sent().into_iter().map(kind).collect()
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            self.log.push(format!("{output:?}"));
            match output {
                Output::OpenSocket(epoch) => {
                    self.epoch = epoch;
                    self.opened.push(epoch);
                }
                Output::CloseSocket(epoch) => self.closed.push(epoch),
                Output::Send { frame, .. } => self.sent.push(frame),
                Output::Store(request) => self.store(request),
                Output::Timeout(at, reason) => self.timeout = Some((at, reason)),
                Output::Ended { id, end } => self.ended.push((id, end)),
                Output::Post { id, body, .. } => self.posted.push((id, body)),
                Output::Overdue(id) => self.overdue.push(id),
                Output::Refreshed { id, result } => self.refreshed.push((id, result)),
                Output::Answered { id, result } => self.answered.push((id, result)),
                Output::Deliver { id, items } => self.delivered.push((id, items)),
                Output::RequestFrame => self.frames_requested += 1,
                Output::Tell(message) => self.told.push(message),
                Output::TakeLead => self.takes += 1,
                Output::Message(_) | Output::Undecodable(_) | Output::Changed(_) => {}
            }
        }
    }
}

fn identity(seed: u64) -> Identity {
    Identity {
        client: "me".parse().unwrap(),
        tab: "t1".parse().unwrap(),
        schema: 1,
        token: Some("secret".into()),
        seed,
    }
}

/// Number of an operation, from 1.
pub(crate) fn no(n: u64) -> crate::OpNo {
    crate::OpNo::new(n).unwrap()
}

pub(crate) fn main() -> BoardId {
    "main".parse().unwrap()
}

pub(crate) fn socket(epoch: u64, event: SocketEvent) -> Input {
    Input::Socket { epoch: SocketEpoch(epoch), event }
}

pub(crate) fn closed(code: u16) -> SocketEvent {
    SocketEvent::Closed { code, reason: String::new() }
}

pub(crate) fn welcome() -> ServerMessage {
    ServerMessage::Welcome(Welcome {
        protocol: PROTOCOL,
        server_time: UnixMs(1_700_000_000_000),
        heartbeat_ms: 30_000,
        limits: WireLimits::default(),
        durability: Durability::Fsynced,
        auth: Auth::Optional,
        build: "test".into(),
    })
}

pub(crate) fn ready() -> ServerMessage {
    ServerMessage::Ready { session: "s_1".into(), user: "ann".into(), rights: Rights::default() }
}

pub(crate) fn stream(topic: &str, t: u64) -> ServerMessage {
    ServerMessage::Stream { topic: topic.parse().unwrap(), points: vec![Point(UnixMs(t), 0.5)], thinned: false }
}

pub(crate) fn subscribed(seq: u64, recovered: bool) -> ServerMessage {
    ServerMessage::Subscribed { channel: "board:main".into(), at: Some(at(seq)), recovered, reset: false }
}

pub(crate) fn snapshot(seq: u64, last_n: u64, entities: Vec<Entity>) -> ServerMessage {
    ServerMessage::Snapshot(Snapshot {
        board: main(),
        epoch: epoch(),
        seq: Seq(seq),
        check: at(seq).check,
        last_n,
        part: 1,
        last: true,
        entities: entities.into_iter().map(Into::into).collect(),
    })
}

pub(crate) fn updates(events: Vec<(u64, Operation)>) -> ServerMessage {
    let event = |(seq, op): (u64, Operation)| Event { seq: Seq(seq), by: "bob".into(), at: UnixMs(1), op: op.into() };
    let check = at(events.last().map_or(0, |(seq, _)| *seq)).check;
    ServerMessage::Updates { board: main(), check, events: events.into_iter().map(event).collect() }
}

/// Position of the board, at `seq` of the log that it comes from.
pub(crate) fn at(seq: u64) -> Position {
    Position { epoch: epoch(), seq: Seq(seq), check: format!("{seq:016x}").parse().unwrap() }
}

/// An operation as a client would send it.
pub(crate) fn op(id: &str, entity: &str, action: tideboard_shared::Action) -> Operation {
    let base = Seq(40);
    let on_conflict = Default::default();
    Operation { id: id.parse().unwrap(), entity: entity.into(), base, action, on_conflict }
}

/// An entity that somebody else created at `seq` 1.
pub(crate) fn entity(id: &str, fields: serde_json::Value) -> Entity {
    let mut board = Board::default();
    let fields = serde_json::from_value(fields).unwrap();
    let create = tideboard_shared::Action::Create { kind: "note".into(), fields };
    board.apply(&op("them/1", id, create), Seq(1)).unwrap();
    board.entities().next().unwrap().as_ref().clone()
}

fn epoch() -> Epoch {
    Epoch::from("e_1")
}

//! A random session: a user, a server and a disk that do anything that they may, and some that they may not.

use std::time::Duration;

use serde_json::{Value, json};
use tideboard_shared::{Action, Channel, ClientMessage, Fields, ServerMessage, UnixMs, encode};

use crate::{
    Carrier, Choice, Config, ConflictStrategy, DeliveryId, DeliveryOptions, Edit, EditId, Engine, Identity, Input,
    KeyFn, MemoryOutbox, MergeFn, Now, Output, Plan, PlanId, PlanTab, Policy, PostError, Request, RequestId,
    SocketEpoch, SocketEvent, Source, StoreReply, StoreRequest, SubscriptionId, config::Strategy, devtools::Functions,
    testing::*,
};

/// An engine and the world around it.
pub(super) struct Session {
    pub(super) engine: Engine,
    outputs: Vec<Output>,
    /// By the names that a recording gives them.
    tokens: Vec<String>,
    disk: MemoryOutbox,
    replies: Vec<StoreReply>,
    posts: Vec<crate::PostId>,
    /// The wire's id of the last request.
    asked: Option<String>,
    epoch: SocketEpoch,
    seq: u64,
    now: Now,
    rng: fastrand::Rng,
}

impl Session {
    pub(super) fn run(seed: u64, config: Config, steps: usize) -> Self {
        let token = "secret-0".to_owned();
        let identity = Identity {
            client: "me".parse().unwrap(),
            // As recordings have it, so that they compare alike.
            key: "left-out-of-the-recording".parse().unwrap(),
            tab: "t1".parse().unwrap(),
            schema: 1,
            token: Some(token.as_str().into()),
            seed,
        };
        let mut session = Self {
            engine: Engine::new(config, identity),
            outputs: Vec::new(),
            tokens: vec![token],
            disk: MemoryOutbox::default(),
            replies: Vec::new(),
            posts: Vec::new(),
            asked: None,
            epoch: SocketEpoch(0),
            seq: 40,
            now: Now { mono: Duration::from_secs(1), wall: UnixMs(1_700_000_000_000) },
            rng: fastrand::Rng::with_seed(seed),
        };
        session.input(Input::Connect);
        session.follow();
        for _ in 0..steps {
            session.step();
        }
        session.poll(usize::MAX);
        session
    }

    /// Every output as text, with the names of tokens as a recording has them.
    pub(super) fn outputs(&self) -> Vec<String> {
        let redacted = |output: &Output| {
            let names = (1..).zip(&self.tokens);
            names.fold(format!("{output:?}"), |text, (at, token)| text.replace(token, &format!("token-{at}")))
        };
        self.outputs.iter().map(redacted).collect()
    }

    pub(super) fn functions(&self) -> Functions {
        let mut functions = Functions::default();
        functions.merges.insert((main(), "n".into()), merge());
        functions.deliveries.extend((1..100).map(|id| (DeliveryId(id), (Some(KeyFn::by_entity()), None))));
        functions
    }

    fn step(&mut self) {
        self.now.mono += Duration::from_millis(self.rng.u64(0..2_000));
        self.now.wall.0 += self.rng.u64(0..2_000);
        match self.rng.u32(0..20) {
            0..=6 => self.serve(),
            7..=9 => self.edit(),
            10..=12 => self.manage(),
            13 => self.hear(),
            14 => self.command(),
            15 | 16 => self.answer(),
            17 => self.input(Input::Timeout),
            _ => self.live(),
        }
        // Mostly as the contract says; a driver that is called while it drains polls less.
        let most = if self.rng.u32(0..4) == 0 { self.rng.usize(0..4) } else { usize::MAX };
        self.poll(most);
    }

    fn poll(&mut self, most: usize) {
        for _ in 0..most {
            let Some(output) = self.engine.poll_output() else { return };
            match &output {
                Output::OpenSocket(epoch) => self.epoch = *epoch,
                Output::Post { id, .. } => self.posts.push(*id),
                Output::Store(request) => self.store(request.clone()),
                Output::Send { frame, .. } => self.note_asked(frame),
                _ => {}
            }
            self.outputs.push(output);
        }
    }

    fn note_asked(&mut self, frame: &str) {
        let message: Value = serde_json::from_str(frame).unwrap();
        if message["type"] == "request" {
            self.asked = message["id"].as_str().map(str::to_owned);
        }
    }

    fn store(&mut self, request: StoreRequest) {
        let is_failing = self.rng.u32(0..10) == 0;
        let reply = match self.disk.handle(request) {
            Some(StoreReply::Appended { id, n }) if is_failing => {
                StoreReply::AppendFailed { id, n, reason: "quota".into() }
            }
            Some(reply) => reply,
            None => return,
        };
        self.replies.push(reply);
    }

    fn input(&mut self, input: Input) {
        self.engine.handle_input(input, self.now);
    }

    fn frame(&mut self, frame: String) {
        let epoch = if self.rng.u32(0..30) == 0 { SocketEpoch(self.epoch.0.saturating_sub(1)) } else { self.epoch };
        self.input(Input::Socket { epoch, event: SocketEvent::Frame(frame) });
    }

    fn receive(&mut self, message: &ServerMessage) {
        self.frame(encode(message));
    }

    fn event(&mut self, event: SocketEvent) {
        self.input(Input::Socket { epoch: self.epoch, event });
    }

    /// Brings the session to where things happen: connected, on the board, everything stored.
    fn live(&mut self) {
        self.input(Input::Connect);
        self.poll(usize::MAX);
        self.event(SocketEvent::Opened);
        self.receive(&welcome());
        self.receive(&ready());
        self.receive(&subscribed(self.seq, false));
        let note = entity("n", json!({"count": 10, "title": "old", "tags": []}));
        self.receive(&snapshot(self.seq, 0, vec![note]));
        self.poll(usize::MAX);
        self.answer();
    }

    fn follow(&mut self) {
        let _ = self.engine.subscribe(Channel::Board(main()).into());
        self.live();
    }

    fn answer(&mut self) {
        for reply in std::mem::take(&mut self.replies) {
            self.input(Input::Stored(reply));
        }
        for id in std::mem::take(&mut self.posts) {
            let body = json!({"server_time": 1, "messages": []}).to_string();
            let failed = PostError { status: Some(503) };
            let result = if self.rng.bool() { Ok(body) } else { Err(failed) };
            self.input(Input::Posted { id, result });
        }
    }

    fn serve(&mut self) {
        let n = self.rng.u64(1..12);
        match self.rng.u32(0..12) {
            0..=3 => self.outcome(n),
            4..=7 => {
                self.seq += 1 + u64::from(self.rng.u32(0..20) == 0);
                let id = if self.rng.u32(0..3) == 0 { format!("me/{n}") } else { format!("bob/{}", self.seq) };
                let action = self.action();
                self.receive(&updates(vec![(self.seq, op(&id, "n", action))]));
            }
            8 => self.frame("{\"type\":".into()),
            9 => self.receive(&stream("host.cpu", self.now.wall.0)),
            10 => {
                let code = [1000, 1006, 1012, 1013, 4001, 4003][self.rng.usize(0..6)];
                self.event(closed(code));
            }
            _ => {
                let id = self.asked.clone().unwrap_or_else(|| n.to_string());
                let response = json!({"type": "response", "id": id, "result": 1});
                self.frame(response.to_string());
            }
        }
    }

    fn outcome(&mut self, n: u64) {
        let fields = json!([{"name": "title", "base": "old", "theirs": "b", "yours": "c"}]);
        let reasons = ["out_of_order", "already_settled", "unavailable", "forbidden", "unknown_entity"];
        let reason = reasons[self.rng.usize(0..reasons.len())];
        let mut result = match self.rng.u32(0..3) {
            0 => json!({"applied": {"seq": self.seq + 1, "durability": "fsynced"}}),
            1 => json!({"conflict": {"theirs_version": self.seq, "fields": fields}}),
            _ => json!({"rejected": {"reason": reason, "message": ""}}),
        };
        result["id"] = json!(format!("me/{n}"));
        self.frame(json!({"type": "outcomes", "board": "main", "results": [result]}).to_string());
    }

    fn action(&mut self) -> Action {
        let value = Value::from(self.rng.u32(0..3));
        match self.rng.u32(0..5) {
            0 => Action::set([("title", value)]),
            1 => Action::Increment { field: "count".into(), by: self.rng.i32(-3..4).into() },
            2 => Action::SetAdd { field: "tags".into(), value },
            3 => Action::SetRemove { field: "tags".into(), value },
            _ => Action::set([("title", "x".repeat(self.rng.usize(0..9)))]),
        }
    }

    fn edit(&mut self) {
        use ConflictStrategy::{Ask, LocalWins, Merge, RemoteWins};
        let strategy = [RemoteWins, LocalWins, Merge, Ask][self.rng.usize(0..4)];
        let action = self.action();
        let delivery = if self.rng.u32(0..5) == 0 { Carrier::Manual } else { Carrier::Auto };
        let edit = Edit { delivery, ..Edit::new(main(), "n", action).strategy(strategy) };
        let _ = self.engine.apply(edit, self.now);
    }

    /// Does something of all that a user does about edits.
    fn manage(&mut self) {
        let conflict = self.engine.conflicts().first().map(|view| view.id);
        let refused = self.engine.refused().next().map(|(id, _)| id);
        let id = EditId(self.rng.u64(1..20));
        let engine = &mut self.engine;
        let now = self.now;
        match self.rng.u32(0..10) {
            0 => drop(engine.undo(main(), now)),
            1 => drop(engine.redo(main(), now)),
            2 => drop(engine.rollback(id, now)),
            3 => drop(engine.retry(id, now)),
            4 => drop(engine.confirm(id)),
            5 => drop(engine.requeue(refused.unwrap_or(id), now)),
            6 => drop(engine.discard(refused.unwrap_or(id))),
            7 => engine.set_merge(main(), "n".into(), self.rng.bool().then(merge)),
            8 if self.rng.bool() => drop(engine.dismiss_notification(format!("n{}", id.0))),
            8 => engine.dismiss_notice(id.0),
            _ => {
                let choice = if self.rng.bool() { Choice::Mine } else { Choice::Theirs };
                let _ = engine.resolve(conflict.unwrap_or(id), choice, now);
            }
        }
    }

    fn hear(&mut self) {
        let engine = &mut self.engine;
        let now = self.now;
        match self.rng.u32(0..20) {
            0 => drop(engine.subscribe("stream:host.cpu".parse::<Channel>().unwrap().into())),
            1 => engine.unsubscribe(SubscriptionId(self.rng.u64(2..6))),
            2 => drop(engine.refresh(vec![], now)),
            3 => drop(engine.invalidate(main(), now)),
            4..=9 => self.tabs(),
            10..=16 => self.consume(),
            _ => drop(engine.send(ClientMessage::Presence { board: main(), state: json!({"at": 0.1}) })),
        }
    }

    /// Does something of all that a user does about tabs.
    fn tabs(&mut self) {
        let channel: Channel =
            ["stream:host.cpu", "board:main", "presence:main"][self.rng.usize(0..3)].parse().unwrap();
        let tab = |name: &str, channel: &Channel| PlanTab { name: name.into(), requests: vec![channel.clone().into()] };
        let tabs = vec![tab("a", &channel), tab("b", &Channel::Board(main())), tab("c", &channel)];
        let plan =
            Plan { tabs, visible_only: self.rng.bool(), prefetch: Some(self.rng.usize(0..2)), ..Plan::default() };
        let id = PlanId(self.rng.u64(1..12));
        let name = [None, Some("a"), Some("b"), Some("c")][self.rng.usize(0..4)];
        let engine = &mut self.engine;
        let now = self.now;
        match self.rng.u32(0..12) {
            0 | 1 => drop(engine.open_plan(plan, now)),
            2 => engine.replace_plan(id, plan),
            3 => engine.close_plan(id),
            4 => engine.pin(id, channel),
            5 => engine.unpin(id, channel),
            6 => engine.renew(channel),
            7 => engine.resync(main()),
            8 if name.is_none() => self.input(Input::Hidden),
            8 => self.input(Input::Visible),
            _ => engine.set_active_tab(id, name.map(str::to_owned), now),
        }
    }

    /// Does something of all that an application does about arrivals.
    fn consume(&mut self) {
        let sources = ["board:main", "stream:host.cpu"].map(|channel| Source::Channel(channel.parse().unwrap()));
        let policies = [Strategy::Raf, Strategy::Batch, Strategy::Debounce, Strategy::Throttle];
        let policy = Policy::configured(policies[self.rng.usize(0..4)], &Default::default());
        let source = sources[self.rng.usize(0..2)].clone();
        let options = DeliveryOptions { policy: Some(policy), ..DeliveryOptions::new(source) };
        let consumer = DeliveryId(self.rng.u64(1..6));
        let asked = RequestId(self.rng.u64(1..9));
        let request = Request { idempotent: self.rng.bool(), ..Request::new("board.list", Value::Null) };
        let engine = &mut self.engine;
        let now = self.now;
        match self.rng.u32(0..10) {
            0 | 1 => drop(engine.open_delivery(keyed(options))),
            2 => engine.close_delivery(consumer),
            3 | 4 => engine.pause_delivery(consumer),
            5 | 6 => engine.resume_delivery(consumer, now),
            7 => engine.cancel_request(asked),
            8 => self.input(Input::Frame),
            _ => drop(engine.request(request, now)),
        }
    }

    fn command(&mut self) {
        let input = match self.rng.u32(0..6) {
            0 => Input::Disconnect,
            1 => Input::ReconnectNow,
            2 => {
                let token = format!("secret-{}", self.rng.u32(0..4));
                if !self.tokens.contains(&token) {
                    self.tokens.push(token.clone());
                }
                Input::Token(token.into())
            }
            3 => Input::Online(false),
            4 => Input::Online(true),
            _ => Input::Visible,
        };
        self.input(input);
    }
}

fn keyed(options: DeliveryOptions) -> DeliveryOptions {
    DeliveryOptions { dedup: Some(KeyFn::by_entity()), ..options }
}

fn merge() -> MergeFn {
    MergeFn::new(|sides| {
        let joined = format!("{:?} {:?}", sides.mine.get("title"), sides.theirs.get("title"));
        Some(Fields::from([("title".into(), joined.into())]))
    })
}

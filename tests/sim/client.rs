//! One user's browser: a real engine, a disk that outlives the page, and a hand that edits.

use std::time::Duration;

use serde_json::json;
use tideboard_engine::{
    Config, ConflictStrategy, Edit, EditId, Engine, Identity, Input, MemoryOutbox, Now, StoreReply, StoreRequest,
};
use tideboard_shared::{Action, Channel, Fields, UnixMs};

use crate::server::board;

const ENTITIES: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug)]
pub(crate) struct SimClient {
    pub(crate) engine: Engine,
    disk: MemoryOutbox,
    /// Rises with every reload; what was under way for an earlier page is lost.
    pub(crate) page: u64,
    /// The wall clock's error.
    pub(crate) clock_offset_ms: i64,
    pub(crate) is_online: bool,
    name: String,
    edits: u64,
}

/// An edit that the user's hand made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) id: EditId,
    /// A text that only this edit writes; increments and removals write none.
    pub(crate) tag: Option<String>,
}

impl SimClient {
    pub(crate) fn new(index: usize, rng: &mut fastrand::Rng) -> Self {
        let name = format!("c{index}");
        let engine = engine(&name, rng.u64(..));
        Self { engine, disk: MemoryOutbox::default(), page: 0, clock_offset_ms: 0, is_online: true, name, edits: 0 }
    }

    /// The page dies and is loaded again, with the disk it had.
    pub(crate) fn reload(&mut self, rng: &mut fastrand::Rng) {
        self.page += 1;
        self.is_online = true;
        self.engine = engine(&self.name, rng.u64(..));
    }

    pub(crate) fn now(&self, mono: Duration) -> Now {
        let wall = 1_700_000_000_000_i64 + mono.as_millis() as i64 + self.clock_offset_ms;
        Now { mono, wall: UnixMs(wall as u64) }
    }

    pub(crate) fn start(&mut self, mono: Duration) {
        let now = self.now(mono);
        self.engine.subscribe(Channel::Board(board()).into());
        self.engine.handle_input(Input::Connect, now);
    }

    pub(crate) fn store(&mut self, request: StoreRequest) -> Option<StoreReply> {
        self.disk.handle(request)
    }

    pub(crate) fn is_disk_empty(&self) -> bool {
        self.disk.is_empty()
    }

    /// Makes some edit, if the engine takes it.
    pub(crate) fn edit(&mut self, mono: Duration, rng: &mut fastrand::Rng) -> Option<Made> {
        self.edits += 1;
        let tag = format!("{}-{}", self.name, self.edits);
        let entity = ENTITIES[rng.usize(..ENTITIES.len())];
        let tagged = |field: &str| Fields::from([(field.to_owned(), json!(tag))]);
        let action = match rng.u8(..12) {
            0..=2 => Action::Create { kind: "note".into(), fields: tagged("title") },
            3..=6 => Action::set([(["title", "text"][rng.usize(..2)], tag.as_str())]),
            7 | 8 => Action::SetAdd { field: "tags".into(), value: json!(tag) },
            9 => Action::Increment { field: "count".into(), by: rng.i32(-3..4).into() },
            10 => Action::Patch { set: tagged("title"), unset: ["text".to_owned()].into() },
            _ => Action::Remove,
        };
        let is_tagged = !matches!(action, Action::Increment { .. } | Action::Remove);
        let strategy = if rng.bool() { ConflictStrategy::LocalWins } else { ConflictStrategy::RemoteWins };
        let now = self.now(mono);
        let edit = Edit::new(board(), entity, action).strategy(strategy);
        let id = self.engine.apply(edit, now).ok()?;
        Some(Made { id, tag: is_tagged.then_some(tag) })
    }
}

fn engine(name: &str, seed: u64) -> Engine {
    let identity = Identity {
        client: name.parse().expect("a client id"),
        tab: "t1".parse().expect("a tab id"),
        schema: 1,
        token: None,
        seed,
    };
    let mut config = Config::default();
    // This server has a socket only.
    config.features.rest_fallback = false;
    Engine::new(config, identity)
}

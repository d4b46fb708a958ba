//! Frames of a real room, written before anybody measures. Only the greeting, which no room sends, is spelled out.

use tideboard_room::testing::Solo;
use tideboard_shared::{
    Action, BoardId, Durability, EntityId, OnConflict, Operation, PROTOCOL, Rights, ServerMessage, UnixMs, WireLimits,
    encode,
    message::{Auth, Submit, Welcome},
};

/// Number of a board's entities that are notes; the others are orders.
pub(crate) const NOTES: usize = 10;

/// Name of the board that everybody is on.
pub(crate) fn main_board() -> BoardId {
    "main".parse().expect("a board name")
}

/// Name of the board's `i`-th entity.
pub(crate) fn entity(i: usize) -> EntityId {
    format!("order-{i:05}").into()
}

/// Sets one field.
pub(crate) fn set(field: &str, value: impl Into<serde_json::Value>) -> Action {
    Action::set([(field, value)])
}

/// Frames of the greeting.
pub(crate) fn greeting() -> Vec<String> {
    let welcome = Welcome {
        protocol: PROTOCOL,
        server_time: UnixMs(1_700_000_000_000),
        heartbeat_ms: 30_000,
        limits: WireLimits::default(),
        durability: Durability::Fsynced,
        auth: Auth::Optional,
        build: "bench".into(),
    };
    let ready = ServerMessage::Ready { session: "s_1".into(), user: "me".into(), rights: Rights::default() };
    vec![encode(&ServerMessage::Welcome(welcome)), encode(&ready)]
}

/// Server of the board.
pub(crate) struct Server {
    room: Solo,
    size: usize,
}

impl Server {
    /// Board of so many entities, all created by others.
    pub(crate) fn new(size: usize) -> Self {
        let create = |i: usize| {
            let fields = serde_json::json!({
                "title": format!("Order {i}"), "status": "open", "value": 12.5, "tags": ["a", "b"],
            });
            let fields = serde_json::from_value(fields).expect("an object");
            let kind = if i < NOTES { "note" } else { "order" };
            (entity(i), Action::Create { kind: kind.into(), fields })
        };
        let mut server = Self { room: Solo::new(main_board(), "e_1".into()), size };
        server.submit("them", (0..size).map(create), 256);
        server
    }

    /// Frames that answer a first subscription.
    pub(crate) fn whole_board(&mut self) -> Vec<String> {
        self.room.subscribe(&"me".parse().expect("a client id"), None).iter().map(encode).collect()
    }

    /// Frames with changes by others, `per_frame` to a frame.
    pub(crate) fn updates(
        &mut self,
        changes: impl Iterator<Item = (EntityId, Action)>,
        per_frame: usize,
    ) -> Vec<String> {
        let said = self.submit("them", changes, per_frame);
        said.iter().filter(|message| matches!(message, ServerMessage::Updates { .. })).map(encode).collect()
    }

    /// Frames with `n` changes by others all over the board, `per_frame` to a frame.
    pub(crate) fn scattered_updates(&mut self, n: usize, per_frame: usize) -> Vec<String> {
        let size = self.size;
        // A stride that meets every entity before it meets one again.
        self.updates((0..n).map(|i| (entity(i * 7_919 % size), set("value", i as f64 + 0.5))), per_frame)
    }

    /// Frames that answer the page's own edits, `per_submit` to a submit: the outcomes, then the updates.
    pub(crate) fn answers(
        &mut self,
        edits: impl Iterator<Item = (EntityId, Action)>,
        per_submit: usize,
    ) -> Vec<String> {
        self.submit("me", edits, per_submit).iter().map(encode).collect()
    }

    /// Submits operations on the board as it is, and gives all that the room says to it.
    fn submit(
        &mut self,
        client: &str,
        changes: impl Iterator<Item = (EntityId, Action)>,
        per_submit: usize,
    ) -> Vec<ServerMessage> {
        let client = client.parse().expect("a client id");
        let mut changes = changes.peekable();
        let mut said = Vec::new();
        while changes.peek().is_some() {
            let base = self.room.state().seq();
            let first = self.room.state().last_n(&client) + 1;
            let operation = |(n, (entity, action))| {
                let id = format!("{client}/{n}").parse().expect("an operation id");
                Operation { id, entity, base, action, on_conflict: OnConflict::Reject }
            };
            let ops = (first..).zip(changes.by_ref().take(per_submit)).map(operation).collect();
            said.extend(self.room.submit(
                &client,
                client.as_str(),
                Submit { board: main_board(), epoch: None, seen: Vec::new(), settled_through: 0, ops },
            ));
        }
        said
    }
}

//! Server's side, as frames that are written before any measurement.

use std::sync::Arc;

use tideboard_shared::{
    Action, Board, BoardId, Durability, Entity, EntityId, Epoch, OnConflict, OpResult, Operation, Outcome, PROTOCOL,
    Rights, Seq, ServerMessage, UnixMs, WireLimits, encode,
    message::{Auth, Event, Snapshot, Welcome},
};

/// So many entities of a board are notes, the others orders.
pub(crate) const NOTES: usize = 10;

/// The board that everybody is on.
pub(crate) fn main_board() -> BoardId {
    "main".parse().expect("a board name")
}

/// The name of the board's `i`-th entity.
pub(crate) fn entity(i: usize) -> EntityId {
    format!("order-{i:05}").into()
}

/// Sets one field.
pub(crate) fn set(field: &str, value: impl Into<serde_json::Value>) -> Action {
    Action::set([(field, value)])
}

/// An operation of the client `by`.
pub(crate) fn operation(by: &str, n: usize, entity: EntityId, base: usize, action: Action) -> Operation {
    let id = format!("{by}/{n}").parse().expect("an operation id");
    Operation { id, entity, base: Seq(base as u64), action, on_conflict: OnConflict::Reject }
}

/// Entities of a board with `n` of them; its `seq` is `n`.
pub(crate) fn entities(n: usize) -> Vec<Arc<Entity>> {
    let mut board = Board::default();
    for i in 0..n {
        let fields =
            serde_json::json!({ "title": format!("Order {i}"), "status": "open", "value": 12.5, "tags": ["a", "b"] });
        let fields = serde_json::from_value(fields).expect("an object");
        let kind = if i < NOTES { "note" } else { "order" };
        let create = operation("them", i + 1, entity(i), 0, Action::Create { kind: kind.into(), fields });
        board.apply(&create, Seq(i as u64 + 1)).expect("a new entity");
    }
    board.entities().cloned().collect()
}

/// The greeting.
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
    let ready = ServerMessage::Ready { session: "s_1".into(), user: "ann".into(), rights: Rights::default() };
    vec![encode(&ServerMessage::Welcome(welcome)), encode(&ready)]
}

/// The answer to a subscription: everything, in parts.
pub(crate) fn whole_board(entities: &[Arc<Entity>]) -> Vec<String> {
    let (epoch, seq) = (Epoch::from("e_1"), Seq(entities.len() as u64));
    let channel = "board:main".to_owned();
    let mut frames = vec![encode(&ServerMessage::Subscribed { channel, epoch: epoch.clone(), seq, recovered: false })];
    let parts = entities.chunks(500);
    let count = parts.len();
    frames.extend(parts.enumerate().map(|(i, entities)| {
        encode(&ServerMessage::Snapshot(Snapshot {
            board: main_board(),
            epoch: epoch.clone(),
            seq,
            last_n: 0,
            part: i as u32 + 1,
            last: i + 1 == count,
            entities: entities.to_vec(),
        }))
    }));
    frames
}

/// Events from `seq` on, `per_frame` to a frame.
pub(crate) fn updates(seq: usize, ops: impl Iterator<Item = Operation>, per_frame: usize) -> Vec<String> {
    let event = |(i, op): (usize, Operation)| Event {
        seq: Seq((seq + i) as u64),
        by: "bob".into(),
        at: UnixMs(1_700_000_000_000),
        op: Arc::new(op),
    };
    let events: Vec<_> = ops.enumerate().map(event).collect();
    let frame = |events: &[Event]| encode(&ServerMessage::Updates { board: main_board(), events: events.to_vec() });
    events.chunks(per_frame).map(frame).collect()
}

/// `n` changes by others all over a board of `size`, from its `seq` on.
pub(crate) fn scattered_updates(size: usize, n: usize, per_frame: usize) -> Vec<String> {
    // A stride that meets every entity before it meets one again.
    let change =
        |i: usize| operation("them", size + i + 1, entity(i * 7_919 % size), size, set("value", i as f64 + 0.5));
    updates(size + 1, (0..n).map(change), per_frame)
}

/// The outcomes of this client's numbers from `n` on, `per_frame` to a frame, applied from `seq` on.
pub(crate) fn outcomes(n: usize, seq: usize, count: usize, per_frame: usize) -> Vec<String> {
    let result = |i: usize| OpResult {
        id: format!("me/{}", n + i).parse().expect("an operation id"),
        outcome: Outcome::Applied { seq: Seq((seq + i) as u64), durability: Durability::Fsynced },
    };
    let results: Vec<_> = (0..count).map(result).collect();
    let frame =
        |results: &[OpResult]| encode(&ServerMessage::Outcomes { board: main_board(), results: results.to_vec() });
    results.chunks(per_frame).map(frame).collect()
}

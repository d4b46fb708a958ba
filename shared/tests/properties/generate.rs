//! Boards, operations and messages of every shape.

use std::collections::BTreeMap;

use proptest::{collection, option, prelude::*, sample::select};
use serde_json::{Number, Value, json};
use tideboard_shared::{
    Action, BoardRole, Changed, Check, ClientMessage, Conflict, Durability, Entity, Epoch, FieldConflict, Fields,
    OnConflict, OpId, OpResult, Operation, Outcome, Point, Position, Priority, Reason, Rejection, Rights, Seq,
    ServerMessage, StreamRight, UnixMs, WireLimits,
    message::{
        Auth, ErrorCode, Event, Hello, Level, Member, Notification, Outcomes, RequestFailure, Response, Snapshot,
        Submit, Subscribe, Welcome,
    },
};

const FIELDS: [&str; 4] = ["title", "count", "tags", "über"];

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no infinities", |n| n.is_finite()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![(-9_i64..10).prop_map(Number::from), Just(Number::from_f64(0.25).expect("finite"))]
}

fn field() -> impl Strategy<Value = String> {
    select(&FIELDS[..]).prop_map(str::to_owned)
}

fn fields() -> impl Strategy<Value = Fields> {
    collection::btree_map(field(), prop_oneof![value(), Just(json!(1)), Just(json!(["a"]))], 0..4)
}

pub(crate) fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => fields().prop_map(|fields| Action::Create { kind: "note".into(), fields }),
        4 => (fields(), collection::btree_set(field(), 0..2)).prop_map(|(set, unset)| Action::Patch { set, unset }),
        2 => (field(), number()).prop_map(|(field, by)| Action::Increment { field, by }),
        2 => (field(), value()).prop_map(|(field, value)| Action::SetAdd { field, value }),
        1 => (field(), value()).prop_map(|(field, value)| Action::SetRemove { field, value }),
        1 => Just(Action::Remove),
    ]
}

fn op_id() -> impl Strategy<Value = OpId> {
    (select(&["c_7f3a", "b-2", "z"][..]), 1..=u64::MAX)
        .prop_map(|(client, n)| format!("{client}/{n}").parse().expect("an id"))
}

pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    let on_conflict = prop_oneof![4 => Just(OnConflict::Reject), 1 => Just(OnConflict::Overwrite)];
    (op_id(), select(&["e1", "e2", "o 9"][..]), 0..40_u64, action(), on_conflict).prop_map(
        |(id, entity, base, action, on_conflict)| Operation {
            id,
            entity: entity.into(),
            base: Seq(base),
            action,
            on_conflict,
        },
    )
}

pub(crate) fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    collection::vec(operation(), 0..most)
}

/// A creation with a number and a set, and two edits by two clients, from the same base, of different fields.
pub(crate) fn edits_of_different_fields() -> impl Strategy<Value = (Operation, Operation, Operation)> {
    let edit = |field: &'static str| {
        let name = field.to_owned();
        prop_oneof![
            value().prop_map(move |value| Action::set([(field, value)])),
            Just(Action::Patch { set: Fields::new(), unset: [name.clone()].into() }),
            number().prop_map({
                let field = format!("{name}_count");
                move |by| Action::Increment { field: field.clone(), by }
            }),
            value().prop_map({
                let field = format!("{name}_tags");
                move |value| Action::SetAdd { field: field.clone(), value }
            }),
        ]
    };
    (edit("a"), edit("b")).prop_map(|(one, other)| {
        let first =
            Fields::from([("a".into(), json!(1)), ("b_count".into(), json!(7)), ("a_tags".into(), json!(["x"]))]);
        let op = |id: &str, base, action| Operation {
            id: id.parse().expect("an id"),
            entity: "e".into(),
            base: Seq(base),
            action,
            on_conflict: OnConflict::Reject,
        };
        let create = op("z/1", 0, Action::Create { kind: "note".into(), fields: first });
        (create, op("x/1", 1, one), op("y/1", 1, other))
    })
}

fn check() -> impl Strategy<Value = Check> {
    any::<u64>().prop_map(|bits| format!("{bits:016x}").parse().expect("16 hex digits"))
}

fn positions() -> impl Strategy<Value = Vec<Position>> {
    collection::vec(position(), 0..3)
}

fn position() -> impl Strategy<Value = Position> {
    ("e_[0-9]{1,3}", any::<u64>(), check()).prop_map(|(epoch, seq, check)| Position {
        epoch: epoch.into(),
        seq: Seq(seq),
        check,
    })
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    let point = (any::<u64>(), any::<f64>().prop_filter("JSON has no infinities", |n| n.is_finite()));
    collection::vec(point.prop_map(|(t, v)| Point(UnixMs(t), v)), 0..4)
}

fn subscribe() -> impl Strategy<Value = Subscribe> {
    let channel = select(&["board:main", "stream:host.cpu", "stream:host.*", "presence:main", "notifications"][..]);
    let priority = select(vec![Priority::Low, Priority::Medium, Priority::High, Priority::Critical]);
    let from = (option::of(position()), positions());
    (channel, from, option::of(priority), option::of(0.1..60.0), option::of(any::<u32>())).prop_map(
        |(channel, (since, seen), priority, max_rate_hz, history)| Subscribe {
            channel: channel.parse().expect("a channel"),
            since,
            seen,
            priority,
            max_rate_hz,
            history,
        },
    )
}

pub(crate) fn client_message() -> impl Strategy<Value = ClientMessage> {
    let hello = (any::<u32>(), option::of(".{0,9}"), any::<u32>()).prop_map(|(protocol, token, schema)| {
        let token = token.map(tideboard_shared::AccessToken::from);
        ClientMessage::Hello(Hello {
            protocol,
            client: "c_7f3a".parse().expect("an id"),
            tab: "t1".parse().expect("an id"),
            token,
            schema,
        })
    });
    let board = || "main".parse().expect("a board name");
    prop_oneof![
        hello,
        ".{0,9}".prop_map(|token| ClientMessage::Auth { token: token.into() }),
        subscribe().prop_map(ClientMessage::Subscribe),
        subscribe().prop_map(|wish| ClientMessage::Unsubscribe { channel: wish.channel }),
        (option::of("e_[0-9]{1,3}"), positions(), any::<u64>(), collection::vec(operation(), 0..5)).prop_map(
            move |(epoch, seen, settled_through, ops)| {
                let epoch = epoch.map(Epoch::from);
                ClientMessage::Submit(Submit { board: board(), epoch, seen, settled_through, ops })
            }
        ),
        points().prop_map(|points| ClientMessage::Publish { stream: "line3.temp".parse().expect("a topic"), points }),
        value().prop_map(move |state| ClientMessage::Presence { board: board(), state }),
        (".{0,9}", value()).prop_map(|(id, params)| ClientMessage::Request { id, method: "m".into(), params }),
        any::<u64>().prop_map(|t| ClientMessage::Ping { t: UnixMs(t) }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let durability = select(vec![Durability::Memory, Durability::Fsynced, Durability::Replicated]);
    let side = || option::of(value());
    let conflict =
        (any::<u64>(), side(), side(), side(), any::<bool>()).prop_map(|(version, base, theirs, yours, told)| {
            let mut field = FieldConflict { base, theirs, yours, ..FieldConflict::new("title") };
            field.untold.retain(|_| !told);
            Outcome::Conflict(Conflict { theirs_version: Seq(version), fields: vec![field] })
        });
    prop_oneof![
        (any::<u64>(), durability).prop_map(|(seq, durability)| Outcome::Applied { seq: Seq(seq), durability }),
        conflict,
        ".{0,9}".prop_map(|message| Outcome::Rejected(Rejection::new(Reason::OutOfOrder, message))),
    ]
}

fn entity() -> impl Strategy<Value = Entity> {
    (fields(), any::<u64>(), option::of(any::<u64>())).prop_map(|(fields, version, by_other)| {
        let by_other = by_other.map(Seq);
        let mark = Changed { seq: Seq(version), by: "c_aa".parse().expect("an id"), by_other };
        let changed: BTreeMap<_, _> = fields.keys().map(|name| (name.clone(), mark.clone())).collect();
        Entity { id: "e".into(), kind: "note".into(), version: Seq(version), fields, changed }
    })
}

pub(crate) fn server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![talk(), data()]
}

/// Messages about the connection, and answers to one client.
fn talk() -> impl Strategy<Value = ServerMessage> {
    let failure = || RequestFailure { code: "unknown_method".into(), message: "no".into() };
    prop_oneof![
        any::<u64>().prop_map(|t| ServerMessage::Welcome(Welcome {
            protocol: 1,
            server_time: UnixMs(t),
            heartbeat_ms: 30_000,
            limits: WireLimits::default(),
            durability: Durability::Replicated,
            auth: Auth::Required,
            build: "0.1.0".into(),
        })),
        Just(ServerMessage::Ready {
            session: "s_1".into(),
            user: "ann".into(),
            rights: Rights::everywhere(BoardRole::Admin, StreamRight::Publish),
        }),
        Just(ServerMessage::Denied { channel: "board:x".into(), reason: "forbidden".into() }),
        any::<u64>().prop_map(|t| ServerMessage::Pong { t: UnixMs(t), server_time: UnixMs(t) }),
        any::<u64>().prop_map(|reconnect_after_ms| ServerMessage::Draining { reconnect_after_ms }),
        (any::<bool>(), option::of(".{0,9}")).prop_map(|(fatal, about)| ServerMessage::Error {
            code: ErrorCode::BadMessage,
            message: "m".into(),
            fatal,
            about,
        }),
        value().prop_map(|result| ServerMessage::Response(Response::Result { id: "r1".into(), result })),
        Just(ServerMessage::Response(Response::Error { id: "r1".into(), error: failure() })),
        ".{0,9}".prop_map(|body| ServerMessage::Notification(Notification {
            id: "n1".into(),
            level: Level::Warning,
            title: "Deploy".into(),
            body,
            at: UnixMs(1),
        })),
    ]
}

/// Messages that channels carry.
fn data() -> impl Strategy<Value = ServerMessage> {
    let board = || "main".parse().expect("a board name");
    let member = || value().prop_map(|state| Member { session: "s_1".into(), user: "ann".into(), state });
    let event = (any::<u64>(), operation()).prop_map(|(seq, op)| Event {
        seq: Seq(seq),
        by: "ann".into(),
        at: UnixMs(seq),
        op: op.into(),
    });
    prop_oneof![
        (option::of(position()), any::<bool>(), any::<bool>()).prop_map(|(at, recovered, reset)| {
            ServerMessage::Subscribed { channel: "board:main".into(), at, recovered, reset }
        }),
        (position(), any::<u64>(), collection::vec(entity(), 0..3)).prop_map(move |(at, last_n, entities)| {
            let entities = entities.into_iter().map(Into::into).collect();
            let Position { epoch, seq, check } = at;
            ServerMessage::Snapshot(Snapshot {
                board: board(),
                epoch,
                seq,
                check,
                last_n,
                part: 1,
                last: true,
                entities,
            })
        }),
        (check(), collection::vec(event, 0..4)).prop_map(move |(check, events)| ServerMessage::Updates {
            board: board(),
            check,
            events
        }),
        (option::of(position()), collection::vec((op_id(), outcome()), 0..4)).prop_map(move |(at, results)| {
            let results = results.into_iter().map(|(id, outcome)| OpResult { id, outcome }).collect();
            ServerMessage::Outcomes(Outcomes { board: board(), at, results })
        }),
        (points(), any::<bool>()).prop_map(|(points, thinned)| ServerMessage::Stream {
            topic: "host.cpu".parse().expect("a topic"),
            points,
            thinned,
        }),
        (collection::vec(member(), 0..2), collection::vec(member(), 0..2)).prop_map(move |(joined, changed)| {
            ServerMessage::Presence { board: board(), joined, left: vec!["s_0".into()], changed }
        }),
    ]
}

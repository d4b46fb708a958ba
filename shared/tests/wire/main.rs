//! The wire, message by message: the examples that the norm gives are read and written back as they stand.
//!
//! `client.jsonl` and `server.jsonl` are the norm's examples, one a line. A client written from them in another language
//! relies on every letter, so the exact text that we write is kept as a snapshot for each.

use serde_json::Value;
use tideboard_shared::{
    ClientMessage, ClientMessageType, DecodeError, ServerMessageType,
    codec::Decoded,
    decode_client, decode_server, encode, limits,
    message::{BoardReply, EventsReply, RealtimePost, RealtimeReply},
};

const CLIENT: &str = include_str!("client.jsonl");
const SERVER: &str = include_str!("server.jsonl");

/// Reads an example, writes it, compares with the example and with the text written so far.
fn check<M: serde::Serialize + std::fmt::Debug>(
    side: &str,
    examples: &str,
    types: impl IntoIterator<Item = &'static str>,
    decode: impl Fn(&str) -> Result<Decoded<M>, DecodeError>,
) {
    let mut seen: Vec<String> = Vec::new();
    for example in examples.lines() {
        let wanted: Value = serde_json::from_str(example).expect("an example is JSON");
        let kind = wanted["type"].as_str().expect("an example has a type").to_owned();
        let mut messages = decode(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        let message = messages.pop().expect("one message").unwrap_or_else(|error| panic!("{example}: {error}"));
        let written = encode(&message);
        let found: Value = serde_json::from_str(&written).expect("what we write is JSON");
        assert_eq!(as_floats(found), as_floats(wanted), "{message:?}");
        let number = 1 + seen.iter().filter(|other| **other == kind).count();
        insta::assert_snapshot!(format!("{side}_{kind}_{number}"), written);
        seen.push(kind);
    }
    for kind in types {
        assert!(seen.iter().any(|other| other == kind), "no example of '{kind}'");
    }
}

/// The same value with every number as JSON's own kind, in which 4 and 4.0 are one.
fn as_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.into_iter().map(as_floats).collect(),
        Value::Object(map) => map.into_iter().map(|(key, item)| (key, as_floats(item))).collect(),
        other => other,
    }
}

#[test]
fn every_client_message_is_read_and_written_as_the_norm_says() {
    check("client", CLIENT, ClientMessageType::ALL.iter().map(|kind| kind.name()), decode_client);
}

#[test]
fn every_server_message_is_read_and_written_as_the_norm_says() {
    check("server", SERVER, ServerMessageType::ALL.iter().map(|kind| kind.name()), decode_server);
}

#[test]
fn a_frame_may_hold_many_messages_in_order() {
    let frame = format!("[{}]", CLIENT.lines().collect::<Vec<_>>().join(","));
    let one_by_one: Vec<_> = CLIENT.lines().flat_map(|line| decode_client(line).unwrap()).collect();
    assert_eq!(decode_client(&frame).unwrap(), one_by_one);
}

#[test]
fn rest_bodies_are_read_and_written_as_the_norm_says() {
    let post = r#"{"client":"c_7f3a","submit":[{"board":"main","settled_through":16,"ops":[]}],"since":{"board:main":{"epoch":"e_91","seq":41}}}"#;
    let read: RealtimePost = serde_json::from_str(post).unwrap();
    assert_eq!(encode(&read), post);
    let reply = RealtimeReply { server_time: tideboard_shared::UnixMs(7), messages: Vec::new() };
    assert_eq!(encode(&reply), r#"{"server_time":7,"messages":[]}"#);
    let board = r#"{"board":"main","epoch":"e_91","seq":41,"entities":[{"id":"w1","kind":"widget","version":40,"fields":{"count":1},"changed":{"count":[40,"c_7f3a"]}}]}"#;
    let read: BoardReply = serde_json::from_str(board).unwrap();
    assert_eq!(encode(&read), board);
    let events = r#"{"board":"main","epoch":"e_91","oldest":12,"events":[{"seq":42,"by":"ann","at":1763710000000,"op":{"id":"c_7f3a/19","entity":"w1","base":41,"action":{"do":"increment","field":"count","by":1}}}]}"#;
    let read: EventsReply = serde_json::from_str(events).unwrap();
    assert_eq!(encode(&read), events);
}

#[test]
fn unknown_fields_are_ignored() {
    let frame = r#"{"type":"ping","t":1,"from":"the future"}"#;
    assert!(matches!(decode_client(frame).unwrap()[..], [Ok(ClientMessage::Ping { .. })]));
}

/// What a bad frame is answered with: the words a developer reads.
#[test]
fn errors_say_which_message_and_what_about_it() {
    let told = |frame: &str| match decode_client(frame) {
        Err(error) => format!("frame: {error}"),
        Ok(messages) => match messages.into_iter().find_map(Result::err) {
            Some(error) => format!("message: {error}"),
            None => "fine".to_owned(),
        },
    };
    let mut answers = Vec::new();
    for frame in [
        "",
        "nonsense",
        "42",
        "[1]",
        "{\"type\":\"ping\"",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"foo\"}",
        "{\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"t\":\"now\"}",
        "{\"type\":\"subscribe\",\"channel\":\"boards:main\"}",
        "{\"type\":\"subscribe\",\"channel\":\"board:a/b\"}",
        "{\"type\":\"submit\",\"board\":\"main\",\"ops\":[{\"id\":\"c/0\",\"entity\":\"e\",\"base\":1,\"action\":{\"do\":\"remove\"}}]}",
        "{\"type\":\"submit\",\"board\":\"main\",\"ops\":[{\"id\":\"c/1\",\"entity\":\"e\",\"base\":1,\"action\":{\"do\":\"explode\"}}]}",
        "[{\"type\":\"ping\",\"t\":1},{\"type\":\"foo\"},{\"type\":\"ping\",\"t\":2}]",
    ] {
        answers.push(format!("{frame}\n  → {}", told(frame)));
    }
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn a_bad_message_does_not_spoil_its_neighbours() {
    let messages = decode_client(r#"[{"type":"ping","t":1},{"type":"foo"},{"type":"ping","t":2}]"#).unwrap();
    assert!(matches!(messages[..], [Ok(_), Err(DecodeError::UnknownType { .. }), Ok(_)]));
    assert!(!messages[1].as_ref().unwrap_err().is_fatal());
}

#[test]
fn a_frame_is_bounded_in_messages() {
    let frame = |count| format!("[{}]", vec![r#"{"type":"ping","t":1}"#; count].join(","));
    assert_eq!(decode_client(&frame(limits::MESSAGES_PER_FRAME)).unwrap().len(), limits::MESSAGES_PER_FRAME);
    let error = decode_client(&frame(limits::MESSAGES_PER_FRAME + 1)).unwrap_err();
    assert!(error.is_fatal(), "{error}");
}

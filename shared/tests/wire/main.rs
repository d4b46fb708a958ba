//! The wire, message by message: what `docs/wire.md` shows is read, and written back as it stands there.
//!
//! The page is the one place of the examples: every block of JSON in it says who says it, or which REST body it is. A
//! client written from it in another language relies on every letter. Its tables are those of the code.

use std::{collections::BTreeSet, fmt::Debug};

use serde::{Serialize, de::DeserializeOwned};
use tideboard_shared::{
    Check, ClientMessage, ClientMessageType, DecodeError, DeniedReason, Reason, ServerMessage, ServerMessageType,
    WireLimits,
    codec::Decoded,
    decode_client, decode_server, encode,
    ids::NAME_CHARS,
    limits,
    message::{
        BoardReply, CloseCode, ErrorCode, Event, EventsReply, NotificationPost, Problem, RealtimePost, RealtimeReply,
        Status, StreamPost,
    },
};

mod page;

use page::{examples, table};

/// Reads each example of a side and compares what is written with it.
fn check<M: Serialize>(side: &str, decode: impl Fn(&str) -> Result<Decoded<M>, DecodeError>) -> Vec<M> {
    let read = |example: &String| {
        let mut messages = decode(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        let message = messages.pop().expect("one message").unwrap_or_else(|error| panic!("{example}: {error}"));
        assert_eq!(encode(&message), *example);
        message
    };
    examples(side).iter().map(read).collect()
}

fn check_body<T: Serialize + DeserializeOwned + Debug>(label: &str) -> usize {
    let bodies = examples(label);
    for body in &bodies {
        let read: T = serde_json::from_str(body).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(encode(&read), *body);
    }
    assert!(!bodies.is_empty(), "no example of {label}");
    bodies.len()
}

#[test]
fn every_client_message_is_read_and_written_as_the_page_has_it() {
    let types: BTreeSet<_> = check("client", decode_client).iter().map(ClientMessage::message_type).collect();
    assert_eq!(types, ClientMessageType::ALL.iter().copied().collect());
}

#[test]
fn every_server_message_is_read_and_written_as_the_page_has_it() {
    let types: BTreeSet<_> = check("server", decode_server).iter().map(ServerMessage::message_type).collect();
    assert_eq!(types, ServerMessageType::ALL.iter().copied().collect());
}

#[test]
fn every_body_of_rest_is_read_and_written_as_the_page_has_it() {
    let checked = check_body::<RealtimePost>("RealtimePost")
        + check_body::<RealtimeReply>("RealtimeReply")
        + check_body::<Status>("Status")
        + check_body::<BoardReply>("BoardReply")
        + check_body::<EventsReply>("EventsReply")
        + check_body::<StreamPost>("StreamPost")
        + check_body::<NotificationPost>("NotificationPost")
        + check_body::<Problem>("Problem");
    let others = examples("client").len() + examples("server").len() + examples("events").len();
    assert_eq!(checked + others, page::all_examples(), "a block of JSON has a label that no test knows");
}

#[test]
fn the_check_of_the_events_on_the_page_is_as_it_says() {
    let mut check = Check::EMPTY;
    let mut said =
        page::PAGE.split("the check at ").nth(1).expect("the page says the checks").split('`').skip(1).step_by(2);
    for text in examples("events") {
        let event: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(encode(&event), text);
        check = check.after(&event);
        assert_eq!(said.next(), Some(&*check.to_string()), "at {}", event.seq);
    }
    assert!(page::PAGE.contains(&format!("`{}`", Check::EMPTY)));
}

/// Names in the first column of a table, each read as the type that the code has for it.
fn read_table<T: DeserializeOwned>(name: &str) -> Vec<(T, Vec<String>)> {
    let read = |row: Vec<String>| {
        let word = row[0].trim_matches('`');
        let value = serde_json::from_str(&format!("\"{word}\"")).unwrap_or_else(|error| panic!("{word}: {error}"));
        (value, row)
    };
    table(name).into_iter().map(read).collect()
}

#[test]
fn reasons_and_codes_are_those_of_the_page() {
    let reasons = read_table::<Reason>("rejected");
    for (reason, row) in &reasons {
        assert_ne!(*reason, Reason::Other, "{row:?}");
        assert_eq!(reason.is_retryable(), row[2] == "yes", "{row:?}");
    }
    assert_eq!(reasons.len(), Reason::ALL.len());
    let denied: Vec<_> = read_table::<DeniedReason>("denied").into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(denied, DeniedReason::ALL);
    let errors: Vec<_> = read_table::<ErrorCode>("error").into_iter().map(|(code, _)| code).collect();
    assert_eq!(errors, ErrorCode::ALL);
    let closes: Vec<_> = table("close").into_iter().map(|row| row[0].parse::<u16>().unwrap()).collect();
    assert_eq!(closes, CloseCode::ALL.map(CloseCode::code));
}

#[test]
fn limits_are_those_of_the_page() {
    let of_row = |row: Vec<String>| {
        let default: usize = row[1].replace(',', "").parse().expect("a number");
        (row[0].trim_matches('`').to_owned(), default.into())
    };
    let found: serde_json::Map<_, _> = table("limit").into_iter().map(of_row).collect();
    assert_eq!(serde_json::Value::from(found), serde_json::to_value(WireLimits::default()).unwrap());
    assert!(page::PAGE.contains(&format!("1 to {NAME_CHARS} characters")));
}

#[test]
fn a_frame_may_hold_many_messages_in_order() {
    let frame = format!("[{}]", examples("client").join(","));
    let one_by_one: Vec<_> = examples("client").iter().flat_map(|text| decode_client(text).unwrap()).collect();
    assert_eq!(decode_client(&frame).unwrap(), one_by_one);
}

#[test]
fn unknown_fields_are_ignored() {
    let frame = r#"{"type":"ping","t":1,"from":"the future"}"#;
    assert!(matches!(decode_client(frame).unwrap()[..], [Ok(ClientMessage::Ping { .. })]));
}

/// Answer to a bad frame: the words a developer reads.
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
}

#[test]
fn a_frame_is_bounded_in_messages() {
    let frame = |count| format!("[{}]", vec![r#"{"type":"ping","t":1}"#; count].join(","));
    assert_eq!(decode_client(&frame(limits::MESSAGES_PER_FRAME)).unwrap().len(), limits::MESSAGES_PER_FRAME);
    let error = decode_client(&frame(limits::MESSAGES_PER_FRAME + 1)).unwrap_err();
    assert_eq!(error, DecodeError::TooMany { found: limits::MESSAGES_PER_FRAME + 1, max: limits::MESSAGES_PER_FRAME });
}

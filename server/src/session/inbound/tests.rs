use actix_web::{body::BoxBody, test::TestRequest};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use proptest::prelude::*;

use super::*;
use crate::session::guard::tests::{Chunks, chunks, frame};

/// A socket on which this comes, and then nothing more.
fn open(limit: usize, source: Chunks) -> (HttpResponse<BoxBody>, Inbound) {
    let request = TestRequest::default()
        .insert_header(("upgrade", "websocket"))
        .insert_header(("connection", "upgrade"))
        .insert_header(("sec-websocket-version", "13"))
        .insert_header(("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw=="))
        .to_http_request();
    let mut payload = dev::Payload::Stream { payload: Box::pin(source.chain(stream::pending())) as _ };
    let payload = Payload::from_request(&request, &mut payload).into_inner().unwrap();
    Inbound::open(&request, payload, limit).now_or_never().unwrap().unwrap()
}

/// Messages that have come by now, to the first error.
fn heard(limit: usize, source: Chunks) -> (Vec<Message>, Option<FrameError>) {
    let (_response, mut inbound) = open(limit, source);
    let mut messages = Vec::new();
    while let Some(next) = inbound.next().now_or_never() {
        match next.expect("the connection stands") {
            Ok(message) => messages.push(message),
            Err(error) => return (messages, Some(error)),
        }
    }
    (messages, None)
}

fn text(text: &str) -> Message {
    Message::Text(text.to_owned().into())
}

#[test]
fn fragments_make_one_message_and_control_frames_may_come_between() {
    let parts = [frame(0x01, b"Hel"), frame(0x89, b"?"), frame(0x00, b"lo"), frame(0x80, b"!")];
    let ping = Message::Ping(Bytes::from_static(b"?"));
    assert_eq!(heard(6, chunks(&parts.concat(), &[100])), (vec![ping, text("Hello!")], None));
}

#[test]
fn what_came_before_a_breach_is_heard_first() {
    for (bad, error) in [
        (frame(0x81, &[b'x'; 50]), FrameError::TooLarge(9)),
        (frame(0x81, &[0xFF]), FrameError::NotUtf8),
        (frame(0xC1, b"x"), FrameError::Protocol("reserved bits are set")),
    ] {
        let bytes = [frame(0x81, b"one"), frame(0x81, b"two"), bad].concat();
        assert_eq!(heard(9, chunks(&bytes, &[1_000])), (vec![text("one"), text("two")], Some(error)));
    }
}

#[test]
fn a_message_of_the_limits_size_is_whole_in_one_frame_and_in_many() {
    let large = "x".repeat(100_000);
    let bytes = [
        frame(0x81, large.as_bytes()),
        frame(0x01, &large.as_bytes()[..60_000]),
        frame(0x80, &large.as_bytes()[60_000..]),
    ];
    assert_eq!(heard(100_000, chunks(&bytes.concat(), &[8_192])), (vec![text(&large), text(&large)], None));
}

#[test]
fn breaches_are_named() {
    let mut unmasked = frame(0x81, b"x");
    unmasked[1] &= 0x7F;
    let within = [frame(0x01, b"x"), frame(0x81, b"x")].concat();
    for (bytes, named) in [
        (unmasked, "mask"),
        (frame(0xC1, b"x"), "reserved"),
        (frame(0x80, b"x"), "continuation"),
        (within, "within another"),
        (frame(0x83, b"x"), "opcode"),
        (frame(0x8B, b"x"), "opcode"),
        (frame(0x09, b"x"), "control"),
        (frame(0x89, &[b'x'; 126]), "control"),
        (frame(0x02, b"x"), "binary"),
        ([frame(0x01, &[0xC3]), frame(0x80, b"x")].concat(), "UTF-8"),
    ] {
        let (messages, error) = heard(1_000, chunks(&bytes, &[100]));
        assert_eq!(messages, []);
        let error = error.unwrap().to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
}

#[test]
fn a_goodbye_with_a_code_or_reason_that_may_not_be_is_a_breach() {
    assert_eq!(heard(100, chunks(&frame(0x88, b""), &[100])), (vec![Message::Close(None)], None));
    for payload in [&[3][..], &1005_u16.to_be_bytes(), &[3, 0xE8, 0xFF]] {
        assert_eq!(heard(100, chunks(&frame(0x88, payload), &[100])), (vec![], Some(FrameError::Goodbye)));
    }
}

#[test]
fn who_drops_the_response_ends_the_messages() {
    let (response, mut inbound) = open(100, chunks(&[], &[1]));
    assert!(inbound.next().now_or_never().is_none());
    drop(response);
    assert_eq!(inbound.next().now_or_never(), Some(None));
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_gives_the_same_messages(
        texts in prop::collection::vec(".{0,200}", 0..6), cuts in prop::collection::vec(1_usize..40, 1..200),
    ) {
        let bytes: Vec<u8> = texts.iter().flat_map(|text| frame(0x81, text.as_bytes())).collect();
        let expected: Vec<_> = texts.iter().map(|one| text(one)).collect();
        prop_assert_eq!(heard(4_000, chunks(&bytes, &cuts)), (expected, None));
    }
}

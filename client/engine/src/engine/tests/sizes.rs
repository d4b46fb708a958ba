use tideboard_shared::{
    BoardId, Channel, Point, UnixMs, WireLimits, decode_client,
    message::{CloseCode, RealtimeReply},
};

use super::*;
use crate::Config;

const FRAME_BYTES: usize = 8_000;

/// On a board of a server with small frames.
fn small() -> Bench {
    let mut bench = note();
    bench.cut();
    bench.reconnect_to(WireLimits { frame_bytes: FRAME_BYTES, ..WireLimits::default() });
    bench.receive(&[subscribed(40, true)]);
    bench.sent();
    bench
}

fn text(bytes: usize) -> Action {
    set("title", "x".repeat(bytes))
}

fn is_too_large(why: &Refused) -> bool {
    matches!(why, Refused::Rejected(Rejection { reason: Reason::TooLarge, .. }))
}

fn too_large() -> SocketEvent {
    closed(CloseCode::TooLarge.code())
}

fn publish(bytes: usize) -> ClientMessage {
    let points = vec![Point(UnixMs(1_700_000_000_000), 0.5); bytes / 19];
    ClientMessage::Publish { stream: "line3.temp".parse().unwrap(), points }
}

/// Follows another board, which is empty.
fn follow_too(bench: &mut Bench, other: &BoardId) {
    bench.engine.subscribe(Channel::Board(other.clone()).into());
    bench.drain();
    let mut answers = [subscribed(40, false), snapshot(40, 0, Vec::new())];
    for answer in &mut answers {
        match answer {
            ServerMessage::Subscribed { channel, .. } => *channel = format!("board:{other}"),
            ServerMessage::Snapshot(snapshot) => snapshot.board = other.clone(),
            _ => {}
        }
    }
    bench.receive(&answers);
}

#[test]
fn an_edit_that_no_frame_has_room_for_is_set_aside_and_holds_up_none() {
    let mut bench = small();
    let large = bench.apply(edit("n", text(FRAME_BYTES)));
    bench.apply(edit("n", add(1)));
    assert_eq!(ids(&bench.sent()), ["me/2"]);
    assert!(matches!(&bench.ended[..], [(id, EditEnd::Refused(why))] if *id == large && is_too_large(why)));
    assert!(bench.engine.notices().any(|notice| notice.edit == large && is_too_large(&notice.why)));
    assert_eq!((shown(&bench, "title"), bench.engine.refused().count()), (json!("old"), 1));
    bench.receive(&[applied(2, 41), updates(vec![(41, op("me/2", "n", add(1)))])]);
    assert_eq!(bench.engine.sync_view().pending, 0);
    // Another page finds it where it was set aside.
    let again = Bench::on_disk(Config::default(), 2, bench.disk);
    assert_eq!(again.engine.refused().count(), 1);
}

#[test]
fn of_edits_that_the_way_has_no_room_for_half_are_tried_and_one_alone_is_set_aside() {
    let mut bench = note();
    bench.cut();
    bench.apply(edit("n", text(20_000)));
    bench.apply(edit("n", text(20_001)));
    bench.reconnect();
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(ids(&bench.sent()), ["me/1", "me/2"]);
    bench.input_current(too_large());
    bench.reconnect();
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(ids(&bench.sent()), ["me/1"]);
    assert!(bench.ended.is_empty());
    bench.input_current(too_large());
    assert!(matches!(&bench.ended[..], [(_, EditEnd::Refused(why))] if is_too_large(why)));
    bench.reconnect();
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(ids(&bench.sent()), ["me/2"]);
}

#[test]
fn a_small_edit_is_not_taken_for_what_was_too_large() {
    let mut bench = note();
    bench.apply(edit("n", text(1_000)));
    bench.input_current(too_large());
    bench.reconnect();
    assert!(bench.ended.is_empty());
    assert_eq!(bench.engine.sync_view().pending, 1);
}

/// Answers the post that asks which history the server has of each board, so that edits go with the next one.
fn answer_which_history(bench: &mut Bench) {
    let (id, body) = bench.posted.pop().unwrap();
    assert!(body.contains("\"submit\":[]"), "{body}");
    let stands = |board: &str| ServerMessage::Subscribed {
        channel: format!("board:{board}"),
        at: Some(at(40)),
        recovered: true,
        reset: false,
    };
    let messages = vec![stands("main"), stands("other")];
    let reply = RealtimeReply { server_time: UnixMs(1_700_000_000_000), messages };
    bench.input(Input::Posted { id, result: Ok(tideboard_shared::encode(&reply)) });
    bench.pass(Duration::from_millis(1));
}

#[test]
fn a_post_that_is_too_large_is_halved_like_a_frame_and_all_boards_share_one() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"title": "old"}))]);
    let other: BoardId = "other".parse().unwrap();
    follow_too(&mut bench, &other);
    bench.input(socket(1, closed(1006)));
    bench.pass(Duration::from_secs(9));
    for board in [main(), other] {
        let create =
            |bytes| Action::Create { kind: "note".into(), fields: [("t".to_owned(), json!("x".repeat(bytes)))].into() };
        bench.apply(Edit::new(board.clone(), "a", create(40_000)));
        bench.apply(Edit::new(board, "b", create(40_000)));
    }
    bench.pass(Duration::from_secs(1));
    answer_which_history(&mut bench);
    let (id, body) = bench.posted.pop().unwrap();
    assert!(body.len() < WireLimits::default().frame_bytes, "{}", body.len());
    assert!(body.contains("me/1") && body.contains("me/2") && body.contains("me/3") && !body.contains("me/4"));
    bench.input(Input::Posted { id, result: Err(crate::PostError { status: Some(413) }) });
    bench.pass(Duration::from_secs(30));
    answer_which_history(&mut bench);
    let (_, body) = bench.posted.pop().unwrap();
    assert!(body.contains("me/1") && !body.contains("me/2") && body.contains("me/3"));
}

#[test]
fn messages_that_waited_go_out_in_frames_of_their_size_and_none_is_lost() {
    let mut bench = note();
    bench.cut();
    for _ in 0..30 {
        assert_eq!(bench.engine.send(publish(30_000)), SendResult::Queued);
    }
    bench.drain();
    bench.sent();
    bench.reconnect();
    let frames = bench.sent();
    assert!(frames.iter().all(|frame| frame.len() <= WireLimits::default().frame_bytes));
    let is_publish = |message: &ClientMessage| matches!(message, ClientMessage::Publish { .. });
    let messages = frames.iter().flat_map(|frame| decode_client(frame).unwrap());
    assert_eq!(messages.filter(|message| message.as_ref().is_ok_and(is_publish)).count(), 30);
}

#[test]
fn messages_that_wait_are_bounded_in_bytes_and_one_larger_than_a_frame_is_refused() {
    let mut config = Config::default();
    config.connection.max_queued_bytes = 102_400.try_into().unwrap();
    let mut bench = Bench::with(config);
    assert_eq!(bench.engine.send(publish(60_000)), SendResult::Queued);
    assert_eq!(bench.engine.send(publish(60_000)), SendResult::Refused);
    assert_eq!(bench.engine.send(publish(30_000)), SendResult::Queued);
    let mut bench = Bench::live();
    assert_eq!(bench.engine.send(publish(400_000)), SendResult::Refused);
    bench.drain();
    assert!(bench.sent().is_empty());
}

use serde_json::json;
use tideboard_shared::{ServerMessage, WireLimits};

use super::*;
use crate::{Config, Input, testing::*};

const SECOND: Duration = Duration::from_secs(1);

fn list() -> Request {
    Request::new("board.list", json!({}))
}

fn safe() -> Request {
    Request { idempotent: true, ..list() }
}

fn ask(bench: &mut Bench, request: Request) -> RequestId {
    let id = bench.engine.request(request, bench.now);
    bench.drain();
    id
}

/// The ids on the wire of what was sent.
fn asked(bench: &mut Bench) -> Vec<String> {
    let id = |frame: String| {
        let message: Value = serde_json::from_str(&frame).unwrap();
        (message["type"] == "request").then(|| message["id"].as_str().unwrap().to_owned())
    };
    bench.sent().into_iter().filter_map(id).collect()
}

fn result(id: &str, result: Value) -> ServerMessage {
    ServerMessage::Response(Response::Result { id: id.into(), result })
}

fn answers(bench: &mut Bench) -> Vec<(RequestId, Answer)> {
    std::mem::take(&mut bench.answered)
}

fn cut(maybe_applied: bool) -> Answer {
    Err(RequestError::Disconnected { maybe_applied })
}

#[test]
fn each_answer_goes_to_its_question_in_whatever_order_they_come() {
    let mut bench = Bench::live();
    let first = ask(&mut bench, list());
    let second = ask(&mut bench, list());
    let ids = asked(&mut bench);
    assert_eq!(bench.engine.requests_view(), RequestsView { queued: 0, in_flight: 2 });
    let failure = RequestFailure { code: "unknown_method".into(), message: "no such method".into() };
    let refused = Response::Error { id: ids[1].clone(), error: failure.clone() };
    bench.receive(&[ServerMessage::Response(refused), result(&ids[0], json!(7))]);
    assert_eq!(answers(&mut bench), [(second, Err(RequestError::Rejected(failure))), (first, Ok(json!(7)))]);
    assert_eq!(bench.engine.requests_view(), RequestsView::default());
}

#[test]
fn request_cut_midway_says_maybe_applied() {
    let mut bench = Bench::live();
    let sent = ask(&mut bench, list());
    bench.input(socket(1, closed(1006)));
    assert_eq!(answers(&mut bench), [(sent, cut(true))]);
    let late = ask(&mut bench, list());
    assert_eq!(answers(&mut bench), [(late, cut(false))], "it was never sent");
    bench.reconnect();
    assert_eq!(asked(&mut bench).len(), 1, "what is not idempotent is never sent again");
}

#[test]
fn an_idempotent_request_is_sent_again_after_a_cut_under_the_same_id() {
    let mut bench = Bench::live();
    let id = ask(&mut bench, safe());
    bench.input(socket(1, closed(1006)));
    assert_eq!(answers(&mut bench), []);
    bench.reconnect();
    let ids = asked(&mut bench);
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    bench.receive(&[result(&ids[0], json!(1)), result(&ids[0], json!(2))]);
    assert_eq!(answers(&mut bench), [(id, Ok(json!(1)))], "the second answer is ignored");
}

#[test]
fn an_idempotent_request_is_repeated_within_its_time_and_no_longer() {
    let mut bench = Bench::live();
    let id = ask(&mut bench, Request { retries: Some(2), timeout: Some(9 * SECOND), ..safe() });
    let mut sent = Vec::new();
    for _ in 0..9 {
        bench.pass(SECOND - Duration::from_millis(1));
        sent.push(asked(&mut bench).len());
        bench.pass(Duration::from_millis(1));
    }
    assert_eq!(sent, [1, 0, 0, 1, 0, 0, 1, 0, 0], "at 0, 3 and 6 seconds");
    assert_eq!(answers(&mut bench), [(id, Err(RequestError::Timeout))]);
}

#[test]
fn a_request_that_may_not_be_repeated_has_all_the_time_for_one_answer() {
    let mut bench = Bench::live();
    let id = ask(&mut bench, Request { retries: Some(5), ..list() });
    for _ in 0..2 {
        bench.pass(15 * SECOND - Duration::from_millis(1));
        bench.receive(&[stream("host.cpu", 1)]);
        assert_eq!(answers(&mut bench), []);
    }
    bench.pass(SECOND);
    assert_eq!(answers(&mut bench), [(id, Err(RequestError::Timeout))]);
    assert_eq!(asked(&mut bench).len(), 1);
}

#[test]
fn repeats_run_out_across_cuts() {
    let mut bench = Bench::live();
    let id = ask(&mut bench, Request { retries: Some(1), ..safe() });
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    bench.input(socket(2, closed(1006)));
    assert_eq!(answers(&mut bench), [(id, cut(true))]);
}

#[test]
fn one_that_may_wait_for_a_connection_is_sent_with_it_or_says_that_there_was_none() {
    let mut bench = Bench::new();
    let waiting = || Request { queue_when_offline: true, timeout: Some(20 * SECOND), ..list() };
    let late = ask(&mut bench, waiting());
    bench.pass(19 * SECOND);
    let sent = ask(&mut bench, waiting());
    bench.pass(SECOND);
    assert_eq!(answers(&mut bench), [(late, cut(false))]);
    assert_eq!(bench.engine.requests_view(), RequestsView { queued: 1, in_flight: 0 });
    bench.go_live_keeping_sent();
    let ids = asked(&mut bench);
    bench.receive(&[result(&ids[0], json!(1))]);
    assert_eq!((ids.len(), answers(&mut bench)), (1, vec![(sent, Ok(json!(1)))]));
}

#[test]
fn time_that_runs_out_between_two_connections_says_that_it_was_sent() {
    let mut bench = Bench::live();
    let id = ask(&mut bench, Request { timeout: Some(5 * SECOND), ..safe() });
    bench.input(Input::Disconnect);
    bench.pass(5 * SECOND);
    assert_eq!(answers(&mut bench), [(id, cut(true))]);
}

#[test]
fn a_cancelled_request_says_so_once_and_is_not_sent_any_more() {
    let mut bench = Bench::live();
    let sent = ask(&mut bench, safe());
    let ids = asked(&mut bench);
    bench.engine.cancel_request(sent);
    bench.engine.cancel_request(sent);
    bench.drain();
    assert_eq!(answers(&mut bench), [(sent, Err(RequestError::Cancelled))]);
    bench.receive(&[result(&ids[0], json!(1))]);
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    assert_eq!((answers(&mut bench), asked(&mut bench)), (vec![], vec![]));
}

#[test]
fn no_more_wait_than_may_and_none_is_larger_than_a_frame() {
    let mut config = Config::default();
    config.requests.max_waiting = 2.try_into().unwrap();
    let mut bench = Bench::with(config);
    bench.go_live();
    let huge = Request::new("echo", json!("x".repeat(WireLimits::default().frame_bytes)));
    let id = ask(&mut bench, huge);
    let limit = WireLimits::default().frame_bytes;
    let bytes = asked_bytes(&bench);
    assert_eq!(answers(&mut bench), [(id, Err(RequestError::TooLarge { bytes, limit }))]);
    for _ in 0..2 {
        ask(&mut bench, list());
    }
    let id = ask(&mut bench, list());
    assert_eq!(answers(&mut bench), [(id, Err(RequestError::TooMany { limit: 2 }))]);
    assert_eq!(asked(&mut bench).len(), 2);
}

fn asked_bytes(bench: &Bench) -> usize {
    let Some((_, Err(RequestError::TooLarge { bytes, .. }))) = bench.answered.first() else { panic!() };
    assert!(*bytes > WireLimits::default().frame_bytes);
    *bytes
}

#[test]
fn an_answer_to_an_earlier_life_of_the_tab_is_not_taken_for_another_questions() {
    let mut before = Bench::seeded(Config::default(), 1);
    before.go_live();
    ask(&mut before, list());
    let old = asked(&mut before);
    let mut bench = Bench::seeded(Config::default(), 2);
    bench.go_live();
    let id = ask(&mut bench, list());
    bench.receive(&[result(&old[0], json!("old")), result("1", json!("foreign"))]);
    assert_eq!(answers(&mut bench), []);
    let ids = asked(&mut bench);
    bench.receive(&[result(&ids[0], json!("new"))]);
    assert_eq!(answers(&mut bench), [(id, Ok(json!("new")))]);
}

#[test]
fn only_what_was_never_sent_can_be_asked_again_without_harm() {
    assert!(RequestError::Disconnected { maybe_applied: false }.is_retryable());
    assert!(!RequestError::Disconnected { maybe_applied: true }.is_retryable());
    assert!(!RequestError::Timeout.is_retryable());
}

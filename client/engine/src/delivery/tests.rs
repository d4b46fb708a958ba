use std::rc::Rc;

use serde_json::json;
use tideboard_shared::{
    Action, Operation, ServerMessage, ServerMessageType, UnixMs, encode, encode_many, message::Subscribe,
};

use super::*;
use crate::{Config, Input, Key, Output, Reader, SocketEvent, config::Strategy, testing::*};

mod any_order;

const SECOND: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);

fn board() -> DeliveryOptions {
    DeliveryOptions::new(Source::Channel(Channel::Board(main())))
}

fn cpu() -> DeliveryOptions {
    DeliveryOptions::new(Source::Channel("stream:cpu".parse().unwrap()))
}

fn with(strategy: Strategy, options: DeliveryOptions) -> DeliveryOptions {
    DeliveryOptions { policy: Some(Policy::configured(strategy, &DeliveryConfig::default())), ..options }
}

fn at_once(options: DeliveryOptions) -> DeliveryOptions {
    DeliveryOptions { priority: Priority::Critical, ..options }
}

fn open(bench: &mut Bench, options: DeliveryOptions) -> DeliveryId {
    bench.engine.open_delivery(options).unwrap()
}

/// Live, on a board with one note at `seq` 40, and subscribed to the stream `cpu` with history.
fn bench() -> Bench {
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 0}))]);
    let channel: Channel = "stream:cpu".parse().unwrap();
    bench.engine.subscribe(Subscribe { history: Some(10), ..channel.into() });
    bench.drain();
    stands(&mut bench);
    bench
}

fn stands(bench: &mut Bench) {
    let channel = "stream:cpu".into();
    bench.receive(&[ServerMessage::Subscribed { channel, at: None, recovered: false, reset: false }]);
}

fn event(seq: u64) -> (u64, Operation) {
    (seq, op(&format!("bob/{seq}"), "n", Action::Increment { field: "count".into(), by: 1.into() }))
}

fn events(seqs: std::ops::RangeInclusive<u64>) -> ServerMessage {
    updates(seqs.map(event).collect())
}

fn points(times: &[u64]) -> ServerMessage {
    let points = times.iter().map(|t| Point(UnixMs(*t), *t as f64)).collect();
    ServerMessage::Stream { topic: "cpu".parse().unwrap(), points, thinned: false }
}

/// Deliveries since the last call, as text: an event's `seq`, a point's time, `-n` for n missed.
fn got(bench: &mut Bench) -> Vec<Vec<String>> {
    let text = |item: &Item| match &item.body {
        Body::Event(event) => event.seq.to_string(),
        Body::Point { point, .. } => point.0.0.to_string(),
        Body::Message(message) => message.message_type().to_string(),
        Body::Folded(value) => value.to_string(),
        Body::Missed(missed) => missed.count.map_or("-?".into(), |count| format!("-{count}")),
    };
    std::mem::take(&mut bench.delivered).iter().map(|(_, items)| items.iter().map(text).collect()).collect()
}

fn view(bench: &Bench, id: DeliveryId) -> DeliveryView {
    bench.engine.delivery_view(id).unwrap()
}

#[test]
fn burst_loses_nothing() {
    for strategy in [Strategy::Raf, Strategy::Batch, Strategy::Debounce, Strategy::Throttle] {
        let mut bench = bench();
        let board = open(&mut bench, with(strategy, board()));
        let raw = open(&mut bench, with(strategy, DeliveryOptions::new(Source::Messages(ServerMessageType::Updates))));
        // 3,000 events in 750 messages in 3 frames, all at the same instant.
        let messages: Vec<_> = (0..750).map(|at| events(41 + 4 * at..=44 + 4 * at)).collect();
        for frame in messages.chunks(250) {
            bench.input(socket(1, SocketEvent::Frame(encode_many(frame))));
        }
        bench.pass(2 * SECOND);
        let of = |id| bench.delivered.iter().filter(move |(to, _)| *to == id).flat_map(|(_, items)| items);
        let seqs: Vec<_> = of(board).map(|item| (item.through.unwrap().0, item.stands_for)).collect();
        assert_eq!(seqs, (41..=3_040).map(|seq| (seq, 1)).collect::<Vec<_>>(), "{strategy:?}");
        let whole: Vec<_> = of(raw).map(|item| item.body.clone()).collect();
        assert_eq!(whole, messages.into_iter().map(|message| Body::Message(Rc::new(message))).collect::<Vec<_>>());
    }
}

#[test]
fn a_batch_is_handed_over_when_there_are_many_or_the_oldest_has_waited() {
    let mut bench = bench();
    open(&mut bench, board());
    bench.receive(&[events(41..=41)]);
    bench.pass(150 * MS);
    bench.receive(&[events(42..=42)]);
    bench.pass(49 * MS);
    assert_eq!(got(&mut bench), [[""; 0]; 0]);
    bench.pass(MS);
    assert_eq!(got(&mut bench), [["41", "42"]]);
    bench.receive(&[events(43..=91)]);
    assert_eq!(got(&mut bench).len(), 0);
    bench.receive(&[events(92..=92)]);
    assert_eq!(got(&mut bench)[0].len(), 50);
}

#[test]
fn debounce_waits_for_quiet_but_not_for_ever() {
    let mut bench = bench();
    open(&mut bench, with(Strategy::Debounce, board()));
    bench.receive(&[events(41..=41)]);
    bench.pass(99 * MS);
    bench.receive(&[events(42..=42)]);
    bench.pass(99 * MS);
    assert_eq!(got(&mut bench).len(), 0);
    bench.pass(MS);
    assert_eq!(got(&mut bench), [["41", "42"]]);
    for seq in 43..=62 {
        bench.receive(&[events(seq..=seq)]);
        bench.pass(50 * MS);
    }
    assert_eq!(got(&mut bench)[0].len(), 20, "after a second all the same");
}

#[test]
fn throttle_hands_over_at_once_and_then_not_too_often() {
    let mut bench = bench();
    open(&mut bench, with(Strategy::Throttle, board()));
    bench.receive(&[events(41..=41)]);
    assert_eq!(got(&mut bench), [["41"]]);
    bench.receive(&[events(42..=42), events(43..=43)]);
    bench.pass(99 * MS);
    assert_eq!(got(&mut bench).len(), 0);
    bench.pass(MS);
    assert_eq!(got(&mut bench), [["42", "43"]]);
}

#[test]
fn raf_hands_over_with_the_next_frame_and_on_a_hidden_page_now_and_then() {
    let mut bench = bench();
    open(&mut bench, with(Strategy::Raf, board()));
    open(&mut bench, with(Strategy::Raf, cpu()));
    bench.receive(&[events(41..=41), events(42..=42), points(&[1])]);
    assert_eq!((bench.frames_requested, got(&mut bench).len()), (1, 0), "one frame for all");
    bench.input(Input::Frame);
    assert_eq!(got(&mut bench), [vec!["41", "42"], vec!["1"]]);
    bench.receive(&[events(43..=43)]);
    bench.pass(SECOND);
    assert_eq!((bench.frames_requested, got(&mut bench)), (2, vec![vec!["43".to_owned()]]), "no frame came");
    bench.receive(&[events(44..=44)]);
    assert_eq!(bench.frames_requested, 2, "it is still to come");
}

#[test]
fn what_is_critical_comes_at_once_and_before_the_rest() {
    let mut bench = bench();
    let usual = open(&mut bench, with(Strategy::Throttle, board()));
    let critical = open(&mut bench, at_once(board()));
    bench.receive(&[events(41..=41)]);
    let order: Vec<_> = bench.delivered.iter().map(|(id, _)| *id).collect();
    assert_eq!(order, [critical, usual]);
    bench.receive(&[events(42..=42)]);
    assert_eq!(bench.delivered.last().unwrap().0, critical);
}

#[test]
fn items_of_one_key_become_one_that_says_how_many_it_stands_for() {
    let mut bench = bench();
    let by_topic = KeyFn::new(|body| match body {
        Body::Point { topic, .. } => Some(topic.to_string()),
        _ => None,
    });
    let id = open(&mut bench, DeliveryOptions { dedup: Some(by_topic), ..cpu() });
    let sum = FoldFn::new(|earlier, later| {
        let value = |body: &Body| match body {
            Body::Point { point, .. } => point.1,
            Body::Folded(value) => value.as_f64().unwrap(),
            _ => 0.0,
        };
        Body::Folded(json!(value(earlier) + value(later)))
    });
    open(&mut bench, DeliveryOptions { merge: Some(sum), ..cpu() });
    bench.receive(&[points(&[1, 2]), points(&[3])]);
    bench.pass(SECOND);
    assert!(bench.delivered.iter().all(|(_, items)| items[0].stands_for == 3));
    assert_eq!(got(&mut bench), [["3"], ["6.0"]]);
    let view = view(&bench, id);
    assert_eq!((view.received, view.delivered, view.coalesced), (3, 1, 2));
    let metrics = bench.engine.channel_view(&"stream:cpu".parse().unwrap()).unwrap().metrics;
    assert_eq!((metrics.received, metrics.delivered, metrics.coalesced), (3, 2, 4), "of both consumers");
}

#[test]
fn client_knows_what_it_missed() {
    let mut bench = bench();
    open(&mut bench, at_once(board()));
    let mut cut = |epoch, answer: &[ServerMessage]| {
        bench.input(socket(epoch, closed(1006)));
        bench.reconnect();
        bench.receive(answer);
        got(&mut bench)
    };
    let missed = cut(1, &[subscribed(43, true), events(41..=43)]);
    assert_eq!(missed, [["41", "42", "43"]], "resumed: nothing was missed");
    let missed = cut(2, &[subscribed(50, false), snapshot(50, 0, vec![entity("n", json!({"count": 9}))])]);
    assert_eq!(missed, [["-7"]], "not resumed: seven events are in the board only");
    let missed = cut(3, &[subscribed(50, false), snapshot(50, 0, vec![])]);
    assert_eq!(missed, [[""; 0]; 0], "the same again is nothing");
    let ServerMessage::Snapshot(whole) = snapshot(12, 0, vec![entity("n", json!({"count": 1}))]) else { panic!() };
    let other = ServerMessage::Snapshot(tideboard_shared::message::Snapshot { epoch: "e_2".into(), ..whole });
    let missed = cut(4, &[subscribed(12, false), other, events(13..=13)]);
    assert_eq!(missed, [vec!["-?"], vec!["13"]], "another log: nobody can know");
    let (_, items) = bench.delivered.pop().unwrap_or((DeliveryId(0), Vec::new()));
    assert_eq!(items, []);
}

#[test]
fn a_consumer_that_was_paused_gets_what_it_missed_or_how_much_that_is() {
    let mut config = Config::default();
    config.delivery.max_missed = 3.try_into().unwrap();
    let mut bench = Bench::with(config);
    bench.go_live();
    bench.follow();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, vec![entity("n", json!({"count": 0}))])]);
    let id = open(&mut bench, at_once(board()));
    bench.engine.pause_delivery(id);
    bench.receive(&[events(41..=42)]);
    assert_eq!((got(&mut bench).len(), view(&bench, id).status), (0, DeliveryStatus::Paused));
    bench.engine.resume_delivery(id, bench.now);
    bench.drain();
    assert_eq!(got(&mut bench), [["41", "42"]]);
    bench.engine.pause_delivery(id);
    bench.receive(&[events(43..=47), events(48..=49)]);
    assert_eq!((view(&bench, id).held, view(&bench, id).left_out, view(&bench, id).coalesced), (3, Some(4), 4));
    bench.engine.resume_delivery(id, bench.now);
    bench.drain();
    let Body::Missed(missed) = bench.delivered[0].1[0].body else { panic!() };
    assert_eq!((missed.why, bench.delivered[0].1[0].through), (MissedWhy::Limit, Some(Seq(46))));
    assert_eq!(got(&mut bench), [["-4", "47", "48", "49"]]);
}

#[test]
fn live_panel_keeps_history_on_reconnect_and_pauses() {
    let mut bench = bench();
    let id = open(&mut bench, at_once(cpu()));
    bench.receive(&[points(&[1, 2, 3])]);
    bench.input(socket(1, closed(1006)));
    let ring = |bench: &Bench| {
        let ring = bench.engine.stream(&"cpu".parse().unwrap()).unwrap();
        ring.points().iter().map(|point| point.0.0).collect::<Vec<_>>()
    };
    assert_eq!(ring(&bench), [1, 2, 3], "a chart keeps its line");
    assert_eq!(got(&mut bench), [["1", "2", "3"]]);
    bench.reconnect();
    assert!(bench.sent().iter().any(|frame| frame.contains("\"history\":10")));
    stands(&mut bench);
    bench.engine.pause_delivery(id);
    bench.receive(&[points(&[2, 3, 4, 5]), points(&[6])]);
    assert_eq!(
        (ring(&bench), got(&mut bench).len()),
        (vec![1, 2, 3, 4, 5, 6], 0),
        "the line goes on, the panel stands"
    );
    bench.engine.resume_delivery(id, bench.now);
    bench.drain();
    assert_eq!(got(&mut bench), [["4", "5", "6"]], "history that follows on leaves no hole");
    bench.input(socket(2, closed(1006)));
    bench.reconnect();
    bench.receive(&[points(&[9])]);
    assert_eq!(got(&mut bench), [["-?", "9"]], "where it does not, the panel knows");
}

#[test]
fn stale_data_says_so() {
    let mut bench = bench();
    let stale_after = Some(10 * SECOND);
    let stream = open(&mut bench, DeliveryOptions { stale_after, ..at_once(cpu()) });
    let board = open(&mut bench, DeliveryOptions { stale_after, ..at_once(board()) });
    assert_eq!(view(&bench, stream).status, DeliveryStatus::Loading);
    bench.receive(&[points(&[1])]);
    bench.pass(10 * SECOND - MS);
    assert_eq!(view(&bench, stream).status, DeliveryStatus::Live);
    bench.pass(MS);
    assert_eq!(
        (view(&bench, stream).status, view(&bench, stream).age(bench.now.mono)),
        (DeliveryStatus::Stale, stale_after)
    );
    assert!(bench.log.iter().any(|line| line.contains("Changed") && line.contains(&format!("{stream:?}"))));
    bench.receive(&[points(&[2])]);
    assert_eq!(
        (view(&bench, stream).status, view(&bench, stream).last_update),
        (DeliveryStatus::Live, Some(bench.now.wall))
    );
    bench.pass(20 * SECOND);
    let quiet = view(&bench, board);
    assert_eq!(
        (&quiet.status, quiet.age(bench.now.mono)),
        (&DeliveryStatus::Live, Some(Duration::ZERO)),
        "quiet is not stale"
    );
    bench.input(Input::Disconnect);
    assert_eq!(view(&bench, board).status, DeliveryStatus::CatchingUp);
    bench.pass(10 * SECOND);
    assert_eq!(
        (view(&bench, board).status, view(&bench, board).age(bench.now.mono)),
        (DeliveryStatus::Stale, stale_after)
    );
    bench.input(Input::Connect);
    bench.greet(2);
    assert_eq!(view(&bench, board).status, DeliveryStatus::CatchingUp);
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(view(&bench, board).status, DeliveryStatus::Live);
}

#[test]
fn a_consumer_of_what_is_denied_says_why() {
    let mut bench = bench();
    let board = open(&mut bench, board());
    let stream = open(&mut bench, cpu());
    let denied = |channel: &str| ServerMessage::Denied { channel: channel.into(), reason: "forbidden".into() };
    bench.receive(&[denied("board:main"), denied("stream:cpu")]);
    let error = DeliveryStatus::Error { reason: "forbidden".into() };
    assert_eq!((view(&bench, board).status, view(&bench, stream).status), (error.clone(), error));
}

#[test]
fn consumers_are_bounded_and_a_closed_one_gets_nothing_more() {
    let mut config = Config::default();
    config.delivery.max_open = 1.try_into().unwrap();
    let mut bench = Bench::with(config);
    bench.go_live();
    let all = || at_once(DeliveryOptions::new(Source::Messages(ServerMessageType::Notification)));
    let id = open(&mut bench, all());
    assert_eq!(bench.engine.open_delivery(all()), Err(OpenError::TooMany { limit: 1 }));
    bench.engine.close_delivery(id);
    let other = open(&mut bench, all());
    let news = json!({"type": "notification", "id": "1", "level": "info", "title": "Deploy", "at": 1});
    bench.input(socket(1, SocketEvent::Frame(news.to_string())));
    let to: Vec<_> = bench.delivered.iter().map(|(id, _)| *id).collect();
    assert_eq!((to, bench.engine.delivery_view(id)), (vec![other], None));
}

#[test]
fn what_still_waits_for_a_consumer_that_is_closed_is_handed_over_first() {
    let mut bench = bench();
    let id = open(&mut bench, board());
    bench.receive(&[events(41..=42)]);
    bench.engine.pause_delivery(id);
    bench.engine.close_delivery(id);
    bench.drain();
    assert_eq!(got(&mut bench), [["41", "42"]]);
}

#[test]
fn a_reader_learns_of_a_consumer_by_its_keys() {
    let mut bench = bench();
    let id = open(&mut bench, cpu());
    let reader = Reader::new(&bench.engine);
    assert_eq!(reader.delivery(id).unwrap().held, 0);
    let reads = reader.into_reads();
    bench.engine.handle_input(socket(1, SocketEvent::Frame(encode(&points(&[1])))), bench.now);
    let mut changed = Vec::new();
    while let Some(output) = bench.engine.poll_output() {
        if let Output::Changed(keys) = output {
            changed.extend(keys.into_iter().filter(|key| reads.contains(key)));
        }
    }
    assert_eq!((changed, view(&bench, id).held), (vec![Key::Delivery(id)], 1));
}

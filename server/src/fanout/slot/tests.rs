use std::task::Waker;

use tideboard_shared::{UnixMs, decode_server};

use super::*;
use crate::fanout::held::{HeldBudget, SharedSnapshot, held_bytes};

/// Budget of the slots of these tests.
const BYTES: usize = 64 * 1024;

fn slot() -> (Rc<Slot>, SlotBody) {
    let slot = Rc::new(Slot::new(SessionKey(1), BYTES, Arc::default()));
    let body = SlotBody { slot: Rc::clone(&slot), replaced: BoxBody::new(()) };
    (slot, body)
}

/// Frames that the body has to send now; `None` at its end.
fn sent(body: &mut SlotBody) -> Option<Vec<Bytes>> {
    let mut context = Context::from_waker(Waker::noop());
    let mut frames = Vec::new();
    loop {
        match Pin::new(&mut *body).poll_next(&mut context) {
            Poll::Ready(Some(Ok(frame))) => frames.push(frame),
            Poll::Ready(None) => return None,
            Poll::Pending => return Some(frames),
        }
    }
}

/// A frame that counts as so many bytes.
fn bytes(counted: usize) -> Bytes {
    vec![b'x'; counted - FRAME_OVERHEAD].into()
}

fn history(points: usize) -> ServerMessage {
    ServerMessage::Stream {
        topic: "t".parse().unwrap(),
        points: vec![Point(UnixMs(1_763_710_000_000), 0.123); points],
        thinned: false,
    }
}

fn held(message: ServerMessage) -> HeldMessage {
    HeldBudget::new(usize::MAX).hold(vec![message], &mut SharedSnapshot::default()).unwrap().remove(0)
}

fn topic(name: &str) -> Topic {
    name.parse().unwrap()
}

fn point(t: u64) -> Point {
    Point(UnixMs(t), 0.5)
}

/// Offers one point as a frame that counts as so many bytes.
fn offer(slot: &Slot, name: &str, t: u64, priority: Priority, counted: usize) {
    slot.offer(&topic(name), point(t), priority, |_| bytes(counted));
}

/// Topics, times and marks of the late values among frames.
fn late(frames: &[Bytes]) -> Vec<(String, u64, bool)> {
    let read = |text: &String| match decode_server(text).ok()?.pop()? {
        Ok(ServerMessage::Stream { topic, points, thinned }) => Some((topic.to_string(), points[0].0.0, thinned)),
        _ => None,
    };
    texts(frames).iter().filter_map(read).collect()
}

/// Texts of the frames, without their headers.
fn texts(frames: &[Bytes]) -> Vec<String> {
    let of = |frame: &Bytes| String::from_utf8_lossy(frame).trim_start_matches(|c| c != '{').to_owned();
    frames.iter().map(of).collect()
}

#[test]
fn frames_of_every_kind_leave_in_order() {
    let (slot, mut body) = slot();
    slot.answer(Bytes::from_static(b"1"));
    slot.join(held(history(1)));
    slot.broadcast(Bytes::from_static(b"3"));
    slot.offer(&topic("t"), point(1), Priority::Medium, |_| Bytes::from_static(b"4"));
    let expected = [b"1", &frame::message(&history(1))[..], b"3", b"4"].concat();
    assert_eq!(sent(&mut body).unwrap().concat(), expected);
}

#[test]
fn a_reader_that_falls_behind_is_told_closed_and_keeps_no_memory() {
    let (slot, mut body) = slot();
    for _ in 0..=BYTES / 4 / 1_024 {
        assert_eq!(slot.ending(), End::Open);
        slot.broadcast(bytes(1_024));
    }
    assert_eq!(slot.ending(), End::Closing);
    slot.broadcast(bytes(1_024));
    let frames = sent(&mut body).unwrap();
    assert_eq!(frames.len(), 2);
    assert!(texts(&frames)[0].contains("too_slow"));
    assert_eq!(frames[1][..4], [0x88, 2 + 16, 0x0F, 0xAA]);
}

#[test]
fn small_frames_count_with_what_they_take_beside_their_payload() {
    let (slot, _body) = slot();
    for _ in 0..BYTES / 4 / FRAME_OVERHEAD {
        slot.broadcast(Bytes::new());
    }
    assert_eq!(slot.ending(), End::Open);
    slot.broadcast(Bytes::new());
    assert_eq!(slot.ending(), End::Closing);
}

#[test]
fn answers_joins_and_broadcasts_share_one_budget() {
    let (slot, _body) = slot();
    for _ in 0..2 {
        slot.answer(bytes(BYTES / 4));
        slot.join(held(history((BYTES / 4 - FRAME_OVERHEAD) / size_of::<Point>())));
    }
    slot.broadcast(bytes(1_024));
    assert_eq!(slot.ending(), End::Open, "the budget is passed only now");
    slot.answer(bytes(1_024));
    assert_eq!(slot.ending(), End::Closing);
}

#[test]
fn one_answer_alone_may_be_larger_than_the_budget() {
    let (slot, mut body) = slot();
    slot.answer(bytes(BYTES * 3));
    assert_eq!(slot.ending(), End::Open);
    assert!(!slot.is_answered());
    assert_eq!(sent(&mut body).unwrap().len(), 1);
    assert!(slot.is_answered());
}

#[test]
fn what_a_subscription_gets_first_counts_as_it_is_held_and_is_encoded_when_it_leaves() {
    let (slot, mut body) = slot();
    let history = history(1_000);
    assert!(frame::message(&history).len() > held_bytes(&history), "the JSON is larger");
    slot.join(held(history.clone()));
    assert_eq!(slot.queue.borrow().bytes(), held_bytes(&history));
    assert_eq!(sent(&mut body).unwrap(), [frame::message(&history)]);
    assert_eq!(slot.queue.borrow().bytes(), 0);
}

#[test]
fn of_many_pings_only_the_latest_is_answered_and_that_before_what_waits() {
    let (slot, mut body) = slot();
    slot.answer(Bytes::from_static(b"later"));
    for n in 0..100_000_u32 {
        slot.pong(frame::pong(&n.to_be_bytes()));
    }
    assert_eq!(slot.ending(), End::Open);
    assert_eq!(sent(&mut body).unwrap(), [frame::pong(&99_999_u32.to_be_bytes()), Bytes::from_static(b"later")]);
}

#[test]
fn streams_are_thinned_long_before_updates_close_and_low_priority_first() {
    let (slot, mut body) = slot();
    let medium = BYTES / 16;
    let waiting = |slot: &Slot| slot.queue.borrow().frames.len();
    slot.broadcast(bytes(medium / 2));
    offer(&slot, "low", 1, Priority::Low, FRAME_OVERHEAD);
    assert_eq!(waiting(&slot), 1);
    offer(&slot, "medium", 1, Priority::Medium, FRAME_OVERHEAD);
    assert_eq!(waiting(&slot), 2);
    slot.broadcast(bytes(medium / 2));
    offer(&slot, "medium", 2, Priority::Medium, FRAME_OVERHEAD);
    assert_eq!(waiting(&slot), 3);
    offer(&slot, "high", 1, Priority::High, FRAME_OVERHEAD);
    assert_eq!(waiting(&slot), 4);
    assert_eq!(slot.ending(), End::Open);
    sent(&mut body).unwrap();
    offer(&slot, "low", 2, Priority::Low, FRAME_OVERHEAD);
    assert_eq!(waiting(&slot), 1);
}

#[test]
fn a_reader_that_slept_gets_the_latest_value_of_every_topic_once_with_the_mark() {
    let (slot, mut body) = slot();
    slot.broadcast(bytes(BYTES / 8));
    for t in 1..=9 {
        offer(&slot, "alarm", t, Priority::Medium, 1_000);
        offer(&slot, "quiet", t, Priority::Low, 1_000);
    }
    let frames = sent(&mut body).unwrap();
    assert_eq!(late(&frames), [("alarm".to_owned(), 9, true), ("quiet".to_owned(), 9, true)]);
    assert_eq!(slot.bytes(), 0);
    assert!(sent(&mut body).unwrap().is_empty());
}

#[test]
fn new_points_take_the_place_of_a_late_value_and_bear_its_mark() {
    let (slot, mut body) = slot();
    slot.broadcast(bytes(BYTES / 16));
    offer(&slot, "a", 1, Priority::Medium, 1_000);
    let mut marks = Vec::new();
    for t in 2..4 {
        slot.offer(&topic("a"), point(t), Priority::High, |is_thinned| {
            marks.push(is_thinned);
            bytes(1_000)
        });
    }
    assert_eq!(marks, [IsThinned(true), IsThinned(false)]);
    assert_eq!(late(&sent(&mut body).unwrap()), []);
}

#[test]
fn late_values_of_too_many_topics_close_the_connection() {
    let (slot, _body) = slot();
    slot.broadcast(bytes(BYTES / 8));
    let mut topics = 0;
    while slot.ending() == End::Open {
        offer(&slot, &format!("t{topics}"), 1, Priority::Medium, 1_000);
        topics += 1;
    }
    assert!(topics < BYTES / FRAME_OVERHEAD, "{topics}");
}

#[test]
fn what_is_held_back_elsewhere_counts_until_it_is_released() {
    let (slot, _body) = slot();
    slot.hold_back(BYTES);
    slot.release(BYTES);
    slot.hold_back(BYTES);
    assert_eq!(slot.ending(), End::Open);
    slot.hold_back(1);
    assert_eq!(slot.ending(), End::Closing);
}

#[test]
fn nothing_follows_the_close_frame_and_the_body_ends_when_told() {
    let (slot, mut body) = slot();
    slot.answer(Bytes::from_static(b"last"));
    slot.close(CloseCode::Restart, "");
    slot.answer(Bytes::from_static(b"late"));
    slot.pong(frame::pong(b"late"));
    slot.close(CloseCode::TooSlow, "");
    assert_eq!(sent(&mut body).unwrap().len(), 2);
    slot.end();
    assert_eq!(sent(&mut body), None);
    drop(body);
    assert_eq!(slot.ending(), End::Gone);
}

#[test]
fn only_the_latest_wish_for_a_channel_stands() {
    let (slot, _body) = slot();
    let first = slot.request(Channel::Notifications.into());
    let second = slot.request(Channel::Notifications.into());
    assert!(slot.requested(&Channel::Notifications, first).is_none());
    assert!(slot.requested(&Channel::Notifications, second).is_some());
    assert_eq!(slot.request_count(), 1);
    slot.settle(second);
    assert!(slot.is_settled(first) && slot.is_settled(second));
}

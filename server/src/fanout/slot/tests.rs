use std::task::Waker;

use super::*;

fn slot() -> (Rc<Slot>, SlotBody) {
    let slot = Rc::new(Slot::new(SessionKey(1), Arc::default()));
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

fn bytes(len: usize) -> Bytes {
    vec![b'x'; len].into()
}

#[test]
fn frames_of_every_kind_leave_in_order() {
    let (slot, mut body) = slot();
    slot.answer(Bytes::from_static(b"1"));
    slot.join(Bytes::from_static(b"2"));
    slot.broadcast(Bytes::from_static(b"3"));
    assert!(slot.offer(Bytes::from_static(b"4"), Priority::Medium));
    assert_eq!(sent(&mut body).unwrap().concat(), b"1234");
}

#[test]
fn a_reader_that_falls_behind_is_told_closed_and_keeps_no_memory() {
    let (slot, mut body) = slot();
    for _ in 0..=UPDATE_BYTES / 1_000 {
        slot.broadcast(bytes(1_000));
    }
    assert_eq!(slot.ending(), End::Closing);
    slot.broadcast(bytes(1_000));
    let frames = sent(&mut body).unwrap();
    assert_eq!(frames.len(), 2);
    assert!(String::from_utf8_lossy(&frames[0]).contains("too_slow"));
    assert_eq!(frames[1][..4], [0x88, 2 + 16, 0x0F, 0xAA]);
}

#[test]
fn many_small_updates_are_bounded_by_their_number() {
    let (slot, _body) = slot();
    for _ in 0..UPDATE_FRAMES {
        slot.broadcast(bytes(1));
    }
    assert_eq!(slot.ending(), End::Open);
    slot.broadcast(bytes(1));
    assert_eq!(slot.ending(), End::Closing);
}

#[test]
fn a_snapshot_may_be_larger_than_the_bound_for_updates() {
    let (slot, mut body) = slot();
    slot.join(bytes(UPDATE_BYTES * 3));
    slot.broadcast(bytes(10));
    assert_eq!(slot.ending(), End::Open);
    assert!(!slot.is_answered());
    sent(&mut body).unwrap();
    assert!(slot.is_answered());
}

#[test]
fn streams_are_thinned_long_before_updates_close_and_low_priority_first() {
    let (slot, mut body) = slot();
    slot.broadcast(bytes(STREAM_BYTES / 2));
    assert!(!slot.offer(bytes(10), Priority::Low));
    assert!(slot.offer(bytes(10), Priority::Medium));
    slot.broadcast(bytes(STREAM_BYTES / 2));
    assert!(!slot.offer(bytes(10), Priority::Medium));
    assert!(slot.offer(bytes(10), Priority::High));
    assert_eq!(slot.ending(), End::Open);
    sent(&mut body).unwrap();
    assert!(slot.offer(bytes(10), Priority::Low));
}

#[test]
fn nothing_follows_the_close_frame_and_the_body_ends_when_told() {
    let (slot, mut body) = slot();
    slot.answer(bytes(1));
    slot.close(CloseCode::Restart, "");
    slot.answer(bytes(1));
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

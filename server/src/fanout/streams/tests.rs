use actix_web::body::{BoxBody, MessageBody};
use tideboard_shared::{UnixMs, decode_server};

use super::*;
use crate::fanout::slot::SlotBody;

/// Budget of the slots of these tests.
const BYTES: usize = 64 * 1024;

struct Reader {
    slot: Rc<Slot>,
    body: SlotBody,
}

impl Reader {
    fn new(key: u64) -> Self {
        let slot = Rc::new(Slot::new(SessionKey(key), BYTES, Default::default()));
        let body = SlotBody { slot: Rc::clone(&slot), replaced: BoxBody::new(()) };
        Self { slot, body }
    }

    /// Times of the points of each message that left, with whether it said `thinned`.
    fn got(&mut self) -> Vec<(Vec<u64>, bool)> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut got = Vec::new();
        while let std::task::Poll::Ready(Some(Ok(frame))) = std::pin::Pin::new(&mut self.body).poll_next(&mut context) {
            let json = frame.iter().position(|byte| *byte == b'{').unwrap();
            let Ok(mut messages) = decode_server(std::str::from_utf8(&frame[json..]).unwrap()) else { panic!() };
            let Some(Ok(ServerMessage::Stream { points, thinned, .. })) = messages.pop() else { continue };
            got.push((points.iter().map(|Point(t, _)| t.0).collect(), thinned));
        }
        got
    }
}

fn join(streams: &mut Streams, reader: &Reader, channel: &str, max_rate_hz: Option<f64>) {
    let request = Subscribe { max_rate_hz, ..Subscribe::from(channel.parse::<Channel>().unwrap()) };
    streams.join(&reader.slot, &request, ReaderGuard::default());
}

fn publish(streams: &mut Streams, t: u64, now: Instant) -> Option<Instant> {
    streams.publish(&"host.cpu".parse().unwrap(), &[Point(UnixMs(t), 0.5)], now)
}

#[test]
fn points_reach_topic_and_prefix_readers_and_nobody_twice() {
    let mut streams = Streams::default();
    let now = Instant::now();
    let mut readers: Vec<_> = (0..4).map(Reader::new).collect();
    join(&mut streams, &readers[0], "stream:host.cpu", None);
    join(&mut streams, &readers[1], "stream:host.*", None);
    join(&mut streams, &readers[2], "stream:host.cpu", None);
    join(&mut streams, &readers[2], "stream:*", None);
    join(&mut streams, &readers[3], "stream:line.*", None);
    publish(&mut streams, 1, now);
    let counts: Vec<_> = readers.iter_mut().map(|reader| reader.got().len()).collect();
    assert_eq!(counts, [1, 1, 1, 0]);
    streams.leave(SessionKey(1), &"stream:host.*".parse().unwrap());
    publish(&mut streams, 2, now);
    let counts: Vec<_> = readers.iter_mut().map(|reader| reader.got().len()).collect();
    assert_eq!(counts, [1, 0, 1, 0]);
}

#[test]
fn a_rate_holds_points_back_and_loses_none_that_fit() {
    let mut streams = Streams::default();
    let start = Instant::now();
    let mut reader = Reader::new(1);
    join(&mut streams, &reader, "stream:host.cpu", Some(4.0));
    assert_eq!(publish(&mut streams, 1, start), None, "the first goes at once");
    let due = publish(&mut streams, 2, start + Duration::from_millis(10)).unwrap();
    assert_eq!(due, start + Duration::from_millis(250));
    publish(&mut streams, 3, start + Duration::from_millis(20));
    assert_eq!(reader.got(), [(vec![1], false)]);
    assert_eq!(streams.flush(due), None);
    assert_eq!(reader.got(), [(vec![2, 3], false)]);
}

#[test]
fn points_beyond_what_is_held_are_left_out_and_announced() {
    let mut streams = Streams::default();
    let start = Instant::now();
    let mut reader = Reader::new(1);
    join(&mut streams, &reader, "stream:host.cpu", Some(1.0));
    publish(&mut streams, 0, start);
    for t in 1..=HELD_POINTS as u64 + 3 {
        publish(&mut streams, t, start);
    }
    streams.flush(start + Duration::from_secs(1));
    streams.publish(&"host.cpu".parse().unwrap(), &[Point(UnixMs(999), 0.5)], start + Duration::from_secs(2));
    let got = reader.got();
    assert_eq!((got[1].0.first(), got[1].0.len(), got[1].1), (Some(&4), HELD_POINTS, true));
    assert_eq!(got[2], (vec![999], false), "announced once");
}

#[test]
fn a_slow_reader_is_thinned_told_so_and_kept() {
    let mut streams = Streams::default();
    let now = Instant::now();
    let mut reader = Reader::new(1);
    join(&mut streams, &reader, "stream:host.cpu", None);
    reader.slot.broadcast(vec![b'{'; BYTES / 16].into());
    publish(&mut streams, 1, now);
    publish(&mut streams, 2, now);
    drain(&mut reader);
    publish(&mut streams, 3, now);
    publish(&mut streams, 4, now);
    assert_eq!(reader.got(), [(vec![3], true), (vec![4], false)]);
}

/// Sends whatever waits, unread.
fn drain(reader: &mut Reader) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while std::pin::Pin::new(&mut reader.body).poll_next(&mut context).is_ready() {}
}

use actix_web::body::{BoxBody, MessageBody};
use tideboard_shared::{UnixMs, decode_server};

use super::*;
use crate::fanout::slot::{End, SlotBody};

/// Budget of the slots of these tests.
const BYTES: usize = 64 * 1024;

struct Reader {
    slot: Rc<Slot>,
    body: SlotBody,
}

impl Reader {
    fn new(key: u64) -> Self {
        Self::with(key, BYTES)
    }

    /// Reader for whom so many bytes may wait.
    fn with(key: u64, bytes: usize) -> Self {
        let slot = Rc::new(Slot::new(SessionKey(key), bytes, Default::default()));
        let body = SlotBody { slot: Rc::clone(&slot), replaced: BoxBody::new(()) };
        Self { slot, body }
    }

    /// Queues so much that no points are taken before some of it has left.
    fn fall_behind(&self) {
        self.slot.broadcast(vec![b'x'; BYTES / 16].into());
    }

    /// Times of the points of each message that left, with whether it said `thinned`.
    fn got(&mut self) -> Vec<(Vec<u64>, bool)> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut got = Vec::new();
        while let std::task::Poll::Ready(Some(Ok(frame))) = std::pin::Pin::new(&mut self.body).poll_next(&mut context) {
            let Some(json) = frame.windows(2).position(|bytes| bytes == b"{\"") else { continue };
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
    let (mut streams, now) = (Streams::default(), Instant::now());
    let mut reader = Reader::new(1);
    join(&mut streams, &reader, "stream:host.cpu", None);
    reader.fall_behind();
    publish(&mut streams, 1, now);
    publish(&mut streams, 2, now);
    assert_eq!(reader.got(), [(vec![2], true)], "the latest, without another publication");
    publish(&mut streams, 3, now);
    assert_eq!(reader.got(), [(vec![3], false)]);
}

#[test]
fn what_was_due_while_the_reader_slept_arrives_when_it_reads() {
    let (mut streams, start) = (Streams::default(), Instant::now());
    let mut reader = Reader::new(1);
    join(&mut streams, &reader, "stream:host.cpu", Some(1.0));
    publish(&mut streams, 1, start);
    publish(&mut streams, 2, start);
    publish(&mut streams, 3, start);
    reader.fall_behind();
    assert_eq!(streams.flush(start + Duration::from_secs(1)), None);
    assert_eq!(reader.got(), [(vec![1], false), (vec![3], true)]);
}

/// Publishes one point on each of these topics. When the first is due that has to wait.
fn publish_all(streams: &mut Streams, topics: std::ops::Range<u64>, t: u64, now: Instant) -> Option<Instant> {
    let publish = |n| streams.publish(&format!("t{n}").parse().unwrap(), &[Point(UnixMs(t), 0.5)], now);
    topics.filter_map(publish).min()
}

#[test]
fn a_rate_holds_for_every_topic_of_a_prefix_however_many() {
    let (mut streams, start) = (Streams::default(), Instant::now());
    let mut reader = Reader::with(1, 1_024 * BYTES);
    join(&mut streams, &reader, "stream:*", Some(1.0));
    assert_eq!(publish_all(&mut streams, 0..2_000, 1, start), None);
    assert_eq!(reader.got(), vec![(vec![1], false); 2_000]);
    for t in 2..=4 {
        let due = publish_all(&mut streams, 0..2_000, t, start + Duration::from_millis(t));
        assert_eq!(due, Some(start + Duration::from_secs(1)));
    }
    assert_eq!(reader.got(), []);
    streams.flush(start + Duration::from_secs(1));
    let got = reader.got();
    assert_eq!(got.len(), 2_000);
    assert!(got.iter().all(|(times, _)| times.last() == Some(&4)), "{got:?}");
}

#[test]
fn topics_that_come_and_go_are_forgotten_and_those_of_one_interval_are_bounded() {
    let (mut streams, start) = (Streams::default(), Instant::now());
    let mut reader = Reader::new(1);
    join(&mut streams, &reader, "stream:*", Some(1.0));
    for n in 0..5_000 {
        publish_all(&mut streams, n..n + 1, 1, start + Duration::from_millis(n * 100));
        reader.got();
    }
    assert_eq!(reader.slot.ending(), End::Open);
    let end = start + Duration::from_secs(1_000);
    for n in 0..5_000 {
        publish_all(&mut streams, n..n + 1, 1, end);
        reader.got();
    }
    assert_eq!(reader.slot.ending(), End::Closing, "a connection holds no more topics than it may hold bytes");
}

#[test]
fn a_subscription_that_ends_gives_its_bytes_back() {
    let (mut streams, start) = (Streams::default(), Instant::now());
    let mut reader = Reader::new(1);
    for _ in 0..20 {
        join(&mut streams, &reader, "stream:*", Some(1.0));
        publish_all(&mut streams, 0..50, 1, start);
        reader.got();
    }
    assert_eq!(reader.slot.ending(), End::Open);
}

//! The latest points of every stream.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
};

use tideboard_shared::{Point, ServerMessage, Topic};

/// Most points kept of one topic: an hour at 1 Hz.
pub(crate) const POINTS_PER_TOPIC: usize = 3_600;
/// Most topics kept. The one that was quiet longest gives way to a new one.
pub(crate) const TOPICS: usize = 1_024;

#[derive(Debug, Default)]
struct Ring {
    points: VecDeque<Point>,
    /// Number of the last publication, for finding the quietest topic.
    last: u64,
}

/// A bounded ring of points a topic.
#[derive(Debug, Default)]
pub(crate) struct RecentPoints {
    rings: BTreeMap<Topic, Ring>,
    publications: u64,
}

impl RecentPoints {
    /// Adds points, oldest first.
    pub(crate) fn add(&mut self, topic: &Topic, points: &[Point]) {
        self.publications += 1;
        if self.rings.len() >= TOPICS && !self.rings.contains_key(topic) {
            let quietest = self.rings.iter().min_by_key(|(_, ring)| ring.last).map(|(topic, _)| topic.clone());
            if let Some(quietest) = quietest {
                self.rings.remove(&quietest);
            }
        }
        let ring = self.rings.entry(topic.clone()).or_default();
        ring.last = self.publications;
        ring.points.extend(points);
        let excess = ring.points.len().saturating_sub(POINTS_PER_TOPIC);
        ring.points.drain(..excess);
    }

    /// The last `count` points of a topic, if there are any.
    pub(crate) fn latest(&self, topic: &Topic, count: usize) -> Option<ServerMessage> {
        self.rings.get_key_value(topic).and_then(|(topic, ring)| message(topic, ring, count))
    }

    /// The last `count` points of every topic with this prefix; fewer of each where they would be more than `most` in
    /// all, but always the last one.
    pub(crate) fn latest_of_all(&self, prefix: &str, count: usize, most: usize) -> impl Iterator<Item = ServerMessage> {
        let rings = self
            .rings
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(topic, _)| topic.as_str().starts_with(prefix));
        let share = (most / rings.clone().count().max(1)).max(1);
        rings.filter_map(move |(topic, ring)| message(topic, ring, count.min(share)))
    }
}

fn message(topic: &Topic, ring: &Ring, count: usize) -> Option<ServerMessage> {
    let first = ring.points.len().saturating_sub(count);
    let points: Vec<_> = ring.points.range(first..).copied().collect();
    (!points.is_empty()).then(|| ServerMessage::Stream { topic: topic.clone(), points, thinned: false })
}

#[cfg(test)]
mod tests {
    use tideboard_shared::UnixMs;

    use super::*;

    fn topic(name: &str) -> Topic {
        name.parse().unwrap()
    }

    fn times(message: &ServerMessage) -> Vec<u64> {
        let ServerMessage::Stream { points, .. } = message else { panic!("{message:?}") };
        points.iter().map(|Point(t, _)| t.0).collect()
    }

    #[test]
    fn the_latest_points_are_given_oldest_first() {
        let mut history = RecentPoints::default();
        for t in 0..POINTS_PER_TOPIC as u64 + 5 {
            history.add(&topic("a"), &[Point(UnixMs(t), 0.0)]);
        }
        assert_eq!(times(&history.latest(&topic("a"), 2).unwrap()), [3_603, 3_604]);
        assert_eq!(times(&history.latest(&topic("a"), usize::MAX).unwrap()).len(), POINTS_PER_TOPIC);
        assert_eq!(history.latest(&topic("a"), 0), None);
        assert_eq!(history.latest(&topic("b"), 9), None);
    }

    #[test]
    fn a_prefix_gives_its_topics_and_no_others() {
        let mut history = RecentPoints::default();
        for name in ["host.cpu", "host.load", "hosts", "line"] {
            history.add(&topic(name), &[Point(UnixMs(1), 0.0)]);
        }
        assert_eq!(history.latest_of_all("host.", 1, 9).count(), 2);
        assert_eq!(history.latest_of_all("", 1, 9).count(), 4);
    }

    #[test]
    fn a_large_prefix_gives_fewer_points_of_each_topic_but_always_the_last() {
        let mut history = RecentPoints::default();
        for name in ["a", "b", "c"] {
            for t in 0..100 {
                history.add(&topic(name), &[Point(UnixMs(t), 0.0)]);
            }
        }
        for (count, most, each) in [(100, 300, 100), (100, 30, 10), (5, 30, 5), (100, 2, 1), (0, 30, 0)] {
            let given: Vec<_> = history.latest_of_all("", count, most).map(|message| times(&message)).collect();
            let expected: Vec<u64> = (100 - each..100).collect();
            assert_eq!(given, vec![expected; if each == 0 { 0 } else { 3 }], "{count} of each, {most} in all");
        }
    }

    #[test]
    fn the_quietest_topic_gives_way() {
        let mut history = RecentPoints::default();
        for i in 0..TOPICS {
            history.add(&topic(&format!("t{i}")), &[Point(UnixMs(1), 0.0)]);
        }
        history.add(&topic("t0"), &[Point(UnixMs(2), 0.0)]);
        history.add(&topic("new"), &[Point(UnixMs(3), 0.0)]);
        assert!(history.latest(&topic("t0"), 1).is_some());
        assert!(history.latest(&topic("t1"), 1).is_none());
        assert!(history.latest(&topic("new"), 1).is_some());
    }
}

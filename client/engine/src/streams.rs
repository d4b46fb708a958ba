//! The latest points of every stream.
//!
//! In: messages with points, history repeated after a reconnect included. Out: one bounded ring a topic, by ascending
//! time, no time twice, and the points that are new. Never: more streams than `streams.max_topics`.

use std::collections::{BTreeMap, VecDeque};

use tideboard_shared::{Point, Topic};

use crate::config::StreamsConfig;

/// Latest points of one stream, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ring {
    points: VecDeque<Point>,
    is_thinned: bool,
}

impl Ring {
    /// The points, oldest first.
    #[must_use]
    pub fn points(&self) -> &VecDeque<Point> {
        &self.points
    }

    /// The latest point.
    #[must_use]
    pub fn latest(&self) -> Option<Point> {
        self.points.back().copied()
    }

    /// Says whether the server left points out before the last message.
    #[must_use]
    pub fn is_thinned(&self) -> bool {
        self.is_thinned
    }

    /// Inserts a point. Says whether it is new: neither there already, nor older than a full ring reaches.
    fn insert(&mut self, point: Point, max_points: usize) -> bool {
        if self.points.back().is_none_or(|last| last.0 < point.0) {
            self.points.push_back(point);
        } else {
            let Err(place) = self.points.binary_search_by_key(&point.0, |held| held.0) else { return false };
            if place == 0 && self.points.len() >= max_points {
                return false;
            }
            self.points.insert(place, point);
        }
        if self.points.len() > max_points {
            self.points.pop_front();
        }
        true
    }
}

/// All streams' rings.
#[derive(Debug)]
pub(crate) struct Streams {
    config: StreamsConfig,
    rings: BTreeMap<Topic, Ring>,
    /// Number of each stream's last message, over all streams.
    heard: BTreeMap<Topic, u64>,
    last_heard: u64,
}

impl Streams {
    pub(crate) fn new(config: StreamsConfig) -> Self {
        Self { config, rings: BTreeMap::new(), heard: BTreeMap::new(), last_heard: 0 }
    }

    pub(crate) fn get(&self, topic: &Topic) -> Option<&Ring> {
        self.rings.get(topic)
    }

    pub(crate) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a Topic, &'a Ring)> {
        self.rings.iter().filter(move |(topic, _)| topic.as_str().starts_with(prefix))
    }

    /// Takes points in; those that are new, as they came. Second, the stream that had to make room for this one.
    pub(crate) fn handle_points(
        &mut self,
        topic: &Topic,
        points: &[Point],
        is_thinned: bool,
    ) -> (Vec<Point>, Option<Topic>) {
        self.last_heard += 1;
        let displaced = if self.rings.contains_key(topic) { None } else { self.make_room() };
        let ring = self.rings.entry(topic.clone()).or_default();
        ring.is_thinned = is_thinned;
        self.heard.insert(topic.clone(), self.last_heard);
        let max_points = self.config.max_points.get();
        let new = points.iter().copied().filter(|point| ring.insert(*point, max_points)).collect();
        (new, displaced)
    }

    fn make_room(&mut self) -> Option<Topic> {
        if self.rings.len() < self.config.max_topics.get() {
            return None;
        }
        let quietest = self.heard.iter().min_by_key(|(_, heard)| **heard).map(|(topic, _)| topic.clone())?;
        self.heard.remove(&quietest);
        self.rings.remove(&quietest);
        Some(quietest)
    }

    /// Forgets streams that nobody wants any more.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&Topic) -> bool) {
        self.rings.retain(|topic, _| is_wanted(topic));
        self.heard.retain(|topic, _| is_wanted(topic));
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::UnixMs;

    use super::*;

    fn points(times: &[u64]) -> Vec<Point> {
        times.iter().map(|t| Point(UnixMs(*t), *t as f64)).collect()
    }

    fn streams(max_points: i64, max_topics: i64) -> Streams {
        let max_points = max_points.try_into().unwrap();
        let max_topics = max_topics.try_into().unwrap();
        Streams::new(StreamsConfig { max_points, max_topics })
    }

    #[test]
    fn a_ring_takes_each_point_once_by_ascending_time_and_says_which_are_new() {
        let mut streams = streams(5, 10);
        let topic: Topic = "host.cpu".parse().unwrap();
        let mut handle = |times: &[u64]| streams.handle_points(&topic, &points(times), times.len() == 3).0;
        assert_eq!(handle(&[1, 2]), points(&[1, 2]));
        assert_eq!(handle(&[2, 3, 4]), points(&[3, 4]));
        assert_eq!(handle(&[7, 6]), points(&[7, 6]));
        assert_eq!(handle(&[0, 5, 7]), points(&[5]), "what a full ring does not reach is nothing new");
        assert_eq!(streams.get(&topic).unwrap().points(), &points(&[3, 4, 5, 6, 7]));
        assert!(streams.get(&topic).unwrap().is_thinned());
    }

    #[test]
    fn the_stream_that_was_silent_for_longest_makes_room() {
        let mut streams = streams(5, 2);
        let [a, b, c]: [Topic; 3] = ["a", "b", "c"].map(|topic| topic.parse().unwrap());
        for topic in [&a, &b, &a] {
            assert_eq!(streams.handle_points(topic, &points(&[1]), false).1, None);
        }
        assert_eq!(streams.handle_points(&c, &points(&[1]), false).1, Some(b.clone()));
        assert!(streams.get(&b).is_none() && streams.get(&a).is_some());
    }
}

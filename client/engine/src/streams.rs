//! The latest points of every stream.
//!
//! In: messages with points, history repeated after a reconnect included. Out: one bounded ring a topic, by ascending
//! time, no time twice.

use std::collections::{BTreeMap, VecDeque};

use tideboard_shared::{Point, Topic};

/// One stream's latest points, oldest first.
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

    /// Whether the server left points out before the last message.
    #[must_use]
    pub fn is_thinned(&self) -> bool {
        self.is_thinned
    }

    fn insert(&mut self, point: Point, max_points: usize) {
        if self.points.back().is_none_or(|last| last.0 < point.0) {
            self.points.push_back(point);
        } else if let Err(place) = self.points.binary_search_by_key(&point.0, |held| held.0) {
            self.points.insert(place, point);
        }
        if self.points.len() > max_points {
            self.points.pop_front();
        }
    }
}

/// All streams' rings.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    rings: BTreeMap<Topic, Ring>,
    max_points: usize,
}

impl Streams {
    pub(crate) fn new(max_points: usize) -> Self {
        Self { rings: BTreeMap::new(), max_points }
    }

    pub(crate) fn get(&self, topic: &Topic) -> Option<&Ring> {
        self.rings.get(topic)
    }

    pub(crate) fn handle_points(&mut self, topic: &Topic, points: &[Point], is_thinned: bool) {
        let ring = self.rings.entry(topic.clone()).or_default();
        ring.is_thinned = is_thinned;
        for point in points {
            ring.insert(*point, self.max_points);
        }
    }

    /// Forgets streams that nobody wants any more.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(&Topic) -> bool) {
        self.rings.retain(|topic, _| is_wanted(topic));
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::UnixMs;

    use super::*;

    fn points(times: &[u64]) -> Vec<Point> {
        times.iter().map(|t| Point(UnixMs(*t), *t as f64)).collect()
    }

    #[test]
    fn live_panel_keeps_history_on_reconnect() {
        let mut streams = Streams::new(5);
        let topic: Topic = "host.cpu".parse().unwrap();
        streams.handle_points(&topic, &points(&[1, 2, 3]), false);
        streams.handle_points(&topic, &points(&[2, 3, 4]), false);
        assert_eq!(streams.get(&topic).unwrap().points(), &points(&[1, 2, 3, 4]));
        streams.handle_points(&topic, &points(&[6, 5, 7]), true);
        assert_eq!(streams.get(&topic).unwrap().points(), &points(&[3, 4, 5, 6, 7]));
        assert!(streams.get(&topic).unwrap().is_thinned());
    }
}

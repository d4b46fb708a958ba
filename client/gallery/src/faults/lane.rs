//! Queue that delays frames without letting one overtake another.

use std::{collections::VecDeque, time::Duration};

/// Queue of items that wait until they are due. No item overtakes another.
#[derive(Debug)]
pub(super) struct Lane<T> {
    waiting: VecDeque<(Duration, T)>,
    /// Holds back every item, whether due or not.
    pub(super) is_held: bool,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), is_held: false }
    }
}

impl<T> Lane<T> {
    /// Tells whether an item may pass without waiting.
    pub(super) fn is_free(&self) -> bool {
        self.waiting.is_empty() && !self.is_held
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Queues an item until `due`, or until those before it have gone.
    pub(super) fn push(&mut self, due: Duration, item: T) {
        let due = self.waiting.back().map_or(due, |(last, _)| due.max(*last));
        self.waiting.push_back((due, item));
    }

    /// Takes the next item that is due.
    pub(super) fn pop(&mut self, now: Duration) -> Option<T> {
        let is_due = !self.is_held && self.waiting.front().is_some_and(|(due, _)| *due <= now);
        if is_due { self.waiting.pop_front().map(|(_, item)| item) } else { None }
    }

    /// Time at which [`Self::pop`] next gives an item, unless the queue changes before.
    pub(super) fn next_at(&self) -> Option<Duration> {
        self.waiting.front().filter(|_| !self.is_held).map(|(due, _)| *due)
    }

    /// Makes every item due at `latest` or before.
    pub(super) fn hurry(&mut self, latest: Duration) {
        for (due, _) in &mut self.waiting {
            *due = latest.min(*due);
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn nothing_goes_before_its_moment_or_before_what_came_earlier() {
        let mut lane = Lane::default();
        lane.push(ms(50), 'a');
        lane.push(ms(20), 'b');
        assert_eq!((lane.pop(ms(49)), lane.next_at()), (None, Some(ms(50))));
        assert_eq!((lane.pop(ms(50)), lane.pop(ms(50)), lane.pop(ms(50))), (Some('a'), Some('b'), None));
        assert!(lane.is_free());
    }

    #[test]
    fn a_lane_that_is_held_keeps_everything() {
        let mut lane = Lane { is_held: true, ..Lane::default() };
        assert!(!lane.is_free());
        lane.push(ms(0), 'a');
        assert_eq!((lane.pop(ms(9)), lane.next_at()), (None, None));
        lane.is_held = false;
        assert_eq!(lane.pop(ms(9)), Some('a'));
    }

    #[test]
    fn what_waits_can_be_hurried_in_its_order() {
        let mut lane = Lane::default();
        lane.push(ms(500), 'a');
        lane.push(ms(900), 'b');
        lane.hurry(ms(10));
        assert_eq!((lane.pop(ms(10)), lane.pop(ms(10))), (Some('a'), Some('b')));
    }
}

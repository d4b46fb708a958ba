//! Numbers of the client's edits that the leader has heard of.
//!
//! In: numbers from this tab, other tabs and storage, in any order. Out: whether a lower number may still come, so that
//! no edit is submitted before an older one, and none that is unknown is called settled.

use std::collections::{BTreeMap, BTreeSet};

/// Most numbers that may be missing at once. Beyond, storage is read before any of them counts.
const MOST_HOLES: u64 = 1_000;
/// Numbers behind the highest by which a missing one is not awaited any more: outcomes that stand for its sake are as
/// many at most, and the server keeps about twice as many.
const LONGEST_WAIT: u64 = 500;

/// The numbers heard of.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    through: u64,
    holes: BTreeMap<u64, Hole>,
}

/// A number below the highest that nobody has spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    /// Storage may have it.
    Unread,
    /// Storage has not: it was taken back, or could not be stored and is yet to be heard of.
    Missing,
}

impl Numbers {
    /// Storage was read: what is not there up to `last_n` has come to its end.
    pub(crate) fn start(last_n: u64) -> Self {
        Self { through: last_n, holes: BTreeMap::new() }
    }

    /// A number was heard of. Whether storage has to be read, because lower ones were not.
    pub(crate) fn note(&mut self, n: u64) -> bool {
        if n <= self.through {
            self.holes.remove(&n);
            return false;
        }
        if n - self.through > MOST_HOLES {
            return true;
        }
        self.holes.extend((self.through + 1..n).map(|hole| (hole, Hole::Unread)));
        self.through = n;
        self.close_old();
        self.holes.values().any(|hole| *hole == Hole::Unread)
    }

    /// Says whether a number was heard of.
    pub(crate) fn is_known(&self, n: u64) -> bool {
        n <= self.through && !self.holes.contains_key(&n)
    }

    /// Storage was read once more: `stored` are the numbers there.
    pub(crate) fn handle_contents(&mut self, last_n: u64, stored: &BTreeSet<u64>) {
        let first = self.through.max(last_n.saturating_sub(MOST_HOLES)) + 1;
        self.holes.extend((first..=last_n).map(|n| (n, Hole::Unread)));
        self.through = self.through.max(last_n);
        self.holes.retain(|n, hole| {
            if *n <= last_n {
                *hole = Hole::Missing;
            }
            !stored.contains(n)
        });
        while self.holes.len() as u64 > MOST_HOLES {
            self.holes.pop_first();
        }
        self.close_old();
    }

    /// Awaits no longer what storage has not and nobody has spoken of for so long.
    fn close_old(&mut self) {
        while let Some((n, Hole::Missing)) = self.holes.first_key_value()
            && n + LONGEST_WAIT <= self.through
        {
            self.holes.pop_first();
        }
    }

    /// Storage was read after all of these were missed: what is not there is not to be waited for.
    pub(crate) fn wait_no_longer(&mut self) {
        self.holes.values_mut().for_each(|hole| *hole = Hole::Missing);
    }

    /// Lowest number that may still be heard of, so that only edits below may be submitted; `None` for no limit.
    pub(crate) fn submit_below(&self) -> Option<u64> {
        self.holes.iter().find(|(_, hole)| **hole == Hole::Unread).map(|(n, _)| *n)
    }

    /// Numbers up to here are all known.
    pub(crate) fn known_through(&self) -> u64 {
        self.holes.first_key_value().map_or(self.through, |(n, _)| n - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_waits_for_older_ones_until_they_are_heard_of_or_storage_says_that_there_are_none() {
        let mut numbers = Numbers::start(10);
        assert!(!numbers.note(11));
        assert!(numbers.note(14), "12 and 13 were not heard of");
        assert_eq!((numbers.submit_below(), numbers.known_through()), (Some(12), 11));
        assert!(!numbers.note(12));
        assert_eq!((numbers.submit_below(), numbers.known_through()), (Some(13), 12));
        numbers.handle_contents(14, &[14].into());
        assert_eq!(numbers.submit_below(), None, "13 is not to be waited for");
        assert_eq!(numbers.known_through(), 12, "but nor is it known to be settled");
        assert!(!numbers.note(13));
        assert_eq!(numbers.known_through(), 14);
    }

    #[test]
    fn a_number_from_nowhere_counts_for_nothing_and_makes_storage_be_read() {
        let mut numbers = Numbers::start(10);
        assert!(numbers.note(u64::MAX));
        assert_eq!(numbers.known_through(), 10);
        numbers.handle_contents(5_000, &(4_500..=5_000).collect());
        assert_eq!((numbers.submit_below(), numbers.known_through()), (None, 5_000));
    }
}

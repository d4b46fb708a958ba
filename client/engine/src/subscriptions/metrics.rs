//! Counts of one channel's messages.

use std::time::Duration;

use tideboard_shared::UnixMs;

use crate::Now;

/// Over how many seconds a rate is measured.
const WINDOW: usize = 10;

/// Rate over the last ten seconds: a count for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    counts: [u32; WINDOW],
    /// The second of the latest count.
    second: u64,
    /// The second of the first one ever.
    first: Option<u64>,
}

impl Rate {
    /// So many happened now.
    pub(crate) fn note(&mut self, n: usize, now: Duration) {
        self.move_to(now.as_secs());
        self.first.get_or_insert(self.second);
        let count = &mut self.counts[place(self.second)];
        *count = count.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
    }

    /// Mean number a second, over the last ten seconds or since the first, whichever is shorter.
    ///
    /// `now` is the time that the engine is given as [`Now::mono`]; the rate sinks with it even while nothing happens.
    #[must_use]
    pub fn per_second(mut self, now: Duration) -> f64 {
        let Some(first) = self.first else { return 0.0 };
        self.move_to(now.as_secs());
        let seconds = (self.second - first + 1).min(WINDOW as u64);
        let sum: u64 = self.counts.iter().map(|count| u64::from(*count)).sum();
        sum as f64 / seconds as f64
    }

    fn move_to(&mut self, second: u64) {
        let passed = second.saturating_sub(self.second);
        for second in self.second + 1..=self.second + passed.min(WINDOW as u64) {
            self.counts[place(second)] = 0;
        }
        if passed >= WINDOW as u64 {
            self.counts = [0; WINDOW];
        }
        self.second += passed;
    }
}

fn place(second: u64) -> usize {
    (second % WINDOW as u64) as usize
}

/// Counts of one channel's messages since the channel was first wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChannelMetrics {
    /// Events, points, presences and notifications that arrived, repeats included.
    pub received: u64,
    /// Items handed to each consumer that is open on the channel; while none is, items put where views read them.
    pub delivered: u64,
    /// Items that a consumer did not get one by one: folded into later ones, or left out while it was paused.
    pub coalesced: u64,
    /// Messages before which the server left points out.
    pub thinned: u64,
    /// Bytes of the messages.
    pub bytes: u64,
    /// Arrival of the last message.
    pub last_update: Option<UnixMs>,
    /// Frequency of arrivals.
    pub rate: Rate,
}

/// A message that came through a channel.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Arrival {
    /// Items in the message.
    pub(crate) items: usize,
    pub(crate) bytes: usize,
    pub(crate) is_thinned: bool,
}

impl ChannelMetrics {
    pub(crate) fn note(&mut self, arrival: Arrival, now: Now) {
        self.received += arrival.items as u64;
        self.bytes += arrival.bytes as u64;
        self.thinned += u64::from(arrival.is_thinned);
        self.last_update = Some(now.wall);
        self.rate.note(arrival.items, now.mono);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_last_ten_seconds_and_sinks_in_silence() {
        let at = Duration::from_millis;
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(at(5_000)), 0.0);
        rate.note(4, at(100_200));
        assert_eq!(rate.per_second(at(100_900)), 4.0);
        for second in 101..120 {
            rate.note(4, at(second * 1_000));
        }
        assert_eq!(rate.per_second(at(119_999)), 4.0);
        assert_eq!(rate.per_second(at(124_000)), 2.0);
        assert_eq!(rate.per_second(at(129_000)), 0.0);
        rate.note(10, at(1_000_000));
        assert_eq!(rate.per_second(at(1_000_000)), 1.0);
    }
}

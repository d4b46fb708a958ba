//! Measurements of this server as streams: connections, traffic, latencies.
//!
//! In: the metrics. Out: one point a topic and beat on the bus. Never: a latency of a beat in which nothing was
//! measured, so that topic then has no point. Units: [`topics`].

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tideboard_shared::{Point, Topic, topics};
use tokio::time::MissedTickBehavior;

use crate::{
    bus::{Bus, BusEvent},
    clock,
    metrics::{Counts, Metrics, Stats},
};

/// Shares that the three topics of a latency stand for.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// Starts publishing at `rate_hz`. Ends with the runtime.
pub(crate) fn start(bus: Arc<dyn Bus>, metrics: Arc<Metrics>, rate_hz: f64) {
    tokio::spawn(async move {
        let mut beats = tokio::time::interval(Duration::from_secs_f64(1.0 / rate_hz));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first comes at once, when there is nothing to compare with.
        beats.tick().await;
        let mut memory = Memory::new();
        let mut parsed = BTreeMap::<&str, Topic>::new();
        let mut last = Instant::now();
        let mut reading = Reading::of(&metrics);
        loop {
            beats.tick().await;
            let now = Reading::of(&metrics);
            let seconds = last.elapsed().as_secs_f64().max(1e-3);
            let mut beat = now.since(&reading, seconds);
            beat.extend(memory.bytes().map(|bytes| (topics::SERVER_MEMORY, bytes as f64)));
            last = Instant::now();
            reading = now;
            let at = clock::now();
            for (name, value) in beat {
                let topic = parsed.entry(name).or_insert_with(|| name.parse().expect("the names above are topics"));
                bus.publish(BusEvent::Points { topic: topic.clone(), points: [Point(at, value)].into() }).await;
            }
        }
    });
}

/// The metrics at one moment.
#[derive(Debug)]
struct Reading {
    stats: Stats,
    commit: Counts,
    fanout: Counts,
}

impl Reading {
    fn of(metrics: &Metrics) -> Self {
        Self { stats: metrics.stats(), commit: metrics.commit().counts(), fanout: metrics.fanout().counts() }
    }

    /// Values of the `seconds` since `earlier`, by topic.
    fn since(&self, earlier: &Self, seconds: f64) -> Vec<(&'static str, f64)> {
        let rate = |count: fn(&Stats) -> u64| (count(&self.stats) - count(&earlier.stats)) as f64 / seconds;
        let mut beat = vec![
            (topics::SERVER_CONNECTIONS, self.stats.connections as f64),
            (topics::SERVER_MESSAGES_IN, rate(|stats| stats.messages_in)),
            (topics::SERVER_MESSAGES_OUT, rate(|stats| stats.frames_out)),
            (topics::SERVER_BYTES_OUT, rate(|stats| stats.bytes_out)),
            (topics::SERVER_OPERATIONS, rate(|stats| stats.ops_applied + stats.ops_refused)),
            (topics::SERVER_FANOUT_SUBSCRIBERS, self.stats.subscriptions as f64),
        ];
        let commit = (topics::COMMIT, self.commit.since(&earlier.commit));
        let fanout = (topics::FANOUT, self.fanout.since(&earlier.fanout));
        for (topics, counts) in [commit, fanout] {
            for (topic, share) in topics.into_iter().zip(QUANTILES) {
                beat.extend(counts.quantile_ms(share).map(|ms| (topic, ms)));
            }
        }
        beat
    }
}

/// Memory that this process takes, where the system tells.
struct Memory(Option<(System, Pid)>);

impl Memory {
    fn new() -> Self {
        Self(System::new().ok().zip(sysinfo::get_current_pid().ok()))
    }

    fn bytes(&mut self) -> Option<u64> {
        let (system, pid) = self.0.as_mut()?;
        let kind = ProcessRefreshKind::nothing().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[*pid]), false, kind);
        system.process(*pid).map(sysinfo::Process::memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_has_rates_of_its_own_time_and_no_latency_when_none_was_measured() {
        let metrics = Metrics::default();
        metrics.received(100, 1_000);
        let before = Reading::of(&metrics);
        metrics.connected();
        metrics.received(6, 100);
        metrics.sent(50);
        metrics.commit().record(Duration::from_millis(4));
        let beat: BTreeMap<_, _> = Reading::of(&metrics).since(&before, 2.0).into_iter().collect();
        for topic in beat.keys() {
            topic.parse::<Topic>().unwrap();
        }
        let value = |topic| beat.get(topic).copied();
        assert_eq!((value(topics::SERVER_CONNECTIONS), value(topics::SERVER_MESSAGES_IN)), (Some(1.0), Some(3.0)));
        assert_eq!((value(topics::SERVER_MESSAGES_OUT), value(topics::SERVER_BYTES_OUT)), (Some(0.5), Some(25.0)));
        assert!(value(topics::SERVER_COMMIT_P99).is_some_and(|ms| (3.5..4.5).contains(&ms)), "{beat:?}");
        assert_eq!(value(topics::SERVER_FANOUT_P50), None);
    }

    #[test]
    fn this_process_takes_memory() {
        assert!(Memory::new().bytes().is_some_and(|bytes| bytes > 1024 * 1024));
    }
}

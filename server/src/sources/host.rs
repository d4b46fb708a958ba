//! Measurements of this machine as streams: processor, memory, disks, network.
//!
//! In: the operating system, on a thread of its own. Out: one point a topic and beat on the bus. Never: a beat made up
//! for one that was missed, or a topic that this system cannot measure. Units: [`topics`].

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sysinfo::{Disk, DiskRefreshKind, Disks, MemoryRefreshKind, Networks, System};
use tideboard_shared::{Point, Topic, topics};
use tokio::sync::mpsc;

use crate::{
    bus::{Bus, BusEvent},
    clock,
};

/// Beats that may wait for the bus; a later one is left out.
const WAITING_BEATS: usize = 4;

/// Values of one moment, by topic.
type Beat = Vec<(&'static str, f64)>;

/// Starts measuring at `rate_hz`. Ends with the runtime.
pub(crate) fn start(bus: Arc<dyn Bus>, rate_hz: f64) -> std::io::Result<()> {
    let (sender, mut beats) = mpsc::channel::<Beat>(WAITING_BEATS);
    let every = Duration::from_secs_f64(1.0 / rate_hz);
    std::thread::Builder::new().name("host-source".into()).spawn(move || measure(&sender, every))?;
    tokio::spawn(async move {
        let mut parsed = BTreeMap::<&str, Topic>::new();
        while let Some(beat) = beats.recv().await {
            let at = clock::now();
            for (name, value) in beat {
                let topic = parsed.entry(name).or_insert_with(|| name.parse().expect("the names above are topics"));
                bus.publish(BusEvent::Points { topic: topic.clone(), points: [Point(at, value)].into() }).await;
            }
        }
    });
    Ok(())
}

fn measure(sender: &mpsc::Sender<Beat>, every: Duration) {
    let mut probe = Probe::new();
    let mut next = Instant::now() + every;
    loop {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        // After a long pause of the machine the beat goes on from now.
        next = (next + every).max(Instant::now());
        match sender.try_send(probe.beat()) {
            Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => {}
            Err(mpsc::error::TrySendError::Closed(_)) => return,
        }
    }
}

/// Counters that this system lets us read; the topics of the rest are left out.
struct Probe {
    system: Option<System>,
    networks: Option<Networks>,
    disks: Option<Disks>,
    last: Instant,
}

impl Probe {
    fn new() -> Self {
        let mut system = System::new().ok();
        if let Some(system) = &mut system {
            // Processor use is a difference, so the first beat needs a reading before it.
            system.refresh_cpu_usage();
        }
        let networks = Networks::new_with_refreshed_list().ok();
        let disks = Disks::new_with_refreshed_list().ok();
        Self { system, networks, disks, last: Instant::now() }
    }

    fn beat(&mut self) -> Beat {
        let seconds = self.last.elapsed().as_secs_f64().max(1e-3);
        self.last = Instant::now();
        let mut beat = Beat::new();
        if let Some(system) = &mut self.system {
            beat.extend(read_system(system));
        }
        if let Ok(load) = System::load_average() {
            beat.push((topics::HOST_LOAD, load.one));
        }
        if let Some(networks) = &mut self.networks {
            beat.extend(read_networks(networks, seconds));
        }
        if let Some(disks) = &mut self.disks {
            beat.extend(read_disks(disks, seconds));
        }
        beat
    }
}

fn read_system(system: &mut System) -> [(&'static str, f64); 3] {
    system.refresh_cpu_usage();
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    [
        (topics::HOST_CPU, f64::from(system.global_cpu_usage()) / 100.0),
        (topics::HOST_MEMORY, system.used_memory() as f64),
        (topics::HOST_MEMORY_TOTAL, system.total_memory() as f64),
    ]
}

fn read_networks(networks: &mut Networks, seconds: f64) -> [(&'static str, f64); 2] {
    networks.refresh(true);
    let interfaces = || networks.iter().filter(|(name, _)| *name != "lo" && *name != "lo0").map(|(_, data)| data);
    let received: u64 = interfaces().map(sysinfo::NetworkData::received).sum();
    let transmitted: u64 = interfaces().map(sysinfo::NetworkData::transmitted).sum();
    [(topics::HOST_NETWORK_RX, received as f64 / seconds), (topics::HOST_NETWORK_TX, transmitted as f64 / seconds)]
}

fn read_disks(disks: &mut Disks, seconds: f64) -> [(&'static str, f64); 4] {
    disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage().with_io_usage());
    // One disk is mounted in several places at times, with the same figures each time.
    let disks: BTreeMap<_, _> = disks.iter().map(|disk| (disk.name(), disk)).collect();
    let sum = |figure: fn(&Disk) -> u64| disks.values().map(|disk| figure(disk)).sum::<u64>() as f64;
    let total = sum(Disk::total_space);
    [
        (topics::HOST_DISK_READ, sum(|disk| disk.usage().read_bytes) / seconds),
        (topics::HOST_DISK_WRITE, sum(|disk| disk.usage().written_bytes) / seconds),
        (topics::HOST_DISK_USED, (total - sum(Disk::available_space)).max(0.0)),
        (topics::HOST_DISK_TOTAL, total),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_has_a_finite_value_for_every_topic() {
        let beat = Probe::new().beat();
        assert_eq!(beat.len(), 10);
        for (topic, value) in &beat {
            topic.parse::<Topic>().unwrap();
            assert!(value.is_finite() && *value >= 0.0, "{topic} {value}");
        }
        let value = |name| beat.iter().find(|(topic, _)| *topic == name).unwrap().1;
        assert!(value(topics::HOST_CPU) <= 1.0);
        assert!(value(topics::HOST_MEMORY) <= value(topics::HOST_MEMORY_TOTAL));
        assert!(value(topics::HOST_MEMORY) > 0.0);
    }
}

//! The whole system in one thread, from one seed: real engines, the real room, virtual time, a network and disks that fail.
//!
//! In: a seed. Out: nothing, or a panic that names the broken invariant and says how to replay the seed.
//! Never: a real clock, socket, thread or disk. The same seed always takes the same steps.
//!
//! Read `world.rs` first (time and the queue of what will happen), then `check.rs` (the invariants).

mod check;
mod client;
mod faults;
mod network;
mod server;
mod world;

use std::time::{Duration, Instant};

use faults::Faults;
use world::World;

/// How long the seeds of one test may take. `TIDEBOARD_SIM_SECONDS` sets it, `TIDEBOARD_SIM_SEED` replays one seed.
fn budget() -> Duration {
    let seconds = std::env::var("TIDEBOARD_SIM_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(10))
}

/// Runs seeds until the budget is spent, at least 20, and says how many.
fn run_seeds(name: &str, faults: Faults) {
    if let Some(seed) = std::env::var("TIDEBOARD_SIM_SEED").ok().and_then(|text| text.parse().ok()) {
        World::new(seed, faults).run();
        return;
    }
    let (started, budget) = (Instant::now(), budget());
    let (mut seeds, mut edits) = (0, 0);
    while seeds < 20 || started.elapsed() < budget {
        edits += World::new(seeds, faults).run();
        seeds += 1;
    }
    assert!(edits > seeds * 20, "too few edits came through to mean anything: {edits} in {seeds} seeds");
    println!("{name}: {seeds} seeds, {edits} edits applied, no invariant broken");
}

#[test]
fn replicas_are_equal_once_quiet_on_a_calm_network() {
    run_seeds("calm", Faults::none());
}

#[test]
fn replicas_are_equal_once_quiet_whatever_the_network_does() {
    run_seeds("network", Faults::network());
}

#[test]
fn replicas_are_equal_once_quiet_when_server_and_clients_crash() {
    run_seeds("crashes", Faults::crashes());
}

#[test]
fn replicas_are_equal_once_quiet_under_everything_at_once() {
    run_seeds("everything", Faults::all());
}

#[test]
fn the_same_seed_takes_the_same_steps() {
    let trace = |seed| World::new(seed, Faults::all()).run_traced();
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

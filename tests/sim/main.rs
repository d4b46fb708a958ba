//! The whole system in one thread, from one seed: real engines, the real room, virtual time, a network, disks and tabs that
//! fail.
//!
//! In: a seed. Out: nothing, or a panic that names the broken invariant and says how to replay the seed.
//! Never: a real clock, socket, thread or disk. The same seed always takes the same steps.
//!
//! Read `world.rs` first (time and the queue of what will happen), then `invariant.rs` (what must hold).

mod browser;
mod check;
mod chronicle;
mod disk;
mod drive;
mod faults;
mod happening;
mod invariant;
mod ledger;
mod mutants;
mod network;
mod room;
mod sabotage;
mod screen;
mod seeds;
mod server;
mod storm;
mod user;
mod wire;
mod world;

use std::time::Duration;

use storm::Storm;

#[test]
fn replicas_are_equal_once_quiet_in_a_calm() {
    seeds::run_many(Storm::calm(), Duration::from_secs(4));
}

#[test]
fn replicas_are_equal_once_quiet_whatever_the_network_does() {
    seeds::run_many(Storm::network(), Duration::from_secs(10));
}

#[test]
fn replicas_are_equal_once_quiet_after_crashes_of_server_and_pages() {
    seeds::run_many(Storm::crashes(), Duration::from_secs(10));
}

#[test]
fn replicas_are_equal_once_quiet_whatever_tabs_do() {
    seeds::run_many(Storm::tabs(), Duration::from_secs(12));
}

#[test]
fn replicas_are_equal_once_quiet_under_everything_at_once() {
    seeds::run_many(Storm::everything(), Duration::from_secs(20));
}

#[test]
fn the_same_seed_takes_the_same_steps() {
    let trace = |seed| seeds::trace(seed, Storm::everything());
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

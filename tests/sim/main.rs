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
mod log;
mod mutants;
mod network;
mod node;
mod sabotage;
mod screen;
mod seeds;
mod seen;
mod server;
mod serving;
mod storm;
mod user;
mod wire;
mod world;

use storm::Storm;

#[test]
fn replicas_are_equal_once_quiet_in_a_calm() {
    seeds::run_many(Storm::calm(), 15);
}

#[test]
fn replicas_are_equal_once_quiet_whatever_the_network_does() {
    seeds::run_many(Storm::network(), 40);
}

#[test]
fn replicas_are_equal_once_quiet_after_crashes_of_server_and_pages() {
    seeds::run_many(Storm::crashes(), 40);
}

#[test]
fn replicas_are_equal_once_quiet_whatever_tabs_do() {
    seeds::run_many(Storm::tabs(), 40);
}

#[test]
fn replicas_are_equal_once_quiet_on_two_nodes_that_race_for_one_log() {
    seeds::run_many(Storm::nodes(), 40);
}

#[test]
fn replicas_are_equal_once_quiet_after_clients_were_away_for_longer_than_they_are_remembered() {
    seeds::run_many(Storm::away(), 40);
}

#[test]
fn replicas_are_equal_once_quiet_under_everything_at_once() {
    seeds::run_many(Storm::everything(), 50);
}

#[test]
fn the_same_seed_takes_the_same_steps() {
    let trace = |seed| seeds::trace(seed, Storm::everything());
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

//! Runs seeds, and says how to replay the one that fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    invariant::{Breach, Checked, Invariant},
    sabotage::Mutation,
    seen::Seen,
    storm::Storm,
    world::World,
};

/// Number of last steps that are shown of a seed that fails. `TIDEBOARD_SIM_STEPS` sets it.
const LAST_STEPS: usize = 60;

/// Runs one seed; what was seen of it. A panic counts as a breach.
pub(crate) fn run(seed: u64, storm: Storm, sabotage: Option<Mutation>) -> Checked<Seen> {
    let mut world = World::new(seed, storm, sabotage);
    caught(|| world.run())
}

/// Runs one seed; everything that happened, a line each.
pub(crate) fn trace(seed: u64, storm: Storm) -> Vec<String> {
    let mut world = World::new(seed, storm, None);
    world.trace = Some(Vec::new());
    let result = caught(|| world.run());
    let mut trace = world.trace.take().unwrap_or_default();
    trace.extend(result.err().map(|breach| breach.to_string()));
    trace
}

/// Runs so many seeds, unless `TIDEBOARD_SIM_SEEDS` says how many, and prints the first: `TIDEBOARD_SIM_FIRST`, or one that
/// is another every day. `TIDEBOARD_SIM_SEED` replays one.
pub(crate) fn run_many(storm: Storm, seeds: u64) {
    if let Some(seed) = setting("TIDEBOARD_SIM_SEED") {
        return run_or_explain(seed, storm).map_or_else(|text| panic!("{text}"), drop);
    }
    let first = setting("TIDEBOARD_SIM_FIRST").unwrap_or_else(first_of_today);
    let seeds = setting("TIDEBOARD_SIM_SEEDS").unwrap_or(seeds);
    let name = storm.name;
    println!("simulation {name}: {seeds} seeds from {first} on");
    let started = Instant::now();
    let mut seen = Seen::default();
    for seed in first..first + seeds {
        seen += run_or_explain(seed, storm).unwrap_or_else(|text| panic!("{text}"));
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("simulation {name}: {seeds} seeds in {seconds:.1} s, {seen}, no invariant broken");
    seen.check(seeds);
}

/// A thousand seeds for every day.
fn first_of_today() -> u64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    age.as_secs() / 86_400 * 1_000
}

fn run_or_explain(seed: u64, storm: Storm) -> Result<Seen, String> {
    run(seed, storm, None).map_err(|breach| explain(seed, storm, &breach))
}

/// Describes the breach, the last steps, and the way to see it again.
fn explain(seed: u64, storm: Storm, breach: &Breach) -> String {
    let trace = trace(seed, storm);
    let most = setting("TIDEBOARD_SIM_STEPS").map_or(LAST_STEPS, |most| most as usize);
    let last = trace[trace.len().saturating_sub(most)..].join("\n");
    let name = storm.name;
    format!(
        "the last steps of seed {seed}, storm {name}:\n{last}\n\nseed {seed}, storm {name}: {breach}\n\
         replay it with: cargo xtask sim --storm {name} --seed {seed}\n\
         or: TIDEBOARD_SIM_SEED={seed} cargo nextest run -p tideboard-sim {name}"
    )
}

fn caught(run: impl FnOnce() -> Checked<Seen>) -> Checked<Seen> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Invariant::NoPanic.broken(text.unwrap_or_default()))
    })
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

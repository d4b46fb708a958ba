//! Runs seeds, and says how to replay the one that fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{
    invariant::{Breach, Checked, Invariant},
    sabotage::Mutation,
    storm::Storm,
    world::World,
};

/// How many of the last things that happened are shown of a seed that fails. `TIDEBOARD_SIM_STEPS` sets it.
const LAST_STEPS: usize = 60;

/// Runs one seed; the number of edits applied. A panic counts as a breach.
pub(crate) fn run(seed: u64, storm: Storm, sabotage: Option<Mutation>) -> Checked<usize> {
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

/// Runs seeds until the time is spent, and says how many. `TIDEBOARD_SIM_SEED` replays one; `TIDEBOARD_SIM_SEEDS` runs so
/// many, from `TIDEBOARD_SIM_FIRST` on; `TIDEBOARD_SIM_SECONDS` as many as fit into so many seconds.
pub(crate) fn run_many(storm: Storm, default: Duration) {
    if let Some(seed) = setting("TIDEBOARD_SIM_SEED") {
        return run_or_explain(seed, storm).map_or_else(|text| panic!("{text}"), drop);
    }
    let (first, most) = (setting("TIDEBOARD_SIM_FIRST").unwrap_or_default(), setting("TIDEBOARD_SIM_SEEDS"));
    let budget = match (setting("TIDEBOARD_SIM_SECONDS"), most) {
        (Some(seconds), _) => Duration::from_secs(seconds),
        (None, Some(_)) => Duration::MAX,
        (None, None) => default,
    };
    let (started, mut seeds, mut edits) = (Instant::now(), 0, 0);
    while most.is_none_or(|most| seeds < most) && started.elapsed() < budget {
        edits += run_or_explain(first + seeds, storm).unwrap_or_else(|text| panic!("{text}"));
        seeds += 1;
    }
    assert!(edits > seeds as usize * 20, "too few edits came through to mean anything: {edits} in {seeds} seeds");
    let seconds = started.elapsed().as_secs();
    println!("simulation {}: {seeds} seeds in {seconds} s, {edits} edits applied, no invariant broken", storm.name);
}

fn run_or_explain(seed: u64, storm: Storm) -> Result<usize, String> {
    run(seed, storm, None).map_err(|breach| explain(seed, storm, &breach))
}

/// What broke, the last that happened, and how to see it again.
fn explain(seed: u64, storm: Storm, breach: &Breach) -> String {
    let trace = trace(seed, storm);
    let most = setting("TIDEBOARD_SIM_STEPS").map_or(LAST_STEPS, |most| most as usize);
    let last = trace[trace.len().saturating_sub(most)..].join("\n");
    let name = storm.name;
    format!(
        "the last steps of seed {seed}, storm {name}:\n{last}\n\nseed {seed}, storm {name}: {breach}\n\
         replay it with: cargo xtask sim --storm {name} --seed {seed}\n\
         or: TIDEBOARD_SIM_SEED={seed} cargo nextest run -p tideboard-tests --test sim {name}"
    )
}

fn caught(run: impl FnOnce() -> Checked<usize>) -> Checked<usize> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Invariant::NoPanic.broken(text.unwrap_or_default()))
    })
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

//! Proves that the simulation bites: every deliberate break is caught by some invariant.

use crate::{
    sabotage::Mutation::{self, *},
    seeds,
    storm::Storm,
};

/// Seeds that a mutation may live through before it counts as not caught.
const MOST_SEEDS: u64 = 60;

/// Every break, with the storm in which it shows soonest.
const MUTATIONS: [(Mutation, Storm); 19] = [
    (SkipDedupe, Storm::network()),
    (AckBeforeCommit, Storm::calm()),
    (BroadcastBeforeCommit, Storm::calm()),
    (LogForgetsItsLastRow, Storm::crashes()),
    (LogWithoutRaces, Storm::nodes()),
    (NewestBase, Storm::network()),
    (StaleEpoch, Storm::network()),
    (SendBeforeDurable, Storm::calm()),
    (NumberTwice, Storm::calm()),
    (EventInAnothersPlace, Storm::calm()),
    (PartialReplay, Storm::network()),
    (ForgetTooEarly, Storm::calm()),
    (ForgetAnothers, Storm::network()),
    (LoseRowOnReload, Storm::crashes()),
    (ReplayUnderNewNumber, Storm::crashes()),
    (TwoLeaders, Storm::tabs()),
    (OutcomeOfAnother, Storm::network()),
    (ServerIgnoresConflicts, Storm::network()),
    (SnapshotWithStaleN, Storm::network()),
];

#[test]
fn every_mutation_is_caught() {
    let mut missed = Vec::new();
    for (mutation, storm) in MUTATIONS {
        let caught = (0..MOST_SEEDS).find_map(|seed| Some((seed, seeds::run(seed, storm, Some(mutation)).err()?)));
        let Some((seed, breach)) = caught else {
            missed.push(mutation);
            continue;
        };
        println!("{mutation:?}: caught by {:?}, seed {seed}, storm {}", breach.invariant, storm.name);
        for sound in 0..=seed {
            let result = seeds::run(sound, storm, None);
            assert!(result.is_ok(), "seed {sound} fails without {mutation:?} too: {result:?}");
        }
    }
    assert!(missed.is_empty(), "not caught in {MOST_SEEDS} seeds: {missed:?}");
    println!("simulation: {} of {} mutations caught", MUTATIONS.len() - missed.len(), MUTATIONS.len());
}

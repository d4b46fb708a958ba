//! `cargo xtask sim`: the whole-system simulation, with more seeds than the tests have time for, or with one again.

use anyhow::Result;
use clap::ValueEnum;

use crate::{
    process::step,
    project::{cargo, native},
};

/// Arguments of `sim`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seeds of each storm to run
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Seed to run again, instead
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    /// Storm to run. Default: each in turn
    #[arg(long)]
    storm: Option<Storm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Storm {
    /// No storm
    Calm,
    /// Frames are lost, repeated, overtaken and late; links break, half-open ones and partitions included.
    Network,
    /// Server and pages are killed, the log and the disks fail, tokens expire.
    Crashes,
    /// Tabs open, close, freeze, wake and die.
    Tabs,
    /// All of it.
    Everything,
}

/// Runs seeds; a failing one is named with its last steps.
pub(crate) fn run(args: &Args) -> Result<()> {
    // Part of the names of the tests.
    let filter = match args.storm {
        None => "replicas_are_equal_once_quiet",
        Some(Storm::Calm) => "calm",
        Some(Storm::Network) => "network",
        Some(Storm::Crashes) => "crashes",
        Some(Storm::Tabs) => "tabs",
        Some(Storm::Everything) => "everything",
    };
    let mut command = cargo();
    command.args(["test", "--release"]).args(native()).args(["--test", "sim", "--", "--nocapture", filter]);
    match args.seed {
        Some(seed) => command.env("TIDEBOARD_SIM_SEED", seed.to_string()),
        None => command
            .env("TIDEBOARD_SIM_SEEDS", args.seeds.to_string())
            .env("TIDEBOARD_SIM_FIRST", args.first.to_string()),
    };
    step("The simulation (first time: about 3 min)", &mut command)
}

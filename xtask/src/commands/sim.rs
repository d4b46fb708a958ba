//! `cargo xtask sim`: the whole-system simulation, with more seeds than the tests have time for, with one again, or with
//! bugs planted in what it runs.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::{process::step, project::cargo};

mod mutants;

/// Package of the simulation.
const PACKAGE: &str = "tideboard-sim";

/// Arguments of `sim`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Number of seeds of each storm. Default 1,000.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// First seed. Default: another one every day, which is printed.
    #[arg(long)]
    first: Option<u64>,
    /// Seed to run again, instead.
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    /// Kind of faults. Default: each in turn.
    #[arg(long)]
    storm: Option<Storm>,
    /// Plants the bugs of tests/sim/mutants.txt one at a time instead; every one has to be caught.
    #[arg(long, conflicts_with_all = ["seeds", "first", "seed", "storm"])]
    mutants: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Storm {
    /// No faults.
    Calm,
    /// Frames are lost, repeated, overtaken and late; links break, half-open ones and partitions included.
    Network,
    /// Server and pages are killed, the log and the disks fail, tokens expire.
    Crashes,
    /// Tabs open, close, freeze, wake and die.
    Tabs,
    /// Two nodes race for one log, and fail.
    Nodes,
    /// Browsers are away for longer than the server remembers them.
    Away,
    /// All of it.
    Everything,
}

impl Storm {
    /// Part of the name of its test, and of no other's.
    fn filter(self) -> &'static str {
        match self {
            Self::Calm => "in_a_calm",
            Self::Network => "whatever_the_network_does",
            Self::Crashes => "after_crashes",
            Self::Tabs => "whatever_tabs_do",
            Self::Nodes => "on_two_nodes",
            Self::Away => "after_clients_were_away",
            Self::Everything => "under_everything",
        }
    }
}

/// Runs seeds; a failing one is named with its last steps.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.mutants {
        return mutants::run();
    }
    let mut command = cargo();
    command.args(["test", "--release"]);
    select(&mut command, args.storm);
    match args.seed {
        Some(seed) => {
            command.env("TIDEBOARD_SIM_SEED", seed.to_string());
        }
        None => {
            command.env("TIDEBOARD_SIM_SEEDS", args.seeds.to_string());
            if let Some(first) = args.first {
                command.env("TIDEBOARD_SIM_FIRST", first.to_string());
            }
        }
    }
    step("The simulation (first time: about 1 min)", &mut command)
}

fn select(command: &mut Command, storm: Option<Storm>) {
    let filter = storm.map_or("replicas_are_equal_once_quiet", Storm::filter);
    command.args(["--package", PACKAGE, "--", "--nocapture", filter]);
}

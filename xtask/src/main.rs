//! The developer's one entry point: `cargo xtask setup | run | dev | build | test | sim | lint | bench | shots | ci`.
//!
//! In: a sub-command. Out: the same `cargo`, Trunk and browser calls on every machine, with what they need provided first.
//! Never leaves a process behind, on success, failure or Ctrl-C; see [`process`].
//!
//! It holds no build logic of its own: Trunk builds the app, cargo the rest. wasm-bindgen's command line and test runner are
//! linked in, so that their version is the one in `Cargo.lock`; see [`tools::wasm_bindgen_dir`].

mod axe;
mod browser;
mod commands;
mod compress;
mod dev_proxy;
mod doc_paths;
mod precache;
mod process;
mod project;
mod prose;
mod purity;
mod server;
mod settings;
mod spa;
mod stage;
mod stylesheets;
mod tools;

use std::{env, ffi::OsString, path::Path, process::ExitCode};

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use commands::{bench, build, ci, dev, lint, run, setup, shots, sim, test};

/// Tideboard's build, run and test commands. Each brings what it needs.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Brings everything that builds and tests need, the browser included (first time: about 6 min, most of it Trunk).
    Setup,
    /// Builds the app for release, starts the server and prints the URL (first time: about 10 min; then seconds).
    Run(run::Args),
    /// Serves a development build that reloads on every change, with the server behind it (first time: about 8 min).
    Dev(dev::Args),
    /// Builds the app for release into `dist`, with Brotli and gzip beside every file (first time: about 7 min).
    Build,
    /// Runs all tests, the ones in a headless browser included (first time: about 15 min).
    Test(test::Args),
    /// Runs seeds of the whole-system simulation, or one of them again (first time: about 3 min; then 100 seeds a second).
    Sim(sim::Args),
    /// Checks formatting, clippy, rustdoc, purity and licences (first time: about 5 min).
    Lint(lint::Args),
    /// Measures how cost grows, natively and in a headless browser (first time: about 6 min).
    Bench(bench::Args),
    /// Takes pictures of every tab and state, in light and dark, at three widths (first time: about 10 min; then 1 min).
    Shots(shots::Args),
    /// Runs what continuous integration runs: `lint`, then `test` (first time: about 20 min).
    Ci,
    /// Cargo's runner for wasm tests; `test` sets it.
    #[command(hide = true)]
    Runner {
        /// The test binary and its arguments, from cargo.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    if is_called("wasm-bindgen") {
        return report(wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(env::args_os()));
    }
    let cli = Cli::parse();
    if let Command::Runner { args } = cli.command {
        let args = [OsString::from("wasm-bindgen-test-runner")].into_iter().chain(args);
        return report(wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args));
    }
    announce();
    let code = report(process::guard().and_then(|()| dispatch(cli.command)));
    process::end_leftovers();
    code
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Setup => setup::run(),
        Command::Run(args) => run::run(&args),
        Command::Dev(args) => dev::run(&args),
        Command::Build => build::run(),
        Command::Test(args) => test::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Lint(args) => lint::run(args),
        Command::Bench(args) => bench::run(&args),
        Command::Shots(args) => shots::run(&args),
        Command::Ci => ci::run(),
        Command::Runner { .. } => unreachable!("main runs it"),
    }
}

/// Says what the sub-command does and about how long it takes, in the words of `--help`.
fn announce() {
    let cli = Cli::command();
    let about = env::args().nth(1).and_then(|name| cli.find_subcommand(name)?.get_about().cloned());
    if let Some(about) = about {
        process::heading(&about.to_string());
    }
}

/// Tells whether this executable was started under `name`: Trunk finds it as `wasm-bindgen`.
fn is_called(name: &str) -> bool {
    env::args_os().next().is_some_and(|arg0| Path::new(&arg0).file_stem().is_some_and(|stem| stem == name))
}

fn report(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // After Ctrl-C every child fails; that is no news.
            process::park_if_interrupted();
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! `cargo xtask bench`: how cost grows, in figures.

use std::{ffi::OsString, process::Command, time::Duration};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::{
    browser::{Browser, Driver},
    process::{heading, step},
    project::{Metadata, WASM, cargo},
    server::Profile,
    stage, tools,
};

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Subject of the measurement.
    subject: Subject,
    /// Place where the engine is measured. Default: natively, then in the browser.
    place: Option<Place>,
    /// Natively: part of a title, to measure only that; then by what to divide every size. After `--`.
    #[arg(last = true)]
    filter: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// The client's engine.
    Engine,
    /// The page under load, in headless Chromium: fifty widgets, a chart of 200,000 points, a table of 10,000 rows. About 5 min.
    Render,
    /// From the address to the first live point, on a slow phone's profile and on this machine's.
    Start,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Place {
    /// On this machine's own processor.
    Native,
    /// In headless Chromium, built as the app is for release.
    Browser,
}

/// Measures and prints tables.
pub(crate) fn run(args: &Args) -> Result<()> {
    match (args.subject, args.place) {
        (Subject::Engine, Some(Place::Native)) => native(args),
        (Subject::Engine, Some(Place::Browser)) => browser(),
        (Subject::Engine, None) => native(args).and_then(|()| browser()),
        (Subject::Render, _) => super::test::render(30),
        (Subject::Start, _) => start(),
    }
}

fn start() -> Result<()> {
    let metadata = Metadata::load()?;
    let mut command = Command::new(metadata.executable("debug", "start")?);
    let browser = stage::set(&metadata, Profile::Release, &mut command)?;
    step(&format!("The app's start in {browser} (about 2 min)"), &mut command)
}

fn native(args: &Args) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "tideboard-engine-bench", "--"]).args(&args.filter);
    step("The engine, natively (first time: about 1 min)", &mut command)
}

fn browser() -> Result<()> {
    tools::wasm_target()?;
    let metadata = Metadata::load()?;
    let browser = Browser::provide()?;
    let dir = tempfile::tempdir_in(metadata.work_dir()?).context("cannot create a folder for profiles")?;
    let driver = Driver::start(&browser, dir.path())?;
    // There is no server: nothing is asked of one.
    let webdriver = browser.write_webdriver_json(dir.path(), "127.0.0.1:9")?;
    heading(&format!("In {browser}"));
    let mut command = cargo();
    command.args(["test", "--package", "tideboard-engine-bench", "--target", WASM, "--test", "in_browser"]).args([
        "--profile",
        "wasm-release",
        "--config",
        &tools::wasm_runner(&metadata)?,
        "--",
        "--nocapture",
    ]);
    driver.serve(&mut command, &webdriver, Duration::from_secs(900));
    step("The engine, in the browser (first time: about 2 min)", &mut command)
}

//! `cargo xtask test`: all tests, with the server, browser and driver that they need.

use std::{ffi::OsString, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use super::all;
use crate::{
    axe,
    browser::{Browser, Driver},
    process::{heading, step},
    project::{Metadata, WASM, cargo, client, native},
    server::{self, Profile, Server},
    spa::{self, GalleryBuild},
    stage, tools,
};

/// The whole-app tests. They need a browser, so the native part leaves them out.
const APP_TESTS: (&str, &str) = ("tideboard-tests", "browser");
/// App tests that measure what drawing costs.
const RENDER_TESTS: [&str; 3] = ["fifty_live_widgets", "two_hundred_thousand_points", "ten_thousand_rows"];

/// Arguments of `test`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The part to run. Default: all of them.
    part: Option<Part>,
    /// Tests to run, after `--`: part of their names.
    #[arg(last = true)]
    filter: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Unit, property, simulation and end-to-end tests, and examples in the docs.
    Native,
    /// Hooks and components in headless Chromium, against a real server.
    Browser,
    /// The built app in headless Chromium.
    App,
}

/// Runs the parts, also after one has failed.
pub(crate) fn run(args: &Args) -> Result<()> {
    let metadata = Metadata::load()?;
    let native = || native_tests(&metadata, args);
    let browser = || browser(&metadata, args);
    let app = || app(&metadata, args);
    match args.part {
        Some(Part::Native) => native(),
        Some(Part::Browser) => browser(),
        Some(Part::App) => app(),
        None => all(&[("native tests", &native), ("browser tests", &browser), ("app tests", &app)]),
    }
}

fn native_tests(metadata: &Metadata, args: &Args) -> Result<()> {
    let server = server::build(metadata, Profile::Test)?;
    let mut targets = vec!["--lib", "--bins"];
    let tests = metadata.integration_tests();
    for &(_, name) in tests.iter().filter(|test| **test != APP_TESTS) {
        targets.extend(["--test", name]);
    }
    let mut command = test_command(args, &targets);
    step("Native tests", command.env("TIDEBOARD_SERVER_BIN", server))?;
    step(
        "xtask's own tests (first time: about 20 s)",
        cargo().args(["test", "--package", "xtask"]).args(after_dashes(args)),
    )?;
    step("Examples in the docs", cargo().args(["test", "--doc"]).args(native()).args(after_dashes(args)))
}

fn browser(metadata: &Metadata, args: &Args) -> Result<()> {
    tools::wasm_target()?;
    let browser = Browser::provide()?;
    let program = server::build(metadata, Profile::Test)?;
    let mut build = wasm_tests();
    step("Build the browser tests (first time: about 2 min)", build.arg("--no-run"))?;

    heading(&format!("Start a server and {browser}"));
    let dir = tempfile::tempdir_in(metadata.work_dir()?).context("cannot create a folder for data and profiles")?;
    let data_dir = dir.path().display().to_string();
    let server = Server::start(
        &program,
        ["--bind=127.0.0.1:0", "--data-dir", &data_dir, "--store=memory", "--allow-origin=*", "--allow-host=api.test"],
    )?;
    let driver = Driver::start(&browser, dir.path())?;
    let webdriver = browser.write_webdriver_json(dir.path(), server.address())?;
    let runner = tools::wasm_runner(metadata)?;
    let mut command = wasm_tests();
    command.args(["--no-fail-fast", "--config", &runner]).args(after_dashes(args));
    // The default of 20 s is short on a busy machine with two cores.
    driver.serve(&mut command, &webdriver, Duration::from_secs(120));
    step("Browser tests", &mut command)?;

    // Only compiled: the runner runs no plain `main`.
    let mut command = cargo();
    command.arg("test").args(client()).args(["--target", WASM, "--doc", "--config", &runner]);
    step("Examples in the client's docs compile", &mut command)
}

/// Runs the measurements among the app tests, each part for so many seconds, and shows what they print.
pub(super) fn render(seconds: u64) -> Result<()> {
    let metadata = Metadata::load()?;
    let args = Args { part: Some(Part::App), filter: RENDER_TESTS.map(OsString::from).to_vec() };
    let (mut command, title) = app_command(&metadata, &args, GalleryBuild::Measured)?;
    command.env("TIDEBOARD_BENCH_SECONDS", seconds.to_string()).env("NEXTEST_SUCCESS_OUTPUT", "final");
    // One after the other: they would measure each other.
    command.env("NEXTEST_TEST_THREADS", "1").env("RUST_TEST_THREADS", "1");
    step(&title, &mut command)
}

fn app(metadata: &Metadata, args: &Args) -> Result<()> {
    let (mut command, title) = app_command(metadata, args, GalleryBuild::Development)?;
    step(&title, &mut command)
}

fn app_command(metadata: &Metadata, args: &Args, gallery: GalleryBuild) -> Result<(Command, String)> {
    let (package, test) = APP_TESTS;
    ensure!(metadata.integration_tests().contains(&APP_TESTS), "{package} has no test target `{test}`");
    let mut command = test_command(args, &["--test", test]);
    command.env("TIDEBOARD_TEST_GALLERY", spa::build_gallery(metadata, gallery)?);
    let browser = stage::set(metadata, Profile::Test, &mut command)?;
    if let Some(axe) = axe::provide()? {
        command.env("TIDEBOARD_AXE", axe);
    }
    Ok((command, format!("App tests in {browser}")))
}

fn wasm_tests() -> Command {
    let mut command = cargo();
    command.arg("test").args(client()).args(["--target", WASM, "--tests"]);
    command
}

/// nextest where it is installed, else `cargo test`, on `targets` of the native packages.
fn test_command(args: &Args, targets: &[&str]) -> Command {
    let mut command = cargo();
    if tools::has_cargo("nextest") {
        command.args(["nextest", "run", "--no-fail-fast"]);
        if !args.filter.is_empty() {
            // A name may be in another part.
            command.arg("--no-tests=pass");
        }
    } else {
        command.args(["test", "--no-fail-fast"]);
    }
    command.args(native()).args(targets).args(after_dashes(args));
    command
}

fn after_dashes(args: &Args) -> impl Iterator<Item = OsString> {
    let dashes = (!args.filter.is_empty()).then(|| OsString::from("--"));
    dashes.into_iter().chain(args.filter.clone())
}

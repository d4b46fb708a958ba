//! `cargo xtask lint`: everything that is checked without running the product.

use std::process::Stdio;

use anyhow::Result;

use super::all;
use crate::{
    doc_paths,
    process::{heading, step},
    project::{EXAMPLES, Metadata, WASM, cargo, client, without_browser},
    prose, purity, settings, tools,
};

const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

/// Arguments of `lint`.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Check how doc comments begin, and nothing else
    #[arg(long)]
    prose: bool,
    /// Check that every setting is read, and nothing else
    #[arg(long)]
    settings: bool,
}

/// Runs all checks and names those that failed.
pub(crate) fn run(args: Args) -> Result<()> {
    if args.prose {
        return prose::check();
    }
    if args.settings {
        return settings::check();
    }
    tools::wasm_target()?;
    tools::lint_components()?;
    let metadata = Metadata::load()?;
    all(&[
        ("lock file", &lock_file),
        ("format", &|| step("Format", cargo().args(["fmt", "--all", "--check"]))),
        ("clippy, native", &clippy_native),
        ("clippy, wasm", &clippy_wasm),
        ("clippy, the examples", &clippy_examples),
        ("rustdoc", &rustdoc),
        ("paths in the docs", &paths_in_docs),
        ("purity", &|| purity::check(&metadata)),
        ("settings", &settings::check),
        ("prose", &prose::check),
        ("dependencies", &deny),
    ])
}

fn paths_in_docs() -> Result<()> {
    heading("Paths that the docs name are there");
    doc_paths::check()
}

fn lock_file() -> Result<()> {
    let mut command = cargo();
    command.args(["metadata", "--locked", "--format-version=1"]).stdout(Stdio::null());
    step("Cargo.lock is current", &mut command)
}

fn clippy_native() -> Result<()> {
    let mut command = cargo();
    command.args(["clippy", "--workspace", "--all-targets"]).args(without_browser()).args(DENY_WARNINGS);
    step("Clippy, native (first time: about 1 min)", &mut command)
}

fn clippy_wasm() -> Result<()> {
    let mut command = cargo();
    command.arg("clippy").args(client()).args(["--package", "tideboard-engine-bench"]);
    command.args(["--features", "tideboard-app/gallery", "--target", WASM, "--all-targets"]).args(DENY_WARNINGS);
    step("Clippy, wasm (first time: about 1 min)", &mut command)
}

/// As others use the library: each example by itself, so that none gets the features that another one wants.
fn clippy_examples() -> Result<()> {
    for example in EXAMPLES {
        let mut command = cargo();
        command.args(["clippy", "--package", example, "--target", WASM]).args(DENY_WARNINGS);
        step(&format!("Clippy, {example}"), &mut command)?;
    }
    Ok(())
}

fn rustdoc() -> Result<()> {
    let doc = || {
        let mut command = cargo();
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        command
    };
    step("Rustdoc, native (first time: about 1 min)", doc().arg("--workspace").args(without_browser()))?;
    step(
        "Rustdoc, wasm",
        doc().args(client()).args(["--features", "tideboard-client/devtools", "--lib", "--target", WASM]),
    )
}

/// Checks dependencies where cargo-deny is installed. It takes minutes to build, so nobody has to have it.
fn deny() -> Result<()> {
    if !tools::has_cargo("deny") {
        heading("Skipped: cargo-deny is not installed, so licences and sources of dependencies are not checked");
        return Ok(());
    }
    step("Licences and sources of dependencies", cargo().args(["deny", "check", "bans", "licenses", "sources"]))
}

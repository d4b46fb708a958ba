//! `cargo xtask ci`: what `.ci/run` does, in one call.

use anyhow::Result;

use super::{lint, test};

/// Runs the lints, then all tests.
pub(crate) fn run() -> Result<()> {
    lint::run(lint::Args::default())?;
    test::run(&test::Args::default())
}

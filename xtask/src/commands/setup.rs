//! `cargo xtask setup`: everything the other commands would otherwise bring when they need it.

use anyhow::Result;

use crate::{axe, browser::Browser, process::heading, project::Metadata, tools};

/// Brings all tools.
pub(crate) fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::lint_components()?;
    tools::trunk(&Metadata::load()?)?;
    let browser = Browser::provide()?;
    axe::provide()?;
    heading(&format!("Ready: {browser}. Next: cargo xtask run"));
    Ok(())
}

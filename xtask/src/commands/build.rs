//! `cargo xtask build`: the app for release, in `dist`.

use anyhow::Result;

use crate::{process::heading, project::Metadata, spa};

/// Builds the app unless it is up to date.
pub(crate) fn run() -> Result<()> {
    let dist = spa::build(&Metadata::load()?)?;
    heading(&format!("The app is in {}", dist.display()));
    Ok(())
}

//! `cargo xtask shots`: pictures of the app.

use std::{
    path::{PathBuf, absolute},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{process::step, project::Metadata, server::Profile, stage};

/// Arguments of `shots`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the pictures. Default: `shots` in cargo's target folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only pictures whose name, such as `overview-dark-400`, has this in it.
    #[arg(long, value_name = "PART")]
    only: Option<String>,
}

/// Builds what has changed and takes them.
pub(crate) fn run(args: &Args) -> Result<()> {
    let metadata = Metadata::load()?;
    let out = args.out.clone().map_or_else(|| Ok(metadata.target_dir()?.join("shots")), Ok::<_, anyhow::Error>)?;
    let mut command = Command::new(metadata.executable("debug", "shots")?);
    command.arg(absolute(&out).with_context(|| format!("{} is no folder", out.display()))?).args(&args.only);
    let browser = stage::set(&metadata, Profile::Test, &mut command)?;
    step(&format!("Pictures of the app in {browser} (about 1 min)"), &mut command)
}

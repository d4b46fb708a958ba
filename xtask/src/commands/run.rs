//! `cargo xtask run`: the released app and its server.

use anyhow::{Result, ensure};

use crate::{
    process::heading,
    project::Metadata,
    server::{self, Profile, Server},
    spa,
};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Arguments for the server, after `--`: see `cargo xtask run -- --help`.
    #[arg(last = true)]
    server: Vec<String>,
}

/// Builds what has changed and serves until Ctrl-C.
pub(crate) fn run(args: &Args) -> Result<()> {
    let metadata = Metadata::load()?;
    let dist = spa::build(&metadata)?;
    let program = server::build(&metadata, Profile::Release)?;
    let assets = [String::from("--assets"), dist.display().to_string()];
    let mut server = Server::start(&program, assets.iter().chain(&args.server))?;
    heading(&format!("Tideboard is at {} (Ctrl-C ends it)", server.url()));
    let status = server.wait()?;
    ensure!(status.success(), "the server ended: {status}");
    Ok(())
}

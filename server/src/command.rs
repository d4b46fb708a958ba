//! The `tideboard` command: reads the configuration, starts the server, says where it is.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::{
    Server,
    config::{Config, Given},
    run_until_signal,
};

/// Live dashboards: boards that people edit together, and live data.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve boards and the app.
    ///
    /// Every setting can also be given in the environment, or in the TOML file by its name with _ for - (data_dir; the lists
    /// are called boards and allow_origins). A flag wins over the environment, the environment over the file, the file
    /// over the default. TIDEBOARD_LOG says what is logged, such as info or tideboard_server=debug.
    Serve {
        /// TOML file with settings
        #[arg(long, value_name = "FILE", env = "TIDEBOARD_CONFIG")]
        config: Option<PathBuf>,
        #[command(flatten)]
        given: Given,
    },
}

/// Does what the command line asks for, until the server ends.
pub fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line for people; how the program came here does not help them.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> anyhow::Result<()> {
    let Command { action: Action::Serve { config, given } } = Command::parse();
    let filter = EnvFilter::try_from_env("TIDEBOARD_LOG").unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn"));
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(std::io::stderr).init();

    let file = config.as_deref().map(Config::from_file).transpose()?.unwrap_or_default();
    let config = file.with(&given);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    runtime.block_on(async {
        let server = Server::start(config).await?;
        // The one line on standard output: what starts this program waits for it.
        println!("listening on http://{}", server.address());
        Ok(run_until_signal(server).await?)
    })
}

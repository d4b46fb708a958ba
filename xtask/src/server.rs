//! Builds and starts Tideboard's server.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{Background, step},
    project::{self, Metadata, cargo},
};

/// Build of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to rebuild.
    Dev,
    /// Optimised, for people.
    Release,
    /// Shares its artefacts with the native tests.
    Test,
}

/// Builds the server and returns its program.
pub(crate) fn build(metadata: &Metadata, profile: Profile) -> Result<PathBuf> {
    let mut command = cargo();
    match profile {
        Profile::Release => {
            command.args(["build", "--package", "tideboard-server", "--release"]);
            step("Build the server for release (first time: about 2 min)", &mut command)?;
            metadata.executable("release", "tideboard")
        }
        Profile::Dev => {
            command.args(["build", "--package", "tideboard-server"]);
            step("Build the server (first time: about 1 min)", &mut command)?;
            metadata.executable("debug", "tideboard")
        }
        Profile::Test => {
            // With the tests, because they decide which features the dependencies get.
            command.arg("build").args(project::native()).args(["--lib", "--bins", "--tests"]);
            step("Build the server and the native tests (first time: about 2 min)", &mut command)?;
            metadata.executable("debug", "tideboard")
        }
    }
}

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    background: Background,
    url: String,
}

impl Server {
    /// Starts `tideboard serve` with `args` and waits until it listens. What it prints is shown.
    pub(crate) fn start<A: AsRef<OsStr>>(program: &Path, args: impl IntoIterator<Item = A>) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").args(args).current_dir(project::root()).stdout(Stdio::piped());
        let mut background = Background::start(&mut command)?;
        let mut lines = BufReader::new(background.child.stdout.take().expect("stdout is piped")).lines();
        while let Some(line) = lines.next().transpose().context("cannot read what the server prints")? {
            println!("{line}");
            if let Some(url) = parse_listening(&line) {
                let url = url.to_owned();
                // Read on, or the server blocks once the pipe is full.
                thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("{line}")));
                return Ok(Self { background, url });
            }
        }
        let status = background.wait()?;
        if status.success() {
            // Asked for its help or version.
            std::process::exit(0);
        }
        bail!("the server did not start: {status}; its message is above")
    }

    /// Address at which it listens: `http://ADDRESS:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Address at which it listens: `ADDRESS:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        self.background.wait()
    }
}

/// The URL in the server's line `listening on http://ADDRESS:PORT`.
fn parse_listening(line: &str) -> Option<&str> {
    line.trim().strip_prefix("listening on ").filter(|url| url.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use super::parse_listening;

    #[test]
    fn the_listening_line_gives_the_url() {
        assert_eq!(parse_listening("listening on http://127.0.0.1:4711\n"), Some("http://127.0.0.1:4711"));
    }

    #[test]
    fn other_lines_are_no_url() {
        assert_eq!(parse_listening("INFO listening on http://127.0.0.1:1"), None);
        assert_eq!(parse_listening("listening on all interfaces"), None);
    }
}

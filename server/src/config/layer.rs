//! One layer of settings, and how flags, environment and file are laid over each other.

use std::{
    num::{NonZeroU16, NonZeroU64},
    path::{Path, PathBuf},
};

use clap::{Args, Command, FromArgMatches};
use serde::Deserialize;
use tideboard_shared::BoardId;

use super::{Bind, Config, HistoryEvents, MaxBoards, Rate, Store};

/// What the environment variables' names begin with.
const ENV_PREFIX: &str = "TIDEBOARD_";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable has a bad value.
    #[error("environment variable {name}: {problem}")]
    Environment {
        /// The variable.
        name: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {problem}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: std::io::Error,
    },
    /// The file has a bad or unknown setting.
    #[error("configuration {path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, where, and what is allowed.
        problem: toml::de::Error,
    },
}

/// Settings that may be absent: those of one layer. Names in the file are the flags' with `_` for `-`.
#[derive(Debug, Clone, PartialEq, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on; port 0 takes any free one. Default 127.0.0.1:3000
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub bind: Option<Bind>,
    /// Folder of the log. Default tideboard-data
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Folder of the built app. Default dist
    #[arg(long, value_name = "DIR")]
    pub assets: Option<PathBuf>,
    /// What keeps the boards: a flushed file, or nothing beyond the process. Default sqlite
    #[arg(long, value_name = "STORE")]
    pub store: Option<Store>,
    /// Board to create when it does not exist; may be repeated. Default main
    #[arg(long = "board", value_name = "NAME", value_delimiter = ',')]
    pub boards: Option<Vec<BoardId>>,
    /// Measurements of this machine per second, 0.001 to 100, or 0 for none. Default 1
    #[arg(long, value_name = "HZ")]
    pub host_rate_hz: Option<Rate>,
    /// Measurements of the server itself per second, 0.001 to 100, or 0 for none. Default 1
    #[arg(long, value_name = "HZ")]
    pub server_rate_hz: Option<Rate>,
    /// Boards beyond which nobody can create one, 1 to 100000. Default 1000
    #[arg(long, value_name = "N")]
    pub max_boards: Option<MaxBoards>,
    /// Origin that may connect, as SCHEME://HOST:PORT, besides this host and localhost; * is any; may be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origins: Option<Vec<String>>,
    /// Listen where other machines can reach it, although everyone may read and write every board. Default false
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub insecure: Option<bool>,
    /// Take a snapshot of a board after so many events, from 1. Default 1000
    #[arg(long, value_name = "N")]
    pub snapshot_every: Option<NonZeroU64>,
    /// Events of a board kept for resuming. Default 10000
    #[arg(long, value_name = "N")]
    pub retain_events: Option<u32>,
    /// Events of a board that can be looked back on, 0 to 10000000, never less than --retain-events. Default 100000
    #[arg(long, value_name = "N")]
    pub history_events: Option<HistoryEvents>,
    /// Take a board out of memory that nobody reads or asks for so many milliseconds, from 1. Default 300000
    #[arg(long, value_name = "MS")]
    pub board_idle_ms: Option<NonZeroU64>,
    /// Close a connection that is silent for twice so many milliseconds, from 1. Default 30000
    #[arg(long, value_name = "MS")]
    pub heartbeat_ms: Option<NonZeroU64>,
    /// Show a board member whose connection broke for so many milliseconds. Default 10000
    #[arg(long, value_name = "MS")]
    pub presence_ttl_ms: Option<u64>,
    /// Threads that serve connections, from 1. Default: one for each processor
    #[arg(long, value_name = "N")]
    pub workers: Option<NonZeroU16>,
}

impl Settings {
    /// The settings in the environment, given as pairs of name and value. Lists are separated by commas.
    ///
    /// # Errors
    /// When a value is not allowed; a variable of no known name is left alone.
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut all = Self::default();
        for (name, value) in variables {
            let Some(flag) = name.strip_prefix(ENV_PREFIX).map(|name| name.to_lowercase().replace('_', "-")) else {
                continue;
            };
            let command = Self::augment_args(Command::new("environment").no_binary_name(true));
            if !command.get_arguments().any(|argument| argument.get_long() == Some(&flag)) {
                continue;
            }
            let parsed = command.try_get_matches_from([format!("--{flag}={value}")]);
            let one = parsed.and_then(|matches| Self::from_arg_matches(&matches));
            let one = one.map_err(|error| ConfigError::Environment { problem: problem(&error), name })?;
            all = all.over(one);
        }
        Ok(all)
    }

    /// The settings of a TOML file.
    ///
    /// # Errors
    /// When it cannot be read, or has an unknown name or a value that is not allowed.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|problem| ConfigError::Unreadable { path: path.to_owned(), problem })?;
        toml::from_str(&text).map_err(|problem| ConfigError::File { path: path.to_owned(), problem })
    }

    /// These settings, and where they are absent, `below`.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            bind: self.bind.or(below.bind),
            data_dir: self.data_dir.or(below.data_dir),
            assets: self.assets.or(below.assets),
            store: self.store.or(below.store),
            boards: self.boards.or(below.boards),
            host_rate_hz: self.host_rate_hz.or(below.host_rate_hz),
            server_rate_hz: self.server_rate_hz.or(below.server_rate_hz),
            max_boards: self.max_boards.or(below.max_boards),
            allow_origins: self.allow_origins.or(below.allow_origins),
            insecure: self.insecure.or(below.insecure),
            snapshot_every: self.snapshot_every.or(below.snapshot_every),
            retain_events: self.retain_events.or(below.retain_events),
            history_events: self.history_events.or(below.history_events),
            board_idle_ms: self.board_idle_ms.or(below.board_idle_ms),
            heartbeat_ms: self.heartbeat_ms.or(below.heartbeat_ms),
            presence_ttl_ms: self.presence_ttl_ms.or(below.presence_ttl_ms),
            workers: self.workers.or(below.workers),
        }
    }

    /// The settings with defaults where they are absent.
    #[must_use]
    pub fn complete(self) -> Config {
        let default = Config::default();
        Config {
            bind: self.bind.map_or(default.bind, |Bind(address)| address),
            data_dir: self.data_dir.unwrap_or(default.data_dir),
            assets: self.assets.unwrap_or(default.assets),
            store: self.store.unwrap_or(default.store),
            boards: self.boards.unwrap_or(default.boards),
            host_rate_hz: self.host_rate_hz.unwrap_or(default.host_rate_hz),
            server_rate_hz: self.server_rate_hz.unwrap_or(default.server_rate_hz),
            max_boards: self.max_boards.unwrap_or(default.max_boards),
            allow_origins: self.allow_origins.unwrap_or(default.allow_origins),
            insecure: self.insecure.unwrap_or(default.insecure),
            snapshot_every: self.snapshot_every.unwrap_or(default.snapshot_every),
            retain_events: self.retain_events.unwrap_or(default.retain_events),
            history_events: self.history_events.unwrap_or(default.history_events),
            board_idle_ms: self.board_idle_ms.unwrap_or(default.board_idle_ms),
            heartbeat_ms: self.heartbeat_ms.unwrap_or(default.heartbeat_ms),
            presence_ttl_ms: self.presence_ttl_ms.unwrap_or(default.presence_ttl_ms),
            workers: self.workers.or(default.workers),
        }
    }
}

/// Clap's message without its decoration: the first paragraph, which names the value and what is allowed.
fn problem(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    first.trim_start_matches("error: ").replace('\n', " ").trim().to_owned()
}

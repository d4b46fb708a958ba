//! Every setting of the server: its name, unit, range and default, and where its value comes from.
//!
//! In: the command line, the environment, a TOML file. Out: a checked [`Config`]; nothing re-checks later. A flag wins over
//! its variable, that over the file, the file over the default. Never: a bad value that is not refused with the setting's
//! name, its source and what is allowed.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource};
use tideboard_shared::{
    BoardId,
    settings::{Bytes, Count, Millis, Node, Row, Shape, bytes, count, milliseconds, rows, settings},
};

mod value;

pub use value::{Bind, Rate, Store};

settings! {
    /// Settings of a server.
    pub Config {
        /// Address and port to listen on; port 0 takes any free one.
        bind: Bind = Bind::localhost(3_000),
        /// Folder of the log.
        data_dir: PathBuf => "tideboard-data".into(),
        /// Folder of the built app.
        assets: PathBuf => "dist".into(),
        /// Keeper of the boards: a flushed file, or nothing beyond the process.
        store: Store = Store::Sqlite,
        /// Boards to create when they do not exist; a new main gets demo content.
        boards: Vec<BoardId> => vec!["main".parse().expect("a plain word is a name")],
        /// Measurements of this machine per second; 0 is none.
        host_rate_hz: Rate = Rate::Hz(1.0),
        /// Measurements of the server itself per second; 0 is none.
        server_rate_hz: Rate = Rate::Hz(1.0),
        /// Boards beyond which nobody can create one.
        max_boards: Count<1, 100_000> = count(1_000),
        /// Origins whose pages may connect besides this server's own, as SCHEME://HOST:PORT; * is any.
        allow_origins: Vec<String> = Vec::new(),
        /// Names by which this server may be asked for besides its address and localhost; * is any. Every other name is
        /// refused, so that no page can reach the server by a name of its own (DNS rebinding).
        allow_hosts: Vec<String> = Vec::new(),
        /// Listen where other machines can reach it, although everyone may read and write every board.
        insecure: bool = false,
        /// Events after which a snapshot of a board is taken.
        snapshot_every: Count<1, 10_000_000> = count(1_000),
        /// Events of a board kept for resuming; a client that has missed more gets a snapshot.
        retain_events: Count<0, 10_000_000> = count(10_000),
        /// Bytes of those events, with the values that they replaced.
        retain_bytes: Count<0, 1_073_741_824> = count(16_777_216),
        /// Largest board, in bytes. What would make it larger is refused.
        board_bytes: Count<65_536, 1_073_741_824> = count(33_554_432),
        /// Events of a board that can be looked back on, never less than are kept for resuming. An event takes about 0.5 kB of
        /// disk, or 1 kB of memory without one; at most 23 snapshots come to that, each as large as the board was.
        history_events: Count<0, 10_000_000> = count(100_000),
        /// Milliseconds after which a board that nobody reads or asks leaves memory.
        board_idle_ms: Millis<1, 86_400_000> = milliseconds(300_000),
        /// Milliseconds of silence after which a connection is pinged, and after as many again closed.
        heartbeat_ms: Millis<1, 86_400_000> = milliseconds(30_000),
        /// Milliseconds within which a connection has to say `hello`; nothing else prolongs them.
        hello_ms: Millis<100, 60_000> = milliseconds(5_000),
        /// Milliseconds within which the body of a request has to be here.
        body_ms: Millis<100, 600_000> = milliseconds(10_000),
        /// Milliseconds for which a board member whose connection broke is still shown.
        presence_ttl_ms: Millis<0, 86_400_000> = milliseconds(10_000),
        /// Bytes that may wait for one connection, a fixed part for each frame included. Beyond, it is closed with 4010 and
        /// resumes; beyond a quarter of broadcasts as well; nothing is read while a quarter of answers waits.
        connection_bytes: Bytes<65_536, 1_073_741_824> = bytes(4_194_304),
        /// Bytes held of first messages (snapshots, histories, missed events) and of replies over REST until their readers
        /// have taken them, of all connections together. Beyond, they are asked to come again later.
        held_bytes: Bytes<1_048_576, 4_294_967_295> = bytes(67_108_864),
        /// Bytes that the system may hold for one connection, as SO_SNDBUF. Linux takes up to twice as much memory for it.
        send_buffer_bytes: Bytes<4_096, 16_777_216> = bytes(131_072),
        /// Milliseconds after which a connection whose peer takes nothing of what was sent is cut. On Linux only.
        write_timeout_ms: Millis<1_000, 86_400_000> = milliseconds(120_000),
        /// Milliseconds by which a published point may be ahead of the server's clock.
        future_ms: Millis<0, 86_400_000> = milliseconds(5_000),
        /// Points of the past that one subscribe brings at most, of all its topics together; each topic's last one always.
        history_points: Count<1, 10_000_000> = count(20_000),
        /// Threads that serve connections; without a value, one for each processor.
        workers: Option<Count<1, 1_024>> = None,
    }
}

/// Failure to make a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {problem}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Reason that the system gives.
        problem: std::io::Error,
    },
    /// The file has a bad or unknown setting.
    #[error("configuration {path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// Problem, its place, and what is allowed.
        problem: toml::de::Error,
    },
}

impl Config {
    /// Settings of a TOML file over the defaults.
    ///
    /// # Errors
    /// When the file cannot be read, or has an unknown name or a value that is not allowed.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|problem| ConfigError::Unreadable { path: path.to_owned(), problem })?;
        toml::from_str(&text).map_err(|problem| ConfigError::File { path: path.to_owned(), problem })
    }

    /// Flags and variables that were given, over these settings.
    #[must_use]
    pub fn with(mut self, given: &Given) -> Self {
        for (path, text) in &given.0 {
            self.set(path, text).expect("the value was checked when it was read");
        }
        self
    }
}

/// Settings that the command line or the environment gave, checked: paths and values. As arguments of a clap command they
/// make a flag and a variable of every setting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given(Vec<(String, String)>);

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        rows::<Config>().iter().fold(command, |command, row| command.arg(argument(row)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Self::default();
        given.update_from_arg_matches(matches)?;
        Ok(given)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for row in rows::<Config>() {
            let Some(texts) = matches.get_many::<String>(&row.path) else { continue };
            let text = texts.map(String::as_str).collect::<Vec<_>>().join(",");
            Config::default().set(&row.path, &text).map_err(|problem| {
                let source = match matches.value_source(&row.path) {
                    Some(ValueSource::EnvVariable) => format!("environment variable {}", variable(&row)),
                    _ => format!("flag --{}", flag(&row)),
                };
                clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{source}: {problem}\n"))
            })?;
            self.0.push((row.path, text));
        }
        Ok(())
    }
}

/// Name of a setting's flag. A list is given one by one, so its flag is in the singular.
#[must_use]
pub fn flag(row: &Row) -> String {
    let name = match row.shape {
        Shape::List => row.path.strip_suffix('s').unwrap_or(&row.path),
        Shape::One | Shape::Switch => &row.path,
    };
    name.replace('_', "-")
}

/// Name of a setting's variable.
#[must_use]
pub fn variable(row: &Row) -> String {
    format!("TIDEBOARD_{}", flag(row).replace('-', "_").to_uppercase())
}

fn argument(row: &Row) -> Arg {
    let default = row.default.as_ref().map(|default| format!(". Default {default}")).unwrap_or_default();
    let help = format!("{} {}{default}", row.doc, sentence(&row.allowed));
    let argument = Arg::new(row.path.clone())
        .long(flag(row))
        .env(variable(row))
        .hide_env_values(true)
        .value_name(row.kind.to_uppercase())
        .allow_hyphen_values(true)
        .help(help);
    match row.shape {
        Shape::One => argument,
        Shape::Switch => argument.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Shape::List => argument.action(ArgAction::Append).value_delimiter(','),
    }
}

/// Words as a sentence begins.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! What is logged, by who says it.
//!
//! The engine writes `tracing` events and decides nothing about them; the client's subscriber asks
//! [`LoggingConfig::is_enabled`].

use serde::{Deserialize, Serialize};
use tracing::Level;

use super::{tree::settings, value::choices};

settings! {
    /// What is logged, by who says it: each level includes those before it.
    LoggingConfig {
        /// Connecting, heartbeats, losses.
        connection: LogLevel = LogLevel::Warn,
        /// Requests and their answers.
        requests: LogLevel = LogLevel::Warn,
        /// Channels: wishes, tabs, metrics.
        subscriptions: LogLevel = LogLevel::Warn,
        /// Order and delivery of what the server sends: boards and streams.
        updates: LogLevel = LogLevel::Warn,
        /// Edits: made, decided, confirmed, conflicts, undo.
        optimistic: LogLevel = LogLevel::Warn,
        /// Outbox, submits, refreshes, REST fallback.
        sync: LogLevel = LogLevel::Warn,
        /// The browser's sockets, timers, storage and tabs.
        driver: LogLevel = LogLevel::Warn,
        /// Hooks and components.
        ui: LogLevel = LogLevel::Warn,
        /// Everything else, other libraries included.
        other: LogLevel = LogLevel::Warn,
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What must not happen.
    Error,
    /// What may need attention.
    Warn,
    /// What happens now and then.
    Info,
    /// One line a step of an edit.
    Debug,
    /// Everything.
    Trace,
}

choices!(LogLevel: Off = "off", Error = "error", Warn = "warn", Info = "info", Debug = "debug", Trace = "trace");

impl LoggingConfig {
    /// Whether an event of this `tracing` target (a module's path) and level is to be logged.
    #[must_use]
    pub fn is_enabled(&self, target: &str, level: Level) -> bool {
        let least = match level {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            Level::DEBUG => LogLevel::Debug,
            Level::TRACE => LogLevel::Trace,
        };
        self.of(target) >= least
    }

    fn of(&self, target: &str) -> LogLevel {
        let mut modules = target.split("::");
        match (modules.next(), modules.next(), modules.next()) {
            (Some("tideboard_client"), Some("driver" | "provider"), _) => self.driver,
            (Some("tideboard_client"), _, _) => self.ui,
            (Some("tideboard_engine"), Some("engine"), Some(module)) => self.of_engine(module),
            (Some("tideboard_engine"), Some(module), _) => self.of_engine(module),
            _ => self.other,
        }
    }

    fn of_engine(&self, module: &str) -> LogLevel {
        match module {
            "connection" | "peers" => self.connection,
            "requests" => self.requests,
            "subscriptions" | "channels" => self.subscriptions,
            "updates" | "replica" | "streams" | "messages" | "delivery" => self.updates,
            "optimistic" | "applied" | "edits" | "outcomes" | "resolve" | "undo" => self.optimistic,
            "sync" | "outbox" | "submit" | "rest" | "refresh" | "migration" => self.sync,
            _ => self.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_manager_is_logged_at_its_own_level() {
        let logging = LoggingConfig { optimistic: LogLevel::Debug, sync: LogLevel::Off, ..LoggingConfig::default() };
        assert!(logging.is_enabled("tideboard_engine::engine::edits", Level::DEBUG));
        assert!(logging.is_enabled("tideboard_engine::optimistic", Level::DEBUG));
        assert!(!logging.is_enabled("tideboard_engine::optimistic", Level::TRACE));
        assert!(!logging.is_enabled("tideboard_engine::sync", Level::ERROR));
        assert!(logging.is_enabled("tideboard_client::driver::socket", Level::WARN));
        assert!(!logging.is_enabled("tideboard_client::hooks", Level::INFO));
        assert!(logging.is_enabled("some_library", Level::ERROR));
    }

    #[test]
    fn every_module_that_logs_belongs_to_a_manager() {
        let logging = LoggingConfig { other: LogLevel::Off, ..LoggingConfig::default() };
        let mut logs = 0;
        for (folder, modules) in [("/src", "tideboard_engine"), ("/src/engine", "tideboard_engine::engine")] {
            for entry in std::fs::read_dir(format!("{}{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() || !std::fs::read_to_string(&path).unwrap().contains("tracing::") {
                    continue;
                }
                let target = format!("{modules}::{}", path.file_stem().unwrap().to_str().unwrap());
                assert!(logging.is_enabled(&target, Level::WARN), "{target}");
                logs += 1;
            }
        }
        assert!(logs > 0);
    }
}

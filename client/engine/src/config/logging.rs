//! Trace lines that are shown, by level and module.
//!
//! In: text as `RUST_LOG` has it. Out: a checked filter. Never: a line; the engine writes `tracing` events and decides
//! nothing about them, the client's subscriber asks [`LogFilter::level_of`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tideboard_shared::settings::{OutOfRange, Setting, settings};
use tracing::level_filters::LevelFilter;

settings! {
    /// Trace lines that are shown in the browser's console.
    pub LoggingConfig {
        /// Least level of the lines that are shown, and others for single modules, as in `warn,tideboard_engine=info`.
        filter: LogFilter = LogFilter::new(LevelFilter::WARN),
    }
}

/// Least level of trace lines, and other levels for single modules and all within them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter {
    level: LevelFilter,
    /// Paths of modules, longer ones before shorter ones.
    modules: Vec<(String, LevelFilter)>,
}

impl LogFilter {
    /// Filter with one level for all modules.
    #[must_use]
    pub const fn new(level: LevelFilter) -> Self {
        Self { level, modules: Vec::new() }
    }

    /// Least level of the lines of a module, named by its path: that of the longest path which is it or contains it.
    #[must_use]
    pub fn level_of(&self, module: &str) -> LevelFilter {
        let contains =
            |path: &str| module.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        self.modules.iter().find(|(path, _)| contains(path)).map_or(self.level, |(_, level)| *level)
    }

    /// Least level of any module.
    #[must_use]
    pub fn most(&self) -> LevelFilter {
        self.modules.iter().map(|(_, level)| *level).fold(self.level, Ord::max)
    }
}

impl FromStr for LogFilter {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let refused = || OutOfRange { value: text.to_owned(), allowed: Self::allowed() };
        let mut filter = Self::new(LevelFilter::OFF);
        for part in text.split(',').map(str::trim) {
            let (path, level) = part.split_once('=').unwrap_or(("", part));
            let level = LEVELS.iter().find(|(name, _)| *name == level).ok_or_else(refused)?.1;
            if path.is_empty() {
                filter.level = level;
            } else {
                filter.modules.push((path.to_owned(), level));
            }
        }
        crate::sort::sort_few(&mut filter.modules, |(path, _)| std::cmp::Reverse(path.len()));
        Ok(filter)
    }
}

/// Names of the levels, each of which includes those before it.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.level)?;
        self.modules.iter().try_for_each(|(path, level)| write!(f, ",{path}={level}"))
    }
}

impl Setting for LogFilter {
    const KIND: &'static str = "filter";

    fn allowed() -> String {
        let names = LEVELS.map(|(name, _)| name).join(", ");
        format!("{names}; MODULE=LEVEL; several of these with commas between them")
    }
}

impl Serialize for LogFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LogFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_that_contains_a_module_decides() {
        let filter: LogFilter = "warn,tideboard_engine=debug,tideboard_engine::sync=off".parse().unwrap();
        let levels = [
            ("tideboard_engine", LevelFilter::DEBUG),
            ("tideboard_engine::edits", LevelFilter::DEBUG),
            ("tideboard_engine::sync", LevelFilter::OFF),
            ("tideboard_engine::sync::lane", LevelFilter::OFF),
            ("tideboard_engine_bench", LevelFilter::WARN),
            ("other", LevelFilter::WARN),
        ];
        for (module, level) in levels {
            assert_eq!(filter.level_of(module), level, "{module}");
        }
        assert_eq!(filter.most(), LevelFilter::DEBUG);
    }

    #[test]
    fn a_filter_is_written_as_it_is_read() {
        for text in ["off", "warn,a::b=trace,a=error"] {
            assert_eq!(text.parse::<LogFilter>().unwrap().to_string(), text);
        }
        assert_eq!(LoggingConfig::default().filter.to_string(), "warn");
    }

    #[test]
    fn what_is_no_level_is_refused_with_what_is_allowed() {
        for text in ["", "loud", "a=", "warn,a=loud", "WARN"] {
            let refused = text.parse::<LogFilter>().unwrap_err().to_string();
            assert!(refused.contains("off, error, warn"), "{text}: {refused}");
        }
    }
}

//! Groups of settings, each declared once: name, type with range, default and doc.
//!
//! In: a declaration by `settings!`. Out: the struct with its documentation and default, its rows of the table in
//! `docs/configuration.md`, and the code that lays a JSON overlay over it. So none of these can differ from another.

use serde_json::Value;

use super::value::Setting;

/// One setting, as the table of all settings shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it is: `connection.reconnect.base`.
    pub path: String,
    /// Its unit or kind: `duration`, `count`, `switch` …
    pub kind: &'static str,
    /// Which values it takes, in words.
    pub allowed: String,
    /// Its value, as JSON; text without quotes.
    pub value: String,
    /// What it does.
    pub doc: String,
}

/// What is wrong with one value of an overlay, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A setting or a group of settings.
pub(crate) trait Node {
    /// Adds one row for each setting from here on.
    fn describe(&self, path: &str, doc: &str, rows: &mut Vec<Row>);
    /// Replaces what the overlay names, and only that. Every problem is noted, not just the first.
    fn overlay(&mut self, path: &str, value: &Value, problems: &mut Vec<Problem>);
}

impl<T: Setting> Node for T {
    fn describe(&self, path: &str, doc: &str, rows: &mut Vec<Row>) {
        let value = serde_json::to_value(self).unwrap_or_default();
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (path, doc) = (path.to_owned(), doc.trim().to_owned());
        rows.push(Row { path, kind: T::kind(), allowed: T::allowed(), value, doc });
    }

    fn overlay(&mut self, path: &str, value: &Value, problems: &mut Vec<Problem>) {
        match T::deserialize(value) {
            Ok(value) => *self = value,
            Err(_) => {
                let text = format!("{value} is not allowed here; allowed: {} ({})", T::allowed(), T::kind());
                problems.push(Problem { path: path.to_owned(), text });
            }
        }
    }
}

/// The path of something in a group.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Declares a group: its name and doc, then `doc`, `name: type = default` of each setting. A group within has no default.
macro_rules! settings {
    (@default) => { Default::default() };
    (@default $default:expr) => { const { $default } };
    (
        $(#[doc = $about:literal])+
        $group:ident {
            $( $(#[doc = $doc:literal])+ $name:ident: $ty:ty $(= $default:expr)? ),+ $(,)?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $group {
            $(
                $(#[doc = $doc])+
                $(#[doc = concat!("\n\nDefault `", stringify!($default), "`.")])?
                pub $name: $ty,
            )+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($name: $crate::config::tree::settings!(@default $($default)?)),+ }
            }
        }

        impl $crate::config::tree::Node for $group {
            fn describe(&self, path: &str, _doc: &str, rows: &mut Vec<$crate::config::tree::Row>) {
                $(
                    let path_of = $crate::config::tree::join(path, stringify!($name));
                    $crate::config::tree::Node::describe(&self.$name, &path_of, concat!($($doc),+), rows);
                )+
            }

            fn overlay(
                &mut self,
                path: &str,
                value: &serde_json::Value,
                problems: &mut Vec<$crate::config::tree::Problem>,
            ) {
                use $crate::config::tree::{Node, Problem, join};
                let Some(settings) = value.as_object() else {
                    let text = format!("{value} is no group of settings; expected an object");
                    return problems.push(Problem { path: path.to_owned(), text });
                };
                for (name, value) in settings {
                    let path = join(path, name);
                    match name.as_str() {
                        $(stringify!($name) => Node::overlay(&mut self.$name, &path, value, problems),)+
                        _ => {
                            let text = format!("no such setting; there are {}", [$(stringify!($name)),+].join(", "));
                            problems.push(Problem { path, text });
                        }
                    }
                }
            }
        }
    };
}

pub(crate) use settings;

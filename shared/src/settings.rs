//! Settings of both sides, each declared once: doc, name, type with unit and range, default.
//!
//! In: a declaration by [`settings!`](crate::settings!). Out: a struct with its documentation, its default, its reading and
//! writing by serde, and a row of the table of settings, so that none of these can differ from another. Never: a value
//! out of its range, a clamp, an unknown name that is passed over.

mod value;

pub use value::{
    Bytes, Count, Factor, Hertz, Millis, OutOfRange, Setting, Shape, Span, bytes, count, hertz, millis, milliseconds,
    mins, percent, secs,
};

/// Setting as tables and help show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Path in the tree of settings: `connection.reconnect.base`.
    pub path: String,
    /// Unit or kind: `duration`, `count`, `switch` …
    pub kind: &'static str,
    /// Number of values that it takes.
    pub shape: Shape,
    /// Values that it takes, in words.
    pub allowed: String,
    /// Default as text; `None` when there is no value by default.
    pub default: Option<String>,
    /// Sentences that say what it does.
    pub doc: String,
}

/// A setting or a group of settings.
pub trait Node {
    /// Adds one row for each setting from here on.
    fn describe(&self, path: &str, doc: &str, rows: &mut Vec<Row>);

    /// Gives one setting a value from text.
    ///
    /// # Errors
    /// When the setting does not take it. The settings are then as they were.
    fn set(&mut self, path: &str, text: &str) -> Result<(), SetError>;
}

/// Refusal of a value for a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// No setting has this path.
    #[error("there is no setting {0}")]
    Unknown(String),
    /// The setting does not take the value.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl<T: Setting> Node for T {
    fn describe(&self, path: &str, doc: &str, rows: &mut Vec<Row>) {
        let path = path.to_owned();
        let doc = doc.trim().to_owned();
        rows.push(Row { path, kind: T::KIND, shape: T::SHAPE, allowed: T::allowed(), default: self.text(), doc });
    }

    fn set(&mut self, _path: &str, text: &str) -> Result<(), SetError> {
        *self = T::parse(text)?;
        Ok(())
    }
}

/// Path of something in a group.
#[doc(hidden)]
#[must_use]
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Declares a group of settings: its doc and name, then for each setting its doc and `name: type = default`.
///
/// A default is a constant, so that one out of range does not compile; `=> default` is one that is computed. A group within
/// a group has none.
///
/// ```
/// use tideboard_shared::settings::{Count, Span, count, secs, settings};
///
/// settings! {
///     /// Care of the garden.
///     pub Garden {
///         /// Time between two waterings.
///         interval: Span<1_000, 86_400_000> = secs(3_600),
///         /// Most plants.
///         max_plants: Count<1, 100> = count(20),
///     }
/// }
///
/// let garden: Garden = serde_json::from_str(r#"{"interval": "2h"}"#)?;
/// assert_eq!((garden.interval.get().as_secs(), garden.max_plants.get()), (7_200, 20));
/// let refused = serde_json::from_str::<Garden>(r#"{"max_plants": 0}"#).unwrap_err().to_string();
/// assert!(refused.starts_with("0 is not allowed here; allowed: 1 to 100"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! settings {
    (@default) => { Default::default() };
    (@default = $default:expr) => { const { $default } };
    (@default => $default:expr) => { $default };
    (
        $(#[doc = $about:literal])+
        $vis:vis $group:ident {
            $( $(#[doc = $doc:literal])+ $name:ident: $ty:ty $(= $default:expr)? $(=> $computed:expr)? ),+ $(,)?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        $vis struct $group {
            $(
                $(#[doc = $doc])+
                $(#[doc = concat!("\n\nDefault `", stringify!($default), "`.")])?
                $(#[doc = concat!("\n\nDefault `", stringify!($computed), "`.")])?
                #[cfg_attr(feature = "settings-probe", deprecated(note = "probe"))]
                pub $name: $ty,
            )+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($name: $crate::settings!(@default $(= $default)? $(=> $computed)?)),+ }
            }
        }

        impl $crate::settings::Node for $group {
            fn describe(&self, path: &str, _doc: &str, rows: &mut Vec<$crate::settings::Row>) {
                $(
                    let path_of = $crate::settings::join(path, stringify!($name));
                    $crate::settings::Node::describe(&self.$name, &path_of, concat!($($doc),+), rows);
                )+
            }

            fn set(&mut self, path: &str, text: &str) -> Result<(), $crate::settings::SetError> {
                let (name, rest) = path.split_once('.').unwrap_or((path, ""));
                match name {
                    $(stringify!($name) => $crate::settings::Node::set(&mut self.$name, rest, text),)+
                    _ => Err($crate::settings::SetError::Unknown(path.to_owned())),
                }
            }
        }
    };
}

pub use crate::{choices, settings};

/// Every setting of a tree with its default, in the order of the declarations.
#[must_use]
pub fn rows<T: Node + Default>() -> Vec<Row> {
    let mut rows = Vec::new();
    T::default().describe("", "", &mut rows);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    settings! {
        /// Inner group.
        Inner {
            /// Time to wait.
            wait: Span<0, 60_000> = secs(1),
            /// Most attempts; null: no limit.
            attempts: Option<Count<1, 9>> = None,
        }
    }

    settings! {
        /// Outer group.
        Outer {
            /// Names.
            names: Vec<String> => vec!["a".to_owned()],
            /// Inner settings.
            inner: Inner,
            /// Switch.
            on: bool = false,
        }
    }

    #[test]
    fn a_declaration_is_a_table_with_defaults_ranges_and_docs() {
        let rows = rows::<Outer>();
        let shown: Vec<_> = rows.iter().map(|row| (row.path.as_str(), row.default.as_deref())).collect();
        let expected =
            [("names", Some("a")), ("inner.wait", Some("1s")), ("inner.attempts", None), ("on", Some("false"))];
        assert_eq!(shown, expected);
        let row = &rows[1];
        assert_eq!((row.kind, row.allowed.as_str(), row.doc.as_str()), ("duration", "0s to 1m", "Time to wait."));
    }

    #[test]
    fn one_setting_is_set_by_its_path_or_refused() {
        let mut outer = Outer::default();
        for (path, text) in [("names", "x,y"), ("inner.wait", "2s"), ("inner.attempts", "3"), ("on", "true")] {
            outer.set(path, text).unwrap();
        }
        assert_eq!(outer.names, ["x", "y"]);
        assert_eq!(outer.inner, Inner { wait: secs(2), attempts: Some(count(3)) });
        assert!(outer.on);
        let before = outer.clone();
        let refused = outer.set("inner.attempts", "10").unwrap_err().to_string();
        assert_eq!(refused, "10 is not allowed here; allowed: 1 to 9, or null");
        assert_eq!(outer.set("inner.color", "red").unwrap_err(), SetError::Unknown("color".to_owned()));
        assert_eq!(outer, before);
    }

    #[test]
    fn an_unknown_name_is_refused_and_a_missing_one_has_its_default() {
        let read = |text| serde_json::from_str::<Outer>(text);
        assert_eq!(read("{}").unwrap(), Outer::default());
        assert!(read(r#"{"inner":{"colour":1}}"#).unwrap_err().to_string().contains("colour"));
        let text = serde_json::to_string(&Outer::default()).unwrap();
        assert_eq!(read(&text).unwrap(), Outer::default());
    }
}

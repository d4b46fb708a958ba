//! Settings in layers: what a later layer names replaces what an earlier one says, setting by setting.
//!
//! In: a preset, then overlays as JSON or as variables. Out: a [`Config`], or every problem with its layer and path.

use std::fmt;

use serde_json::{Map, Value};

use super::{
    Config, Preset,
    tree::{Node, Problem},
};

/// Some settings from one source: a JSON object of the tree's shape, with only what it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The source, for errors: `/config.json`.
    pub name: String,
    /// The settings.
    pub settings: Value,
}

/// One thing that is wrong with a layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{layer}: {path}: {problem}")]
pub struct ConfigError {
    /// The layer's name.
    pub layer: String,
    /// The setting's path, such as `connection.reconnect.base`; `settings` when it is about the whole.
    pub path: String,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// Everything that is wrong, by layer and then by name. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Config {
    /// The defaults, the preset over them, and each layer over those before it.
    ///
    /// # Errors
    /// When a layer names a setting that does not exist or gives one a value that it does not take.
    pub fn layered(preset: Preset, layers: &[Layer]) -> Result<Self, ConfigErrors> {
        let mut config = Self::default();
        let mut errors = Vec::new();
        for layer in std::iter::once(&preset.layer()).chain(layers) {
            let mut problems = Vec::new();
            config.overlay("", &layer.settings, &mut problems);
            errors.extend(problems.into_iter().map(|problem| error(&layer.name, problem)));
        }
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors(errors)) }
    }
}

impl Layer {
    /// A layer from JSON text.
    ///
    /// # Errors
    /// When the text is no JSON. What it says is checked by [`Config::layered`].
    pub fn from_json(name: &str, text: &str) -> Result<Self, ConfigErrors> {
        let problem = |error: serde_json::Error| Problem { path: String::new(), text: error.to_string() };
        let settings = serde_json::from_str(text).map_err(|e| ConfigErrors(vec![error(name, problem(e))]))?;
        Ok(Self { name: name.into(), settings })
    }

    /// A layer from variables such as `TIDEBOARD_CONNECTION_RECONNECT_BASE=2s`: the path in capitals, `_` for `.`.
    ///
    /// Values are JSON, or text as it is. Other `TIDEBOARD_*` variables belong to others and are passed over.
    ///
    /// # Errors
    /// When a variable begins with a group's name but names no setting.
    pub fn from_variables<'a>(
        name: &str,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigErrors> {
        let paths: Vec<_> = Config::default().rows().into_iter().map(|row| row.path).collect();
        let (mut settings, mut errors) = (Value::Object(Map::new()), Vec::new());
        for (variable, text) in variables {
            let Some(wanted) = variable.strip_prefix("TIDEBOARD_") else { continue };
            if let Some(path) = paths.iter().find(|path| in_capitals(path) == wanted) {
                put(&mut settings, path, serde_json::from_str(text).unwrap_or_else(|_| text.into()));
            } else if paths.iter().any(|path| wanted.starts_with(&in_capitals(group(path)))) {
                let text = "this variable names no setting".to_owned();
                errors.push(error(name, Problem { path: variable.to_owned(), text }));
            }
        }
        if errors.is_empty() { Ok(Self { name: name.into(), settings }) } else { Err(ConfigErrors(errors)) }
    }
}

fn error(layer: &str, problem: Problem) -> ConfigError {
    let path = if problem.path.is_empty() { "settings".into() } else { problem.path };
    ConfigError { layer: layer.to_owned(), path, problem: problem.text }
}

fn in_capitals(path: &str) -> String {
    path.replace('.', "_").to_ascii_uppercase()
}

/// The first name of a path, with the dot after it.
fn group(path: &str) -> &str {
    path.find('.').map_or(path, |end| &path[..=end])
}

/// Sets the value at a path, making the objects on the way.
fn put(settings: &mut Value, path: &str, value: Value) {
    let place = path.split('.').fold(settings, |at, name| &mut at[name]);
    *place = value;
}

//! Settings that go together, as overlays over the defaults.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Layer;

/// What the page is for. The defaults suit production; a preset names only what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Tools on, more in the log, quick to reconnect to a server that is restarted all the time.
    Development,
    /// As quiet and as gentle to a restarting server as many users need it.
    #[default]
    Production,
    /// Nothing moves, nothing waits longer than it must, the tools are on.
    Test,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 3] = [Self::Development, Self::Production, Self::Test];

    /// What the preset changes.
    #[must_use]
    pub fn layer(self) -> Layer {
        let (name, settings) = match self {
            Self::Development => ("preset development", development()),
            Self::Production => ("preset production", production()),
            Self::Test => ("preset test", test()),
        };
        Layer { name: name.into(), settings }
    }
}

fn development() -> Value {
    json!({
        "connection": {"reconnect": {"base": "250ms", "max_delay": "5s", "restart_spread": "500ms"}},
        "features": {"devtools": true},
        "logging": {"filter": "info,tideboard_engine=debug,tideboard_client=debug"},
    })
}

fn production() -> Value {
    json!({
        "connection": {"reconnect": {"restart_spread": "30s"}},
    })
}

fn test() -> Value {
    json!({
        "connection": {"reconnect": {"base": "10ms", "max_delay": "200ms", "restart_spread": "0ms"}},
        "features": {"devtools": true},
        "ui": {
            "motion": "reduced", "animation_time": "0ms", "toast_time": null, "banner_after": "0ms",
            "typing_pause": "0ms", "warn_before_unload": false,
        },
    })
}

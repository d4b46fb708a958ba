//! Checks that every setting is read by code of ours, as the compiler sees it.
//!
//! With the feature `settings-probe` each setting's field is deprecated, so that the compiler names every place that uses
//! it. A setting that is used nowhere but in its own declaration does nothing.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    process::{heading, output},
    project::{WASM, cargo, client},
};

/// Fails with the names of the settings that nothing reads.
pub(crate) fn check() -> Result<()> {
    heading("Every setting is read");
    let mut uses = Uses::default();
    for side in ["tideboard-engine", "tideboard-server"] {
        uses.collect(&["--package", side, "--features", &format!("{side}/settings-probe")])?;
    }
    let mut arguments: Vec<_> = client().collect();
    arguments.extend(["--target", WASM, "--features", "tideboard-app/gallery,tideboard-engine/settings-probe"]);
    uses.collect(&arguments)?;
    ensure!(!uses.declared.is_empty(), "no setting was found: does `settings!` still deprecate its fields?");
    let unread: Vec<_> = uses.declared.difference(&uses.read).map(String::as_str).collect();
    ensure!(unread.is_empty(), "nothing reads the settings {}", unread.join(", "));
    Ok(())
}

/// Fields of settings, as `SyncConfig::interval`.
#[derive(Debug, Default)]
struct Uses {
    declared: BTreeSet<String>,
    read: BTreeSet<String>,
}

impl Uses {
    fn collect(&mut self, arguments: &[&str]) -> Result<()> {
        let mut command = cargo();
        command.args(["check", "--lib", "--message-format=json"]).args(arguments);
        let messages = output(&mut command).context("cargo check failed")?;
        for line in messages.lines() {
            self.note(&serde_json::from_str(line)?);
        }
        Ok(())
    }

    fn note(&mut self, message: &Value) {
        let message = &message["message"];
        let field = message["message"].as_str().and_then(|text| text.split('`').nth(1));
        let (Some(field), Some("deprecated")) = (field, message["code"]["code"].as_str()) else { return };
        // Paths differ from crate to crate, type and field do not.
        let mut segments = field.rsplit("::");
        let (Some(name), Some(group)) = (segments.next(), segments.next()) else { return };
        let field = format!("{group}::{name}");
        if is_declaration(&message["spans"][0]) {
            self.declared.insert(field);
        } else {
            self.read.insert(field);
        }
    }
}

/// Tells whether a place is in the code that `settings!` makes, or in what is derived there.
fn is_declaration(span: &Value) -> bool {
    let expansion = &span["expansion"];
    match expansion["macro_decl_name"].as_str() {
        Some(name) => name.ends_with("settings!") || is_declaration(&expansion["span"]),
        None => false,
    }
}

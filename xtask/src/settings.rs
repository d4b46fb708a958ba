//! Checks that every setting is read by code of ours, as the compiler sees it.
//!
//! With the feature `settings-probe` each setting's field is deprecated, so that the compiler names every place that uses
//! it. A setting that is used nowhere but in its own declaration does nothing.

use std::{collections::BTreeSet, process::Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    process::heading,
    project::{WASM, cargo, client},
};

/// Fails with the names of the settings that nothing reads.
pub(crate) fn check() -> Result<()> {
    heading("Every setting is read");
    let mut uses = Uses::default();
    for side in ["tideboard-engine", "tideboard-server"] {
        uses.collect(&["--lib", "--package", side, "--features", &format!("{side}/settings-probe")])?;
    }
    let mut arguments: Vec<_> = client().collect();
    arguments.extend([
        "--lib",
        "--target",
        WASM,
        "--features",
        "tideboard-app/gallery,tideboard-engine/settings-probe",
    ]);
    uses.collect(&arguments)?;
    uses.judge()
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
        command.args(["check", "--message-format=json"]).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().context("cannot start cargo")?;
        let messages =
            str::from_utf8(&output.stdout)?.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>()?;
        // The messages are asked for as JSON, so that cargo itself shows none of them.
        ensure!(output.status.success(), "cargo check failed:\n{}", errors(&messages));
        for message in &messages {
            self.note(message);
        }
        Ok(())
    }

    /// Fails with the names of the settings that nothing reads.
    fn judge(&self) -> Result<()> {
        ensure!(!self.declared.is_empty(), "no setting was found: does `settings!` still deprecate its fields?");
        let unread: Vec<_> = self.declared.difference(&self.read).map(String::as_str).collect();
        ensure!(unread.is_empty(), "nothing reads the settings {}", unread.join(", "));
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

/// Errors among the compiler's messages, in its words.
fn errors(messages: &[Value]) -> String {
    let messages = messages.iter().map(|message| &message["message"]);
    messages.filter(|message| message["level"] == "error").filter_map(|message| message["rendered"].as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: [&str; 4] = ["--package", "tideboard-shared", "--example", "unread_setting"];

    #[test]
    fn a_setting_that_nothing_reads_is_named() {
        let mut uses = Uses::default();
        uses.collect(&[&EXAMPLE[..], &["--features", "tideboard-shared/settings-probe"]].concat()).unwrap();
        assert!(uses.read.contains("Garden::plants"), "{uses:?}");
        assert_eq!(uses.judge().unwrap_err().to_string(), "nothing reads the settings Garden::trees");
    }

    #[test]
    fn without_the_probe_no_setting_is_found_and_that_is_an_error() {
        let mut uses = Uses::default();
        uses.collect(&EXAMPLE).unwrap();
        assert!(uses.judge().unwrap_err().to_string().starts_with("no setting was found"), "{uses:?}");
    }

    #[test]
    fn code_that_does_not_compile_fails_with_what_the_compiler_says() {
        let message = |level, rendered| serde_json::json!({"message": {"level": level, "rendered": rendered}});
        let messages = [message("warning", "unused"), message("error", "error[E0425]: no such thing\n")];
        assert_eq!(errors(&messages), "error[E0425]: no such thing\n");
    }
}

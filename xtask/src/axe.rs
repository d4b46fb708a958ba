//! Provides axe-core, the accessibility checker that the app tests run in their pages.
//!
//! In: npm, where it is installed. Out: one file in the user's cache, of one version whose content npm has checked. Never: a script
//! of the package run, or an error where npm is missing: the tests then say what was not run.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::{
    process::{heading, step, succeeds},
    project,
};

const VERSION: &str = "4.14.1";
/// Of the package, as npm's lock files have it.
const INTEGRITY: &str =
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

/// The library as one file; `None`, with a line that says so, where npm is missing.
pub(crate) fn provide() -> Result<Option<PathBuf>> {
    let root = project::tools_dir()?.join(format!("axe-core-{VERSION}"));
    let file = root.join("node_modules/axe-core/axe.min.js");
    if file.is_file() {
        return Ok(Some(file));
    }
    if !succeeds(npm().arg("--version")) {
        heading("npm is missing, so the accessibility tests are not run: install Node.js to run them");
        return Ok(None);
    }
    fs::create_dir_all(&root).with_context(|| format!("create {}", root.display()))?;
    // Two clones may get here at once: the second waits and finds the first one's.
    let lock = File::create(root.join(".lock")).context("cannot create the lock of the tools folder")?;
    lock.lock().context("cannot lock the tools folder")?;
    if file.is_file() {
        return Ok(Some(file));
    }
    let package = json!({ "private": true, "dependencies": { "axe-core": VERSION } });
    let locked = json!({
        "lockfileVersion": 3,
        "packages": {
            "": { "dependencies": { "axe-core": VERSION } },
            "node_modules/axe-core": { "version": VERSION, "integrity": INTEGRITY },
        },
    });
    for (name, content) in [("package.json", package), ("package-lock.json", locked)] {
        fs::write(root.join(name), content.to_string()).with_context(|| format!("write {name}"))?;
    }
    let mut install = npm();
    install.current_dir(&root).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    step(&format!("Bring axe-core {VERSION} by npm (about 5 s)"), &mut install)?;
    ensure!(file.is_file(), "npm brought no {}", file.display());
    Ok(Some(file))
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

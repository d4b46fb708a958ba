//! Places: the repository, cargo's target folder, the user's cache.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Packages of the client above its engine. They build for the browser only.
pub(crate) const CLIENT: [&str; 4] = ["tideboard-client", "tideboard-ui", "tideboard-app", "tideboard-gallery"];

/// Packages that show how others use the client. They build for the browser only.
pub(crate) const EXAMPLES: [&str; 2] = ["tideboard-example-embed", "tideboard-example-minimal"];

/// Arguments that select the native packages. One selection everywhere, so that one set of artefacts serves tests and server.
///
/// Without xtask: it would be rebuilt under itself, with other features.
pub(crate) fn native() -> impl Iterator<Item = &'static str> {
    ["--workspace"].into_iter().chain(without_browser()).chain(["--exclude", "xtask"])
}

/// Arguments that leave out what builds for the browser only.
pub(crate) fn without_browser() -> impl Iterator<Item = &'static str> {
    CLIENT.iter().chain(&EXAMPLES).flat_map(|package| ["--exclude", *package])
}

/// Arguments that select the client's packages.
pub(crate) fn client() -> impl Iterator<Item = &'static str> {
    CLIENT.iter().flat_map(|package| ["--package", *package])
}

/// The browser's target.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

/// The app's release build.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// A `cargo` call in the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Folder that outlives a clone: `${XDG_CACHE_HOME:-~/.cache}/tideboard/tools`.
pub(crate) fn tools_dir() -> Result<PathBuf> {
    let cache = match env::var_os("XDG_CACHE_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        Some(dir) => PathBuf::from(dir),
        None => env::home_dir().context("no home folder: set XDG_CACHE_HOME to a folder for tools")?.join(".cache"),
    };
    Ok(cache.join("tideboard").join("tools"))
}

/// Cargo's description of the workspace.
#[derive(Debug)]
pub(crate) struct Metadata(Value);

impl Metadata {
    /// Asks cargo. Milliseconds; needs no network.
    pub(crate) fn load() -> Result<Self> {
        let output =
            cargo().args(["metadata", "--no-deps", "--format-version=1"]).output().context("cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
        Ok(Self(serde_json::from_slice(&output.stdout)?))
    }

    /// Cargo's target folder.
    pub(crate) fn target_dir(&self) -> Result<PathBuf> {
        Ok(self.0["target_directory"].as_str().context("cargo metadata has no target folder")?.into())
    }

    /// xtask's own folder in the target folder. Created when missing.
    pub(crate) fn work_dir(&self) -> Result<PathBuf> {
        let dir = self.target_dir()?.join("xtask");
        std::fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
        Ok(dir)
    }

    /// The program `name` of the given profile's folder.
    pub(crate) fn executable(&self, profile: &str, name: &str) -> Result<PathBuf> {
        Ok(self.target_dir()?.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX)))
    }

    /// Package and name of every integration test of the native packages.
    pub(crate) fn integration_tests(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        for package in self.0["packages"].as_array().into_iter().flatten() {
            let Some(name) = package["name"].as_str().filter(|name| is_native(name)) else {
                continue;
            };
            let targets = package["targets"].as_array().into_iter().flatten();
            let tests =
                targets.filter(|target| target["kind"][0] == "test").filter_map(|target| target["name"].as_str());
            found.extend(tests.map(|test| (name, test)));
        }
        found
    }
}

/// Tells whether a package of the workspace is among [`native`].
fn is_native(package: &str) -> bool {
    package != "xtask" && !CLIENT.contains(&package) && !EXAMPLES.contains(&package)
}

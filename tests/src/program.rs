//! Search for the server's program, which is built if nobody has built it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context, Result, anyhow, ensure};

/// Environment variable that names a program to test instead of building one; `cargo xtask test` sets it.
const PROGRAM: &str = "TIDEBOARD_SERVER_BIN";

/// Finds the server's program: the one named by `TIDEBOARD_SERVER_BIN`, else the workspace's own, built in the tests'
/// profile.
///
/// # Errors
/// When the named program is missing, or the build fails.
pub fn server_program() -> Result<&'static Path> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| find().map_err(|error| format!("{error:#}")));
    found.as_deref().map_err(|error| anyhow!("{error}"))
}

fn find() -> Result<PathBuf> {
    if let Some(path) = env::var_os(PROGRAM) {
        let path = PathBuf::from(path);
        ensure!(path.is_file(), "{PROGRAM} names {}, which is no file", path.display());
        return Ok(path);
    }
    build()
}

/// Builds the program with cargo, which is quick when nothing has changed. Cargo alone knows where the program ends up.
fn build() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "build",
        "--package",
        "tideboard-server",
        "--bin",
        "tideboard",
        "--message-format=json-render-diagnostics",
    ]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().context("cargo build cannot start")?;
    ensure!(output.status.success(), "the server does not build:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "tideboard")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo built no program named tideboard")
}

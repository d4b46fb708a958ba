//! Provides the build tools: the wasm target, wasm-bindgen, Trunk.
//!
//! Everything that takes minutes is built once per user and shared by all clones; see [`project::tools_dir`].

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{heading, output, run, step, succeeds},
    project::{self, Metadata, WASM, cargo},
};

/// The one Trunk that is known to work: later ones need a later Rust.
const TRUNK: &str = "0.21.14";

/// Adds the wasm target to the toolchain. 12 s the first time, then nothing.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(project::root()))
        .context("rustc does not start: install Rust from https://rustup.rs and call again")?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).join("lib").is_dir() {
        return Ok(());
    }
    rustup("Add Rust's wasm target (about 12 s)", &["target", "add", WASM])
}

/// Adds clippy and rustfmt to the toolchain where they are missing.
pub(crate) fn lint_components() -> Result<()> {
    if succeeds(cargo().args(["clippy", "--version"])) && succeeds(cargo().args(["fmt", "--version"])) {
        return Ok(());
    }
    rustup("Add clippy and rustfmt (about 10 s)", &["component", "add", "clippy", "rustfmt"])
}

/// Calls rustup in the repository, so that the toolchain of `rust-toolchain.toml` gets it.
fn rustup(what: &str, args: &[&str]) -> Result<()> {
    step(what, Command::new("rustup").args(args).current_dir(project::root()))
        .with_context(|| format!("without rustup, add it by your system's means; with it: rustup {}", args.join(" ")))
}

/// Tells whether cargo has the sub-command `name`.
pub(crate) fn has_cargo(name: &str) -> bool {
    succeeds(cargo().args([name, "--version"]))
}

/// A Trunk call in the repository, with wasm-bindgen in `Cargo.lock`'s version on its PATH.
pub(crate) fn trunk(metadata: &Metadata) -> Result<Command> {
    let mut command = Command::new(provide_trunk()?);
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([wasm_bindgen_dir(metadata)?].into_iter().chain(env::split_paths(&path)))
        .context("the target folder's path cannot be part of PATH")?;
    // Trunk takes NO_COLOR as a flag of its own and fails on its usual value, 1.
    command
        .current_dir(project::root())
        .env("PATH", path)
        .env_remove("NO_COLOR")
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    Ok(command)
}

/// A folder in which this executable bears the name `wasm-bindgen`.
pub(crate) fn wasm_bindgen_dir(metadata: &Metadata) -> Result<PathBuf> {
    let dir = metadata.work_dir()?.join("bin");
    fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    let link = dir.join(format!("wasm-bindgen{}", env::consts::EXE_SUFFIX));
    let this = own_executable(metadata)?;
    if fs::read_link(&link).is_ok_and(|target| target == this) {
        return Ok(dir);
    }
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link).with_context(|| format!("remove {}", link.display()))?;
    }
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(&this, &link);
    #[cfg(not(unix))]
    let linked = fs::copy(&this, &link).map(drop);
    linked.with_context(|| format!("link {}", link.display()))?;
    Ok(dir)
}

/// Cargo's setting by which wasm tests run in xtask's own runner.
pub(crate) fn wasm_runner(metadata: &Metadata) -> Result<String> {
    let xtask = own_executable(metadata)?;
    // As a list, so that spaces in the path do no harm.
    Ok(format!("target.{WASM}.runner=[{:?}, \"runner\"]", xtask.display().to_string()))
}

/// Place of this executable, also while cargo puts a new one there.
pub(crate) fn own_executable(metadata: &Metadata) -> Result<PathBuf> {
    let this = env::current_exe().context("xtask does not find itself")?;
    if this.is_file() { Ok(this) } else { metadata.executable("debug", "xtask") }
}

/// Trunk in the pinned version: from PATH, the user's cache, `cargo binstall`, or built.
fn provide_trunk() -> Result<PathBuf> {
    if is_trunk(Path::new("trunk")) {
        return Ok("trunk".into());
    }
    let root = project::tools_dir()?.join(format!("trunk-{TRUNK}"));
    let installed = root.join("bin").join(format!("trunk{}", env::consts::EXE_SUFFIX));
    if is_trunk(&installed) {
        return Ok(installed);
    }
    fs::create_dir_all(&root).with_context(|| format!("create {}", root.display()))?;
    // Two clones may get here at once: the second waits and finds the first one's.
    let lock = File::create(root.join(".lock")).context("cannot create the lock of the tools folder")?;
    lock.lock().context("cannot lock the tools folder")?;
    if is_trunk(&installed) {
        return Ok(installed);
    }
    if !(has_cargo("binstall") && download_trunk(&root)? && is_trunk(&installed)) {
        build_trunk(&root)?;
    }
    if !is_trunk(&installed) {
        bail!(
            "Trunk was installed into {} but does not start as version {TRUNK}; remove the folder and call again",
            root.display()
        );
    }
    Ok(installed)
}

fn is_trunk(program: &Path) -> bool {
    let version = output(Command::new(program).arg("--version").env_remove("NO_COLOR"));
    version.is_some_and(|version| version == format!("trunk {TRUNK}"))
}

/// Tells whether `cargo binstall` found a ready-made one.
fn download_trunk(root: &Path) -> Result<bool> {
    heading(&format!("Download Trunk {TRUNK} by cargo binstall"));
    let mut command = cargo();
    command.args(["binstall", "--no-confirm", "--disable-strategies", "compile", "--root"]).arg(root);
    Ok(run(command.arg(format!("trunk@{TRUNK}")))?.success())
}

/// Builds Trunk, lightly optimised: it spends its time in cargo. Its default features only serve downloads.
fn build_trunk(root: &Path) -> Result<()> {
    let build = root.join("build");
    let mut command = cargo();
    command
        .args(["install", "--locked", "trunk", "--version", TRUNK, "--no-default-features"])
        .args([OsString::from("--root"), root.into(), "--target-dir".into(), build.clone().into()])
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    let built = step(&format!("Build Trunk {TRUNK}, once for all clones (about 5 min)"), &mut command);
    if build.exists() {
        fs::remove_dir_all(&build).with_context(|| format!("remove {}", build.display()))?;
    }
    built
}

//! Checks that the pure crates have no IO in their dependencies, and that the app's wasm needs no operating system.
//!
//! Their own code is checked by clippy: the `clippy.toml` of each disallows the clocks, files, sockets, threads and random
//! numbers of `std`.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

use crate::{
    process::{output, step},
    project::{Metadata, WASM, cargo},
};

/// Packages without IO.
const PURE: [&str; 3] = ["tideboard-shared", "tideboard-engine", "tideboard-room"];

/// Crates that read clocks, open sockets, spawn tasks or know a browser. Matched as whole names and as prefixes before `-`.
const IMPURE: [&str; 9] =
    ["actix", "getrandom", "gloo", "instant", "js-sys", "tokio", "wasm-bindgen", "web-sys", "yew"];

/// Checks everything.
pub(crate) fn check(metadata: &Metadata) -> Result<()> {
    PURE.into_iter().try_for_each(check_tree)?;
    check_app(metadata)
}

/// Checks that a package's dependencies, natively and for wasm, hold none of [`IMPURE`].
fn check_tree(package: &str) -> Result<()> {
    for target in [&[][..], &["--target", WASM]] {
        let mut command = cargo();
        command.args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
        let tree = output(command.args(target)).context("cargo tree failed")?;
        let names = tree.lines().filter_map(|line| line.split(' ').next());
        let impure: Vec<_> = names.filter(|name| is_impure(name)).collect();
        ensure!(impure.is_empty(), "{package} must stay free of IO, but depends on {}", impure.join(", "));
    }
    Ok(())
}

/// Checks that the app's wasm imports nothing from `env`: a C symbol that no browser provides.
fn check_app(metadata: &Metadata) -> Result<()> {
    let mut command = cargo();
    command.args([
        "build",
        "--package",
        "tideboard-app",
        "--features",
        "gallery",
        "--bin",
        "tideboard-app",
        "--target",
        WASM,
    ]);
    step("Build the app, unbound (first time: about 1 min)", &mut command)?;
    let path = metadata.target_dir()?.join(WASM).join("debug").join("tideboard-app.wasm");
    let wasm = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let foreign: Vec<_> = imports(&wasm)?.into_iter().filter(|name| name.starts_with("env::")).collect();
    if !foreign.is_empty() {
        bail!(
            "the app imports {}, which no browser has: a dependency expects C or an operating system",
            foreign.join(", ")
        );
    }
    Ok(())
}

/// Imports of a wasm, as `module::name`.
fn imports(wasm: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ImportSection(imports) = payload? else { continue };
        for import in imports.into_imports() {
            let import = import?;
            found.push(format!("{}::{}", import.module, import.name));
        }
    }
    Ok(found)
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|impure| name.strip_prefix(impure).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::is_impure;

    #[test]
    fn families_are_matched_and_neighbours_are_not() {
        assert!(is_impure("gloo-timers"));
        assert!(is_impure("web-sys"));
        assert!(!is_impure("yewl"));
        assert!(!is_impure("fastrand"));
    }
}

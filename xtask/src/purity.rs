//! Checks that the engine has no IO: neither in its dependencies nor, in wasm, among what the app imports.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

use crate::{
    process::{output, step},
    project::{Metadata, WASM, cargo},
};

/// Crates that read clocks, open sockets, spawn tasks or know a browser. Matched as whole names and as prefixes before `-`.
const IMPURE: [&str; 9] =
    ["actix", "getrandom", "gloo", "instant", "js-sys", "tokio", "wasm-bindgen", "web-sys", "yew"];

/// The engine's dependencies, natively and for wasm, hold none of [`IMPURE`].
pub(crate) fn check_tree() -> Result<()> {
    for target in [&[][..], &["--target", WASM]] {
        let mut command = cargo();
        command.args([
            "tree",
            "--package",
            "tideboard-engine",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ]);
        let tree = output(command.args(target)).context("cargo tree failed")?;
        let impure: Vec<_> =
            tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| is_impure(name)).collect();
        ensure!(impure.is_empty(), "the engine must stay free of IO, but depends on {}", impure.join(", "));
    }
    Ok(())
}

/// The app's wasm imports nothing from `env`: a C symbol that no browser provides.
pub(crate) fn check_imports(metadata: &Metadata) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--package", "tideboard-client", "--bin", "tideboard-app", "--target", WASM]);
    step("Build the app, unbound (first time: about 1 min)", &mut command)?;
    let path = metadata.target_dir()?.join(WASM).join("debug").join("tideboard-app.wasm");
    let wasm = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    for payload in Parser::new(0).parse_all(&wasm) {
        let Payload::ImportSection(imports) = payload? else { continue };
        for import in imports.into_imports() {
            let import = import?;
            if import.module == "env" {
                bail!(
                    "the app imports `{}` from `env`, which no browser has: a dependency expects C or an operating system",
                    import.name
                );
            }
        }
    }
    Ok(())
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

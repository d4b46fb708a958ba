//! Checks that the engine has no IO: in its dependencies, in what its wasm imports, in what it links of `std`.
//!
//! On this target `std` has no imports: its clocks, files and sockets are there and fail when they are called. So they are
//! looked for by their names. The wasm is that of an example that uses all of the engine.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use rustc_demangle::demangle;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::{
    process::{output, step},
    project::{self, Metadata, WASM, cargo},
};

/// Crates that read clocks, open sockets, spawn tasks or know a browser. Matched as whole names and as prefixes before `-`.
const IMPURE: [&str; 9] =
    ["actix", "getrandom", "gloo", "instant", "js-sys", "tokio", "wasm-bindgen", "web-sys", "yew"];

/// Parts of `std` that the engine may not link: how the names of functions begin, and what that would be.
const FORBIDDEN: [(&str, &str); 10] = [
    ("std::time::Instant::now", "a clock"),
    ("std::time::SystemTime::now", "a clock"),
    ("std::thread::functions::sleep", "a clock"),
    ("std::thread::functions::spawn", "a thread"),
    ("std::thread::builder", "a thread"),
    ("std::hash::random::RandomState::new", "randomness"),
    ("std::io::stdio::_print", "output"),
    ("std::net::", "the network"),
    ("std::fs::", "files"),
    ("std::process::Command", "processes"),
];

/// The example that uses all of the engine.
const WHOLE: &str = "client/engine/examples/whole.rs";
/// File with all that can be read of an engine.
const READER: &str = "client/engine/src/view.rs";

/// Checks everything.
pub(crate) fn check(metadata: &Metadata) -> Result<()> {
    check_tree()?;
    check_engine(metadata)?;
    check_app(metadata)
}

/// The engine's dependencies, natively and for wasm, hold none of [`IMPURE`].
fn check_tree() -> Result<()> {
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

/// The whole engine as wasm imports nothing at all, and links nothing of [`FORBIDDEN`].
fn check_engine(metadata: &Metadata) -> Result<()> {
    let (reader, whole) = (read(&project::root().join(READER))?, read(&project::root().join(WHOLE))?);
    let missing = unread(&reader, &whole);
    ensure!(missing.is_empty(), "{WHOLE} has to call everything of {READER}; missing: {}", missing.join(", "));
    let mut command = cargo();
    command.args(["build", "--package", "tideboard-engine", "--example", "whole", "--target", WASM]);
    step("Build the engine as wasm (first time: about 20 s)", &mut command)?;
    let path = metadata.target_dir()?.join(WASM).join("debug/examples/whole.wasm");
    let wasm = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let imports = imports(&wasm)?;
    ensure!(imports.is_empty(), "the engine must stay free of IO, but its wasm imports {}", imports.join(", "));
    let names = functions(&wasm)?;
    ensure!(names.iter().any(|name| name.starts_with("tideboard_engine::")), "the engine's wasm has lost its names");
    let found: Vec<_> = names.iter().filter_map(|name| forbidden(name)).collect();
    ensure!(found.is_empty(), "the engine must stay free of IO, but its wasm links {}", found.join(", "));
    Ok(())
}

/// The app's wasm imports nothing from `env`: a C symbol that no browser provides.
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

/// The names of all functions of a wasm, as in Rust.
fn functions(wasm: &[u8]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for name in names {
            let Name::Function(functions) = name? else { continue };
            for function in functions {
                found.insert(path_of(function?.name));
            }
        }
    }
    Ok(found)
}

/// `_RNvM…_3std4timeNtB2_7Instant3now` → `std::time::Instant::now`.
fn path_of(mangled: &str) -> String {
    let name = format!("{:#}", demangle(mangled));
    // An inherent method is `<std::time::Instant>::now`.
    match name.strip_prefix('<').and_then(|rest| rest.split_once(">::")) {
        Some((of, method)) if !of.contains(" as ") => format!("{of}::{method}"),
        _ => name,
    }
}

fn forbidden(name: &str) -> Option<String> {
    let (_, what) = FORBIDDEN.iter().find(|(prefix, _)| name.starts_with(prefix))?;
    Some(format!("{what} ({name})"))
}

/// Public functions of `reader` that `whole` does not call.
fn unread<'a>(reader: &'a str, whole: &str) -> Vec<&'a str> {
    let names = reader.lines().filter_map(|line| line.strip_prefix("    pub fn ")?.split('(').next());
    names.filter(|name| ![".", "::"].iter().any(|before| whole.contains(&format!("{before}{name}(")))).collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|impure| name.strip_prefix(impure).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::{forbidden, is_impure, path_of, unread};

    #[test]
    fn families_are_matched_and_neighbours_are_not() {
        assert!(is_impure("gloo-timers"));
        assert!(is_impure("web-sys"));
        assert!(!is_impure("yewl"));
        assert!(!is_impure("fastrand"));
    }

    #[test]
    fn clocks_are_found_under_both_kinds_of_mangled_names() {
        for mangled in
            ["_RNvMNtCs5cOc02OMXlo_3std4timeNtB2_7Instant3now", "_ZN3std4time7Instant3now17h0123456789abcdefE"]
        {
            assert_eq!(path_of(mangled), "std::time::Instant::now");
        }
        assert_eq!(forbidden("std::time::Instant::now").as_deref(), Some("a clock (std::time::Instant::now)"));
        assert_eq!(forbidden("std::time::Duration::as_millis"), None);
    }

    #[test]
    fn a_reading_function_that_is_not_called_is_named() {
        let reader = "    pub fn board(&self) {}\n    pub fn boards(&self) {}\n    fn note(&self) {}";
        assert_eq!(unread(reader, "reader.boards()"), ["board"]);
    }
}

//! Builds the single-page app for release with Trunk, unless nothing has changed.

use std::{
    collections::BTreeMap,
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    compress, precache,
    process::{heading, step},
    project::{self, Metadata},
    stylesheets, tools,
};

/// Sources of the app in the repository. Changes elsewhere leave it as it is.
const INPUTS: [&str; 8] =
    [".cargo", "Cargo.lock", "Cargo.toml", "Trunk.toml", "client", "index.html", "rust-toolchain.toml", "shared"];

/// Below [`INPUTS`], but no part of the app.
const NO_INPUTS: [&str; 3] = ["client/engine/bench", "client/gallery/tests", "client/tests"];

/// Way in which the app with the gallery is built.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GalleryBuild {
    /// As developers have it.
    Development,
    /// As fast as the release, to be measured.
    Measured,
}

/// Builds the app with the gallery, which the release leaves out, into a folder of its own. Returns the folder.
pub(crate) fn build_gallery(metadata: &Metadata, build: GalleryBuild) -> Result<PathBuf> {
    let (name, args): (_, &[_]) = match build {
        GalleryBuild::Development => ("gallery", &[]),
        GalleryBuild::Measured => ("gallery-measured", &["--release"]),
    };
    let dist = metadata.work_dir()?.join(name);
    fs::create_dir_all(&dist).with_context(|| format!("create {}", dist.display()))?;
    let stamp = metadata.work_dir()?.join(format!("{name}.stamp"));
    let before = inputs()?;
    if fs::read_to_string(&stamp).is_ok_and(|text| text == stamp_of(before, &dist)) {
        return Ok(dist);
    }
    let mut trunk = tools::trunk(metadata)?;
    trunk.arg("build").args(args).arg("--dist").arg(&dist);
    step("Build the app with the gallery (first time: about 1 min)", &mut trunk)?;
    fs::write(&stamp, stamp_of(before, &dist)).with_context(|| format!("write {}", stamp.display()))?;
    Ok(dist)
}

/// Builds the app into `dist`, compresses it, and prints its size. Returns the folder.
pub(crate) fn build(metadata: &Metadata) -> Result<PathBuf> {
    let dist = project::dist();
    let stamp = metadata.work_dir()?.join("spa.stamp");
    let before = inputs()?;
    if fs::read_to_string(&stamp).is_ok_and(|text| text == stamp_of(before, &dist)) {
        heading("The app is up to date");
        compress::print_sizes(&dist)?;
        return Ok(dist);
    }
    tools::wasm_target()?;
    let mut trunk = tools::trunk(metadata)?;
    // In place of the features in `Trunk.toml`, which are a developer's: none.
    trunk.args(["build", "--release", "--features", "default"]);
    step("Build the app for release (first time: about 2 min)", &mut trunk)?;
    stylesheets::join(&dist)?;
    precache::fill_in(&dist)?;
    heading("Compress the app");
    compress::siblings(&dist)?;
    compress::print_sizes(&dist)?;
    // From before the build: what changed meanwhile is built next time.
    fs::write(&stamp, stamp_of(before, &dist)).with_context(|| format!("write {}", stamp.display()))?;
    Ok(dist)
}

/// Identity of a build: what went in and what came out, so that a changed or missing file is built again.
fn stamp_of(inputs: u64, dist: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    // An unreadable `dist` is one that has to be built.
    hash_path(dist, dist, &mut hasher)
        .map_or_else(|_| String::from("none"), |()| format!("{inputs:016x} {:016x}", hasher.finish()))
}

/// Identifies sources, and the settings that the environment adds.
fn inputs() -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for input in INPUTS {
        hash_path(project::root(), &project::root().join(input), &mut hasher)?;
    }
    let settings: BTreeMap<_, _> = env::vars_os()
        .filter(|(name, _)| {
            let name = name.to_string_lossy();
            name.starts_with("TIDEBOARD_")
                || name.starts_with("TRUNK_")
                || name.starts_with("CARGO_PROFILE_")
                || name == "RUSTFLAGS"
        })
        .collect();
    settings.hash(&mut hasher);
    Ok(hasher.finish())
}

fn hash_path(root: &Path, path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let name = path.strip_prefix(root).unwrap_or(path);
    if NO_INPUTS.iter().any(|excluded| name == Path::new(excluded)) {
        return Ok(());
    }
    name.hash(hasher);
    if path.is_dir() {
        for child in compress::entries(path)? {
            hash_path(root, &child, hasher)?;
        }
        return Ok(());
    }
    fs::read(path).with_context(|| format!("read {}", path.display()))?.hash(hasher);
    Ok(())
}

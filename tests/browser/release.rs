//! Contents of a release: nothing that only developers use.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use tideboard_tests::browser;

/// Words and classes of the gallery, its panel and its faults; each is in a build for developers.
const MARKS: [&str; 7] = [
    "/gallery/",
    "gallery-page",
    "demo-faults",
    "Heal all",
    "the network is cut",
    "Force a conflict on my next change",
    "the command \"Panic\" was given",
];

#[test]
fn a_release_has_no_gallery_no_panel_and_no_faults() -> Result<()> {
    let release = files(&browser::app()?)?;
    let development = files(&browser::gallery()?)?;
    for mark in MARKS {
        assert!(development.contains(mark), "“{mark}” has another name now: correct the list");
        assert!(!release.contains(mark), "“{mark}” is in the release");
    }
    Ok(())
}

/// The program, its script and its styles, one after the other.
fn files(dist: &Path) -> Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(dist).with_context(|| format!("read {}", dist.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| ["css", "js", "wasm"].iter().any(|known| extension == *known)) {
            text.push_str(&String::from_utf8_lossy(&fs::read(&path)?));
        }
    }
    Ok(text)
}

//! Tells the built service worker what one build of the app is.
//!
//! In: the folder that Trunk wrote. Out: `sw.js` in it, with the build's name, the page's hash and all other files.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::compress;

const WORKER: &str = "sw.js";
const PAGE: &str = "index.html";

/// Fills in `sw.js`. The build's name changes with every file's name and content.
pub(crate) fn fill_in(dist: &Path) -> Result<()> {
    let mut build = Sha256::new();
    let mut files = Vec::new();
    for path in compress::entries(dist)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_sibling = path.extension().is_some_and(|extension| extension == "br" || extension == "gz");
        if path.is_dir() || is_sibling {
            continue;
        }
        build.update(&name);
        build.update(fs::read(&path).with_context(|| format!("read {}", path.display()))?);
        if name != WORKER && name != PAGE {
            files.push(format!("/{name}"));
        }
    }
    let page = fs::read(dist.join(PAGE)).with_context(|| format!("{} has no {PAGE}", dist.display()))?;
    let worker = dist.join(WORKER);
    let mut text = fs::read_to_string(&worker).with_context(|| format!("read {}", worker.display()))?;
    for (place, value) in [
        ("\"__BUILD__\"", serde_json::to_string(&format!("{:x}", build.finalize())[..16])?),
        ("\"__PAGE__\"", serde_json::to_string(&format!("{:x}", Sha256::digest(page)))?),
        ("[\"__FILES__\"]", serde_json::to_string(&files)?),
    ] {
        ensure!(text.matches(place).count() == 1, "{} has to have {place} once", worker.display());
        text = text.replace(place, &value);
    }
    fs::write(&worker, text).with_context(|| format!("write {}", worker.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_names_the_build_and_all_its_files_and_changes_with_any_of_them() {
        let write = |icon: &str| {
            let dir = tempfile::tempdir().unwrap();
            let files = [
                (PAGE, "<html></html>"),
                ("app-1.js", "js"),
                ("app-1.js.br", "br"),
                ("icon.svg", icon),
                (WORKER, "const BUILD = \"__BUILD__\", PAGE = \"__PAGE__\", FILES = [\"__FILES__\"];"),
            ];
            files.iter().for_each(|(name, text)| fs::write(dir.path().join(name), text).unwrap());
            fill_in(dir.path()).unwrap();
            fs::read_to_string(dir.path().join(WORKER)).unwrap()
        };
        let worker = write("one");
        assert!(worker.contains("FILES = [\"/app-1.js\",\"/icon.svg\"]"), "{worker}");
        assert!(worker.contains(&format!("{:x}", Sha256::digest("<html></html>"))), "{worker}");
        assert_eq!(worker, write("one"));
        assert_ne!(worker, write("two"));
    }
}

//! Paths that the pages of documentation name.
//!
//! In: every Markdown file of the repository. Out: an error for each path in backquotes or links that is not there. A name
//! counts as a path from the repository's root when its first folder is one of those there. Never: file names alone, and
//! paths with a placeholder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::project;

/// Fails with every path that is named and not there.
pub(crate) fn check() -> Result<()> {
    let root = project::root();
    let mut missing = Vec::new();
    for page in pages(root)? {
        let text = fs::read_to_string(&page).with_context(|| format!("read {}", page.display()))?;
        let shown = page.strip_prefix(root).unwrap_or(&page).display();
        for (index, line) in text.lines().enumerate() {
            let lost = paths(line).filter(|path| is_from_root(root, path) && !root.join(path).exists());
            missing.extend(lost.map(|path| format!("{shown}:{}: {path}", index + 1)));
        }
    }
    if !missing.is_empty() {
        bail!("these pages name what is not there:\n{}", missing.join("\n"));
    }
    Ok(())
}

/// The pages at the root and below `docs`.
fn pages(root: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for folder in [root.to_owned(), root.join("docs")] {
        for entry in fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// What stands between backquotes or behind `](` on a line, if it looks like a path.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    let linked = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    quoted.chain(linked).filter(|name| name.contains('/') && !name.contains([' ', '<', '*', '{', '…', ':']))
}

fn is_from_root(root: &Path, path: &str) -> bool {
    path.split('/').next().is_some_and(|first| !first.is_empty() && root.join(first).is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_what_backquotes_and_links_hold() {
        let line = "`client/src/lib.rs` and [a page](docs/wire.md), `Board::apply`, `GET /api/x y`, `a/*.rs`";
        assert_eq!(paths(line).collect::<Vec<_>>(), ["client/src/lib.rs", "docs/wire.md"]);
    }

    #[test]
    fn only_what_begins_with_a_folder_of_the_repository_is_looked_for() {
        assert!(is_from_root(project::root(), "xtask/src/nowhere.rs"));
        assert!(!is_from_root(project::root(), "dashboard/board_page.rs"));
        assert!(!is_from_root(project::root(), "/api/boards"));
    }
}

//! Paths that the pages of documentation name.
//!
//! In: the Markdown files at the root and in `docs`. Out: an error for each path in backquotes or links that is not there. A
//! name in backquotes counts as a path from the repository's root when its first folder is one of those there; a link
//! goes from its page. Never: file names alone, addresses, and paths with a placeholder.

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
            let quoted = quoted(line).filter(|path| is_from_root(root, path) && !root.join(path).exists());
            let linked = linked(line).filter(|path| !page.with_file_name(path).exists());
            missing.extend(quoted.chain(linked).map(|path| format!("{shown}:{}: {path}", index + 1)));
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

/// Names with a slash between backquotes.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('/') && !name.contains([' ', '<', '*', '{', '…', ':']))
}

/// Targets of links, without the part of the page, except addresses.
fn linked(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

fn is_from_root(root: &Path, path: &str) -> bool {
    path.split('/').next().is_some_and(|first| !first.is_empty() && root.join(first).is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_what_backquotes_and_links_hold() {
        let line =
            "`client/src/lib.rs` and [a page](docs/wire.md#top), `Board::apply`, `GET /api/x y`, [x](https://a.b/)";
        assert_eq!(quoted(line).collect::<Vec<_>>(), ["client/src/lib.rs"]);
        assert_eq!(linked(line).collect::<Vec<_>>(), ["docs/wire.md"]);
    }

    #[test]
    fn only_what_begins_with_a_folder_of_the_repository_is_looked_for() {
        assert!(is_from_root(project::root(), "xtask/src/nowhere.rs"));
        assert!(!is_from_root(project::root(), "dashboard/board_page.rs"));
        assert!(!is_from_root(project::root(), "/api/boards"));
    }
}

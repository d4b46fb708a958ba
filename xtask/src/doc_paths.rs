//! Paths and tests that the pages of documentation name.
//!
//! In: the Markdown files at the root and in `docs`. Out: an error for each path or test that is not there. A name in
//! backquotes counts as a path from the repository's root when its first folder is one of those there, and `FILE.rs::NAME`
//! as a test or another function of that file; a link goes from its page. Never: file names alone, addresses, and paths
//! with a placeholder.

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
            let functions = functions(line).filter(|(path, name)| !has_function(&root.join(path), name));
            let functions = functions.map(|(path, name)| format!("{path}::{name}"));
            let missed = quoted.chain(linked).map(str::to_owned).chain(functions);
            missing.extend(missed.map(|name| format!("{shown}:{}: {name}", index + 1)));
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

/// Functions between backquotes, as the file and the name.
fn functions(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|name| name.split_once("::"))
        .filter(|(path, _)| path.ends_with(".rs"))
}

/// True if the file defines a function of this name.
fn has_function(path: &Path, name: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {name}(")))
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
    fn a_test_is_a_function_of_the_file_before_it() {
        let here = "xtask/src/doc_paths.rs";
        let line = format!("`{here}::a_test_is_a_function_of_the_file_before_it`, `{here}::gone`, `Board::apply`");
        let found: Vec<_> = functions(&line).collect();
        assert_eq!(found, [(here, "a_test_is_a_function_of_the_file_before_it"), (here, "gone")]);
        let is_there = |(path, name): &(&str, &str)| has_function(&project::root().join(path), name);
        assert_eq!(found.iter().map(is_there).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn only_what_begins_with_a_folder_of_the_repository_is_looked_for() {
        assert!(is_from_root(project::root(), "xtask/src/nowhere.rs"));
        assert!(!is_from_root(project::root(), "dashboard/board_page.rs"));
        assert!(!is_from_root(project::root(), "/api/boards"));
    }
}

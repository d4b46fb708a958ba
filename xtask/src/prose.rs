//! Checks how doc comments begin: with a noun or a verb, so that a reader who searches for a thing finds it.
//!
//! In: the workspace's Rust files. Out: the places whose first word is a pronoun or a question word. Never: a judgement of
//! anything but the first word.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::project;

/// First words that say nothing of the thing described.
const WORDS: &str = "what how who whose whom whether which when where why whatever whoever whichever whenever wherever it \
    its it's one one's that this these those they them their he she we you i everything everybody everyone nothing nobody \
    something somebody someone anything anybody anyone";
/// Beginnings of more than a word.
const PHRASES: [&str; 2] = ["the same", "such a one"];
/// Folders without code of ours.
const FOREIGN: [&str; 3] = ["target", "dist", ".git"];

/// Fails with every place, as `FILE:LINE: TEXT`.
pub(crate) fn check() -> Result<()> {
    let mut files = Vec::new();
    collect(project::root(), &mut files)?;
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        let name = file.strip_prefix(project::root()).unwrap_or(&file).display();
        found.extend(offenders(&text).map(|(line, text)| format!("{name}:{line}: {text}")));
    }
    ensure!(
        found.is_empty(),
        "a doc comment begins with a noun or a verb, not with a pronoun or question word:\n{}",
        found.join("\n")
    );
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !FOREIGN.contains(&name) {
                collect(&path, files)?;
            }
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(())
}

/// Lines, from 1, at which a doc comment begins with one of the words.
fn offenders(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_inside = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let was_inside = std::mem::replace(&mut is_inside, doc.is_some());
        match doc {
            Some(doc) if !was_inside && is_vague(doc) => Some((at + 1, doc.trim())),
            Some(_) | None => None,
        }
    })
}

fn is_vague(doc: &str) -> bool {
    let text = doc.trim_start_matches([' ', '*', '_', '`', '[', '(', '"']).to_lowercase();
    let end = text.find(|c: char| !c.is_ascii_lowercase() && c != '\'').unwrap_or(text.len());
    PHRASES.iter().any(|phrase| text.starts_with(phrase)) || WORDS.split_whitespace().any(|word| word == &text[..end])
}

#[cfg(test)]
mod tests {
    use super::offenders;

    #[test]
    fn a_comment_is_judged_by_its_first_word_alone() {
        let text = [
            "//! How it works.",
            "",
            "/// Returns it.",
            "/// It is good.",
            "fn a() {}",
            "    /// `What` it is.",
            "    /// The same.",
            "/// Items.",
            "fn b() {}",
            "/// The same, and more.",
            "// It is no doc.",
        ];
        let text = text.join("\n");
        let lines: Vec<_> = offenders(&text).map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 6, 10]);
    }
}

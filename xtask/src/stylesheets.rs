//! Makes one style sheet of the page's: a browser fetches six files at once from a server, and the app is one of them.
//!
//! In: the folder that Trunk wrote. Out: one hashed sheet in it, in the page's order, and a page that names it alone. Never: a change
//! of what is in them.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

const LINK: &str = "<link rel=\"stylesheet\" href=\"/";

/// Joins what the page in `dist` links to.
pub(crate) fn join(dist: &Path) -> Result<()> {
    let page_path = dist.join("index.html");
    let page = fs::read_to_string(&page_path).with_context(|| format!("read {}", page_path.display()))?;
    let mut rest = page.as_str();
    let mut joined = String::new();
    let mut css = String::new();
    while let Some((before, link)) = rest.split_once(LINK) {
        let (name, after) = link.split_once('"').context("a link's address ends")?;
        let sheet = dist.join(name);
        let text = fs::read_to_string(&sheet).with_context(|| format!("read {}", sheet.display()))?;
        // What is open at the end of a file is closed there; in the middle of one it takes all that follows with it.
        let count = |brace: char| text.matches(brace).count();
        ensure!(count('{') == count('}'), "{name} does not close what it opens");
        css.push_str(&text);
        fs::remove_file(&sheet).with_context(|| format!("remove {}", sheet.display()))?;
        joined.push_str(if joined.is_empty() { before } else { before.trim_start() });
        if !joined.contains(PLACE) {
            joined.push_str(PLACE);
        }
        rest = after.split_once('>').context("a link ends")?.1;
    }
    ensure!(!css.is_empty(), "{} links to no style sheet", page_path.display());
    joined.push_str(rest);
    let name = format!("styles-{}.css", &format!("{:x}", Sha256::digest(&css))[..16]);
    let page = joined.replace(PLACE, &format!("{LINK}{name}\"/>"));
    fs::write(dist.join(&name), css).with_context(|| format!("write {name}"))?;
    fs::write(&page_path, page).with_context(|| format!("write {}", page_path.display()))
}

/// Stands where the link comes.
const PLACE: &str = "<link joined>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_that_would_swallow_the_next_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a-1.css"), "@media print {\n  a {}\n").unwrap();
        fs::write(dir.path().join("index.html"), "<link rel=\"stylesheet\" href=\"/a-1.css\"/>").unwrap();
        let error = join(dir.path()).unwrap_err().to_string();
        assert!(error.contains("a-1.css"), "{error}");
    }

    #[test]
    fn the_page_links_to_one_sheet_with_all_of_them_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("a-1.css", "a {}\n");
        write("b-2.css", "b {}\n");
        write(
            "index.html",
            "<head>\n<link rel=\"stylesheet\" href=\"/a-1.css\" integrity=\"x\"/>\n  \
             <link rel=\"stylesheet\" href=\"/b-2.css\" integrity=\"y\"/>\n<script></script></head>",
        );
        join(dir.path()).unwrap();
        let page = fs::read_to_string(dir.path().join("index.html")).unwrap();
        let (before, link) = page.split_once(LINK).unwrap();
        let (name, after) = link.split_once('"').unwrap();
        assert_eq!((before, after), ("<head>\n", "/>\n<script></script></head>"));
        assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), "a {}\nb {}\n");
        assert!(!dir.path().join("a-1.css").exists());
    }
}

//! The gallery: a page for each hook and component. It is not in the release, so this is the development build.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

use tideboard_tests::browser::{self, Stage};

/// The names that the gallery lists.
const NAMES: &str = "return [...document.querySelectorAll('.gallery > nav a')].map(link => link.textContent)";
/// Presses every button of a page once, but those that end the connection.
const PRESS: &str = "for (const button of document.querySelectorAll('.gallery-actions button')) {
    if (!button.textContent.startsWith('Disconnect')) { window.alert = () => {}; button.click(); }
}";

#[tokio::test]
async fn every_hook_has_a_page_that_works() -> Result<()> {
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let ann = stage.visitor().await?;
    ann.run("location.href = '/gallery'").await?;
    ann.until("list of pages", async || Ok((ann.run(NAMES).await? != serde_json::json!([])).then_some(()))).await?;
    let names: BTreeSet<String> = serde_json::from_value(ann.run(NAMES).await?)?;
    let missing: Vec<_> = hooks()?.difference(&names).cloned().collect();
    assert_eq!(missing, [""; 0], "hooks without a page");
    ann.complaints().await?;
    for name in names {
        ann.run(&format!("location.href = '/gallery/{name}'")).await?;
        ann.shows(".app-board", &name).await?;
        ann.is_synced().await?;
        ann.run(PRESS).await?;
        ann.until("page after its buttons", async || Ok((ann.count(".gallery > nav").await? == 1).then_some(())))
            .await?;
        let complaints = ann.complaints().await?;
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
    }
    ann.close().await
}

/// The hooks by the names of their files.
fn hooks() -> Result<BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?.join("client/src/hooks");
    let mut hooks = BTreeSet::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() && name.starts_with("use_") {
            hooks.insert(name.to_owned());
        }
    }
    Ok(hooks)
}

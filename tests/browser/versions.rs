//! The app's files: there without a server, and replaced only when the user says so.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use tideboard_tests::browser::{Page, Stage, app, part};

/// Version that a page says it is.
const VERSION: &str = "return document.querySelector('meta[name=version]')?.content ?? 'first'";

/// Number of boards that the browser keeps.
const BOARDS: &str = "return indexedDB.databases().then(all => new Promise((resolve, reject) => {
    const opening = indexedDB.open(all.find(({ name }) => name.startsWith('tideboard')).name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const counting = opening.result.transaction('boards').objectStore('boards').count();
        counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
    };
}))";

/// Waits until the browser has a version for later.
async fn is_kept(page: &Page) -> Result<()> {
    let script = "return navigator.serviceWorker.getRegistration().then(found => Boolean(found?.active))";
    page.until("active service worker", async || Ok((page.run(script).await? == true).then_some(()))).await
}

#[tokio::test]
async fn the_app_opens_and_is_edited_without_a_server_and_connects_once_there_is_one() -> Result<()> {
    let mut stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    is_kept(&ann).await?;
    ann.until("board for later", async || Ok((ann.run(BOARDS).await? == 1).then_some(()))).await?;
    stage.server.kill().await?;
    ann.reload().await?;
    ann.until("the app", async || Ok((ann.count(".sync-dot").await? > 0).then_some(()))).await?;
    assert_eq!(ann.count(".sync-dot[data-level='good']").await?, 0);
    let can_edit = format!("{}:not([disabled])", part::COUNTER_ADD);
    ann.until("the board as it was", async || Ok((ann.count(&can_edit).await? == 1).then_some(()))).await?;
    ann.click(part::COUNTER_ADD).await?;
    ann.shows(part::COUNTER_VALUE, "1").await?;
    stage.server.restart().await?;
    ann.is_synced().await?;
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(1));
    ann.close().await
}

#[tokio::test]
async fn a_new_version_is_offered_not_forced_and_replaces_the_old_one_whole() -> Result<()> {
    let dir = TempDir::with_prefix("tideboard-app-")?;
    for entry in fs::read_dir(app()?)? {
        let entry = entry?;
        fs::copy(entry.path(), dir.path().join(entry.file_name()))?;
    }
    let mut stage = Stage::set_with(dir.path()).await?;
    let ann = stage.visitor().await?;
    is_kept(&ann).await?;
    release(dir.path())?;
    ann.reload().await?;
    assert_eq!(ann.run(VERSION).await?, "first", "as it is kept, though the server has another");
    stage.server.terminate()?;
    stage.server.ended().await?;
    stage.server.restart().await?;
    ann.until("offer", async || Ok((ann.count(".new-version").await? == 1).then_some(()))).await?;
    assert_eq!(ann.run(VERSION).await?, "first");
    ann.click(".new-version button").await?;
    ann.until("the new version", async || Ok((ann.run(VERSION).await? == "second").then_some(()))).await?;
    ann.is_synced().await?;
    let kept = ann.run("return caches.keys().then(names => names.length)").await?;
    assert_eq!(kept, 1, "nothing is left of the old one");
    ann.close().await
}

/// Makes the next version: another page, and a worker that knows it.
fn release(dir: &Path) -> Result<()> {
    let read = |name: &str| fs::read_to_string(dir.join(name)).with_context(|| format!("no {name}"));
    let page = read("index.html")?;
    let worker = read("sw.js")?;
    let digest = |text: &str| format!("{:x}", Sha256::digest(text));
    let next = page.replace("<title>", "<meta name=\"version\" content=\"second\"><title>");
    let worker = worker.replace("const BUILD = \"", "const BUILD = \"next").replace(&digest(&page), &digest(&next));
    for (name, text) in [("index.html", next), ("sw.js", worker)] {
        fs::write(dir.join(name), text)?;
        for extension in ["br", "gz"] {
            // Tiny files have none.
            let _none = fs::remove_file(dir.join(format!("{name}.{extension}")));
        }
    }
    Ok(())
}

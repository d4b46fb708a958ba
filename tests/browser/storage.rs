//! Places where edits wait when the server cannot be reached, and the words for them.

use anyhow::Result;
use serde_json::json;

use tideboard_tests::browser::{Stage, Window, part};

/// Script that makes a browser look as in its private mode.
const NO_INDEXED_DB: &str = "Object.defineProperty(window, 'indexedDB', { value: undefined });";

#[tokio::test]
async fn without_a_storage_everything_works_and_the_user_is_told() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::with(&stage, 2, NO_INDEXED_DB).await?;
    for at in 0..2 {
        window.tab(at).await?.click(part::COUNTER_ADD).await?;
    }
    for at in 0..2 {
        let page = window.tab(at).await?;
        page.shows(part::COUNTER_VALUE, "2").await?;
        page.is_synced().await?;
        page.click(part::SYNC).await?;
        page.until("'memory' among the details", async || {
            Ok(page.text(part::SYNC_DETAILS).await?.contains("memory, until reload").then_some(()))
        })
        .await?;
    }
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(2));
    window.close().await
}

#[tokio::test]
async fn while_there_is_no_socket_edits_go_over_rest_and_come_back_to_it_by_themselves() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::open(&stage, 2).await?;
    window.cut("socket").await?;
    window.tab(1).await?.click(part::COUNTER_ADD).await?;
    for at in 0..2 {
        let page = window.tab(at).await?;
        page.until("'Polling'", async || Ok(page.text(part::SYNC).await?.contains("Polling").then_some(()))).await?;
    }
    let page = window.tab(0).await?;
    page.until("the edit on the server", async || {
        let board = stage.server.rest().board("main").await?;
        Ok((board.field("counter", "count") == json!(1)).then_some(()))
    })
    .await?;
    window.cut("nothing").await?;
    for at in 0..2 {
        window.tab(at).await?.is_synced().await?;
    }
    window.close().await
}

//! The states that a board can be in besides "all is well".

use anyhow::Result;
use tideboard_tests::browser::{Stage, part};

use crate::Album;

/// A picture of each; ends the server on the way.
pub(crate) async fn all(mut stage: Stage, album: &Album) -> Result<()> {
    for (name, address) in [("empty", "/b/empty/overview"), ("kiosk", "/b/main/overview?kiosk")] {
        let page = stage.visitor_at(address).await?;
        album.every_look(&page, name).await?;
        page.close().await?;
    }
    let page = stage.visitor_at("/b/main/overview").await?;
    page.is_calm().await?;
    stage.server.kill().await?;
    page.until("sign that the server is gone", async || {
        Ok((page.count(".sync-dot[data-level='good']").await? == 0).then_some(()))
    })
    .await?;
    page.click(part::SYNC).await?;
    album.every_look(&page, "offline").await?;
    page.close().await
}

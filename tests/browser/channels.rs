//! Only the open tab's channels are subscribed to.

use anyhow::Result;
use serde_json::Value;
use tideboard_tests::browser::{Page, Stage};

/// Keeps in `window.wanted` what the page has asked the server for and not yet taken back.
const SPY: &str = "
    window.wanted = new Set();
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (frame) {
        for (const { type, channel } of typeof frame === 'string' ? [JSON.parse(frame)].flat() : []) {
            if (type === 'subscribe') wanted.add(channel);
            if (type === 'unsubscribe') wanted.delete(channel);
        }
        return send.call(this, frame);
    };";

/// Waits until of the channels wanted some begin with each of `some`, and none with any of `none`.
async fn wants(page: &Page, some: &[&str], none: &[&str]) -> Result<()> {
    let fits = async || {
        let wanted: Vec<String> = serde_json::from_value(page.run("return [...wanted]").await?)?;
        let has = |start: &&str| wanted.iter().any(|channel| channel.starts_with(start));
        Ok((some.iter().all(&has) && !none.iter().any(has)).then_some(()))
    };
    page.until(&format!("subscriptions to {some:?} and none to {none:?}"), fits).await
}

#[tokio::test]
async fn a_tab_is_subscribed_to_what_it_shows_and_to_nothing_else() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = Page::of(stage.browser().await?);
    ann.before_all(SPY).await?;
    ann.enter(&format!("{}/b/main/overview", stage.url())).await?;
    wants(&ann, &["board:main", "presence:main", "stream:host.cpu", "stream:host.network.rx"], &["stream:server."])
        .await?;
    for tab in ["orders", "favourites", "downloads", "activity"] {
        ann.go_to_tab(tab).await?;
        wants(&ann, &["board:main"], &["stream:"]).await?;
    }
    ann.go_to_tab("system").await?;
    wants(&ann, &["stream:server."], &["stream:host."]).await?;
    ann.go_to_tab("overview").await?;
    wants(&ann, &["stream:host.cpu"], &["stream:server."]).await?;
    ann.close().await
}

#[tokio::test]
async fn the_system_tab_names_the_channels_and_counts_what_they_bring() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor_at("/b/main/system").await?;
    ann.tells(".board-page", "board:main").await?;
    ann.tells(".board-page", "stream:server.").await?;
    let counts = "return [...document.querySelectorAll('.board-page td, .board-page dd')]
        .filter((cell) => /^[1-9][\\d.,]*/.test(cell.textContent)).map((cell) => cell.textContent)";
    let before = ann.run(counts).await?;
    ann.until("other figures", async || {
        let now = ann.run(counts).await?;
        Ok((now != before && now != Value::Array(Vec::new())).then_some(()))
    })
    .await?;
    ann.close().await
}

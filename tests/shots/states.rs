//! The states that a board can be in besides "all is well".

use anyhow::Result;
use thirtyfour::Key;
use tideboard_tests::browser::{Page, Stage, Window, part};

use crate::{ANN, Album};

const BOARD: &str = "/b/main/overview";

/// A picture of each; ends the server on the way.
pub(crate) async fn all(stage: &mut Stage, album: &Album) -> Result<()> {
    for (name, address) in [("empty", "/b/empty/overview"), ("kiosk", "/b/main/overview?kiosk")] {
        let page = stage.visitor_named(ANN, BOARD).await?;
        page.go(&format!("{}{address}", stage.url())).await?;
        page.is_calm().await?;
        album.every_look(&page, name).await?;
        page.close().await?;
    }
    denied(stage, album).await?;
    overlays(stage, album).await?;
    past(stage, album).await?;
    tour(stage, album).await?;
    conflict(stage, album).await?;
    offline(stage, album).await
}

/// A board that there is not, which looks like one that is not for the user.
async fn denied(stage: &Stage, album: &Album) -> Result<()> {
    let page = stage.visitor_named(ANN, BOARD).await?;
    page.go(&format!("{}/b/nowhere/overview", stage.url())).await?;
    page.is_calm().await?;
    album.every_look(&page, "denied").await?;
    page.close().await
}

/// Takes the layers over the board, and the board while it is arranged.
async fn overlays(stage: &Stage, album: &Album) -> Result<()> {
    let page = stage.visitor_named(ANN, BOARD).await?;
    page.is_calm().await?;
    page.press(Key::Control + "k").await?;
    page.has("dialog.palette").await?;
    album.every_view(&page, "palette").await?;
    page.press(Key::Escape + "").await?;
    for (name, letters, over) in
        [("shortcuts", "shortcuts", "dialog.shortcuts"), ("picker", "add a widget", "dialog.picker")]
    {
        page.command(letters).await?;
        page.has(over).await?;
        album.every_view(&page, name).await?;
        page.press(Key::Escape + "").await?;
        page.has_no(over).await?;
    }
    page.command("arrange").await?;
    page.has("[data-cell='stat-cpu'] .cell-handle").await?;
    album.every_look(&page, "arranging").await?;
    page.close().await
}

/// The board before the second person's edits.
async fn past(stage: &Stage, album: &Album) -> Result<()> {
    let newest = stage.server.rest().board("main").await?.seq;
    let page = stage.visitor_named(ANN, BOARD).await?;
    page.go(&format!("{}{BOARD}?at={}", stage.url(), newest.0.saturating_sub(3))).await?;
    page.has(".past-bar").await?;
    page.is_calm().await?;
    album.every_look(&page, "history").await?;
    page.close().await
}

async fn tour(stage: &Stage, album: &Album) -> Result<()> {
    let page = Page::of(stage.browser().await?);
    page.go(&stage.url()).await?;
    page.has("dialog.tour").await?;
    page.is_calm().await?;
    album.every_view(&page, "tour").await?;
    page.close().await
}

/// Two people wrote the same note, one of them without a network.
async fn conflict(stage: &Stage, album: &Album) -> Result<()> {
    let window = Window::open(stage, 1).await?;
    let bob = stage.visitor_named("Cem Yildiz", BOARD).await?;
    window.cut("all").await?;
    window.tab(0).await?.write_note_text("Open this page in a **third window** and edit something.").await?;
    bob.write_note_text("Open this page on your **phone** and edit something: the other one follows.").await?;
    bob.is_synced().await?;
    window.cut("nothing").await?;
    let page = window.tab(0).await?;
    page.has(".conflict-notice[data-open]").await?;
    page.click(&part::button("Review")).await?;
    page.has("dialog.conflict-dialog").await?;
    album.every_view(page, "conflict").await?;
    window.close().await?;
    bob.close().await
}

async fn offline(stage: &mut Stage, album: &Album) -> Result<()> {
    let page = stage.visitor_named(ANN, BOARD).await?;
    page.is_calm().await?;
    stage.server.kill().await?;
    page.has_no(".sync-dot[data-level='good']").await?;
    page.click(part::COUNTER_ADD).await?;
    page.has(".banner[data-level]").await?;
    album.every_look(&page, "offline").await?;
    page.close().await
}

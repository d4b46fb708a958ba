//! Commands by their names and by keys, and the tour for newcomers.

use anyhow::Result;
use thirtyfour::Key;
use tideboard_tests::browser::{Page, Stage, part};

const PALETTE: &str = "dialog.palette";

#[tokio::test]
async fn the_palette_does_what_a_few_letters_of_its_name_say() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.press(Key::Control + "k").await?;
    ann.has(PALETTE).await?;
    ann.press("go ord").await?;
    ann.tells(&format!("{PALETTE} [role='option'][aria-selected='true']"), "Go to Orders").await?;
    ann.press(Key::Enter + "").await?;
    ann.has_no(PALETTE).await?;
    ann.has(".board-page[data-tab='orders']").await?;
    ann.press(Key::Control + "k").await?;
    ann.press("nothing is called so").await?;
    ann.has(".palette-none").await?;
    ann.press(Key::Escape + "").await?;
    ann.has_no(PALETTE).await?;
    ann.close().await
}

#[tokio::test]
async fn a_question_mark_lists_the_shortcuts_and_they_work() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.press("?").await?;
    ann.tells("dialog.shortcuts", "Go to Activity").await?;
    ann.press(Key::Escape + "").await?;
    ann.has_no("dialog.shortcuts").await?;
    ann.press("g").await?;
    ann.press("a").await?;
    ann.has(".board-page[data-tab='activity']").await?;
    ann.close().await
}

#[tokio::test]
async fn a_shortcut_does_nothing_while_somebody_types() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.click(part::NOTE_EDIT).await?;
    ann.press("k?e").await?;
    assert_eq!((ann.count("dialog[open]").await?, ann.count(".app-top").await?), (0, 1));
    ann.press(Key::Control + "k").await?;
    ann.has(PALETTE).await?;
    ann.close().await
}

#[tokio::test]
async fn a_newcomer_is_shown_around_once_and_asked_for_a_name_that_others_see() -> Result<()> {
    let stage = Stage::set().await?;
    let bob = stage.visitor().await?;
    let ann = Page::of(stage.browser().await?);
    ann.go(&stage.url()).await?;
    ann.has("dialog.tour").await?;
    ann.fill("dialog.tour input", "Ann the New").await?;
    ann.click(&part::button("Start")).await?;
    ann.has_no("dialog.tour").await?;
    bob.tells(".app-top .avatars", "Ann the New").await?;
    ann.reload().await?;
    ann.is_synced().await?;
    assert_eq!(ann.count("dialog.tour").await?, 0);
    ann.press(Key::Control + "k").await?;
    ann.press("tour").await?;
    ann.press(Key::Enter + "").await?;
    ann.has("dialog.tour").await?;
    ann.close().await?;
    bob.close().await
}

//! Widgets are added, configured and removed by one person and seen by all; every step can be taken back.

use anyhow::Result;
use serde_json::json;
use thirtyfour::Key;
use tideboard_tests::browser::{Page, Stage, part};

/// Selectors of the picker, the form and the menu of a widget.
const PICKER: &str = "dialog.picker";
const FORM: &str = "dialog.widget-form";
const FORM_TITLE: &str = "dialog.widget-form [aria-label='Title of the widget']";

fn choice(kind: &str) -> String {
    format!("//dialog//button[contains(@class, 'picker-choice')][.//strong[text()='{kind}']]")
}

fn menu_item(words: &str) -> String {
    format!("//*[@role='menuitem'][contains(normalize-space(), '{words}')]")
}

async fn counts(page: &Page, widgets: usize) -> Result<()> {
    let what = format!("{widgets} widgets");
    page.until(&what, async || Ok((page.widgets().await?.len() == widgets).then_some(()))).await
}

#[tokio::test]
async fn a_widget_is_added_configured_and_removed_for_everyone() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    ann.has("[data-cell='welcome']").await?;
    let before = ann.widgets().await?;
    ann.click(&part::named("Add a widget…")).await?;
    ann.has(PICKER).await?;
    ann.click(&choice("Number")).await?;
    ann.has(FORM).await?;
    ann.fill(FORM_TITLE, "Load of the host").await?;
    ann.pick(&format!("{FORM} [aria-label='Stream']"), "host.load").await?;
    ann.click(&part::button("Done")).await?;
    ann.has_no(FORM).await?;
    counts(&bob, before.len() + 1).await?;
    let added = bob.widgets().await?.into_iter().find(|id| !before.contains(id));
    let added = added.expect("one more than before");
    let cell = format!("[data-cell='{added}']");
    bob.tells(&cell, "Load of the host").await?;
    bob.has_no(&format!("{cell} .skeleton")).await?;
    ann.is_synced().await?;
    let board = stage.server.rest().board("main").await?;
    assert_eq!(board.field(&added, "sources")[0]["topic"], json!("host.load"));
    ann.click(&part::named("Options of Load of the host")).await?;
    ann.click(&menu_item("Remove")).await?;
    for page in [&ann, &bob] {
        counts(page, before.len()).await?;
    }
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn what_was_removed_comes_back_by_the_toast_by_undo_and_goes_again_by_redo() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    ann.has("[data-cell='counter']").await?;
    let all = ann.widgets().await?.len();
    ann.click(&part::named("Options of Visits")).await?;
    ann.click(&menu_item("Remove")).await?;
    counts(&bob, all - 1).await?;
    ann.tells(".toast", "Visits removed").await?;
    ann.click(".toast-action").await?;
    counts(&bob, all).await?;
    ann.press(Key::Control + Key::Shift + "z").await?;
    counts(&bob, all - 1).await?;
    ann.press(Key::Control + "z").await?;
    counts(&bob, all).await?;
    bob.shows(part::COUNTER_VALUE, "0").await?;
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn undo_takes_back_only_ones_own_edits() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    ann.click(part::COUNTER_ADD).await?;
    bob.shows(part::COUNTER_VALUE, "1").await?;
    for _ in 0..2 {
        bob.click(part::COUNTER_ADD).await?;
    }
    ann.shows(part::COUNTER_VALUE, "3").await?;
    ann.click(&part::named("Undo")).await?;
    bob.shows(part::COUNTER_VALUE, "2").await?;
    ann.click(&part::named("Redo")).await?;
    bob.shows(part::COUNTER_VALUE, "3").await?;
    ann.close().await?;
    bob.close().await
}

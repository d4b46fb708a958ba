//! A whole session without a mouse.

use anyhow::Result;
use serde_json::json;
use thirtyfour::Key;
use tideboard_tests::browser::{Stage, Window, part};

#[tokio::test]
async fn orders_are_found_edited_and_the_edit_taken_back_by_keys_alone() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let cell = part::order("order-1", "Customer");
    let row = stage.server.rest().board("main").await?.field("order-1", "customer");
    ann.command("go to orders").await?;
    ann.has(&cell).await?;
    ann.tab_to("[role='grid'] [data-active]").await?;
    for _ in 0..10 {
        if !ann.has_focus(&cell).await? {
            let is_in_row = ann.has_focus("[data-entity='order-1']").await?;
            ann.press(if is_in_row { Key::Right + "" } else { Key::Down + "" }).await?;
        }
    }
    assert!(ann.has_focus(&cell).await?, "arrow keys lead to the cell");
    ann.press(Key::Enter + "").await?;
    ann.has(&part::order_field("order-1", "Customer")).await?;
    ann.press(Key::Control + "a").await?;
    ann.press("Keys Only").await?;
    ann.press(Key::Enter + "").await?;
    ann.shows(&cell, "Keys Only").await?;
    ann.is_synced().await?;
    assert_eq!(stage.server.rest().board("main").await?.field("order-1", "customer"), json!("Keys Only"));
    ann.press(Key::Control + "z").await?;
    ann.shows(&cell, row.as_str().unwrap_or_default()).await?;
    ann.close().await
}

#[tokio::test]
async fn a_widget_is_added_moved_resized_and_removed_by_keys_alone() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.has("[data-cell='welcome']").await?;
    let before = ann.widgets().await?;
    ann.command("add a widget").await?;
    ann.tab_to("dialog.picker .picker-list li:nth-child(10) button").await?;
    ann.press(Key::Enter + "").await?;
    ann.until("one more", async || Ok((ann.widgets().await?.len() == before.len() + 1).then_some(()))).await?;
    let added = ann.widgets().await?.into_iter().find(|id| !before.contains(id)).expect("one more than before");
    ann.command("arrange").await?;
    let handle = format!("[data-cell='{added}'] .cell-handle");
    ann.tab_to(&handle).await?;
    let first = ann.cell(&added).await?;
    ann.press(if first[0] == 1 { Key::Right + "" } else { Key::Left + "" }).await?;
    let moved = ann.cell_moves(&added, first).await?;
    assert!(ann.has_focus(&handle).await?, "the focus stays on what was moved");
    ann.press(Key::Shift + Key::Down).await?;
    let resized = ann.cell_moves(&added, moved).await?;
    assert_eq!(resized[3], first[3] + 1);
    ann.tab_to(&format!("[data-cell='{added}'] [aria-label^='Remove']")).await?;
    ann.press(Key::Enter + "").await?;
    ann.has_no(&format!("[data-cell='{added}']")).await?;
    ann.close().await
}

#[tokio::test]
async fn a_conflict_is_settled_by_keys_alone() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::open(&stage, 1).await?;
    let bob = stage.visitor().await?;
    window.cut("all").await?;
    let ann = window.tab(0).await?;
    ann.tab_to(part::NOTE_EDIT).await?;
    ann.press(Key::Enter + "").await?;
    ann.has(part::NOTE_TEXT).await?;
    ann.press(Key::Control + "a").await?;
    ann.press("Typed on a train").await?;
    ann.press(Key::Escape + "").await?;
    ann.has(part::NOTE_EDIT).await?;
    bob.write_note("Welcome to Tideboard", "Typed in the office").await?;
    window.cut("nothing").await?;
    let ann = window.tab(0).await?;
    ann.has(".conflict-notice[data-open]").await?;
    ann.command("settle conflicts").await?;
    ann.has("dialog.conflict-dialog").await?;
    ann.press(Key::Alt + "1").await?;
    ann.press(Key::Control + Key::Enter).await?;
    ann.has_no("dialog.conflict-dialog").await?;
    bob.shows(part::NOTE_BODY, "Typed on a train").await?;
    window.close().await?;
    bob.close().await
}

#[tokio::test]
async fn the_first_press_of_tab_leads_past_the_header() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.run("document.activeElement.blur()").await?;
    ann.press(Key::Tab + "").await?;
    assert!(ann.has_focus(".skip-link").await?);
    ann.press(Key::Enter + "").await?;
    assert!(ann.has_focus("main").await?);
    ann.close().await
}

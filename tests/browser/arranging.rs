//! Widgets are moved and resized by mouse, by touch and by keyboard, and others see it as it happens.

use anyhow::Result;
use serde_json::{Value, json};
use thirtyfour::Key;
use tideboard_tests::browser::{Look, Page, Stage, Theme, part};

const WIDGET: &str = "stat-cpu";
const MOVE: &str = "[data-cell='stat-cpu'] .cell-handle";
const RESIZE: &str = "[data-cell='stat-cpu'] .cell-corner";

/// Two people at one board, the first of whom arranges it.
async fn two(stage: &Stage) -> Result<(Page, Page)> {
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    for page in [&ann, &bob] {
        page.has(&format!("[data-cell='{WIDGET}']")).await?;
    }
    ann.click(&part::named("Arrange the widgets")).await?;
    ann.has(MOVE).await?;
    Ok((ann, bob))
}

async fn field(stage: &Stage, name: &str) -> Result<Value> {
    Ok(stage.server.rest().board("main").await?.field(WIDGET, name))
}

#[tokio::test]
async fn a_widget_that_is_dragged_by_mouse_moves_for_everyone() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = two(&stage).await?;
    let before = ann.cell(WIDGET).await?;
    ann.drag(MOVE, 620, 0).await?;
    let after = ann.cell_moves(WIDGET, before).await?;
    assert_eq!((after[2], after[3]), (before[2], before[3]), "its size stays");
    assert!(after[0] > before[0], "to the right: {before:?} to {after:?}");
    bob.cell_is(WIDGET, after).await?;
    ann.is_synced().await?;
    assert_eq!(field(&stage, "place").await?["x"], json!(after[0] - 1));
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_drag_that_escape_ends_changes_nothing() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = two(&stage).await?;
    let before = ann.cell(WIDGET).await?;
    let place = field(&stage, "place").await?;
    ann.drag_and_escape(MOVE, 620, 0).await?;
    ann.cell_is(WIDGET, before).await?;
    ann.is_synced().await?;
    assert_eq!(field(&stage, "place").await?, place);
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_widget_that_is_resized_by_its_corner_is_resized_for_everyone() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = two(&stage).await?;
    let before = ann.cell(WIDGET).await?;
    ann.drag(RESIZE, 220, 130).await?;
    let after = ann.cell_moves(WIDGET, before).await?;
    assert!(after[2] > before[2] && after[3] > before[3], "larger: {before:?} to {after:?}");
    bob.cell_is(WIDGET, after).await?;
    ann.is_synced().await?;
    assert_eq!(field(&stage, "size").await?, json!({ "w": after[2], "h": after[3] }));
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_finger_does_the_same_on_a_phone() -> Result<()> {
    let stage = Stage::set().await?;
    let bob = stage.visitor().await?;
    let ann = stage.visitor().await?;
    ann.look(Look { theme: Theme::Light, width: 400, height: 860 }).await?;
    ann.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await?;
    bob.has(&format!("[data-cell='{WIDGET}']")).await?;
    ann.click(&part::named("Board menu")).await?;
    ann.click("//*[@role='menuitem'][contains(., 'Arrange the widgets')]").await?;
    ann.has(MOVE).await?;
    let order = bob.widgets().await?;
    assert_eq!(order.first().map(String::as_str), Some(WIDGET));
    ann.drag_by_touch(MOVE, 0, 200).await?;
    bob.until("another order", async || Ok((bob.widgets().await? != order).then_some(()))).await?;
    let size = field(&stage, "size").await?;
    ann.drag_by_touch(RESIZE, 0, 120).await?;
    bob.until("another height", async || Ok((field(&stage, "size").await? != size).then_some(()))).await?;
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn arrow_keys_move_a_widget_and_with_shift_resize_it_and_the_focus_stays_on_it() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = two(&stage).await?;
    ann.tab_to(MOVE).await?;
    let before = ann.cell(WIDGET).await?;
    ann.press(Key::Right + "").await?;
    let moved = ann.cell_moves(WIDGET, before).await?;
    assert_eq!(moved[0], before[0] + 1);
    assert!(ann.has_focus(MOVE).await?, "the handle keeps the focus");
    ann.press(Key::Shift + Key::Down).await?;
    let resized = ann.cell_moves(WIDGET, moved).await?;
    assert_eq!(resized[3], before[3] + 1);
    bob.cell_is(WIDGET, resized).await?;
    ann.close().await?;
    bob.close().await
}

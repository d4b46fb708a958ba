//! What one types, the other reads.

use anyhow::Result;
use serde_json::json;

use crate::{chrome::Stage, page::part};

#[tokio::test]
async fn a_note_written_in_one_browser_shows_in_the_other() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = (stage.visitor().await?, stage.visitor().await?);
    ann.fill(part::NOTE_TITLE, "Standup at ten").await?;
    bob.shows(part::NOTE_TITLE, "Standup at ten").await?;
    bob.fill(part::NOTE_TEXT, "Bring numbers").await?;
    ann.shows(part::NOTE_TEXT, "Bring numbers").await?;
    ann.is_synced().await?;
    assert_eq!(ann.complaints().await?, Vec::<String>::new());
    assert_eq!(bob.complaints().await?, Vec::<String>::new());
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_count_from_two_browsers_adds_up() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = (stage.visitor().await?, stage.visitor().await?);
    ann.shows(part::COUNTER_VALUE, "0").await?;
    for _ in 0..3 {
        ann.click(part::COUNTER_ADD).await?;
        bob.click(part::COUNTER_ADD).await?;
    }
    bob.click(part::COUNTER_SUBTRACT).await?;
    for page in [&ann, &bob] {
        page.shows(part::COUNTER_VALUE, "5").await?;
        page.is_synced().await?;
    }
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(5));
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn an_order_changed_in_one_browser_changes_in_the_other() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = (stage.visitor().await?, stage.visitor().await?);
    ann.fill_cell(&part::order("order-1", "Customer"), "Grace Hopper").await?;
    ann.pick_in_cell(&part::order("order-1", "Status"), "shipped").await?;
    bob.shows(&part::order("order-1", "Customer"), "Grace Hopper").await?;
    bob.shows(&part::order("order-1", "Status"), "Shipped").await?;
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_new_order_appears_in_the_other_browser_once() -> Result<()> {
    let stage = Stage::set().await?;
    let (ann, bob) = (stage.visitor().await?, stage.visitor().await?);
    let rows = ".table-row[data-entity]";
    let before = bob.count(rows).await?;
    ann.fill(&part::new_order("Customer"), "Ada Lovelace").await?;
    ann.fill(&part::new_order("Item"), "Engine").await?;
    ann.enter(&part::new_order("Total")).await?;
    bob.shows_somewhere("[data-entity] [data-label='Customer']", "Ada Lovelace").await?;
    ann.is_synced().await?;
    assert_eq!((ann.count(rows).await?, bob.count(rows).await?), (before + 1, before + 1));
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn an_edit_survives_a_reload() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.fill(part::NOTE_TITLE, "Still here").await?;
    ann.is_synced().await?;
    ann.run("location.reload()").await?;
    ann.shows(part::NOTE_TITLE, "Still here").await?;
    ann.close().await
}

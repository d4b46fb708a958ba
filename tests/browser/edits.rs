//! Edits of one person that another reads.

use anyhow::Result;
use serde_json::json;
use tideboard_tests::browser::{Stage, part};

const ORDERS: &str = "/b/main/orders";

#[tokio::test]
async fn a_note_written_in_one_browser_shows_in_the_other() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    ann.write_note("Standup at ten", "Bring **numbers**").await?;
    bob.shows(part::NOTE_HEAD, "Standup at ten").await?;
    bob.shows(part::NOTE_BODY, "Bring numbers").await?;
    bob.write_note("Standup at eleven", "Bring numbers and cake").await?;
    ann.shows(part::NOTE_HEAD, "Standup at eleven").await?;
    ann.is_synced().await?;
    assert_eq!(ann.complaints().await?, Vec::<String>::new());
    assert_eq!(bob.complaints().await?, Vec::<String>::new());
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_count_from_two_browsers_adds_up() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
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
    let ann = stage.visitor_at(ORDERS).await?;
    let bob = stage.visitor_at(ORDERS).await?;
    ann.edit_order("order-1", "Customer", "Grace Hopper").await?;
    ann.click(&part::order("order-5", "Status")).await?;
    ann.pick(&part::order_field("order-5", "Status"), "shipped").await?;
    bob.shows(&part::order("order-1", "Customer"), "Grace Hopper").await?;
    bob.shows(&part::order("order-5", "Status"), "Shipped").await?;
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_new_order_appears_in_the_other_browser_once() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor_at(ORDERS).await?;
    let bob = stage.visitor_at(ORDERS).await?;
    let rows = "[role='row'][data-entity]";
    bob.has(&part::order("order-5", "Customer")).await?;
    let before = bob.count(rows).await?;
    ann.fill(&part::new_order("Customer"), "Ada Lovelace").await?;
    ann.fill(&part::new_order("Item"), "Engine").await?;
    ann.press_enter(&part::new_order("Total")).await?;
    bob.shows_somewhere("[role='row'][data-entity] [data-label='Customer']", "Ada Lovelace").await?;
    ann.is_synced().await?;
    assert_eq!((ann.count(rows).await?, bob.count(rows).await?), (before + 1, before + 1));
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn an_edit_survives_a_reload() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.write_note("Still here", "After a reload").await?;
    ann.is_synced().await?;
    ann.reload().await?;
    ann.shows(part::NOTE_HEAD, "Still here").await?;
    ann.close().await
}

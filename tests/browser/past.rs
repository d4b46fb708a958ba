//! The board as it was, read-only, and one widget of it brought back.

use anyhow::Result;
use serde_json::{Value, json};
use tideboard_tests::browser::{Stage, part};

const BAR: &str = ".past-bar";
const RESTORE_COUNTER: &str = "[data-cell='counter'] [aria-label='Restore this widget']";

#[tokio::test]
async fn the_board_as_it_was_is_read_only_and_a_widget_of_it_can_be_brought_back() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    let then = stage.server.rest().board("main").await?;
    let text = then.field("welcome", "text");
    bob.write_note("Changed", "By somebody else").await?;
    bob.is_synced().await?;
    ann.go(&format!("{}/b/main/overview?at={}", stage.url(), then.seq)).await?;
    ann.tells(BAR, "read-only").await?;
    ann.tells(part::NOTE_BODY, "second window").await?;
    assert_eq!(ann.count(part::NOTE_EDIT).await?, 0);
    ann.has(&format!("{}[disabled]", part::COUNTER_ADD)).await?;
    bob.shows(part::NOTE_BODY, "By somebody else").await?;
    ann.click("[data-cell='welcome'] [aria-label='Restore this widget']").await?;
    bob.tells(part::NOTE_BODY, "second window").await?;
    bob.shows(part::NOTE_HEAD, "Welcome to Tideboard").await?;
    ann.has("[data-cell='welcome'] [aria-label='The same as now']").await?;
    ann.click(&part::button("Back to now")).await?;
    ann.has_no(BAR).await?;
    ann.becomes("its address", "return location.search === ''").await?;
    assert_eq!(stage.server.rest().board("main").await?.field("welcome", "text"), text);
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_removed_widget_comes_back_from_the_past() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let then = stage.server.rest().board("main").await?;
    ann.click(&part::named("Options of Visits")).await?;
    ann.click("//*[@role='menuitem'][contains(normalize-space(), 'Remove')]").await?;
    ann.has_no("[data-cell='counter']").await?;
    ann.is_synced().await?;
    ann.go(&format!("{}/b/main/overview?at={}", stage.url(), then.seq)).await?;
    ann.has(RESTORE_COUNTER).await?;
    ann.click(RESTORE_COUNTER).await?;
    ann.until("the counter on the server", async || {
        let board = stage.server.rest().board("main").await?;
        Ok((board.field("counter", "count") == json!(0)).then_some(()))
    })
    .await?;
    ann.close().await
}

#[tokio::test]
async fn the_activity_names_who_changed_what_as_it_happens_and_leads_to_the_board_as_it_was_then() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor_named("Ann Ames", "/b/main/activity").await?;
    let bob = stage.visitor_named("Bob Bell", "/b/main/overview").await?;
    bob.write_note("First title", "First text").await?;
    ann.tells(".activity-lines", "Bob Bell").await?;
    let first = stage.server.rest().board("main").await?.seq;
    bob.write_note("Second title", "Second text").await?;
    let open = format!(".activity-open[aria-label='Show the board as it was at change {first}']");
    let line = async || {
        let seqs = ann
            .run("return [...document.querySelectorAll('.activity-line')].map(({ dataset }) => dataset.seq)")
            .await?;
        Ok((seqs != Value::Array(Vec::new())).then_some(()))
    };
    ann.until("lines", line).await?;
    if ann.count(&open).await? == 1 {
        ann.click(&open).await?;
    } else {
        // A run of one person's changes is one line, which leads to its last.
        ann.go(&format!("{}/b/main/overview?at={first}", stage.url())).await?;
    }
    ann.tells(BAR, "read-only").await?;
    ann.close().await?;
    bob.close().await
}

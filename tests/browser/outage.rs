//! The server dies and comes back; nobody has to do anything.

use anyhow::Result;
use serde_json::json;

use tideboard_tests::browser::{Stage, part};

#[tokio::test]
async fn both_recover_by_themselves_and_what_was_edited_meanwhile_arrives_once() -> Result<()> {
    let mut stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    ann.click(part::COUNTER_ADD).await?;
    bob.shows(part::COUNTER_VALUE, "1").await?;

    stage.server.kill().await?;
    for page in [&ann, &bob] {
        page.until("sign that the server is gone", async || {
            Ok((page.count(".sync-dot[data-level='good']").await? == 0).then_some(()))
        })
        .await?;
    }
    for _ in 0..3 {
        ann.click(part::COUNTER_ADD).await?;
    }
    ann.write_note("Written while it was down", "By hand").await?;
    bob.click(part::COUNTER_SUBTRACT).await?;
    ann.shows(part::COUNTER_VALUE, "4").await?;
    bob.shows(part::COUNTER_VALUE, "0").await?;
    ann.until("mark of a pending edit", async || {
        Ok((ann.count(".pending-mark:not([data-pending='0'])").await? > 0).then_some(()))
    })
    .await?;

    stage.server.restart().await?;
    for page in [&ann, &bob] {
        page.is_synced().await?;
        page.shows(part::COUNTER_VALUE, "3").await?;
        page.shows(part::NOTE_HEAD, "Written while it was down").await?;
        page.until("end of all pending marks", async || {
            Ok((page.count(".pending-mark:not([data-pending='0'])").await? == 0).then_some(()))
        })
        .await?;
    }
    let board = stage.server.rest().board("main").await?;
    assert_eq!(board.field("counter", "count"), json!(3));
    ann.close().await?;
    bob.close().await
}

#[tokio::test]
async fn a_polite_restart_is_recovered_from_as_well() -> Result<()> {
    let mut stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    stage.server.terminate()?;
    assert!(stage.server.ended().await?.success());
    stage.server.restart().await?;
    ann.is_synced().await?;
    ann.click(part::COUNTER_ADD).await?;
    ann.shows(part::COUNTER_VALUE, "1").await?;
    ann.is_synced().await?;
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(1));
    ann.close().await
}

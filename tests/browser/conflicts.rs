//! Two people wrote the same while one of them was offline: the dialog shows both, what each choice makes, and does what is chosen.

use anyhow::Result;
use serde_json::json;
use tideboard_tests::browser::{Page, Stage, Window, part};

const MINE: &str = "Mine, from the train";
const THEIRS: &str = "Theirs, from the office";
const DIALOG: &str = "dialog.conflict-dialog";

/// Two browsers in a conflict: one wrote without a network what the other wrote too, and has its dialog open.
async fn in_conflict(stage: &Stage) -> Result<(Window, Page)> {
    let window = Window::open(stage, 1).await?;
    let bob = stage.visitor().await?;
    window.cut("all").await?;
    write(window.tab(0).await?, MINE).await?;
    write(&bob, THEIRS).await?;
    bob.is_synced().await?;
    window.cut("nothing").await?;
    let ann = window.tab(0).await?;
    ann.has(".conflict-notice[data-open]").await?;
    ann.click("//*[contains(@class, 'conflict-notice')]//button[text()='Review']").await?;
    ann.has(DIALOG).await?;
    Ok((window, bob))
}

async fn write(page: &Page, text: &str) -> Result<()> {
    page.write_note_text(text).await?;
    page.tells(part::NOTE_BODY, text).await
}

fn way(name: &str, part: &str) -> String {
    format!("{DIALOG} .conflict-choice[data-way='{name}'] {part}")
}

/// Settles it in one way and waits until both show the text.
async fn settle(name: &str, text: &str) -> Result<()> {
    let stage = Stage::set().await?;
    let (window, bob) = in_conflict(&stage).await?;
    let ann = window.tab(0).await?;
    ann.click(&way(name, "input")).await?;
    ann.click(&part::button("Apply")).await?;
    ann.has_no(DIALOG).await?;
    ann.is_synced().await?;
    for page in [ann, &bob] {
        page.tells(part::NOTE_BODY, text).await?;
    }
    assert_eq!(stage.server.rest().board("main").await?.field("welcome", "text"), json!(text));
    window.close().await?;
    bob.close().await
}

#[tokio::test]
async fn the_dialog_shows_before_mine_theirs_and_what_each_choice_would_make() -> Result<()> {
    let stage = Stage::set().await?;
    let (window, bob) = in_conflict(&stage).await?;
    let ann = window.tab(0).await?;
    let side = |side: &str| format!("{DIALOG} [data-field='text'] [data-side='{side}']");
    ann.tells(&side("base"), "second window").await?;
    for (name, text) in [("mine", MINE), ("theirs", THEIRS)] {
        // Words that are gone are struck out.
        let kept = format!(
            "const side = document.querySelector(`{}`).cloneNode(true);
            side.querySelectorAll('del').forEach((gone) => gone.remove());
            return side.textContent.includes('{text}')",
            side(name)
        );
        ann.becomes(&format!("{name} beside the others"), &kept).await?;
    }
    ann.tells(&way("mine", ".conflict-preview"), MINE).await?;
    ann.tells(&way("theirs", ".conflict-preview"), THEIRS).await?;
    let changed = "Theirs again, and it is another text";
    write(&bob, changed).await?;
    ann.tells(&way("theirs", ".conflict-preview"), changed).await?;
    window.close().await?;
    bob.close().await
}

#[tokio::test]
async fn mine_replaces_theirs_for_both_when_that_is_chosen() -> Result<()> {
    settle("mine", MINE).await
}

#[tokio::test]
async fn theirs_stays_for_both_when_that_is_chosen() -> Result<()> {
    settle("theirs", THEIRS).await
}

#[tokio::test]
async fn a_selection_field_by_field_is_applied_as_it_was_previewed() -> Result<()> {
    let stage = Stage::set().await?;
    let (window, bob) = in_conflict(&stage).await?;
    let ann = window.tab(0).await?;
    for side in ["theirs", "mine"] {
        ann.click(&format!("{DIALOG} [data-field='text'] [data-side='{side}'] input")).await?;
    }
    ann.tells(&way("selection", ".conflict-preview"), MINE).await?;
    ann.has(&way("selection", "input:checked")).await?;
    ann.click(&part::button("Apply")).await?;
    bob.tells(part::NOTE_BODY, MINE).await?;
    window.close().await?;
    bob.close().await
}

#[tokio::test]
async fn what_is_decided_later_waits_and_is_still_there_after_a_reload() -> Result<()> {
    let stage = Stage::set().await?;
    let (window, bob) = in_conflict(&stage).await?;
    let ann = window.tab(0).await?;
    ann.click(&part::button("Decide later")).await?;
    ann.has_no(DIALOG).await?;
    ann.reload().await?;
    ann.has(".conflict-notice[data-open]").await?;
    bob.tells(part::NOTE_BODY, THEIRS).await?;
    window.close().await?;
    bob.close().await
}

//! People on the board, and the widgets that they edit.

use anyhow::Result;
use tideboard_tests::browser::{Stage, part};

const BOARD: &str = "/b/main/overview";
const AVATARS: &str = ".app-top .avatars";
const MARK: &str = "[data-cell='welcome'] .editor-mark";
const FACE: &str = "[data-cell='welcome'] .editor-mark .avatar";

#[tokio::test]
async fn who_comes_is_shown_by_name_and_who_goes_is_gone() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor_named("Ann Ames", BOARD).await?;
    let bob = stage.visitor_named("Bob Bell", BOARD).await?;
    ann.tells(AVATARS, "Bob Bell").await?;
    bob.tells(AVATARS, "Ann Ames").await?;
    bob.go_to_tab("orders").await?;
    ann.tells(AVATARS, "looks at Orders").await?;
    ann.tells("[data-cell='people']", "Bob Bell").await?;
    bob.close().await?;
    ann.until("nobody else", async || Ok((!ann.text(AVATARS).await?.contains("Bob Bell")).then_some(()))).await?;
    ann.close().await
}

#[tokio::test]
async fn a_widget_says_who_edits_it_for_as_long_as_they_do() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor_named("Ann Ames", BOARD).await?;
    let bob = stage.visitor_named("Bob Bell", BOARD).await?;
    bob.click(part::NOTE_EDIT).await?;
    ann.tells(MARK, "Bob Bell").await?;
    assert_eq!(bob.count(FACE).await?, 0, "not to themselves");
    bob.click(part::NOTE_DONE).await?;
    ann.has_no(FACE).await?;
    ann.close().await?;
    bob.close().await
}

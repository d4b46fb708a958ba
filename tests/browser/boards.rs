//! Several boards: their list, a new one, an empty one, and the address of each.

use anyhow::Result;
use tideboard_tests::{
    Launch,
    browser::{Stage, app, part},
};

const SWITCHER: &str = ".board-menu";

fn item(words: &str) -> String {
    format!("//*[starts-with(@role, 'menuitem')][contains(normalize-space(), '{words}')]")
}

async fn stage() -> Result<Stage> {
    Stage::launch(Launch::default().boards(["main", "line-2"]).flag("--assets", app()?.display())).await
}

#[tokio::test]
async fn the_list_leads_to_another_board_and_the_browser_remembers_it() -> Result<()> {
    let stage = stage().await?;
    let ann = stage.visitor().await?;
    ann.has("[data-cell='welcome']").await?;
    ann.click(SWITCHER).await?;
    ann.click(&item("line-2")).await?;
    ann.becomes("its address", "return location.pathname === '/b/line-2/overview'").await?;
    ann.tells(".board-page", "This board is empty").await?;
    ann.go(&stage.url()).await?;
    ann.tells(SWITCHER, "line-2").await?;
    ann.run("history.back()").await?;
    ann.close().await
}

#[tokio::test]
async fn a_new_board_is_there_for_all_and_says_what_to_do_next() -> Result<()> {
    let stage = stage().await?;
    let ann = stage.visitor().await?;
    let bob = stage.visitor().await?;
    ann.click(SWITCHER).await?;
    ann.click(&item("New board…")).await?;
    ann.has("dialog[open]").await?;
    ann.press("no/name").await?;
    ann.click(&part::button("Create")).await?;
    ann.has("dialog[open] .form-error").await?;
    ann.fill("dialog[open] input", "line-3").await?;
    ann.click(&part::button("Create")).await?;
    ann.becomes("its address", "return location.pathname === '/b/line-3/overview'").await?;
    ann.tells(".board-page", "This board is empty").await?;
    ann.click("//main//button[contains(., 'Add a widget')]").await?;
    ann.click("//dialog//button[.//strong[text()='Counter']]").await?;
    ann.has(part::COUNTER_VALUE).await?;
    bob.go(&format!("{}/b/line-3/overview", stage.url())).await?;
    bob.shows(part::COUNTER_VALUE, "0").await?;
    bob.click(SWITCHER).await?;
    bob.has(&item("line-3")).await?;
    ann.close().await?;
    bob.close().await
}

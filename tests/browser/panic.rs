//! End of a page by a panic: said, with nothing lost, and in nobody's way.

use anyhow::Result;
use serde_json::{Value, json};
use thirtyfour::Key;

use tideboard_tests::browser::{self, Page, Stage, Window, part};

const STOPPED: &str = "dialog.page-stopped[open]";
const TEXT: &str = "#page-stopped-text";
const RELOAD: &str = "dialog.page-stopped button";

/// Names of the locks that the tabs of the browser hold.
const LOCKS: &str = "return navigator.locks.query().then(({ held }) => held.map(({ name }) => name).sort())";

/// Ends the page's program by the command that only a development build has.
async fn panic(page: &Page) -> Result<()> {
    page.press(Key::Control + "k").await?;
    page.has("dialog.palette").await?;
    page.press("Panic").await?;
    page.press(Key::Enter + "").await?;
    page.has(STOPPED).await
}

/// Waits until so many locks are held by the tabs of the browser.
async fn locks(page: &Page, count: usize) -> Result<()> {
    let what = format!("{count} locks");
    page.until(&what, async || Ok((page.run(LOCKS).await?.as_array().map(Vec::len) == Some(count)).then_some(()))).await
}

#[tokio::test]
async fn a_page_that_panics_says_so_and_the_next_tab_sends_what_it_left() -> Result<()> {
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let window = Window::open(&stage, 2).await?;
    // The name of each tab, and the lead.
    locks(window.tab(0).await?, 3).await?;
    window.cut("all").await?;
    let page = window.tab(0).await?;
    page.shows_level("waiting").await?;
    page.click(part::COUNTER_ADD).await?;
    page.shows(part::COUNTER_VALUE, "1").await?;
    page.has("meta[name='tideboard:unsent'][data-kept='1'][data-unkept='0']").await?;

    panic(page).await?;
    let text = page.text(TEXT).await?;
    assert!(text.contains("One edit was not sent yet. It is kept in this browser and will be sent."), "{text}");
    locks(page, 2).await?;

    window.cut("nothing").await?;
    let other = window.tab(1).await?;
    other.is_synced().await?;
    other.shows(part::COUNTER_VALUE, "1").await?;
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(1));

    let page = window.tab(0).await?;
    page.click(RELOAD).await?;
    page.is_synced().await?;
    page.shows(part::COUNTER_VALUE, "1").await?;
    page.click(part::COUNTER_ADD).await?;
    window.tab(1).await?.shows(part::COUNTER_VALUE, "2").await?;
    let stats: Value = stage.server.rest().get("/api/realtime/stats", &[]).await?.json()?;
    assert_eq!(stats["connections"], json!(1));
    window.close().await
}

#[tokio::test]
async fn a_page_that_panicked_neither_connects_again_nor_hears_its_keys() -> Result<()> {
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let ann = stage.visitor().await?;
    panic(&ann).await?;
    assert!(ann.text(TEXT).await?.contains("No edit was waiting to be sent."));
    ann.press(Key::Escape + "").await?;
    ann.until("end of the connection", async || {
        let stats: Value = stage.server.rest().get("/api/realtime/stats", &[]).await?.json()?;
        Ok((stats["connections"] == json!(0)).then_some(()))
    })
    .await?;
    ann.has(STOPPED).await?;
    ann.tab_to(RELOAD).await?;
    ann.press(Key::Enter + "").await?;
    ann.is_synced().await?;
    ann.close().await
}

#[tokio::test]
async fn a_trap_that_no_panic_announced_ends_the_page_alike() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    // A script of the driver's would be a stranger to the page, which is not told of its errors.
    let evaluate = async |script: &str| ann.cdp("Runtime.evaluate", json!({ "expression": script })).await;
    evaluate("setTimeout(() => { throw new Error('an error of a script, which ends nothing') })").await?;
    locks(&ann, 2).await?;
    assert_eq!(ann.count(STOPPED).await?, 0);
    evaluate("Promise.reject(new WebAssembly.RuntimeError('memory access out of bounds')); 0").await?;
    ann.has(STOPPED).await?;
    locks(&ann, 0).await?;
    let report = ann.run("return document.querySelector('.page-stopped pre').textContent").await?;
    assert_eq!(report, json!("RuntimeError: memory access out of bounds"));
    ann.close().await
}

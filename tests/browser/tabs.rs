//! Several tabs of one browser: one connection, and nothing lost whichever goes.

use anyhow::Result;
use serde_json::{Value, json};

use tideboard_tests::browser::{Stage, Window, part};

/// Waits until so many sockets are open on the server.
async fn sockets(stage: &Stage, window: &Window, count: u64) -> Result<()> {
    let page = window.tab(0).await?;
    page.until(&format!("{count} sockets"), async || {
        let stats: Value = stage.server.rest().get("/api/realtime/stats", &[]).await?.json()?;
        Ok((stats["connections"] == json!(count)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn five_tabs_have_one_socket() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::open(&stage, 5).await?;
    sockets(&stage, &window, 1).await?;
    for at in 0..5 {
        window.tab(at).await?.click(part::COUNTER_ADD).await?;
    }
    for at in 0..5 {
        let page = window.tab(at).await?;
        page.shows(part::COUNTER_VALUE, "5").await?;
        page.is_synced().await?;
        assert_eq!(page.complaints().await?, Vec::<String>::new());
    }
    sockets(&stage, &window, 1).await?;
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(5));
    window.close().await
}

#[tokio::test]
async fn when_the_leading_tab_is_closed_the_next_takes_over_and_nothing_is_lost() -> Result<()> {
    let stage = Stage::set().await?;
    let mut window = Window::open(&stage, 3).await?;
    window.tab(1).await?.click(part::COUNTER_ADD).await?;
    // The first tab has the connection; what it could not send goes down with it.
    window.cut("all").await?;
    window.tab(0).await?.click(part::COUNTER_ADD).await?;
    window.tab(1).await?.shows(part::COUNTER_VALUE, "2").await?;
    window.close_tab(0).await?;
    window.cut("nothing").await?;
    window.tab(1).await?.click(part::COUNTER_ADD).await?;
    for at in 0..2 {
        let page = window.tab(at).await?;
        page.shows(part::COUNTER_VALUE, "3").await?;
        page.is_synced().await?;
    }
    sockets(&stage, &window, 1).await?;
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(3));
    window.close().await
}

#[tokio::test]
async fn when_the_leading_tab_crashes_the_next_takes_over() -> Result<()> {
    let stage = Stage::set().await?;
    let mut window = Window::open(&stage, 2).await?;
    window.tab(0).await?.click(part::COUNTER_ADD).await?;
    window.tab(1).await?.shows(part::COUNTER_VALUE, "1").await?;
    window.crash_tab(0).await?;
    let page = window.tab(0).await?;
    page.click(part::COUNTER_ADD).await?;
    page.shows(part::COUNTER_VALUE, "2").await?;
    page.is_synced().await?;
    sockets(&stage, &window, 1).await?;
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(2));
    window.close().await
}

#[tokio::test]
async fn offline_edits_of_two_tabs_survive_reloads_and_are_applied_once_in_order() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::open(&stage, 2).await?;
    for at in 0..2 {
        // Then the board is known to the next page.
        window.reload(at).await?;
        window.tab(at).await?.is_synced().await?;
    }
    window.cut("all").await?;
    for (at, title) in ["written first", "written second"].into_iter().enumerate() {
        let page = window.tab(at).await?;
        page.shows_level("waiting").await?;
        page.click(part::COUNTER_ADD).await?;
        page.write_note(title, "by a tab").await?;
    }
    for at in 0..2 {
        window.reload(at).await?;
        let page = window.tab(at).await?;
        page.shows(part::COUNTER_VALUE, "2").await?;
        page.shows(part::NOTE_HEAD, "written second").await?;
    }
    assert_eq!(stage.server.rest().board("main").await?.field("counter", "count"), json!(0));
    window.cut("nothing").await?;
    for at in 0..2 {
        let page = window.tab(at).await?;
        page.is_synced().await?;
        page.shows(part::COUNTER_VALUE, "2").await?;
        page.shows(part::NOTE_HEAD, "written second").await?;
    }
    let board = stage.server.rest().board("main").await?;
    assert_eq!((board.field("counter", "count"), board.field("welcome", "title")), (json!(2), json!("written second")));
    window.close().await
}

#[tokio::test]
async fn a_copied_tab_is_a_tab_of_its_own() -> Result<()> {
    let stage = Stage::set().await?;
    let mut window = Window::open(&stage, 1).await?;
    window.copy_tab(0).await?;
    for at in 0..2 {
        let page = window.tab(at).await?;
        page.is_synced().await?;
        page.click(part::COUNTER_ADD).await?;
    }
    let mut names = Vec::new();
    for at in 0..2 {
        let page = window.tab(at).await?;
        page.shows(part::COUNTER_VALUE, "2").await?;
        page.is_synced().await?;
        names.push(page.run("return sessionStorage.getItem('tideboard.tab')").await?);
    }
    assert_ne!(names[0], names[1]);
    sockets(&stage, &window, 1).await?;
    window.close().await
}

#[tokio::test]
async fn a_frozen_tab_gives_up_the_lead_and_goes_on_when_it_thaws() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::open(&stage, 2).await?;
    window.tell(0, "Page.setWebLifecycleState", json!({ "state": "frozen" })).await?;
    let page = window.tab(1).await?;
    page.click(part::COUNTER_ADD).await?;
    page.shows(part::COUNTER_VALUE, "1").await?;
    page.is_synced().await?;
    window.tell(0, "Page.setWebLifecycleState", json!({ "state": "active" })).await?;
    let page = window.tab(0).await?;
    page.shows(part::COUNTER_VALUE, "1").await?;
    page.click(part::COUNTER_ADD).await?;
    page.is_synced().await?;
    window.tab(1).await?.shows(part::COUNTER_VALUE, "2").await?;
    sockets(&stage, &window, 1).await?;
    window.close().await
}

#[tokio::test]
async fn the_browser_can_keep_the_page_while_the_user_is_elsewhere() -> Result<()> {
    let stage = Stage::set().await?;
    let window = Window::open(&stage, 1).await?;
    let page = window.tab(0).await?;
    page.run("window.isTheSamePage = true").await?;
    page.click(part::COUNTER_ADD).await?;
    page.is_synced().await?;
    window.leave_and_return(0).await?;
    assert_eq!(page.run("return window.isTheSamePage === true").await?, json!(true), "it was loaded anew");
    page.is_synced().await?;
    page.click(part::COUNTER_ADD).await?;
    page.shows(part::COUNTER_VALUE, "2").await?;
    page.is_synced().await?;
    sockets(&stage, &window, 1).await?;
    window.close().await
}

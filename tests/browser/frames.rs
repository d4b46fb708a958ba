//! The board alone on a wall, and the link to what one sees.

use anyhow::Result;
use tideboard_tests::browser::{Stage, part};

#[tokio::test]
async fn on_a_wall_the_board_is_alone_live_and_cannot_be_edited() -> Result<()> {
    let stage = Stage::set().await?;
    let wall = stage.visitor().await?;
    let bob = stage.visitor().await?;
    wall.has("[data-cell='counter']").await?;
    wall.press("k").await?;
    wall.has_no(".app-top").await?;
    wall.becomes("its address", "return location.search === '?kiosk'").await?;
    bob.click(part::COUNTER_ADD).await?;
    wall.shows(part::COUNTER_VALUE, "1").await?;
    wall.has(&format!("{}[disabled]", part::COUNTER_ADD)).await?;
    wall.reload().await?;
    wall.shows(part::COUNTER_VALUE, "1").await?;
    wall.has_no(".app-top").await?;
    wall.tab_to(".app-leave").await?;
    wall.press(thirtyfour::Key::Enter + "").await?;
    wall.has(".app-top").await?;
    wall.close().await?;
    bob.close().await
}

#[tokio::test]
async fn the_link_that_is_shared_shows_another_person_the_same() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor_at("/b/main/orders").await?;
    ann.has(&part::order("order-1", "Customer")).await?;
    ann.press("s").await?;
    ann.has(".toast").await?;
    let link = ann.text(".toast-text span").await?;
    assert_eq!(link, format!("{}/b/main/orders", stage.url()));
    let bob = stage.visitor_at("/b/main/overview").await?;
    bob.go(&link).await?;
    bob.has(&part::order("order-1", "Customer")).await?;
    ann.close().await?;
    bob.close().await
}

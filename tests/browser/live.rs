//! Charts of this machine that move.

use anyhow::Result;

use crate::{chrome::Stage, page::part};

/// The first chart as a picture.
const PICTURE: &str = "return document.querySelector(\".chart canvas[role='img']\").toDataURL()";

#[tokio::test]
async fn the_charts_draw_new_values_as_they_come() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    let before = ann.until("chart", async || Ok(Some(ann.run(PICTURE).await?))).await?;
    ann.until("movement in the chart", async || Ok((ann.run(PICTURE).await? != before).then_some(()))).await?;
    ann.close().await
}

#[tokio::test]
async fn every_chart_says_its_values_in_words() -> Result<()> {
    let stage = Stage::set().await?;
    let ann = stage.visitor().await?;
    ann.until("number in the chart's description", async || {
        let words = ann.attribute(part::CHART, "aria-label").await?;
        Ok(words.contains(|c: char| c.is_ascii_digit()).then_some(()))
    })
    .await?;
    assert!(ann.count(part::CHART).await? >= 1);
    ann.close().await
}

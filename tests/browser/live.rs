//! Charts of this machine that move.

use anyhow::Result;

use tideboard_tests::browser::Stage;

/// Processor, memory, network, disk.
const CHARTS: usize = 4;
/// Descriptions of the charts for those who cannot see them.
const DESCRIPTIONS: &str =
    "return [...document.querySelectorAll(\".chart canvas[role='img']\")].map(chart => chart.ariaLabel ?? '')";
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
    let numbers_everywhere = async || {
        let words = ann.run(DESCRIPTIONS).await?;
        let words: Vec<String> = serde_json::from_value(words)?;
        let tells = |words: &String| words.contains(|c: char| c.is_ascii_digit());
        Ok((words.len() == CHARTS && words.iter().all(tells)).then_some(()))
    };
    ann.until("numbers in the description of every chart", numbers_everywhere).await?;
    ann.close().await
}

//! Every kind of widget in every state, side by side on one page of the gallery.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tideboard_tests::browser::{self, Stage};

/// Kinds of widgets times states that all of them have.
const CELLS: u64 = 10 * 8;
/// Of each widget: its kind, its state, what its header says, its height and its content's.
const LOOK: &str = "return [...document.querySelectorAll('.state-matrix .widget-frame')].map(frame => [
    frame.dataset.kind, frame.dataset.status, frame.querySelector('.panel-status').textContent.trim(),
    frame.offsetHeight, frame.querySelector('.panel-body').offsetHeight])";

#[tokio::test]
async fn every_widget_says_its_state_in_words_and_has_one_size_in_all_of_them() -> Result<()> {
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let ann = stage.visitor().await?;
    ann.run("location.href = '/gallery/widget_states'").await?;
    let cells = ann
        .until("every widget", async || {
            let cells: Vec<(String, String, String, f64, f64)> = serde_json::from_value(ann.run(LOOK).await?)?;
            Ok((cells.len() as u64 == CELLS).then_some(cells))
        })
        .await?;
    let live: BTreeMap<_, _> =
        cells.iter().filter(|cell| cell.1 == "live").map(|cell| (cell.0.clone(), (cell.3, cell.4))).collect();
    for (kind, status, words, height, content) in cells {
        let said = match status.as_str() {
            "loading" => "Loading",
            "live" => "Live",
            "paused" => "Paused",
            "stale" => "Stale12 s old",
            "thinned" => "Thinned",
            "empty" => "Empty",
            "denied" => "No access",
            "error" => "Error",
            other => other,
        };
        assert_eq!(words, said, "{kind}, {status}");
        let size = live.get(&kind).with_context(|| format!("{kind}, live"))?;
        assert_eq!((height, content), *size, "{kind}, {status}: as high as while it is live");
    }
    ann.close().await
}

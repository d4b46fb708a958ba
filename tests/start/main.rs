//! `start [RUNS]`: how long it takes from the address to the first live point, by the browser's own clock.
//!
//! In: the built app and a browser, as the app tests have them. Out: a table of medians; an error when anything on the page moved
//! by itself. Never: a cache that a first visit should not have: each run has a browser with a profile of its own.
//! `cargo xtask bench start` builds what it needs and calls it.

mod figures;
mod profile;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tideboard_tests::{
    Launch,
    browser::{Page, Stage, app},
};

use figures::{Figures, median};
use profile::Profile;

/// Name that the app gives the moment when its first chart has drawn points.
const FIRST_POINT: &str = "tideboard:first-point";
/// Runs of each profile, without an argument.
const RUNS: usize = 5;
/// Time for which the page is watched for movement, ms from the moment the address was opened.
const WATCHED_MS: u32 = 10_000;

/// Notes what the browser measures, and when WebAssembly is ready. Runs before the page's own scripts.
const OBSERVE: &str = "
    const seen = window.startSeen = { shifts: [], longTasks: 0, longMs: 0, largest: 0, instantiated: 0 };
    const on = (type, use) => new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ type, buffered: true });
    const name = (node) => node?.nodeType === 1 ? `${node.tagName.toLowerCase()}.${node.className}` : node?.nodeName ?? 'gone';
    on('layout-shift', ({ value, startTime, sources }) => seen.shifts.push({
        value, moved: sources.map(({ node, previousRect: a, currentRect: b }) => ({
            element: name(node),
            how: `${startTime.toFixed(0)} ms: from ${a.x},${a.y} ${a.width}x${a.height} to ${b.x},${b.y} ${b.width}x${b.height}`,
        })),
    }));
    on('longtask', ({ duration }) => { seen.longTasks += 1; seen.longMs += duration; });
    on('largest-contentful-paint', ({ startTime }) => { seen.largest = startTime; });
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = (...rest) => instantiateStreaming.apply(WebAssembly, rest).then((made) => {
        seen.instantiated = performance.now();
        return made;
    });";

/// Script: the first point is there and the page was watched for as long as `arguments[1]`.
const IS_OVER: &str = "
    return performance.getEntriesByName(arguments[0]).length > 0 && performance.now() > arguments[1];";

#[tokio::main]
async fn main() -> Result<()> {
    let runs = std::env::args().nth(1).map_or(Ok(RUNS), |runs| runs.parse())?;
    let launch = Launch::default().flag("--assets", app()?.display());
    let stage = Stage::launch(launch).await?;
    let mut shifts = BTreeMap::new();
    println!("Medians of {runs} runs.\n\n{}", Figures::HEAD);
    for profile in [Profile::PHONE, Profile::DESK] {
        let mut first = Vec::new();
        let mut second = Vec::new();
        for _ in 0..runs {
            let page = Page::of(stage.browser().await?);
            page.look(profile.look()).await?;
            page.before_all(OBSERVE).await?;
            profile.apply(&page).await?;
            first.push(visit(&page, &stage.url()).await?);
            // The second one finds the app's files in the browser.
            page.until("active service worker", async || {
                let is_active =
                    "return navigator.serviceWorker.getRegistration().then((found) => Boolean(found?.active))";
                Ok((page.run(is_active).await? == true).then_some(()))
            })
            .await?;
            page.go("about:blank").await?;
            second.push(visit(&page, &stage.url()).await?);
            page.close().await?;
        }
        for (visits, which) in [(first, "first visit"), (second, "second visit")] {
            println!("{}", median(&visits).row(&format!("{}, {which}", profile.name)));
            for shift in visits.into_iter().flat_map(|figures| figures.shifts) {
                shifts.entry(shift.element).or_insert_with(Vec::new).push(format!("{which}, {}", shift.how));
            }
        }
    }
    ensure!(shifts.is_empty(), "the page moves by itself:\n{}", summary(&shifts));
    Ok(())
}

/// A line for each element that moved: how often, and how one of the times.
fn summary(shifts: &BTreeMap<String, Vec<String>>) -> String {
    let line =
        |(element, all): (&String, &Vec<String>)| format!("{element}: {} times, such as on a {}", all.len(), all[0]);
    shifts.iter().map(line).collect::<Vec<_>>().join("\n")
}

async fn visit(page: &Page, url: &str) -> Result<Figures> {
    page.go(url).await?;
    let arguments = vec![json!(FIRST_POINT), json!(WATCHED_MS)];
    page.until("first live point", async || {
        Ok((page.run_with(IS_OVER, arguments.clone()).await? == Value::Bool(true)).then_some(()))
    })
    .await?;
    Figures::of(page, FIRST_POINT).await
}

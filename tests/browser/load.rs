//! What many live widgets, and a long table, cost the page. `cargo xtask bench render` makes the same measurement long enough for its figures
//! to mean something.

use std::{env, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tideboard_shared::{ClientMessage, Point, Topic, UnixMs};
use tideboard_tests::Client;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::{chrome::Stage, page::Page};

mod table;

const WIDGETS: usize = 50;
const UPDATES_PER_SECOND: u32 = 20;
/// How long each part is measured, without `TIDEBOARD_BENCH_SECONDS`.
const SECONDS: u64 = 3;

/// Counts long tasks (over 50 ms), frames that were not painted in time, and changes of the document, from now on.
const OBSERVE: &str = "
    const seen = { longTasks: 0, longMs: 0, frames: 0, dropped: 0, mutations: 0 };
    const tasks = new PerformanceObserver(list => {
        for (const task of list.getEntries()) { seen.longTasks += 1; seen.longMs += task.duration; }
    });
    tasks.observe({ type: 'longtask' });
    const changes = new MutationObserver(records => { seen.mutations += records.length; });
    changes.observe(document.body, { attributes: true, characterData: true, childList: true, subtree: true });
    if (arguments[0]) {
        let last = performance.now();
        const frame = now => {
            seen.frames += 1;
            seen.dropped += Math.max(0, Math.round((now - last) / (1000 / 60)) - 1);
            last = now;
            seen.request = requestAnimationFrame(frame);
        };
        seen.request = requestAnimationFrame(frame);
    }
    seen.end = () => { cancelAnimationFrame(seen.request); tasks.disconnect(); changes.disconnect(); };
    window.seen = seen;";

/// What the page did during one part.
#[derive(Debug)]
struct Cost {
    /// Seconds of script in a second.
    script: f64,
    /// Seconds of anything in a second.
    tasks: f64,
    seen: Value,
}

impl Cost {
    /// Above [`Self::row`]s.
    const HEAD: &str = "| | script | all tasks | long tasks in all | frames dropped | changes of the document in all |\n|---|---:|---:|---:|---:|---:|";

    fn count(&self, what: &str) -> f64 {
        self.seen[what].as_f64().unwrap_or_default()
    }

    fn row(&self, what: &str) -> String {
        format!(
            "| {what} | {:.0} ms | {:.0} ms | {} | {} of {} | {} |",
            self.script * 1e3,
            self.tasks * 1e3,
            self.count("longTasks"),
            self.count("dropped"),
            self.count("frames") + self.count("dropped"),
            self.count("mutations"),
        )
    }
}

#[tokio::test]
async fn fifty_live_widgets_all_move_and_an_idle_page_does_nothing() -> Result<()> {
    let seconds = seconds();
    let time = Duration::from_secs(seconds);
    let stage = Stage::set().await?;
    let page = stage.visitor_at(&format!("/load?widgets={WIDGETS}")).await?;
    let idle = measure(&page, false, async || Ok(sleep(time).await)).await?;
    let feeding = tokio::spawn(feed(Client::join(stage.server.address(), "feeder").await?));
    page.until("a number everywhere", async || Ok((page.count(".stat .skeleton").await? == 0).then_some(()))).await?;
    let before = page.run("return document.body.innerText").await?;
    let loaded = measure(&page, true, async || Ok(sleep(time).await)).await?;
    let after = page.run("return document.body.innerText").await?;
    feeding.abort();
    ensure!(before != after && loaded.count("mutations") > 0.0, "nothing moved under load: {loaded:?}");
    println!("{WIDGETS} widgets, {UPDATES_PER_SECOND} updates a second each, {seconds} s; each a second:");
    println!("{}", Cost::HEAD);
    println!("{}\n{}", loaded.row("under load"), idle.row("idle"));
    // A heartbeat, every 30 s, shows a new round-trip time.
    ensure!(seconds > 10 || idle.count("mutations") == 0.0, "an idle page changed something: {idle:?}");
    page.close().await
}

/// Publishes a point to every stream, so many times a second.
async fn feed(mut client: Client) -> Result<()> {
    let mut ticks = interval(Duration::from_secs(1) / UPDATES_PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let topics: Vec<Topic> = (0..WIDGETS).map(|at| format!("load.{at}").parse()).collect::<Result<_, _>>()?;
    let mut v = 0.0;
    loop {
        ticks.tick().await;
        v += 1.0;
        let t = UnixMs(std::time::UNIX_EPOCH.elapsed().context("the clock stands before 1970")?.as_millis() as u64);
        let publish = |(at, stream): (usize, &Topic)| {
            let v = 50.0 + 40.0 * (v / 20.0 + at as f64).sin();
            ClientMessage::Publish { stream: stream.clone(), points: vec![Point(t, v)] }
        };
        let messages: Vec<_> = topics.iter().enumerate().map(publish).collect();
        client.send_many(&messages).await?;
    }
}

/// How long to measure.
fn seconds() -> u64 {
    env::var("TIDEBOARD_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS)
}

/// What the page does while something is done with it.
async fn measure(page: &Page, counts_frames: bool, work: impl AsyncFnOnce() -> Result<()>) -> Result<Cost> {
    page.run_with(OBSERVE, vec![json!(counts_frames)]).await?;
    let before = page.metrics().await?;
    work().await?;
    let after = page.metrics().await?;
    let seen = page.run("window.seen.end(); return window.seen").await?;
    let elapsed = after.0 - before.0;
    Ok(Cost { script: (after.1 - before.1) / elapsed, tasks: (after.2 - before.2) / elapsed, seen })
}

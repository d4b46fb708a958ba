//! Cost of many live widgets, many points and a long table for the page. `cargo xtask bench render` makes the same
//! measurement long enough for its figures to mean something.

use std::{env, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tideboard_shared::{ClientMessage, Point, Topic, UnixMs};
use tideboard_tests::{
    Client,
    browser::{self, Page, Stage},
};
use tokio::time::{MissedTickBehavior, interval, sleep};

mod table;

const WIDGETS: usize = 50;
const UPDATES_PER_SECOND: u32 = 20;
/// Points of one chart, in all and of each of its series.
const POINTS: usize = 200_000;
const POINTS_PER_SERIES: usize = POINTS / SERIES;
const SERIES: usize = 8;
/// Most points that a server takes at once.
const POINTS_PER_MESSAGE: usize = 1_000;
/// The chart's window, ms.
const WINDOW_MS: u64 = 3_600_000;
/// Seconds for which each part is measured, without `TIDEBOARD_BENCH_SECONDS`.
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

/// Sweeps a pointer over the chart, a step a frame, until `window.still` is called.
const HOVER: &str = "
    const canvas = document.querySelector('[data-chart-plot] canvas');
    const { left, top, width, height } = canvas.getBoundingClientRect();
    let step = 0, request;
    const move = () => {
        step += 3;
        const clientX = left + 80 + step % (width - 100), clientY = top + height / 2;
        canvas.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, bubbles: true, pointerType: 'mouse' }));
        request = requestAnimationFrame(move);
    };
    move();
    window.still = () => { cancelAnimationFrame(request); canvas.dispatchEvent(new PointerEvent('pointerleave')); };";
const TIP: &str = "return document.querySelector('[data-tip-box]').innerText";

/// Work of the page during one part.
#[derive(Debug)]
struct Cost {
    /// Seconds of script in a second.
    script: f64,
    /// Seconds of anything in a second.
    tasks: f64,
    seen: Value,
}

impl Cost {
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
    let time = time();
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let page = stage.visitor_at(&format!("/load?widgets={WIDGETS}")).await?;
    let idle = measure(&page, false, async || pass(time).await).await?;
    let feeding = tokio::spawn(feed(Client::join(stage.server.address(), "feeder").await?, WIDGETS));
    page.until("a number everywhere", async || Ok((page.count(".stat .skeleton").await? == 0).then_some(()))).await?;
    let before = page.run("return document.body.innerText").await?;
    let loaded = measure(&page, true, async || pass(time).await).await?;
    let after = page.run("return document.body.innerText").await?;
    feeding.abort();
    ensure!(before != after && loaded.count("mutations") > 0.0, "nothing moved under load: {loaded:?}");
    println!("{WIDGETS} widgets, {UPDATES_PER_SECOND} updates a second each, {time:?}; each a second:");
    print_rows(&[loaded.row("under load"), idle.row("idle")]);
    // A heartbeat, every 30 s, shows a new round-trip time.
    ensure!(
        time > Duration::from_secs(10) || idle.count("mutations") == 0.0,
        "an idle page changed something: {idle:?}"
    );
    page.close().await
}

#[tokio::test]
async fn a_chart_of_two_hundred_thousand_points_moves_pauses_and_follows_the_pointer() -> Result<()> {
    let time = time();
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let page = stage.visitor_at(&format!("/load?points={POINTS}")).await?;
    let mut feeder = Client::join(stage.server.address(), "feeder").await?;
    page.run_with(OBSERVE, vec![json!(true)]).await?;
    fill(&mut feeder, &page).await?;
    let filling = page.run("window.seen.end(); return window.seen").await?;
    let feeding = tokio::spawn(feed(feeder, SERIES));
    let live = measure(&page, true, async || pass(time).await).await?;
    page.run(HOVER).await?;
    let hovered = measure(&page, true, async || pass(time).await).await?;
    let tip = page.run(TIP).await?;
    ensure!(tip.as_str().is_some_and(|tip| tip.contains("load.7")), "no tooltip: {tip}");
    page.click("button[aria-label='Pause']").await?;
    let legend = page.text(".chart-legend").await?;
    let paused = measure(&page, true, async || pass(time).await).await?;
    ensure!(page.text(".chart-legend").await? == legend, "a paused chart moved");
    ensure!(page.run(TIP).await? != tip, "the tooltip stands still");
    page.run("window.still()").await?;
    ensure!(page.text(".chart-paused").await?.contains("new"), "what comes while paused is not counted");
    feeding.abort();
    println!(
        "{POINTS} points in {SERIES} series, {UPDATES_PER_SECOND} updates a second each, {time:?}; each a second:"
    );
    print_rows(&[live.row("live"), hovered.row("live, under a pointer"), paused.row("paused, under a pointer")]);
    println!(
        "while the points came: {} long tasks, the page's thread busy in them for {} ms",
        filling["longTasks"], filling["longMs"]
    );
    ensure!(live.count("mutations") > 0.0, "nothing moved: {live:?}");
    page.close().await
}

fn time() -> Duration {
    Duration::from_secs(env::var("TIDEBOARD_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS))
}

fn print_rows(rows: &[String]) {
    println!("| | script | all tasks | long tasks in all | frames dropped | changes of the document in all |");
    println!("|---|---:|---:|---:|---:|---:|");
    println!("{}", rows.join("\n"));
}

fn topics(count: usize) -> Result<Vec<Topic>> {
    Ok((0..count).map(|at| format!("load.{at}").parse()).collect::<Result<_, _>>()?)
}

fn now_ms() -> Result<u64> {
    Ok(std::time::UNIX_EPOCH.elapsed().context("the clock stands before 1970")?.as_millis() as u64)
}

/// Publishes an hour of points to every stream, no faster than the page takes them: a slower one would be thinned.
async fn fill(client: &mut Client, page: &Page) -> Result<()> {
    let topics = topics(SERIES)?;
    let start = now_ms()? - WINDOW_MS;
    let mut random = fastrand::Rng::with_seed(7);
    for first in (0..POINTS_PER_SERIES).step_by(POINTS_PER_MESSAGE) {
        for (at, stream) in topics.iter().enumerate() {
            let mut point = |index: usize| {
                let v = 100.0 * at as f64 + 40.0 * (index as f64 / 900.0 + at as f64).sin() + 30.0 * random.f64();
                Point(UnixMs(start + index as u64 * WINDOW_MS / POINTS_PER_SERIES as u64), v)
            };
            let points = (first..first + POINTS_PER_MESSAGE).map(&mut point).collect();
            client.send_many(&[ClientMessage::Publish { stream: stream.clone(), points }]).await?;
            // One message at a time: a development build that has several to read falls behind.
            let held = format!("[data-points='{}']", first * SERIES + (at + 1) * POINTS_PER_MESSAGE);
            page.until("the points", async || Ok((page.count(&held).await? == 1).then_some(()))).await?;
        }
    }
    Ok(())
}

/// Publishes a point to each of so many streams, so many times a second.
async fn feed(mut client: Client, streams: usize) -> Result<()> {
    let mut ticks = interval(Duration::from_secs(1) / UPDATES_PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let topics = topics(streams)?;
    let mut v = 0.0;
    loop {
        ticks.tick().await;
        v += 1.0;
        let t = UnixMs(now_ms()?);
        let publish = |(at, stream): (usize, &Topic)| {
            let v = 50.0 + 40.0 * (v / 20.0 + at as f64).sin();
            ClientMessage::Publish { stream: stream.clone(), points: vec![Point(t, v)] }
        };
        let messages: Vec<_> = topics.iter().enumerate().map(publish).collect();
        client.send_many(&messages).await?;
    }
}

/// Lets time pass.
async fn pass(time: Duration) -> Result<()> {
    sleep(time).await;
    Ok(())
}

async fn measure(page: &Page, counts_frames: bool, run: impl AsyncFnOnce() -> Result<()>) -> Result<Cost> {
    page.run_with(OBSERVE, vec![json!(counts_frames)]).await?;
    let before = page.metrics().await?;
    run().await?;
    let after = page.metrics().await?;
    let seen = page.run("window.seen.end(); return window.seen").await?;
    let elapsed = after.0 - before.0;
    Ok(Cost { script: (after.1 - before.1) / elapsed, tasks: (after.2 - before.2) / elapsed, seen })
}

//! Life on a board: figures of a machine with ten minutes of past, and a second person who edits.

use std::{
    f64::consts::TAU,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use fastrand::Rng;
use tideboard_shared::{ClientMessage, Point, Topic, UnixMs};
use tideboard_tests::{
    Client,
    browser::{Page, Stage, part},
};
use tokio::{task::JoinHandle, time::interval};

/// Seconds of past, at one point a second.
const PAST_S: u64 = 600;
const MIB: f64 = 1_048_576.0;

/// A figure's topic, its middle, how far it swings, how long a swing takes in seconds, and how much of it is noise.
type Figure = (&'static str, f64, f64, f64, f64);

const FIGURES: [Figure; 10] = [
    ("host.cpu", 0.38, 0.16, 97.0, 0.06),
    ("host.load", 1.7, 0.6, 240.0, 0.1),
    ("host.memory", 9_800.0 * MIB, 700.0 * MIB, 310.0, 40.0 * MIB),
    ("host.memory_total", 16_384.0 * MIB, 0.0, 60.0, 0.0),
    ("host.network.rx", 5.2 * MIB, 3.1 * MIB, 71.0, 1.4 * MIB),
    ("host.network.tx", 1.9 * MIB, 1.1 * MIB, 53.0, 0.5 * MIB),
    ("host.disk.read", 2.4 * MIB, 1.9 * MIB, 41.0, 0.8 * MIB),
    ("host.disk.write", 1.2 * MIB, 0.8 * MIB, 67.0, 0.4 * MIB),
    ("host.disk.used", 196_000.0 * MIB, 300.0 * MIB, 900.0, 0.0),
    ("host.disk.total", 476_000.0 * MIB, 0.0, 60.0, 0.0),
];

/// Goes on until it is ended.
#[derive(Debug)]
pub(crate) struct Life {
    streaming: JoinHandle<Result<()>>,
    bea: Page,
}

impl Life {
    /// Publishes the past, makes the second person's edits, and then streams on.
    pub(crate) async fn begin(stage: &Stage) -> Result<Self> {
        let mut machine = Client::join(stage.server.address(), "machine").await?;
        let mut rng = Rng::with_seed(7);
        let now = now_s()?;
        for figure in FIGURES {
            let points = (now - PAST_S..now).map(|at| point(figure, at, &mut rng)).collect();
            machine.send(&ClientMessage::Publish { stream: topic(figure)?, points }).await?;
        }
        let streaming = tokio::spawn(stream(machine, rng));
        Ok(Self { streaming, bea: bea(stage).await? })
    }

    /// No more values come, and the second person leaves.
    pub(crate) async fn end(self) -> Result<()> {
        self.streaming.abort();
        self.bea.close().await
    }
}

async fn stream(mut machine: Client, mut rng: Rng) -> Result<()> {
    let mut ticks = interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let at = now_s()?;
        let publish = |figure: Figure| {
            let points = vec![point(figure, at, &mut rng)];
            Ok(ClientMessage::Publish { stream: topic(figure)?, points })
        };
        let messages = FIGURES.into_iter().map(publish).collect::<Result<Vec<_>>>()?;
        machine.send_many(&messages).await?;
    }
}

/// A second person, who edits some of the demo content and stays.
async fn bea(stage: &Stage) -> Result<Page> {
    let bea = stage.visitor_named("Bea Ortiz", "/b/main/orders").await?;
    bea.has(&part::order("order-5", "Customer")).await?;
    bea.edit_order("order-5", "Customer", "Luis Romero-Vega").await?;
    bea.click(&part::order("order-4", "Status")).await?;
    bea.pick(&part::order_field("order-4", "Status"), "paid").await?;
    bea.go_to_tab("overview").await?;
    for _ in 0..3 {
        bea.click(part::COUNTER_ADD).await?;
    }
    bea.is_synced().await?;
    Ok(bea)
}

fn topic((name, ..): Figure) -> Result<Topic> {
    Ok(name.parse()?)
}

fn point((_, middle, swing, period_s, noise): Figure, at_s: u64, rng: &mut Rng) -> Point {
    let phase = (at_s % 86_400) as f64 / period_s * TAU;
    // A slower wave below, so that no two swings are alike.
    let wave = 0.7 * phase.sin() + 0.3 * (phase / 3.7).sin();
    let value = middle + swing * wave + noise * (rng.f64() - 0.5);
    Point(UnixMs(at_s * 1_000), value.max(0.0))
}

fn now_s() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs())
}

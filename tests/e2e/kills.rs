//! Two hundred power cuts under load: no acknowledged operation is lost, none is applied twice.
//!
//! The server is the real one, killed by SIGKILL, on a disk that lives in its process: what it had not flushed is gone with
//! it, but for some sectors that happened to be written.
//! Several servers run side by side, each with writers that retry until they have an outcome, a reader that resumes,
//! and a killer. The actions are drawn from one seed, which is printed; their timing is up to the machine.

mod actors;

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tideboard_shared::{Action, OpId, Operation, Seq};
use tideboard_tests::{BoardView, Client, Launch, Server, within};
use tokio::{sync::watch, task::JoinSet};

use actors::{Life, Reader, Way, Writer};

const KILLS: usize = 200;
const SERVERS: usize = 4;
/// Longest time that a server lives after it has acknowledged its first operation.
const LONGEST_LIFE_MS: u64 = 250;
/// Typical time of a start. One start in [`BAD_STARTS`] is cut short within it, besides the kills that are counted.
const START_MS: u64 = 60;
const BAD_STARTS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_power_cuts_lose_no_acknowledged_operation_and_apply_none_twice() -> Result<()> {
    let seed = env::var("TIDEBOARD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    eprintln!("seed {seed} (TIDEBOARD_SEED={seed} draws the same again)");
    let start = Instant::now();
    let mut lanes = JoinSet::new();
    for number in 0..SERVERS {
        let rng = fastrand::Rng::with_seed(seed.wrapping_add(number as u64));
        lanes.spawn(async move { lane(rng).await.with_context(|| format!("server {number}, seed {seed}")) });
    }
    let mut kills = 0;
    let mut operations = 0;
    while let Some(done) = lanes.join_next().await {
        let done = done??;
        kills += done.kills;
        operations += done.operations;
    }
    eprintln!("{kills} kills, {operations} operations, {:.1?}", start.elapsed());
    assert_eq!(kills, KILLS);
    Ok(())
}

struct Done {
    kills: usize,
    operations: usize,
}

/// Runs one server with its writers, its reader and its killer.
async fn lane(mut rng: fastrand::Rng) -> Result<Done> {
    let disk = Launch::default().program(env!("CARGO_BIN_EXE_powercut")).variable("POWERCUT_SEED", rng.u32(..));
    let launch = disk.flag("--snapshot-every", rng.u32(5..60)).flag("--retain-events", 50_000);
    let mut server = launch.start().await?;
    let start = Client::join(server.address(), "start").await?.open_board("main").await?;
    let (life, _) = watch::channel(Life { number: 0, is_last: false });
    let (acknowledged, mut progress) = watch::channel(0_u64);

    let mut writers = JoinSet::new();
    for (name, way) in [("w1", Way::Socket), ("w2", Way::Socket), ("w3", Way::Rest), ("w4", Way::Both)] {
        let writer = Writer::new(name, way, server.address(), rng.fork());
        writers.spawn(writer.run(life.subscribe(), acknowledged.clone()));
    }
    let reader = tokio::spawn(Reader::new(server.address(), start.clone()).run(life.subscribe()));

    let kills = KILLS / SERVERS;
    for kill in 1..=kills {
        let before = *progress.borrow_and_update();
        tokio::select! {
            more = within("acknowledgement", progress.wait_for(|count| *count > before)) => drop(more??),
            Some(ended) = writers.join_next() => bail!("a writer ended early: {:?}", ended?.map(drop)),
        }
        // A random moment for the kill, not a wait for some condition.
        let moment = tokio::time::Instant::now() + Duration::from_millis(rng.u64(0..LONGEST_LIFE_MS));
        tokio::time::sleep_until(moment).await;
        server.kill().await?;
        if rng.usize(0..BAD_STARTS) == 0 {
            server.restart_and_kill(Duration::from_millis(rng.u64(0..START_MS))).await?;
        }
        server.restart().await?;
        life.send_replace(Life { number: kill, is_last: kill == kills });
    }
    let mut outcomes = Vec::new();
    while let Some(writer) = writers.join_next().await {
        outcomes.extend(writer??);
    }
    let seen = reader.await??;
    check(&server, &start, seen, &outcomes).await?;
    Ok(Done { kills, operations: outcomes.len() })
}

/// Compares the board and its events with what the writers were told.
async fn check(server: &Server, start: &BoardView, mut seen: BoardView, outcomes: &[(Operation, Seq)]) -> Result<()> {
    let mut client = Client::join(server.address(), "check").await?;
    let resumed = client.resume("main", start.position()).await?;
    ensure!(resumed.recovered, "the log is another: {resumed:?}");
    let mut replayed = start.clone();
    let events = client.follow("main", &mut replayed, resumed.seq()).await?;

    let mut applied: BTreeMap<OpId, Seq> = BTreeMap::new();
    for event in &events {
        let twice = applied.insert(event.op.id.clone(), event.seq);
        ensure!(twice.is_none(), "{} was applied as {twice:?} and as {}", event.op.id, event.seq);
    }
    for (op, seq) in outcomes {
        let found = applied.get(&op.id);
        ensure!(found == Some(seq), "{} was acknowledged at {seq} and is in the log at {found:?}", op.id);
    }
    ensure!(applied.len() == outcomes.len(), "{} events of {} operations", applied.len(), outcomes.len());

    let board = server.rest().board("main").await?;
    ensure!(board.board == replayed.board, "the board is not what its events make of it");
    let mut reader = Client::join(server.address(), "reader").await?;
    ensure!(reader.resume("main", seen.position()).await?.recovered, "the reader was told of events that are gone");
    reader.follow("main", &mut seen, board.seq).await?;
    ensure!(board.board == seen.board, "the reader who resumed after every kill sees another board");

    let expected: i64 = outcomes.iter().map(|(op, _)| increment(op)).sum();
    let count = board.field("counter", "count");
    ensure!(count == expected, "the counter shows {count}; the operations add up to {expected}");
    Ok(())
}

fn increment(op: &Operation) -> i64 {
    match &op.action {
        Action::Increment { by, .. } => by.as_i64().expect("the writers add integers"),
        _ => 0,
    }
}

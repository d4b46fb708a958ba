//! The real log on a disk whose power is cut: what was answered is there, whole and in order. And it would not be, if
//! the log flushed any less.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use tideboard_powercut::{Settings, cut, install};
use tideboard_room::{LogRow, RoomConfig, RoomState, RowNo};
use tideboard_server::log::{Log, SqliteLog, sqlite::Flush};
use tideboard_shared::{
    Action, BoardId, Epoch, OnConflict, OpId, OpResult, Operation, Outcome, Reason, Rejection, Seq, UnixMs,
    message::Event,
};

const BOARDS: [&str; 3] = ["a", "b", "c"];
/// Lives of one log, each ended by a cut.
const LIVES: usize = 4;
const SEEDS: u64 = 60;

/// A board as far as its writer knows: the rows that were sent off, and how many of them were answered.
#[derive(Debug, Default)]
struct Sent {
    rows: Vec<LogRow>,
    answered: usize,
    is_created: bool,
}

type Writers = Arc<Mutex<BTreeMap<BoardId, Sent>>>;

fn epoch(board: &BoardId) -> Epoch {
    Epoch::from(format!("e_{board}"))
}

fn empty(board: &BoardId) -> RoomState {
    RoomState::new(board.clone(), epoch(board), RoomConfig::default())
}

/// The board after its first `count` rows.
fn after(board: &BoardId, rows: &[LogRow], count: usize) -> RoomState {
    let mut state = empty(board);
    for row in &rows[..count] {
        state.replay(row).expect("the rows were made in order");
    }
    state
}

/// A row that follows: one to three new entities, some of them large, or refusals alone.
fn next_row(state: &RoomState, rng: &mut fastrand::Rng) -> LogRow {
    let mut row = LogRow { no: state.row().next(), ..LogRow::default() };
    if rng.u8(0..5) == 0 {
        let outcome = Outcome::Rejected(Rejection::new(Reason::UnknownEntity, "x".repeat(rng.usize(0..3_000))));
        let id = OpId { client: "c_other".parse().expect("a name"), n: row.no.0 };
        row.refused.push(OpResult { id, outcome });
        return row;
    }
    let mut seq = state.seq();
    for _ in 0..rng.u8(1..4) {
        seq = seq.next();
        let text = "x".repeat(if rng.u8(0..8) == 0 { rng.usize(0..20_000) } else { rng.usize(0..200) });
        let op = Operation {
            id: OpId { client: "c_a".parse().expect("a name"), n: seq.0 },
            entity: format!("e{seq}").as_str().into(),
            base: Seq::ZERO,
            action: Action::Create { kind: "note".into(), fields: [("text".to_owned(), text.into())].into() },
            on_conflict: OnConflict::Reject,
        };
        row.events.push(Event { seq, by: "ann".into(), at: UnixMs(seq.0), op: Arc::new(op) });
    }
    row
}

/// Opens the log that a cut left behind, and compares it with what was answered. The writers go on from what they find.
async fn reopen(path: &Path, flush: Flush, writers: &Writers) -> Result<SqliteLog, String> {
    let log = SqliteLog::open_file(path, flush).map_err(|error| error.to_string())?;
    // Nobody writes now.
    let mut boards = std::mem::take(&mut *writers.lock().expect("nobody panics"));
    for (board, sent) in &mut boards {
        let stored = log.load(board, 1_000).await.map_err(|error| format!("{board}: {error}"))?;
        let Some(stored) = stored else {
            if sent.is_created {
                return Err(format!("{board} was created and is gone"));
            }
            continue;
        };
        let found =
            RoomState::restore(board.clone(), RoomConfig::default(), stored).map_err(|error| error.to_string())?;
        let count = usize::try_from(found.row().0).expect("few rows");
        if count < sent.answered {
            return Err(format!("{board} has {count} rows, and {} were answered", sent.answered));
        }
        if count > sent.rows.len() || found.snapshot() != after(board, &sent.rows, count).snapshot() {
            return Err(format!("{board} has {count} rows that are not those that were sent"));
        }
        sent.rows.truncate(count);
        sent.answered = count;
        sent.is_created = true;
    }
    *writers.lock().expect("nobody panics") = boards;
    Ok(log)
}

/// Appends rows and stores snapshots until the log is closed under it.
async fn write(log: Arc<SqliteLog>, board: BoardId, writers: Writers, mut rng: fastrand::Rng) {
    let with = |work: &mut dyn FnMut(&mut Sent)| {
        work(writers.lock().expect("nobody panics").entry(board.clone()).or_default())
    };
    let (mut state, mut is_created) = (empty(&board), false);
    with(&mut |sent| {
        state = after(&board, &sent.rows, sent.rows.len());
        is_created = sent.is_created;
    });
    if !is_created {
        if log.create(&board, &epoch(&board)).await.is_err() {
            return;
        }
        with(&mut |sent| sent.is_created = true);
    }
    loop {
        let row = next_row(&state, &mut rng);
        with(&mut |sent| sent.rows.push(row.clone()));
        if log.append(&board, &row).await.is_err() {
            return;
        }
        with(&mut |sent| sent.answered += 1);
        state.replay(&row).expect("the rows are made in order");
        if rng.u8(0..10) == 0 {
            let snapshot = state.snapshot();
            let (log, board, keep) = (Arc::clone(&log), board.clone(), rng.usize(0..30));
            tokio::spawn(async move { log.snapshot(&board, snapshot, keep).await });
        }
    }
}

/// Lives of one log, each from what the cut before left of it.
async fn lives(seed: u64, flush: Flush) -> Result<usize, String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let writers = Writers::default();
    let mut folder = TempDir::new().expect("a folder");
    for _ in 0..LIVES {
        let log = Arc::new(reopen(&folder.path().join("log.db"), flush, &writers).await?);
        let answered = |writers: &Writers| {
            writers.lock().expect("nobody panics").values().map(|sent| sent.answered).sum::<usize>()
        };
        let enough = answered(&writers) + rng.usize(0..60);
        let tasks: Vec<_> = BOARDS
            .map(|name| {
                let board: BoardId = name.parse().expect("a name");
                tokio::spawn(write(Arc::clone(&log), board, Arc::clone(&writers), rng.fork()))
            })
            .into();
        while answered(&writers) < enough {
            tokio::task::yield_now().await;
        }
        // Whoever is told something from here on is told too late to be counted.
        let told: BTreeMap<_, _> = {
            let writers = writers.lock().expect("nobody panics");
            writers.iter().map(|(board, sent)| (board.clone(), (sent.answered, sent.is_created))).collect()
        };
        let left = TempDir::new().expect("a folder");
        cut(folder.path(), left.path()).expect("files can be copied");
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
        for (board, sent) in &mut *writers.lock().expect("nobody panics") {
            (sent.answered, sent.is_created) = told.get(board).copied().unwrap_or_default();
        }
        log.close().await.expect("the machine that lost its power does not know it");
        folder = left;
    }
    reopen(&folder.path().join("log.db"), flush, &writers).await?;
    let answered = writers.lock().expect("nobody panics").values().map(|sent| sent.answered).sum();
    Ok(answered)
}

fn disk() {
    install(Settings { seed: 1, leaks: 0.2, full_while: None });
}

/// Seeds whose log lost something, of as many as are asked for.
async fn losses(seeds: u64, flush: Flush) -> usize {
    let mut losses = 0;
    for seed in 0..seeds {
        if let Err(loss) = lives(seed, flush).await {
            eprintln!("seed {seed}: {loss}");
            losses += 1;
        }
    }
    losses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answered_row_is_lost_at_a_power_cut_and_the_others_are_whole_or_away() {
    disk();
    let mut rows = 0;
    for seed in 0..SEEDS {
        rows += lives(seed, Flush::EveryCommit).await.unwrap_or_else(|loss| panic!("seed {seed}: {loss}"));
    }
    assert!(rows > 1_000, "only {rows} rows were answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_flushes_at_checkpoints_only_loses_answered_rows() {
    disk();
    assert!(losses(10, Flush::Checkpoints).await > 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_never_flushes_loses_answered_rows() {
    disk();
    assert!(losses(10, Flush::Never).await > 5);
}

#[tokio::test]
async fn a_log_whose_start_is_cut_short_starts_again() {
    disk();
    for seed in 0..40 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("log.db");
        let opening = std::thread::spawn({
            let path = path.clone();
            move || SqliteLog::open_file(&path, Flush::EveryCommit).map(drop)
        });
        // A moment that the machine chooses, somewhere in the opening.
        for _ in 0..rng.u32(0..20_000) {
            std::hint::spin_loop();
        }
        let left = TempDir::new().expect("a folder");
        cut(folder.path(), left.path()).expect("files can be copied");
        opening.join().expect("no panic").expect("the first start goes well");
        let log = SqliteLog::open_file(&left.path().join("log.db"), Flush::EveryCommit)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let board: BoardId = "a".parse().expect("a name");
        log.create(&board, &epoch(&board)).await.expect("it is a log");
        let row = LogRow { no: RowNo(1), ..LogRow::default() };
        log.append(&board, &row).await.expect("it is a log");
    }
}

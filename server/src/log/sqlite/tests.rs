use std::{path::Path, sync::Arc, time::Duration};

use rusqlite::{Connection, backup::Backup};
use tideboard_room::{RoomConfig, RoomState, RowNo, retention::OutOfSpan};
use tideboard_shared::Epoch;

use super::*;
use crate::log::conformance::{self, ALL, board, row};

fn open(path: &Path) -> SqliteLog {
    SqliteLog::open_file(path, Flush::default()).unwrap()
}

fn encode<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

#[tokio::test]
async fn sqlite_log_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    conformance::run(async || {
        count.set(count.get() + 1);
        let path = folder.path().join(format!("{}.db", count.get()));
        Arc::new(open(&path)) as Arc<dyn Log>
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    log.append(&board("main"), &row(1, 1..=2)).await.unwrap();
    // Not closed: the file is as a killed process leaves it.
    let again = open(&path);
    assert_eq!(again.load(&board("main"), ALL).await.unwrap().unwrap().rows, [row(1, 1..=2)]);
    again.append(&board("main"), &row(2, 3..=3)).await.unwrap();
    // The first handle believes that row 2 is free, until it meets the other one's.
    let refused = log.append(&board("main"), &row(2, 9..=9)).await;
    assert_eq!(refused, Err(LogError::OutOfPlace { board: board("main"), last: RowNo(2), found: RowNo(2) }));
}

#[tokio::test]
async fn a_closed_log_refuses_and_its_file_can_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    log.close().await.unwrap();
    assert!(matches!(log.append(&board("main"), &row(1, 1..=1)).await, Err(LogError::Unavailable(_))));
    assert_eq!(open(&path).boards().await.unwrap(), [board("main")]);
}

#[tokio::test]
async fn a_log_of_a_newer_version_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    open(&path).close().await.unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let error = SqliteLog::open_file(&path, Flush::default()).unwrap_err().to_string();
    assert!(error.contains("version 7") && error.contains("up to 3"), "{error}");
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
    assert!(matches!(SqliteLog::open_file(&path, Flush::default()), Err(OpenError::Foreign { .. })));
}

/// The tables of version 1, letter by letter.
const VERSION_1: &str = "
    CREATE TABLE boards (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL) STRICT;
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, no INTEGER NOT NULL, last_seq INTEGER NOT NULL,
        body BLOB NOT NULL, UNIQUE (board, no)
    ) STRICT;
    CREATE TABLE snapshots (board INTEGER PRIMARY KEY, row INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    PRAGMA application_id = 1416193125;
    PRAGMA user_version = 1;
    INSERT INTO boards VALUES (1, 'main', 'e_1'), (2, 'other', 'e_2');
";

#[tokio::test]
async fn a_log_of_version_1_is_brought_up_to_date_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let main = board("main");
    let mut state = RoomState::new(main.clone(), Epoch::from("e_1"), RoomConfig::default());
    let db = Connection::open(&path).unwrap();
    db.execute_batch(VERSION_1).unwrap();
    for no in 1..=4 {
        let row = row(no, 2 * no - 1..=2 * no);
        state.replay(&row).unwrap();
        // Version 1 had dropped the first row, and kept the others for resuming.
        if no > 1 {
            let body = encode(&row);
            db.execute(
                "INSERT INTO rows (board, no, last_seq, body) VALUES (1, ?, ?, ?)",
                (sql(no), sql(2 * no), body),
            )
            .unwrap();
        }
        if no == 3 {
            let body = encode(&state.snapshot());
            db.execute("INSERT INTO snapshots VALUES (1, ?, ?, ?)", (sql(no), sql(2 * no), body)).unwrap();
        }
    }
    drop(db);

    for _ in 0..2 {
        let log = open(&path);
        let stored = log.load(&main, 4).await.unwrap().unwrap();
        assert_eq!(stored.rows, [row(2, 3..=4), row(3, 5..=6), row(4, 7..=8)]);
        let back = RoomState::restore(main.clone(), RoomConfig::default(), stored).unwrap();
        assert_eq!((back.seq(), back.row(), back.snapshot()), (state.seq(), state.row(), state.snapshot()));
        assert_eq!(log.at(&main, Seq(6)).await.unwrap().show(&main, Seq(6)).unwrap().entities.len(), 6);
        assert_eq!(
            log.at(&main, Seq(5)).await,
            Err(LogError::OutOfSpan(main.clone(), OutOfSpan::Gone { oldest: Seq(6) }))
        );
        assert_eq!(log.load(&board("other"), 4).await.unwrap().unwrap().snapshot, None);
    }
    let log = open(&path);
    let next = row(5, 9..=9);
    log.append(&main, &next).await.unwrap();
    state.replay(&next).unwrap();
    log.snapshot(&main, state.snapshot(), 2).await.unwrap();
    assert_eq!(log.events(&main, None, 9).await.unwrap().oldest, Seq(6));
    assert_eq!(log.at(&main, Seq(7)).await.unwrap().show(&main, Seq(7)).unwrap().entities.len(), 7);
}

#[tokio::test]
async fn a_damaged_row_is_named_by_its_board_and_leaves_the_others_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    for name in ["main", "other"] {
        log.create(&board(name), &Epoch::from("e_1")).await.unwrap();
        log.append(&board(name), &row(1, 1..=1)).await.unwrap();
    }
    Connection::open(&path).unwrap().execute("UPDATE rows SET body = x'00' WHERE board = 1", []).unwrap();
    let error = log.load(&board("main"), ALL).await.unwrap_err();
    assert!(matches!(&error, LogError::Damaged { board, .. } if board.as_str() == "main"), "{error}");
    assert_eq!(log.load(&board("other"), ALL).await.unwrap().unwrap().rows, [row(1, 1..=1)]);
}

/// The tables of version 2, letter by letter.
const VERSION_2: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE boards (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL) STRICT;
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, no INTEGER NOT NULL, last_seq INTEGER NOT NULL,
        body BLOB NOT NULL, UNIQUE (board, no)
    ) STRICT;
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, row INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
        UNIQUE (board, row)
    ) STRICT;
    PRAGMA application_id = 1416193125;
    PRAGMA user_version = 2;
    INSERT INTO boards VALUES (1, 'main', 'e_1');
";

#[tokio::test]
async fn a_log_of_version_2_is_brought_up_to_date_with_its_newest_commits_and_its_refusals() {
    let folder = tempfile::tempdir().unwrap();
    let (path, main) = (folder.path().join("log.db"), board("main"));
    let mut state = RoomState::new(main.clone(), Epoch::from("e_1"), RoomConfig::default());
    let db = Connection::open(&path).unwrap();
    db.execute_batch(VERSION_2).unwrap();
    let refusals = |no| LogRow { no: RowNo(no), ..LogRow::default() };
    let rows = [row(1, 1..=2), refusals(2), row(3, 3..=3), refusals(4), row(5, 4..=6)];
    for row in &rows {
        state.replay(row).unwrap();
        let place = (sql(row.no.0), sql(state.seq().0), encode(row));
        db.execute("INSERT INTO rows (board, no, last_seq, body) VALUES (1, ?, ?, ?)", place).unwrap();
        if row.no == RowNo(3) {
            let place = (sql(3), sql(3), encode(&state.snapshot()));
            db.execute("INSERT INTO snapshots (board, row, seq, body) VALUES (1, ?, ?, ?)", place).unwrap();
        }
    }
    // As a killed process leaves it: some of it is only in the WAL, which a copy has, too.
    let copy = folder.path().join("copy.db");
    for ending in ["", "-wal"] {
        let [from, to] = [&path, &copy].map(|path| format!("{}{ending}", path.display()));
        std::fs::copy(from, to).unwrap();
    }
    let log = open(&copy);
    assert_eq!(log.load(&main, ALL).await.unwrap().unwrap().rows, rows);
    log.append(&main, &row(6, 7..=7)).await.unwrap();
    state.replay(&row(6, 7..=7)).unwrap();
    log.snapshot(&main, state.snapshot(), 100).await.unwrap();
    let with_events = [&rows[0], &rows[2], &rows[4]].map(LogRow::clone);
    let stored = log.load(&main, ALL).await.unwrap().unwrap();
    assert_eq!(stored.rows[..3], with_events);
    let back = RoomState::restore(main.clone(), RoomConfig::default(), stored).unwrap();
    assert_eq!(back.snapshot(), state.snapshot());
    log.close().await.unwrap();
    assert!(!folder.path().join("copy.db-wal").exists(), "a log that was closed stands in one file");
}

#[test]
fn an_older_programs_log_that_was_never_finished_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
    open(&path);
}

#[tokio::test]
async fn a_log_that_was_emptied_is_refused_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    open(&path).close().await.unwrap();
    std::fs::write(&path, "").unwrap();
    let error = refusal(&path);
    assert!(error.contains("is empty (0 bytes)") && error.contains("put a backup"), "{error}");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0, "it is left as it is");
}

#[tokio::test]
async fn a_log_without_the_wal_that_it_needs_is_refused_each_time_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("log.db"), folder.path().join("copy.db"));
    let log = open(&path);
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    std::fs::copy(&path, &copy).unwrap();
    for _ in 0..2 {
        let error = refusal(&copy);
        assert!(error.contains("copied or moved while it was in use"), "{error}");
    }
    std::fs::copy(folder.path().join("log.db-wal"), folder.path().join("copy.db-wal")).unwrap();
    assert_eq!(open(&copy).boards().await.unwrap(), [board("main")]);
    std::fs::remove_file(&path).unwrap();
    let error = refusal(&path);
    assert!(error.contains("log.db-wal is there"), "{error}");
}

#[tokio::test]
async fn a_backup_by_sqlite_from_a_log_in_use_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let [path, vacuumed, backup] = ["log.db", "vacuumed.db", "backup.db"].map(|name| folder.path().join(name));
    let log = open(&path);
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    let source = Connection::open(&path).unwrap();
    source.execute("VACUUM INTO ?", [vacuumed.to_str().unwrap()]).unwrap();
    assert_eq!(open(&vacuumed).boards().await.unwrap(), [board("main")]);
    // As `sqlite3 .backup` does it: page by page, so that the copy bears the note that it is in use.
    let mut copy = Connection::open(&backup).unwrap();
    Backup::new(&source, &mut copy).unwrap().run_to_completion(100, Duration::ZERO, None).unwrap();
    drop(copy);
    let error = refusal(&backup);
    assert!(error.contains("PRAGMA journal_mode = DELETE"), "{error}");
    Connection::open(&backup).unwrap().pragma_update(None, "journal_mode", "DELETE").unwrap();
    assert_eq!(open(&backup).boards().await.unwrap(), [board("main")]);
}

#[tokio::test]
async fn a_log_that_somebody_opened_after_a_kill_is_whole_and_is_taken_once_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let [path, left] = ["log.db", "left.db"].map(|name| folder.path().join(name));
    let log = open(&path);
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    for ending in ["", "-wal"] {
        let [from, to] = [&path, &left].map(|path| format!("{}{ending}", path.display()));
        std::fs::copy(from, to).unwrap();
    }
    let look = Connection::open(&left).unwrap();
    look.query_row("SELECT count(*) FROM boards", [], |row| row.get::<_, i64>(0)).unwrap();
    drop(look);
    assert!(refusal(&left).contains("somebody has opened the log since a server was killed"));
    Connection::open(&left).unwrap().pragma_update(None, "journal_mode", "DELETE").unwrap();
    assert_eq!(open(&left).boards().await.unwrap(), [board("main")]);
}

#[test]
fn a_disk_on_which_sqlite_cannot_keep_a_wal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place { path: folder.path().join("log.db"), flush: Flush::default() };
    // Locks as network file systems need them; with those there is no memory that a WAL could be shared through.
    let connection = Connection::open(format!("file:{}?vfs=unix-dotfile", place.shown())).unwrap();
    let error = place.set_up(&connection).unwrap_err().to_string();
    assert!(error.contains("journal_mode is delete instead of wal") && error.contains("--data-dir"), "{error}");
}

#[test]
fn every_connection_flushes_what_it_commits() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place { path: folder.path().join("log.db"), flush: Flush::default() };
    for connection in [place.open().unwrap(), place.connect().unwrap()] {
        let setting = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(["synchronous", "fullfsync", "checkpoint_fullfsync"].map(setting), [2, 1, 1]);
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }
}

fn refusal(path: &Path) -> String {
    SqliteLog::open_file(path, Flush::default()).unwrap_err().to_string()
}

/// Changes the last byte of a text in a file, wherever it is.
fn flip(path: &Path, text: &str) {
    let mut bytes = std::fs::read(path).unwrap();
    let places: Vec<_> = bytes.windows(text.len()).enumerate().filter(|(_, found)| *found == text.as_bytes()).collect();
    assert!(!places.is_empty(), "{text} is not in the file");
    let ends: Vec<_> = places.iter().map(|(at, _)| at + text.len() - 1).collect();
    for end in ends {
        bytes[end] ^= 1;
    }
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_byte_that_changed_on_the_disk_is_found_in_rows_snapshots_and_entries_of_boards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    let epoch = |name: &str| Epoch::from(format!("e_{name}_epoch"));
    for name in ["rows", "snapshots", "entries", "sound"] {
        log.create(&board(name), &epoch(name)).await.unwrap();
        let mut state = RoomState::new(board(name), epoch(name), RoomConfig::default());
        let mut first = row(1, 1..=1);
        let mut op = (*first.events[0].op).clone();
        op.entity = format!("{name}-entity").as_str().into();
        first.events[0].op = op.into();
        log.append(&board(name), &first).await.unwrap();
        state.replay(&first).unwrap();
        if name == "snapshots" {
            log.snapshot(&board(name), state.snapshot(), 0).await.unwrap();
        }
    }
    log.close().await.unwrap();
    for text in ["rows-entity", "snapshots-entity", "e_entries_epoch"] {
        flip(&path, text);
    }
    let log = open(&path);
    for (name, place) in
        [("rows", "row 1 in "), ("snapshots", "part 0 of the snapshot of row 1 in "), ("entries", "entry")]
    {
        let error = log.load(&board(name), ALL).await.unwrap_err();
        let LogError::Damaged { board: of, problem } = &error else { panic!("{error}") };
        assert_eq!(of, &board(name));
        assert!(problem.contains(place) && problem.contains(path.to_str().unwrap()), "{problem}");
    }
    assert!(matches!(log.rows_after(&board("rows"), RowNo(0)).await, Err(LogError::Damaged { .. })));
    assert!(matches!(log.events(&board("rows"), None, 1).await, Err(LogError::Damaged { .. })));
    assert!(matches!(log.at(&board("rows"), Seq(1)).await, Err(LogError::Damaged { .. })));
    assert_eq!(log.load(&board("sound"), ALL).await.unwrap().unwrap().rows.len(), 1);
    assert_eq!(log.boards().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_torn_page_sets_aside_the_boards_that_it_holds_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    for name in ["large", "small"] {
        log.create(&board(name), &Epoch::from("e")).await.unwrap();
        let mut first = row(1, 1..=1);
        // Long enough to have pages of its own.
        first.events[0].by = name.repeat(if name == "large" { 10_000 } else { 1 });
        log.append(&board(name), &first).await.unwrap();
    }
    log.close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let text = "largelarge".repeat(300);
    let at = bytes.windows(text.len()).position(|found| found == text.as_bytes()).unwrap();
    bytes[at / 4_096 * 4_096..][4_096..8_192].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let log = open(&path);
    let error = log.load(&board("large"), ALL).await.unwrap_err();
    assert!(matches!(error, LogError::Damaged { .. }), "{error}");
    assert_eq!(log.load(&board("small"), ALL).await.unwrap().unwrap().rows.len(), 1);
}

#[tokio::test]
async fn a_snapshot_comes_back_whole_however_many_parts_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    let main = board("main");
    log.create(&main, &Epoch::from("e")).await.unwrap();
    let mut state = RoomState::new(main.clone(), Epoch::from("e"), RoomConfig::default());
    for no in 1..=40 {
        let mut next = row(no, no..=no);
        let mut op = (*next.events[0].op).clone();
        let text = serde_json::json!("x".repeat(40_000));
        op.action =
            tideboard_shared::Action::Create { kind: "note".into(), fields: [("text".to_owned(), text)].into() };
        next.events[0].op = op.into();
        log.append(&main, &next).await.unwrap();
        state.replay(&next).unwrap();
    }
    log.snapshot(&main, state.snapshot(), 0).await.unwrap();
    let parts =
        Connection::open(&path).unwrap().query_row("SELECT count(*), max(length(body)) FROM parts", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
    let (count, longest) = parts.unwrap();
    assert!(count >= 6 && longest <= sql(PART_BYTES as u64), "{count} parts of up to {longest} bytes");
    let stored = log.load(&main, 0).await.unwrap().unwrap();
    assert_eq!((stored.snapshot, stored.rows), (Some(state.snapshot()), vec![]));
}

#[tokio::test]
async fn a_snapshot_that_a_kill_cut_short_does_not_count_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    let main = board("main");
    log.create(&main, &Epoch::from("e")).await.unwrap();
    log.append(&main, &row(1, 1..=1)).await.unwrap();
    log.close().await.unwrap();
    let db = Connection::open(&path).unwrap();
    let id = upkeep::begin_snapshot(&db, 1, 1, 1).unwrap();
    for no in 0..9 {
        upkeep::store_part(&db, id, no, b"half").unwrap();
    }
    drop(db);
    let log = open(&path);
    let stored = log.load(&main, ALL).await.unwrap().unwrap();
    assert_eq!((stored.snapshot, stored.rows.len()), (None, 1));
    // The writer goes on with it between commits.
    let db = Connection::open(&path).unwrap();
    let count = || db.query_row("SELECT count(*) FROM parts", [], |row| row.get::<_, i64>(0)).unwrap();
    let mut no = 1;
    while count() > 0 && no < 100 {
        no += 1;
        log.append(&main, &row(no, no..=no)).await.unwrap();
    }
    assert_eq!(count(), 0);
}

#[tokio::test]
async fn a_file_shrinks_when_what_was_in_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = open(&path);
    let main = board("main");
    log.create(&main, &Epoch::from("e")).await.unwrap();
    let mut state = RoomState::new(main.clone(), Epoch::from("e"), RoomConfig::default());
    for no in 1..=400 {
        // Refusals alone: they have no event that would move the end of what is kept.
        let refused = vec![refused(&"x".repeat(50_000))];
        let next = LogRow { no: RowNo(no), refused, ..LogRow::default() };
        log.append(&main, &next).await.unwrap();
        state.replay(&LogRow { no: next.no, ..LogRow::default() }).unwrap();
    }
    log.close().await.unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    let log = open(&path);
    log.snapshot(&main, state.snapshot(), 1_000_000).await.unwrap();
    // Space is given back between commits, and the file is cut by a checkpoint, the last of which comes with the end.
    let free =
        || Connection::open(&path).unwrap().pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let mut no = 400;
    while free().unwrap() > 1_024 && no < 1_000 {
        no += 1;
        log.append(&main, &LogRow { no: RowNo(no), ..LogRow::default() }).await.unwrap();
    }
    log.close().await.unwrap();
    let after = std::fs::metadata(&path).unwrap().len();
    assert!(before > 20_000_000 && after < before / 3, "{before} bytes before, {after} after");
}

fn refused(why: &str) -> tideboard_shared::OpResult {
    use tideboard_shared::{Outcome, Reason, Rejection};
    let id = "c_a/1".parse().unwrap();
    tideboard_shared::OpResult { id, outcome: Outcome::Rejected(Rejection::new(Reason::UnknownEntity, why)) }
}

#[tokio::test]
async fn whoever_reads_holds_up_neither_the_writer_nor_others_who_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(&folder.path().join("log.db"));
    let main = board("main");
    log.create(&main, &Epoch::from("e")).await.unwrap();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let readers = Arc::clone(&log.readers);
    let slow = tokio::spawn(async move {
        readers
            .read(move |reader| {
                let _reading = reader.db.unchecked_transaction();
                reader.boards()?;
                // Until it is told to end.
                let _ = ended.recv();
                reader.boards()
            })
            .await
    });
    for no in 1..=20 {
        log.append(&main, &row(no, no..=no)).await.unwrap();
        assert_eq!(log.load(&main, ALL).await.unwrap().unwrap().rows.len(), usize::try_from(no).unwrap());
    }
    assert!(!slow.is_finished());
    drop(end);
    assert_eq!(slow.await.unwrap().unwrap(), [main]);
}

use std::sync::Arc;

use rusqlite::Connection;
use tideboard_room::{RoomConfig, RoomState, RowNo, retention::OutOfSpan};
use tideboard_shared::Epoch;

use super::*;
use crate::log::conformance::{self, ALL, board, row};

#[tokio::test]
async fn sqlite_log_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    conformance::run(async || {
        count.set(count.get() + 1);
        let path = folder.path().join(format!("{}.db", count.get()));
        Arc::new(SqliteLog::open(&path).unwrap()) as Arc<dyn Log>
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = SqliteLog::open(&path).unwrap();
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    log.append(&board("main"), &row(1, 1..=2)).await.unwrap();
    // Not closed: the file is as a killed process leaves it.
    let again = SqliteLog::open(&path).unwrap();
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
    let log = SqliteLog::open(&path).unwrap();
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    log.close().await.unwrap();
    assert!(matches!(log.append(&board("main"), &row(1, 1..=1)).await, Err(LogError::Unavailable(_))));
    assert_eq!(SqliteLog::open(&path).unwrap().boards().await.unwrap(), [board("main")]);
}

#[test]
fn a_log_of_a_newer_version_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    drop(SqliteLog::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let error = SqliteLog::open(&path).unwrap_err().to_string();
    assert!(error.contains("version 7") && error.contains("up to 2"), "{error}");
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
    assert!(matches!(SqliteLog::open(&path), Err(OpenError::Foreign { .. })));
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
            let body = encode(&row).unwrap();
            db.execute(
                "INSERT INTO rows (board, no, last_seq, body) VALUES (1, ?, ?, ?)",
                (sql(no), sql(2 * no), body),
            )
            .unwrap();
        }
        if no == 3 {
            let body = encode(&state.snapshot()).unwrap();
            db.execute("INSERT INTO snapshots VALUES (1, ?, ?, ?)", (sql(no), sql(2 * no), body)).unwrap();
        }
    }
    drop(db);

    for _ in 0..2 {
        let log = SqliteLog::open(&path).unwrap();
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
    let log = SqliteLog::open(&path).unwrap();
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
    let log = SqliteLog::open(&path).unwrap();
    for name in ["main", "other"] {
        log.create(&board(name), &Epoch::from("e_1")).await.unwrap();
        log.append(&board(name), &row(1, 1..=1)).await.unwrap();
    }
    Connection::open(&path).unwrap().execute("UPDATE rows SET body = x'00' WHERE board = 1", []).unwrap();
    let error = log.load(&board("main"), ALL).await.unwrap_err();
    assert!(matches!(&error, LogError::Damaged { board, .. } if board.as_str() == "main"), "{error}");
    assert_eq!(log.load(&board("other"), ALL).await.unwrap().unwrap().rows, [row(1, 1..=1)]);
}

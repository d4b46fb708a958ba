use std::sync::Arc;

use rusqlite::Connection;
use tideboard_shared::Epoch;

use super::*;
use crate::log::conformance::{self, board, row};

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
    assert_eq!(again.load(&board("main")).await.unwrap().unwrap().rows, [row(1, 1..=2)]);
    again.append(&board("main"), &row(2, 3..=3)).await.unwrap();
    // The first handle believes that row 2 is free; it is told otherwise, and then knows.
    log.append(&board("main"), &row(2, 9..=9)).await.unwrap_err();
    let refused = log.append(&board("main"), &row(2, 9..=9)).await;
    assert_eq!(refused, Err(LogError::OutOfPlace { board: board("main"), last: 2, found: 2 }));
}

#[tokio::test]
async fn a_closed_log_refuses_and_its_file_can_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = SqliteLog::open(&path).unwrap();
    log.create(&board("main"), &Epoch::from("e_1")).await.unwrap();
    log.close().await.unwrap();
    assert!(matches!(log.append(&board("main"), &row(1, 1..=1)).await, Err(LogError::Failed(_))));
    assert_eq!(SqliteLog::open(&path).unwrap().boards().await.unwrap(), [board("main")]);
}

#[test]
fn a_log_of_a_newer_version_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    drop(SqliteLog::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let error = SqliteLog::open(&path).unwrap_err().to_string();
    assert!(error.contains("version 7") && error.contains("up to 1"), "{error}");
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
    assert!(matches!(SqliteLog::open(&path), Err(OpenError::Foreign { .. })));
}

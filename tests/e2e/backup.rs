//! Copies of the data folder: what is one, what is none, and who may use the folder. See `docs/operations.md`.

use anyhow::{Context, Result};
use rusqlite::Connection;
use tempfile::TempDir;
use tideboard_tests::{Author, Client, Launch, Server, copy_folder};

/// Server with edits of which the last ones are in the WAL alone.
async fn at_work() -> Result<Server> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    for n in 0..20 {
        ann.apply("main", author.create(&format!("note-{n}"), "x")).await?;
    }
    Ok(server)
}

#[tokio::test]
async fn a_copy_of_the_whole_folder_from_a_server_at_work_is_a_backup() -> Result<()> {
    let mut server = at_work().await?;
    let before = server.rest().board("main").await?;
    let backup = TempDir::new()?;
    copy_folder(&server.data(), backup.path())?;
    Client::join(server.address(), "bob").await?.apply("main", Author::new("bob").create("later", "x")).await?;
    server.kill().await?;

    server.put_back(backup.path())?;
    server.restart().await?;
    assert_eq!(server.rest().board("main").await?, before);
    Ok(())
}

#[tokio::test]
async fn a_copy_that_sqlite_makes_of_a_server_at_work_is_a_backup() -> Result<()> {
    let mut server = at_work().await?;
    let before = server.rest().board("main").await?;
    let backup = TempDir::new()?;
    let copy = backup.path().join("log.db");
    let source = Connection::open(server.data().join("log.db"))?;
    source.execute("VACUUM INTO ?", [copy.to_str().context("a plain path")?])?;
    drop(source);
    server.kill().await?;

    server.put_back(backup.path())?;
    server.restart().await?;
    assert_eq!(server.rest().board("main").await?, before);
    Ok(())
}

#[tokio::test]
async fn log_db_alone_from_a_server_at_work_is_no_backup_and_is_refused() -> Result<()> {
    let server = at_work().await?;
    let copy = TempDir::new()?;
    std::fs::copy(server.data().join("log.db"), copy.path().join("log.db"))?;
    // Twice, since a refusal must not leave anything behind that makes the next start go well.
    for _ in 0..2 {
        let said = Launch::default().refused_on(copy.path()).await?;
        assert!(said.contains("log.db-wal") && said.contains("copied or moved while it was in use"), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn after_a_polite_end_log_db_stands_alone() -> Result<()> {
    let mut server = at_work().await?;
    let before = server.rest().board("main").await?;
    server.terminate()?;
    assert!(server.ended().await?.success());
    assert!(!server.data().join("log.db-wal").exists(), "some of it is elsewhere");
    let log = std::fs::read(server.data().join("log.db"))?;
    server.wipe()?;
    std::fs::create_dir(server.data())?;
    std::fs::write(server.data().join("log.db"), log)?;
    server.restart().await?;
    assert_eq!(server.rest().board("main").await?, before);
    Ok(())
}

#[tokio::test]
async fn an_emptied_log_is_refused_and_not_started_as_new() -> Result<()> {
    let mut server = at_work().await?;
    server.kill().await?;
    std::fs::write(server.data().join("log.db"), "")?;
    let said = Launch::default().refused_on(&server.data()).await?;
    assert!(said.contains("is empty (0 bytes)") && said.contains("put a backup of the whole folder back"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_second_server_on_the_folder_is_refused_and_told_which_process_has_it() -> Result<()> {
    let server = at_work().await?;
    let said = Launch::default().refused_on(&server.data()).await?;
    assert!(said.contains(&format!("in use by process {}", server.id()?)), "{said}");
    Client::join(server.address(), "bob").await?.apply("main", Author::new("bob").create("later", "x")).await?;
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_folder_or_its_files() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let server = at_work().await?;
    let mode = |path: &std::path::Path| anyhow::Ok(std::fs::metadata(path)?.permissions().mode() & 0o777);
    assert_eq!(mode(&server.data())?, 0o700);
    for entry in std::fs::read_dir(server.data())? {
        let path = entry?.path();
        assert_eq!(mode(&path)?, 0o600, "{}", path.display());
    }
    Ok(())
}

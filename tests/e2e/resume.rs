//! Coming back: every missing event, or a snapshot; never something in between.

use anyhow::{Context, Result};
use tideboard_shared::{Position, Seq, ServerMessage};
use tideboard_tests::{Author, Client, Launch, Server};

#[tokio::test]
async fn after_a_cut_exactly_the_missing_events_come() -> Result<()> {
    let server = Server::start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let mut reader = Client::join(server.address(), "reader").await?;
    let mut seen = reader.open_board("main").await?;
    let seq = writer.apply("main", author.increment("counter", "count", 1)).await?;
    reader.follow("main", &mut seen, seq).await?;
    drop(reader);

    let ops: Vec<_> = (0..7).map(|n| author.create(&format!("missed-{n}"), "x")).collect();
    let last = writer.apply_all("main", &ops).await?;

    let mut reader = Client::join(server.address(), "reader").await?;
    let resumed = reader.resume("main", seen.position()).await?;
    assert!(resumed.recovered);
    assert_eq!(resumed.seq(), last);
    let events = reader.follow("main", &mut seen, last).await?;
    assert!(events.iter().map(|event| &event.op.id).eq(ops.iter().map(|op| &op.id)), "{events:?}");
    let rest = reader.drain().await?;
    assert!(!rest.iter().any(is_board_data), "no snapshot and no further events: {rest:?}");
    Ok(())
}

#[tokio::test]
async fn who_missed_nothing_gets_nothing() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    let seen = reader.open_board("main").await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    let resumed = reader.resume("main", seen.position()).await?;
    assert!(resumed.recovered);
    assert_eq!(resumed.at, Some(seen.position()));
    let rest = reader.drain().await?;
    assert!(!rest.iter().any(is_board_data), "{rest:?}");
    Ok(())
}

#[tokio::test]
async fn events_go_on_without_a_hole_after_a_resume() -> Result<()> {
    let server = Server::start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let mut seen = Client::join(server.address(), "reader").await?.open_board("main").await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    for round in 0..20 {
        let ops: Vec<_> = (0..round).map(|_| author.increment("counter", "count", 1)).collect();
        for op in &ops {
            writer.send_ops("main", 0, std::slice::from_ref(op)).await?;
        }
        // The reader resumes in the midst of the writer's operations.
        reader = Client::join(server.address(), "reader").await?;
        assert!(reader.resume("main", seen.position()).await?.recovered);
        let end = Seq(seen.seq.0 + ops.len() as u64);
        reader.follow("main", &mut seen, end).await?;
    }
    assert_eq!(reader.open_board("main").await?.board, seen.board);
    Ok(())
}

#[tokio::test]
async fn a_position_that_is_too_old_gets_a_snapshot() -> Result<()> {
    let mut server = Launch::default().flag("--snapshot-every", 4).flag("--retain-events", 4).start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let mut seen = writer.open_board("main").await?;
    let old = seen.position();
    let mut before_last = None;
    for _ in 0..30 {
        before_last = Some(seen.position());
        let seq = writer.apply("main", author.increment("counter", "count", 1)).await?;
        writer.follow("main", &mut seen, seq).await?;
    }
    let last = seen.seq;
    assert_gets_snapshot(&server, old.clone(), last, Reset::No).await?;
    let recent = before_last.context("thirty edits")?;
    assert!(Client::join(server.address(), "reader").await?.resume("main", recent.clone()).await?.recovered);

    server.kill().await?;
    server.restart().await?;
    assert_gets_snapshot(&server, old, last, Reset::No).await?;
    let again = Client::join(server.address(), "reader").await?.resume("main", recent).await?;
    assert!(again.recovered, "what is retained survives a restart");
    Ok(())
}

#[tokio::test]
async fn a_position_of_another_epoch_gets_a_snapshot() -> Result<()> {
    let mut server = Server::start().await?;
    let old = Client::join(server.address(), "reader").await?.open_board("main").await?.position();
    server.kill().await?;
    server.wipe()?;
    server.restart().await?;
    let now = Client::join(server.address(), "reader").await?.open_board("main").await?;
    assert_ne!(now.epoch, old.epoch, "a new log has a new epoch");
    assert_gets_snapshot(&server, old, now.seq, Reset::Yes).await
}

#[tokio::test]
async fn a_position_that_was_never_reached_gets_a_snapshot() -> Result<()> {
    let server = Server::start().await?;
    let now = Client::join(server.address(), "reader").await?.open_board("main").await?;
    assert_gets_snapshot(&server, Position { seq: now.seq.next(), ..now.position() }, now.seq, Reset::Yes).await
}

#[tokio::test]
async fn a_large_board_comes_in_parts() -> Result<()> {
    let server = Server::start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let text = "long ".repeat(200);
    for batch in 0..8 {
        let ops: Vec<_> = (0..60).map(|n| author.create(&format!("note-{batch}-{n}"), &text)).collect();
        writer.apply_all("main", &ops).await?;
    }
    let mut reader = Client::join(server.address(), "reader").await?;
    let seen = reader.open_board("main").await?;
    assert!(seen.parts >= 3, "480 KB in {} parts", seen.parts);
    assert_eq!(seen.board.entities().filter(|entity| entity.id.as_str().starts_with("note-")).count(), 480);
    assert_eq!(seen.last_n, 0, "the reader has written nothing");
    let own = Client::join(server.address(), "writer").await?.open_board("main").await?;
    assert_eq!(own.last_n, author.last_n(), "a snapshot tells the writer how far it came");
    Ok(())
}

/// Word of the server that a position is of another history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reset {
    Yes,
    No,
}

async fn assert_gets_snapshot(server: &Server, since: Position, seq: Seq, reset: Reset) -> Result<()> {
    let mut reader = Client::join(server.address(), "reader").await?;
    let resumed = reader.resume("main", since).await?;
    assert_eq!((resumed.recovered, resumed.reset), (false, reset == Reset::Yes));
    let snapshot = reader.snapshot("main").await?;
    assert_eq!((snapshot.seq, resumed.at), (seq, Some(snapshot.position())));
    let rest = reader.drain().await?;
    assert!(!rest.iter().any(is_board_data), "a snapshot and no events: {rest:?}");
    Ok(())
}

fn is_board_data(message: &ServerMessage) -> bool {
    matches!(message, ServerMessage::Updates { .. } | ServerMessage::Snapshot(_))
}

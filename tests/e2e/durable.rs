//! An acknowledged operation survives whatever happens to the process.

use anyhow::Result;
use serde_json::json;
use tideboard_shared::{Durability, Outcome};
use tideboard_tests::{Author, Client, Launch, Server};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_kill_9() -> Result<()> {
    let mut server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    assert_eq!(ann.welcome().await?.durability, Durability::Fsynced);
    let before = ann.open_board("main").await?;
    let mut author = Author::new("ann");
    author.saw(before.seq);
    let outcome = ann.submit("main", &[author.set("welcome", "title", "kept")]).await?.remove(0);
    server.kill().await?;
    let Outcome::Applied { seq, durability: Durability::Fsynced } = outcome else { panic!("{outcome:?}") };

    server.restart().await?;
    let after = Client::join(server.address(), "ann").await?.open_board("main").await?;
    assert_eq!((&after.epoch, after.seq), (&before.epoch, seq));
    assert_eq!(after.field("welcome", "title"), json!("kept"));
    Ok(())
}

#[tokio::test]
async fn a_reader_resumes_across_kill_9_with_exactly_the_missing_events() -> Result<()> {
    let mut server = Server::start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let mut seen = Client::join(server.address(), "reader").await?.open_board("main").await?;
    let ops: Vec<_> = (0..5).map(|n| author.create(&format!("n{n}"), "x")).collect();
    let last = writer.apply_all("main", &ops).await?;
    server.kill().await?;
    server.restart().await?;

    let mut reader = Client::join(server.address(), "reader").await?;
    assert!(reader.resume("main", seen.position()).await?.recovered);
    let events = reader.follow("main", &mut seen, last).await?;
    assert!(events.iter().map(|event| &event.op.id).eq(ops.iter().map(|op| &op.id)), "{events:?}");
    Ok(())
}

#[tokio::test]
async fn a_restart_changes_nothing_on_the_board() -> Result<()> {
    let mut server = Launch::default().flag("--snapshot-every", 10).start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    for n in 0..25 {
        let entity = format!("note-{n}");
        let ops = [
            author.create(&entity, "x"),
            author.set(&entity, "text", n),
            author.set_add("welcome", "tags", n),
            author.increment("counter", "count", 1),
        ];
        writer.apply_all("main", &ops).await?;
    }
    let before = server.rest().board("main").await?;
    for _ in 0..2 {
        server.kill().await?;
        server.restart().await?;
        assert_eq!(server.rest().board("main").await?, before);
    }
    Ok(())
}

#[tokio::test]
async fn a_server_without_a_disk_says_so() -> Result<()> {
    let mut server = Launch::default().flag("--store", "memory").start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    assert_eq!(ann.welcome().await?.durability, Durability::Memory);
    let before = ann.open_board("main").await?;
    let outcome = ann.submit("main", &[Author::new("ann").create("gone", "x")]).await?.remove(0);
    assert!(matches!(outcome, Outcome::Applied { durability: Durability::Memory, .. }), "{outcome:?}");
    assert_eq!(server.rest().status().await?.durability, Durability::Memory);

    server.kill().await?;
    server.restart().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    assert!(!ann.resume("main", before.position()).await?.recovered, "a new life has a new epoch");
    assert!(ann.snapshot("main").await?.entity("gone").is_none());
    Ok(())
}

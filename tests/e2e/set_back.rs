//! A server whose data folder was replaced by an older copy: nobody takes one history for the other.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tideboard_shared::{Action, ClientMessage, OnConflict, Operation, Outcome, Position, Seq, message::Submit};
use tideboard_tests::{Author, BoardView, Client, Server, copy_folder};

/// Copy of the data folder that is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copy {
    /// As it was after a server that ended in order.
    Stopped,
    /// With the newest edits in `log.db-wal`.
    WithWal,
}

/// A server at whose older state others went on, beyond where its first client had come.
struct Forked {
    server: Server,
    /// Board as the first client last saw it.
    seen: BoardView,
    ann: Author,
    /// Value of `counter` that others wrote, which the first client has never seen.
    theirs: i64,
}

async fn forked(copy: Copy) -> Result<Forked> {
    let mut server = Server::start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    let mut ann = Author::new("ann");
    let mut seen = client.open_board("main").await?;
    let seq = client.apply("main", ann.increment("counter", "count", 1)).await?;
    client.follow("main", &mut seen, seq).await?;
    let backup = tempfile::tempdir()?;
    match copy {
        Copy::Stopped => {
            server.terminate()?;
            server.ended().await?;
        }
        Copy::WithWal => server.kill().await?,
    }
    copy_folder(&server.data(), backup.path())?;
    if copy == Copy::WithWal {
        ensure!(backup.path().join("log.db-wal").exists(), "the newest edits are in a file of their own");
    }
    server.restart().await?;

    let mut client = Client::join(server.address(), "ann").await?;
    ensure!(client.resume("main", seen.position()).await?.recovered, "the same history goes on");
    for _ in 0..5 {
        let seq = client.apply("main", ann.increment("counter", "count", 1)).await?;
        client.follow("main", &mut seen, seq).await?;
    }
    drop(client);
    server.kill().await?;
    server.put_back(backup.path())?;
    server.restart().await?;

    let mut client = Client::join(server.address(), "bob").await?;
    let mut bob = Author::new("bob");
    let base = client.open_board("main").await?.seq;
    ensure!(base < seen.seq, "at {base}");
    let mut theirs = 0;
    for n in 0..20 {
        theirs = 100 + n;
        bob.saw(base);
        client.apply("main", write(&mut bob, theirs)).await?;
    }
    Ok(Forked { server, seen, ann, theirs })
}

fn write(author: &mut Author, count: i64) -> Operation {
    let op = author.increment("counter", "count", 1);
    Operation { action: Action::set([("count", count)]), on_conflict: OnConflict::Overwrite, ..op }
}

async fn check(copy: Copy) -> Result<()> {
    let Forked { server, seen, mut ann, theirs } = forked(copy).await?;
    let mut client = Client::join(server.address(), "ann").await?;
    let resumed = client.resume("main", seen.position()).await?;
    assert_eq!((resumed.recovered, resumed.reset), (false, true), "{copy:?}");
    let now = client.snapshot("main").await?;
    assert_eq!((now.field("counter", "count"), now.epoch == seen.epoch), (json!(theirs), true));
    assert!(now.seq > seen.seq && now.last_n < ann.last_n(), "the client learns which of its edits are gone");

    // An edit that is based on the lost history cannot hide what others wrote since.
    let patch = |ann: &mut Author| {
        let op = ann.increment("counter", "count", 1);
        Operation { action: Action::set([("count", -1)]), base: seen.seq, ..op }
    };
    let told = submit(&mut client, patch(&mut ann), vec![seen.position()]).await?;
    assert!(matches!(told, Outcome::Conflict(_)), "{told:?}");
    let beyond = Operation { base: Seq(1_000_000), ..patch(&mut ann) };
    let told = submit(&mut client, beyond, vec![]).await?;
    assert!(matches!(told, Outcome::Conflict(_)), "{told:?}");
    let known = Operation { base: now.seq, ..patch(&mut ann) };
    let told = submit(&mut client, known, vec![now.position()]).await?;
    assert!(matches!(told, Outcome::Applied { .. }), "what its author saw here counts: {told:?}");

    // Over REST the same.
    let messages = server.rest().since(ann.client(), "main", Some(seen.position())).await?;
    let first = serde_json::to_value(messages.first().context("an answer")?)?;
    assert_eq!((&first["recovered"], &first["reset"]), (&json!(false), &json!(true)));
    Ok(())
}

async fn submit(client: &mut Client, op: Operation, seen: Vec<Position>) -> Result<Outcome> {
    let id = op.id.clone();
    let submit = Submit { board: "main".parse()?, epoch: None, seen, settled_through: 0, ops: vec![op] };
    client.send(&ClientMessage::Submit(submit)).await?;
    let results = client.outcomes(&id).await?;
    Ok(results.into_iter().next().context("an outcome")?.outcome)
}

#[tokio::test]
async fn an_older_copy_of_a_stopped_server_is_noticed_by_whoever_was_ahead() -> Result<()> {
    check(Copy::Stopped).await
}

#[tokio::test]
async fn an_older_copy_with_its_write_ahead_log_is_noticed_as_well() -> Result<()> {
    check(Copy::WithWal).await
}

//! Live updates: an edit by one person is seen by another.

use anyhow::Result;
use serde_json::json;
use tideboard_shared::{Channel, ClientMessage, Outcome, ServerMessage, message::Subscribe};
use tideboard_tests::{Author, Client, Launch, Server};

#[tokio::test]
async fn an_edit_by_one_reaches_the_other() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut bob = Client::join(server.address(), "bob").await?;
    let mut seen = bob.open_board("main").await?;

    let mut author = Author::new("ann");
    author.saw(seen.seq);
    let seq = ann.apply("main", author.set("welcome", "title", "Hi Bob")).await?;
    let events = bob.follow("main", &mut seen, seq).await?;

    assert_eq!(seen.field("welcome", "title"), json!("Hi Bob"));
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].op.id.to_string(), "ann/1");
    Ok(())
}

#[tokio::test]
async fn the_author_gets_the_outcome_and_the_event() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut seen = ann.open_board("main").await?;
    let seq = ann.apply("main", Author::new("ann").increment("counter", "count", 2)).await?;
    assert_eq!(seq, seen.seq.next());
    ann.follow("main", &mut seen, seq).await?;
    assert_eq!(seen.field("counter", "count"), json!(2));
    Ok(())
}

#[tokio::test]
async fn the_first_start_creates_a_board_with_something_on_it() -> Result<()> {
    let server = Server::start().await?;
    let seen = Client::join(server.address(), "ann").await?.open_board("main").await?;
    assert_eq!(seen.entity("welcome").map(|entity| entity.kind.as_str()), Some("widget"));
    assert_eq!((seen.field("welcome", "type"), seen.field("counter", "count")), (json!("note"), json!(0)));
    for kind in ["widget", "order", "favorite", "download"] {
        assert!(seen.board.entities().any(|entity| entity.kind == kind), "no {kind} in {seen:?}");
    }
    Ok(())
}

#[tokio::test]
async fn two_who_edit_at_the_same_time_see_the_same_board() -> Result<()> {
    let server = Server::start().await?;
    let write = async |name: &str| -> Result<()> {
        let mut client = Client::join(server.address(), name).await?;
        let mut author = Author::new(name);
        for n in 0..40 {
            let ops = [
                author.increment("counter", "count", 1),
                author.set_add("welcome", "tags", format!("{name}-{n}")),
                author.create(&format!("{name}-{n}"), "new"),
            ];
            client.apply_all("main", &ops).await?;
        }
        Ok(())
    };
    let mut reader = Client::join(server.address(), "reader").await?;
    let mut seen = reader.open_board("main").await?;
    let end = tideboard_shared::Seq(seen.seq.0 + 240);
    let (ann, bob, followed) = tokio::join!(write("ann"), write("bob"), reader.follow("main", &mut seen, end));
    ann.and(bob).and(followed)?;

    let fresh = reader.open_board("main").await?;
    assert_eq!(fresh.seq, end);
    assert_eq!(seen.board, fresh.board, "events and snapshot lead to the same board");
    assert_eq!(fresh.field("counter", "count"), json!(80));
    assert_eq!(fresh.field("welcome", "tags").as_array().map(Vec::len), Some(80));
    Ok(())
}

#[tokio::test]
async fn nothing_comes_after_unsubscribe() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    reader.open_board("main").await?;
    reader.send(&ClientMessage::Unsubscribe { channel: "board:main".parse()? }).await?;
    reader.drain().await?;

    let mut author = Author::new("ann");
    Client::join(server.address(), "ann").await?.apply("main", author.increment("counter", "count", 1)).await?;
    let heard = reader.drain().await?;
    assert!(!heard.iter().any(|message| matches!(message, ServerMessage::Updates { .. })), "{heard:?}");
    Ok(())
}

#[tokio::test]
async fn boards_are_apart() -> Result<()> {
    let server = Launch::default().boards(["main", "second"]).start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    reader.open_board("main").await?;
    let mut second = reader.open_board("second").await?;

    let mut author = Author::new("ann");
    let mut ann = Client::join(server.address(), "ann").await?;
    let seq = ann.apply("second", author.create("only-here", "x")).await?;
    reader.follow("second", &mut second, seq).await?;
    assert!(reader.open_board("main").await?.entity("only-here").is_none());

    author.skip(3);
    assert!(ann.apply("main", author.increment("counter", "count", 1)).await.is_ok(), "one counter serves both boards");
    Ok(())
}

#[tokio::test]
async fn several_messages_in_one_frame_are_handled_in_order() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    let submit = |ops| -> Result<ClientMessage> {
        Ok(ClientMessage::Submit(tideboard_shared::message::Submit {
            board: "main".parse()?,
            epoch: None,
            seen: vec![],
            settled_through: 0,
            ops,
        }))
    };
    let first = author.create("new", "1");
    let second = author.set("new", "text", "2");
    ann.send_many(&[
        submit(vec![first.clone()])?,
        submit(vec![second.clone()])?,
        ClientMessage::Subscribe(Subscribe::from("board:main".parse::<Channel>()?)),
    ])
    .await?;
    for op in [first, second] {
        let results = ann.outcomes(&op.id).await?;
        assert!(matches!(results[0].outcome, Outcome::Applied { .. }), "{results:?}");
    }
    assert_eq!(ann.snapshot("main").await?.field("new", "text"), json!("2"));
    Ok(())
}

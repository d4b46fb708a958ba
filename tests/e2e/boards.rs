//! Boards that people create while the server runs.

use anyhow::Result;
use serde_json::{Value, json};
use tideboard_shared::message::RequestFailure;
use tideboard_tests::{Author, Client, Launch, Server};

use crate::requests::ask;

async fn create(client: &mut Client, name: impl Into<Value>) -> Result<Result<Value, RequestFailure>> {
    ask(client, "create", "board.create", json!({ "board": name.into() })).await
}

async fn list(client: &mut Client) -> Result<Value> {
    Ok(ask(client, "list", "board.list", json!({})).await?.expect("a list"))
}

#[tokio::test]
async fn a_new_board_is_empty_listed_to_everyone_and_stays_after_kill_9() -> Result<()> {
    let mut server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut bob = Client::join(server.address(), "bob").await?;
    assert_eq!(create(&mut ann, "plans").await?, Ok(json!({ "board": "plans" })));
    assert_eq!(list(&mut bob).await?, json!({ "boards": ["main", "plans"] }));
    let mut seen = bob.open_board("plans").await?;
    assert!(seen.board.is_empty() && seen.seq.0 == 0, "{seen:?}");
    let seq = ann.apply("plans", Author::new("ann").create("first", "x")).await?;
    bob.follow("plans", &mut seen, seq).await?;

    server.kill().await?;
    server.restart().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    assert_eq!(list(&mut ann).await?, json!({ "boards": ["main", "plans"] }));
    let again = ann.open_board("plans").await?;
    assert_eq!((&again.epoch, again.seq, &again.board), (&seen.epoch, seen.seq, &seen.board));
    Ok(())
}

#[tokio::test]
async fn of_many_who_ask_for_the_same_name_at_once_one_gets_it() -> Result<()> {
    let server = Server::start().await?;
    let ask_for_it = async |name: String| -> Result<Result<Value, RequestFailure>> {
        let mut client = Client::join(server.address(), &name).await?;
        create(&mut client, "wanted").await
    };
    let answers = futures_util::future::try_join_all((0..8).map(|n| ask_for_it(format!("c{n}")))).await?;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    for failure in refused.into_iter().filter_map(Result::err) {
        assert_eq!(failure.code, "exists");
        assert!(failure.message.contains("wanted"), "{failure:?}");
    }
    Client::join(server.address(), "ann").await?.open_board("wanted").await?;
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_and_says_what_one_is() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    for name in [json!("a/b"), json!(""), json!("x".repeat(1_000)), json!(7), Value::Null] {
        let failure = create(&mut ann, name.clone()).await?.expect_err("no name");
        assert_eq!(failure.code, "invalid_name", "{name}");
        assert!(!failure.message.is_empty());
    }
    assert_eq!(create(&mut ann, "main").await?.expect_err("it is there").code, "exists");
    assert_eq!(list(&mut ann).await?, json!({ "boards": ["main"] }));
    Ok(())
}

#[tokio::test]
async fn beyond_the_limit_no_board_is_created() -> Result<()> {
    let server = Launch::default().flag("--max-boards", 2).start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    create(&mut ann, "second").await?.expect("there is room for one");
    let failure = create(&mut ann, "third").await?.expect_err("there is no room");
    assert_eq!(failure.code, "too_many");
    assert!(failure.message.contains("2 boards"), "{failure:?}");
    assert_eq!(create(&mut ann, "second").await?.expect_err("it is there").code, "exists");
    assert_eq!(list(&mut ann).await?, json!({ "boards": ["main", "second"] }));
    Ok(())
}

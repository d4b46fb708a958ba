//! Presence: the people on a board.

use anyhow::Result;
use serde_json::json;
use tideboard_shared::{ClientMessage, ServerMessage, SessionId, message::Member};
use tideboard_tests::{Client, Server};

async fn joined(client: &mut Client, session: &SessionId) -> Result<Member> {
    client
        .expect("joined", |message| match message {
            ServerMessage::Presence { joined, .. } => joined.iter().find(|member| member.session == *session).cloned(),
            _ => None,
        })
        .await
}

fn state(value: serde_json::Value) -> Result<ClientMessage> {
    Ok(ClientMessage::Presence { board: "main".parse()?, state: value })
}

#[tokio::test]
async fn coming_changing_and_going_is_seen_by_the_others() -> Result<()> {
    let server = Server::start().await?;
    let mut watcher = Client::join(server.address(), "watcher").await?;
    watcher.subscribe_to("presence:main").await?;
    let (mut ann, ready) = Client::named(server.address(), "ann").await?;
    ann.send(&state(json!({"selected": "welcome"}))?).await?;
    let member = joined(&mut watcher, &ready.session).await?;
    assert_eq!((member.user.as_str(), member.state), ("ann", json!({"selected": "welcome"})));

    ann.send(&state(json!({"selected": "counter"}))?).await?;
    let changed = watcher.expect("changed", |message| match message {
        ServerMessage::Presence { changed, .. } => changed.first().cloned(),
        _ => None,
    });
    assert_eq!(changed.await?.state, json!({"selected": "counter"}));

    drop(ann);
    left(&mut watcher, &ready.session).await
}

#[tokio::test]
async fn who_comes_later_hears_who_is_there() -> Result<()> {
    let server = Server::start().await?;
    let (mut ann, ready) = Client::named(server.address(), "ann").await?;
    ann.send(&state(json!({"at": 1}))?).await?;
    ann.drain().await?;
    let mut late = Client::join(server.address(), "late").await?;
    late.subscribe_to("presence:main").await?;
    assert_eq!(joined(&mut late, &ready.session).await?.state, json!({"at": 1}));
    Ok(())
}

#[tokio::test]
async fn null_takes_one_off_the_board() -> Result<()> {
    let server = Server::start().await?;
    let mut watcher = Client::join(server.address(), "watcher").await?;
    watcher.subscribe_to("presence:main").await?;
    let (mut ann, ready) = Client::named(server.address(), "ann").await?;
    ann.send(&state(json!({}))?).await?;
    joined(&mut watcher, &ready.session).await?;
    ann.send(&state(json!(null))?).await?;
    left(&mut watcher, &ready.session).await
}

async fn left(watcher: &mut Client, session: &SessionId) -> Result<()> {
    watcher
        .expect("left", |message| match message {
            ServerMessage::Presence { left, .. } => left.contains(session).then_some(()),
            _ => None,
        })
        .await
}

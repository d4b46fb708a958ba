//! Requests with an answer, and signs of life.

use anyhow::Result;
use serde_json::{Value, json};
use tideboard_shared::{
    ClientMessage, ServerMessage, UnixMs,
    message::{RequestFailure, Response},
};
use tideboard_tests::{Client, Launch, Server};

type Answer = Result<Value, RequestFailure>;

/// Sends a request and waits for the answer.
pub(crate) async fn ask(client: &mut Client, id: &str, method: &str, params: Value) -> Result<Answer> {
    let request = ClientMessage::Request { id: id.to_owned(), method: method.to_owned(), params };
    client.send(&request).await?;
    client
        .expect("response", |message| match message {
            ServerMessage::Response(Response::Result { id: of, result }) if of == id => Some(Ok(result.clone())),
            ServerMessage::Response(Response::Error { id: of, error }) if of == id => Some(Err(error.clone())),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn the_list_of_boards_can_be_asked_for() -> Result<()> {
    let server = Launch::default().boards(["main", "second"]).start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    assert_eq!(ask(&mut client, "r1", "board.list", json!({})).await?, Ok(json!({"boards": ["main", "second"]})));
    Ok(())
}

#[tokio::test]
async fn an_unknown_method_is_an_error_by_name() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    let failure = ask(&mut client, "r2", "board.lst", json!({})).await?.expect_err("no such method");
    assert_eq!(failure.code, "unknown_method");
    assert!(failure.message.contains("board.lst"), "{failure:?}");
    Ok(())
}

#[tokio::test]
async fn a_ping_is_answered_with_its_own_time_and_the_servers() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    client.send(&ClientMessage::Ping { t: UnixMs(123) }).await?;
    let time = client.expect("pong", |message| match message {
        ServerMessage::Pong { t: UnixMs(123), server_time } => Some(server_time.0),
        _ => None,
    });
    assert!(time.await? > 1_763_710_000_000);
    Ok(())
}

#[tokio::test]
async fn a_fresh_token_is_answered_by_ready_on_the_same_session() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::connect(server.address()).await?;
    let first = client.hello("ann").await?;
    client.send(&ClientMessage::Auth { token: "fresh".into() }).await?;
    assert_eq!(client.ready().await?.session, first.session);
    client.open_board("main").await?;
    Ok(())
}

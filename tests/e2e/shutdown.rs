//! Going away politely: SIGTERM.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use serde_json::json;
use tideboard_shared::{
    Outcome, ServerMessage,
    message::{CloseCode, Outcomes},
};
use tideboard_tests::{Address, Author, Client, Server};

use crate::requests::ask;

#[tokio::test]
async fn sigterm_tells_every_client_closes_and_ends_well_and_soon() -> Result<()> {
    let mut server = Server::start().await?;
    let mut clients = Vec::new();
    for n in 0..5 {
        let mut client = Client::join(server.address(), &format!("c{n}")).await?;
        client.open_board("main").await?;
        clients.push(client);
    }
    let mut silent = Client::connect(server.address()).await?;
    silent.welcome().await?;

    let start = Instant::now();
    server.terminate()?;
    for client in &mut clients {
        let window = client.expect("draining", |message| match message {
            ServerMessage::Draining { reconnect_after_ms } => Some(*reconnect_after_ms),
            _ => None,
        });
        assert!(window.await? > 0);
        let code = client.closed().await?.code;
        let polite = [CloseCode::GoingAway, CloseCode::Restart].map(|code| Some(code.code()));
        assert!(polite.contains(&code), "{code:?}");
    }
    silent.closed().await?;
    let status = server.ended().await?;
    assert!(status.success(), "{status}");
    // Actix alone would keep open sockets for 30 s.
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    Ok(())
}

#[tokio::test]
async fn an_edit_acknowledged_during_the_end_is_there_afterwards() -> Result<()> {
    let mut server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    ann.apply("main", author.increment("counter", "count", 1)).await?;
    for _ in 0..20 {
        ann.send_ops("main", 0, &[author.increment("counter", "count", 1)]).await?;
    }
    server.terminate()?;
    ann.closed().await?;
    let acknowledged: usize = ann
        .kept()
        .iter()
        .map(|message| match message {
            ServerMessage::Outcomes(Outcomes { results, .. }) => {
                results.iter().filter(|result| matches!(result.outcome, Outcome::Applied { .. })).count()
            }
            _ => 0,
        })
        .sum();
    assert!(server.ended().await?.success());

    server.restart().await?;
    let count = server.rest().board("main").await?.field("counter", "count");
    let least = 1 + acknowledged as u64;
    assert!(count.as_u64().is_some_and(|count| (least..=21).contains(&count)), "{count} with {least} acknowledged");
    Ok(())
}

#[tokio::test]
async fn a_polite_end_loses_nothing_and_keeps_the_epoch() -> Result<()> {
    let mut server = Server::start().await?;
    let seq = Client::join(server.address(), "ann").await?.apply("main", Author::new("ann").create("a", "b")).await?;
    let before = server.rest().board("main").await?;
    server.terminate()?;
    assert!(server.ended().await?.success());
    server.restart().await?;
    let after = server.rest().board("main").await?;
    assert_eq!(after.seq, seq);
    assert_eq!(after, before);
    assert_eq!(after.field("a", "text"), json!("b"));
    Ok(())
}

/// Creates so many boards by `board.create`, and edits each.
async fn fill_boards(address: Address, author: usize, count: usize) -> Result<()> {
    let name = format!("c{author}");
    let mut client = Client::join(address, &name).await?;
    let mut author = Author::new(&name);
    for n in 0..count {
        let board = format!("{name}-{n}");
        ask(&mut client, &board, "board.create", json!({ "board": board })).await?.expect("a new board");
        client.apply(&board, author.create("note", "hello")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sigterm_ends_a_server_whose_boards_were_made_while_it_ran() -> Result<()> {
    let mut server = Server::start().await?;
    try_join_all((0..8).map(|author| fill_boards(server.address(), author, 50))).await?;
    server.terminate()?;
    // An end that had to cut boards short says so by its status.
    let status = server.ended().await?;
    assert!(status.success(), "{status}");
    Ok(())
}

//! Access: those who may connect, and the user that they are taken for.

use anyhow::{Context, Result};
use tideboard_shared::{PROTOCOL, SUBPROTOCOL, ServerMessage, WireLimits, message::Auth};
use tideboard_tests::{Client, Launch, Server, within};
use tokio_tungstenite::tungstenite;

#[tokio::test]
async fn everyone_is_welcomed_at_once() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::connect(server.address()).await?;
    let ServerMessage::Welcome(welcome) = client.next().await? else { panic!("welcome comes first") };
    assert_eq!((welcome.protocol, welcome.auth, welcome.limits), (PROTOCOL, Auth::Optional, WireLimits::default()));
    assert_eq!(welcome.heartbeat_ms, 30_000);
    assert!(!welcome.build.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_user_named_in_the_address_is_ready_without_a_hello() -> Result<()> {
    let server = Server::start().await?;
    for path in ["/api/realtime?userId=test", "/ws?userId=test"] {
        let url = format!("ws://{}{path}", server.address());
        let mut client = Client::connect_with(&url, &[]).await?;
        assert!(matches!(client.next().await?, ServerMessage::Welcome(_)), "welcome comes first");
        let ServerMessage::Ready { user, .. } = client.next().await? else { panic!("then ready") };
        assert_eq!(user, "test");
        client.open_board("main").await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_connection_is_a_session_of_its_own() -> Result<()> {
    let server = Server::start().await?;
    let first = Client::connect(server.address()).await?.hello("ann").await?;
    let second = Client::connect(server.address()).await?.hello("ann").await?;
    assert_ne!(first.session, second.session);
    Ok(())
}

#[tokio::test]
async fn who_has_gone_is_no_longer_counted() -> Result<()> {
    let server = Server::start().await?;
    let polite = Client::join(server.address(), "polite").await?;
    let cut = Client::join(server.address(), "cut").await?;
    let silent = Client::connect(server.address()).await?;
    let rest = server.rest();
    assert_eq!(rest.status().await?.connections, 3);
    polite.leave().await?;
    drop((cut, silent));
    let all_gone = async {
        while rest.status().await?.connections > 0 {}
        anyhow::Ok(())
    };
    within("end of all connections", all_gone).await?
}

#[tokio::test]
async fn a_page_from_elsewhere_is_refused() -> Result<()> {
    let server = Launch::default().flag("--allow-origin", "https://boards.example").start().await?;
    let url = server.address().realtime();
    for origin in ["https://evil.example", "https://boards.example.evil.example", "http://boards.example", "null"] {
        assert_eq!(refusal(&url, origin).await?, 403, "{origin}");
    }
    for origin in ["https://boards.example", &server.address().http()] {
        Client::connect_with(&url, &[("origin", origin)]).await?.welcome().await.context(origin.to_owned())?;
    }
    Client::connect(server.address()).await?.welcome().await.context("a client that is no browser has no origin")?;
    Ok(())
}

#[tokio::test]
async fn a_page_from_elsewhere_cannot_post_either() -> Result<()> {
    let server = Launch::default().flag("--allow-origin", "https://boards.example").start().await?;
    let rest = server.rest();
    rest.get("/api/boards/main", &[("origin", "https://evil.example")]).await?.problem(403)?;
    assert_eq!(rest.get("/api/boards/main", &[("origin", "https://boards.example")]).await?.status, 200);
    assert_eq!(rest.get("/api/boards/main", &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn the_subprotocol_is_taken_when_offered() -> Result<()> {
    let server = Server::start().await?;
    // The client library itself fails if the server does not take the only subprotocol offered.
    Client::connect_with(&server.address().realtime(), &[("sec-websocket-protocol", SUBPROTOCOL)]).await?;
    let several = format!("other, {SUBPROTOCOL}");
    Client::connect_with(&server.address().realtime(), &[("sec-websocket-protocol", &several)]).await?;
    Client::connect_with(&server.address().realtime(), &[]).await?;
    Ok(())
}

async fn refusal(url: &str, origin: &str) -> Result<u16> {
    let error = Client::connect_with(url, &[("origin", origin)]).await.err().context("the origin was let in")?;
    match error.downcast::<tungstenite::Error>()? {
        tungstenite::Error::Http(response) => Ok(response.status().as_u16()),
        other => Err(other.into()),
    }
}

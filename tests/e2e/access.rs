//! Access: those who may connect, and the user that they are taken for.

use anyhow::{Context, Result};
use tideboard_shared::{
    PROTOCOL, SUBPROTOCOL, ServerMessage, WireLimits, encode,
    message::{Auth, RealtimePost, Submit},
};
use tideboard_tests::{Author, Client, Launch, Raw, Server, raw, within};
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
    let several = format!("{}, https://evil.example", server.address().http());
    for origin in ["http://localhost:1", "http://127.0.0.1:1", &several, "http://127.0.0.1\u{e4}"] {
        assert_eq!(refusal(&url, origin).await?, 403, "{origin}");
    }
    let other_name = server.address().http().replace("127.0.0.1", "localhost");
    for origin in ["https://boards.example", &server.address().http(), &other_name] {
        Client::connect_with(&url, &[("origin", origin)]).await?.welcome().await.context(origin.to_owned())?;
    }
    Client::connect(server.address()).await?.welcome().await.context("a client that is no browser has no origin")?;
    Ok(())
}

#[tokio::test]
async fn a_page_from_elsewhere_cannot_post_either() -> Result<()> {
    let server = Launch::default().flag("--allow-origin", "https://boards.example").start().await?;
    let rest = server.rest();
    let submit = RealtimePost {
        client: "evil".parse()?,
        submit: vec![Submit {
            board: "main".parse()?,
            epoch: None,
            seen: vec![],
            settled_through: 0,
            ops: vec![Author::new("evil").increment("counter", "count", 1)],
        }],
        since: [].into(),
        seen: [].into(),
    };
    let body = encode(&submit);
    let mut raw = Raw::open(server.address()).await?;
    let head = format!(
        "POST /api/realtime HTTP/1.1\r\nHost: {}\r\nOrigin: https://evil.example\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.address(),
        body.len()
    );
    raw.write(head.as_bytes()).await?;
    let answer = raw.head().await?;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(rest.board("main").await?.field("counter", "count"), serde_json::json!(0));
    rest.get("/api/boards/main", &[("origin", "https://evil.example")]).await?.problem(403)?;
    assert_eq!(rest.get("/api/boards/main", &[("origin", "https://boards.example")]).await?.status, 200);
    assert_eq!(rest.get("/api/boards/main", &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_server_is_asked_by_its_own_names_only() -> Result<()> {
    let server = Launch::default().flag("--allow-host", "boards.example").start().await?;
    let port = server.address().to_string().replace("127.0.0.1:", "");
    for evil in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"] {
        let host = format!("{evil}:{port}");
        let origin = format!("http://{host}");
        for path in ["/", "/api/realtime", "/api/boards/main"] {
            let problem = server.rest().get(path, &[("host", &host), ("origin", &origin)]).await?.problem(421)?;
            assert!(problem.detail.contains(&format!("--allow-host {evil}")), "{problem:?}");
        }
        let mut raw = Raw::open(server.address()).await?;
        raw.write(raw::handshake(&format!("Host: {host}\r\nOrigin: {origin}")).as_bytes()).await?;
        let head = raw.head().await?;
        assert!(head.starts_with("HTTP/1.1 421 "), "{head}");
    }
    for name in ["localhost", "127.0.0.1", "boards.example", "BOARDS.example"] {
        let host = format!("{name}:{port}");
        let origin = format!("http://{host}");
        let reply = server.rest().get("/api/boards/main", &[("host", &host), ("origin", &origin)]).await?;
        assert_eq!(reply.status, 200, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_browser_calls_cross_site_is_refused_unless_its_page_may_connect() -> Result<()> {
    let server = Launch::default().flag("--allow-origin", "https://boards.example").start().await?;
    let get = async |headers: &[(&str, &str)]| server.rest().get("/api/boards/main", headers).await;
    get(&[("sec-fetch-site", "cross-site")]).await?.problem(403)?;
    for site in ["none", "same-origin", "same-site"] {
        assert_eq!(get(&[("sec-fetch-site", site)]).await?.status, 200, "{site}");
    }
    let listed = get(&[("sec-fetch-site", "cross-site"), ("origin", "https://boards.example")]).await?;
    assert_eq!((listed.status, listed.header("access-control-allow-origin")), (200, "https://boards.example"));
    assert_eq!(get(&[]).await?.header("access-control-allow-origin"), "", "nobody else's answers may be read");
    Ok(())
}

#[tokio::test]
async fn a_listed_page_may_post_and_no_other() -> Result<()> {
    let server = Launch::default().flag("--allow-origin", "https://boards.example").start().await?;
    let preflight = async |origin: &str| {
        let mut raw = Raw::open(server.address()).await?;
        let host = server.address();
        let request = format!(
            "OPTIONS /api/realtime HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n\
             Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n"
        );
        raw.write(request.as_bytes()).await?;
        raw.head().await.map(|head| head.to_lowercase())
    };
    let allowed = preflight("https://boards.example").await?;
    assert!(allowed.starts_with("http/1.1 204 "), "{allowed}");
    for header in ["allow-origin: https://boards.example", "allow-methods: get, post", "content-type"] {
        assert!(allowed.contains(header), "{header}: {allowed}");
    }
    let refused = preflight("https://evil.example").await?;
    assert!(refused.starts_with("http/1.1 403 ") && !refused.contains("access-control"), "{refused}");
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

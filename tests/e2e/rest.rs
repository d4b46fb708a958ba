//! REST: the rules of the socket, over plain HTTP.

use anyhow::Result;
use serde_json::json;
use tideboard_shared::{
    Check, DeniedReason, Durability, Outcome, Position, Seq, ServerMessage,
    message::{Outcomes, RealtimePost, Submit},
};
use tideboard_tests::{Author, BoardView, Client, Launch, Raw, Server, within};

#[tokio::test]
async fn the_status_counts_what_there_is() -> Result<()> {
    let server = Launch::default().boards(["main", "second"]).start().await?;
    let rest = server.rest();
    let _ann = Client::join(server.address(), "ann").await?;
    let _bob = Client::join(server.address(), "bob").await?;
    let status = rest.status().await?;
    assert_eq!((status.status.as_str(), status.boards, status.connections), ("ok", 2, 2));
    assert_eq!(status.durability, Durability::Fsynced);
    assert!(!status.build.is_empty());
    assert_eq!(rest.get("/api/realtime/health", &[]).await?.status, 200);
    assert_eq!(rest.get("/api/realtime/ready", &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_board_reads_the_same_as_over_the_socket() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    ann.apply("main", Author::new("ann").set_add("welcome", "tags", "x")).await?;
    let socket = ann.open_board("main").await?;
    let rest = server.rest().board("main").await?;
    assert_eq!((&rest.epoch, rest.seq, &rest.board), (&socket.epoch, socket.seq, &socket.board));
    let reply = server.rest().get("/api/boards/main", &[]).await?;
    assert!(reply.header("content-type").starts_with("application/json"));
    assert_eq!(reply.header("cache-control"), "no-store");
    Ok(())
}

#[tokio::test]
async fn one_post_submits_and_catches_up() -> Result<()> {
    let server = Server::start().await?;
    let rest = server.rest();
    let mut seen = rest.board("main").await?;
    Client::join(server.address(), "bob").await?.apply("main", Author::new("bob").create("theirs", "x")).await?;

    let mut author = Author::new("ann");
    let op = author.create("mine", "y");
    let submit =
        Submit { board: "main".parse()?, epoch: None, seen: vec![], settled_through: 0, ops: vec![op.clone()] };
    let since = [("board:main".parse()?, Some(seen.position()))].into();
    let post = RealtimePost { client: author.client().clone(), submit: vec![submit], since, seen: [].into() };
    let reply = rest.realtime(&post).await?;
    assert!(reply.server_time.0 > 1_763_710_000_000);
    let [ServerMessage::Outcomes(Outcomes { results, .. }), rest @ ..] = reply.messages.as_slice() else {
        panic!("{reply:?}")
    };
    assert_eq!(results[0].id, op.id);
    assert!(matches!(results[0].outcome, Outcome::Applied { .. }), "{results:?}");
    let [ServerMessage::Subscribed { recovered: true, at: Some(Position { seq, .. }), .. }, updates @ ..] = rest else {
        panic!("{reply:?}")
    };
    for message in updates {
        let ServerMessage::Updates { events, .. } = message else { panic!("{message:?}") };
        seen.follow(events)?;
    }
    assert_eq!(seen.seq, *seq);
    assert!(seen.entity("mine").is_some() && seen.entity("theirs").is_some());
    Ok(())
}

#[tokio::test]
async fn without_a_position_or_with_a_lost_one_a_snapshot_comes() -> Result<()> {
    let server = Server::start().await?;
    let client = "ann".parse()?;
    let now = server.rest().board("main").await?;
    let lost = Position { epoch: "another-epoch".into(), seq: Seq(1), check: Check::EMPTY };
    for since in [None, Some(lost)] {
        let is_lost = since.is_some();
        let messages = server.rest().since(&client, "main", since).await?;
        let [ServerMessage::Subscribed { recovered: false, reset, .. }, parts @ ..] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        assert_eq!(*reset, is_lost);
        let parts = parts.iter().map(|message| match message {
            ServerMessage::Snapshot(part) => part.clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(BoardView::from_parts(parts.collect())?.board, now.board);
    }
    Ok(())
}

#[tokio::test]
async fn a_socket_hears_what_came_by_rest() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    let mut seen = reader.open_board("main").await?;
    let mut author = Author::new("ann");
    let op = author.increment("counter", "count", 5);
    let results = server.rest().submit(author.client(), "main", &[op]).await?;
    let Outcome::Applied { seq, .. } = results[0].outcome else { panic!("{results:?}") };
    reader.follow("main", &mut seen, seq).await?;
    assert_eq!(seen.field("counter", "count"), json!(5));
    Ok(())
}

#[tokio::test]
async fn an_unknown_board_is_denied_like_on_the_socket() -> Result<()> {
    let server = Server::start().await?;
    let messages = server.rest().since(&"ann".parse()?, "nowhere", None).await?;
    let [ServerMessage::Denied { channel, reason }] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!((channel.as_str(), reason), ("board:nowhere", &DeniedReason::UnknownBoard));
    Ok(())
}

#[tokio::test]
async fn every_error_is_a_problem_that_says_what_to_do() -> Result<()> {
    let server = Server::start().await?;
    let rest = server.rest();
    for body in [
        "",
        "{",
        "[]",
        "{\"client\":\"a b\"}",
        "{\"client\":\"a\",\"submit\":7}",
        "{\"client\":\"a\",\"since\":{\"x\":null}}",
    ] {
        let problem = rest.post_text("/api/realtime", body).await?.problem(400)?;
        assert!(problem.detail.len() > 10, "{body}: {problem:?}");
    }
    rest.get("/api/boards/nowhere", &[]).await?.problem(404)?;
    rest.get("/api/boards/a%2Fb", &[]).await?.problem(400)?;
    rest.get("/api/nothing/here", &[]).await?.problem(404)?;
    rest.post_text("/api/boards/main", "{}").await?.problem(405)?;
    rest.post_text("/api/streams/line3.temp", "{\"points\":1}").await?.problem(400)?;
    rest.post_text("/api/streams/a*", "{\"points\":[[1,2]]}").await?.problem(400)?;
    rest.post_text("/api/notifications", "{\"to\":{\"nobody\":1},\"level\":\"info\",\"title\":\"x\"}")
        .await?
        .problem(400)?;
    assert_eq!(rest.status().await?.status, "ok");
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() -> Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Server::start().await?;
    let mut socket = tokio::net::TcpStream::connect(server.address().to_string()).await?;
    let head = format!(
        "POST /api/realtime HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: \
        3000000\r\nConnection: close\r\n\r\n",
        server.address()
    );
    socket.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    within("refusal", socket.read_to_string(&mut answer)).await??;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_given_up() -> Result<()> {
    let server = Launch::default().flag("--body-ms", 300).start().await?;
    for begun in ["", "{\"points\":["] {
        let mut raw = Raw::open(server.address()).await?;
        let head = format!(
            "POST /api/streams/line3.temp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: 100\r\n\r\n{begun}",
            server.address()
        );
        raw.write(head.as_bytes()).await?;
        let answer = raw.head().await?;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reader_who_polls_sees_every_event_once() -> Result<()> {
    let server = Server::start().await?;
    let rest = server.rest();
    let client = "poller".parse()?;
    let mut seen = Client::join(server.address(), "reader").await?.open_board("main").await?;
    let mut author = Author::new("writer");
    let mut writer = Client::join(server.address(), "writer").await?;
    for round in 0..10_u64 {
        let ops: Vec<_> = (0..round).map(|_| author.increment("counter", "count", 1)).collect();
        let end = if ops.is_empty() { seen.seq } else { writer.apply_all("main", &ops).await? };
        for message in rest.since(&client, "main", Some(seen.position())).await? {
            match message {
                ServerMessage::Subscribed { recovered, .. } => assert!(recovered),
                ServerMessage::Updates { events, .. } => seen.follow(&events)?,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(seen.seq, end);
    }
    assert_eq!(seen.board, rest.board("main").await?.board);
    Ok(())
}

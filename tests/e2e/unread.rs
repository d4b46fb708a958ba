//! Clients that do not read cost little memory, and nobody else's.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tideboard_shared::{Channel, ClientMessage, DeniedReason, ServerMessage, message::Subscribe};
use tideboard_tests::{Author, Client, Launch, Raw, Server, raw, within};

use crate::bystander::Bystander;

const MIB: usize = 1024 * 1024;

/// Milliseconds since 1970, now.
fn now_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    now.as_millis().try_into().expect("within the next million years")
}

/// Publishes so many points on each topic of `t.*`.
async fn publish(server: &Server, topics: u64, points: u64) -> Result<()> {
    let start = now_ms() - points * 10;
    for topic in 0..topics {
        let all: Vec<_> = (0..points).map(|n| (start + n * 10, 0.25)).collect();
        for part in all.chunks(1_000) {
            let posted = server.rest().post(&format!("/api/streams/t.{topic}"), &json!({ "points": part })).await?;
            ensure!(posted.status == 202, "{}", posted.text());
        }
    }
    Ok(())
}

fn history_of_all() -> Result<Subscribe> {
    Ok(Subscribe { history: Some(3_600), ..Subscribe::from("stream:t.*".parse::<Channel>()?) })
}

#[tokio::test]
async fn pings_of_a_client_that_reads_nothing_cost_no_memory() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    reader.subscribe_to("stream:done").await?;
    let mut flood = Raw::join(server.address(), "flood").await?;
    let before = server.resident_bytes()?;
    // More than a system takes into its buffers.
    let pings = raw::frame(0x80 | Raw::PING, &[b'x'; 125]).repeat(1_000);
    for _ in 0..200 {
        flood.write(&pings).await?;
    }
    // Handled behind all of them.
    flood.say(r#"{"type":"publish","stream":"done","points":[[1,1]]}"#).await?;
    reader.expect("the point", |message| matches!(message, ServerMessage::Stream { .. }).then_some(())).await?;
    let more = server.resident_bytes()?.saturating_sub(before);
    ensure!(more < 8 * MIB, "200,000 pings cost {} MiB", more / MIB);
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn replies_that_nobody_reads_are_not_held_in_memory() -> Result<()> {
    let server = Server::start().await?;
    let mut author = Author::new("ann");
    let mut client = Client::join(server.address(), "ann").await?;
    for part in 0..40 {
        // As large as an entity may be, as many as a frame may hold.
        let ops: Vec<_> = (0..4).map(|n| author.create(&format!("e{part}-{n}"), &"x".repeat(60_000))).collect();
        client.apply_all("main", &ops).await?;
    }
    let whole = server.rest().get("/api/boards/main", &[]).await?.body.len();
    ensure!(whole > 9 * MIB, "more than a system takes into its buffers: {whole}");
    let before = server.resident_bytes()?;
    let mut unread = Vec::new();
    for _ in 0..20 {
        let mut raw = Raw::open(server.address()).await?;
        raw.write(format!("GET /api/boards/main HTTP/1.1\r\nHost: {}\r\n\r\n", server.address()).as_bytes()).await?;
        ensure!(raw.head().await?.starts_with("HTTP/1.1 200 "), "a good answer");
        unread.push(raw);
    }
    let more = server.resident_bytes()?.saturating_sub(before);
    ensure!(more < 2 * whole, "{} replies of {} MiB cost {} MiB", unread.len(), whole / MIB, more / MIB);
    Ok(())
}

#[tokio::test]
async fn one_subscribe_gets_so_many_points_of_the_past_and_every_topics_last() -> Result<()> {
    let server = Launch::default().flag("--history-points", 20).start().await?;
    publish(&server, 4, 30).await?;
    let mut client = Client::join(server.address(), "ann").await?;
    client.subscribe(history_of_all()?).await?;
    let messages = client.drain().await?;
    let counts: Vec<_> = messages
        .iter()
        .filter_map(|message| match message {
            ServerMessage::Stream { points, .. } => Some(points.len()),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [5; 4]);
    Ok(())
}

#[tokio::test]
async fn when_too_much_waits_for_readers_others_are_asked_to_come_later() -> Result<()> {
    let server = Launch::default().flag("--held-bytes", MIB).flag("--send-buffer-bytes", 4_096).start().await?;
    publish(&server, 5, 3_600).await?;
    let subscribe = tideboard_shared::encode(&ClientMessage::Subscribe(history_of_all()?));
    let mut stalled = Vec::new();
    let denied = loop {
        ensure!(stalled.len() < 30, "everything that 30 readers do not read is held");
        let mut raw = Raw::join(server.address(), "slow").await?;
        raw.say(&subscribe).await?;
        let answer = raw.until("stream:t.*").await?.text();
        stalled.push(raw);
        if !answer.contains("subscribed") {
            break answer;
        }
    };
    let denied: ServerMessage = serde_json::from_str(&denied)?;
    let expected = ServerMessage::Denied { channel: "stream:t.*".to_owned(), reason: DeniedReason::Unavailable };
    assert_eq!(denied, expected);
    drop(stalled);
    let mut client = Client::join(server.address(), "ann").await?;
    within("room again", async {
        loop {
            client.send(&ClientMessage::Subscribe(history_of_all()?)).await?;
            let is_granted = client.expect("an answer", |message| match message {
                ServerMessage::Subscribed { .. } => Some(true),
                ServerMessage::Denied { .. } => Some(false),
                _ => None,
            });
            if is_granted.await? {
                return anyhow::Ok(());
            }
        }
    })
    .await?
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_whose_peer_takes_nothing_is_cut() -> Result<()> {
    let server = Launch::default().flag("--write-timeout-ms", 1_000).flag("--send-buffer-bytes", 4_096).start().await?;
    publish(&server, 5, 3_600).await?;
    let mut stalled = Raw::join(server.address(), "slow").await?;
    stalled.say(&tideboard_shared::encode(&ClientMessage::Subscribe(history_of_all()?))).await?;
    stalled.until("subscribed").await?;
    let rest = server.rest();
    assert_eq!(rest.status().await?.connections, 1);
    within("end of the connection", async {
        while rest.status().await?.connections > 0 {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    })
    .await?
    .context("the server's status")
}

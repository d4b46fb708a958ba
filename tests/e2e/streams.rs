//! Telemetry: live, with history, at the reader's pace.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::Result;
use tideboard_shared::{
    Channel, ClientMessage, Point, ServerMessage, UnixMs,
    message::{ErrorCode, Subscribe},
};
use tideboard_tests::{Author, Client, Launch, Raw, Server};

#[derive(Debug, Clone)]
struct Points {
    topic: String,
    points: Vec<Point>,
    thinned: bool,
}

async fn points(client: &mut Client) -> Result<Points> {
    client
        .expect("stream points", |message| match message {
            ServerMessage::Stream { topic, points, thinned } => {
                Some(Points { topic: topic.to_string(), points: points.clone(), thinned: *thinned })
            }
            _ => None,
        })
        .await
}

fn stream(channel: &str) -> Result<Subscribe> {
    Ok(Subscribe::from(channel.parse::<Channel>()?))
}

fn at(t: u64, v: f64) -> Point {
    Point(UnixMs(t), v)
}

async fn busy_host() -> Result<Server> {
    Launch::default().flag("--host-rate-hz", 20).start().await
}

#[tokio::test]
async fn the_hosts_cpu_arrives_live() -> Result<()> {
    let server = busy_host().await?;
    let mut client = Client::join(server.address(), "reader").await?;
    client.subscribe(stream("stream:host.cpu")?).await?;
    let mut last = 0;
    for _ in 0..5 {
        for Point(t, v) in points(&mut client).await?.points {
            assert!(t.0 > last, "times rise");
            assert!(v.is_finite() && v >= 0.0, "{v}");
            last = t.0;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_late_reader_gets_history_first() -> Result<()> {
    let server = busy_host().await?;
    let mut early = Client::join(server.address(), "early").await?;
    early.subscribe(stream("stream:host.cpu")?).await?;
    let mut live = Vec::new();
    while live.len() < 5 {
        live.extend(points(&mut early).await?.points);
    }
    let mut late = Client::join(server.address(), "late").await?;
    late.subscribe(Subscribe { history: Some(4), ..stream("stream:host.cpu")? }).await?;
    let history = points(&mut late).await?;
    assert_eq!(history.points.len(), 4);
    assert!(history.points.is_sorted_by_key(|point| point.0.0), "{history:?}");
    let next = points(&mut late).await?;
    assert!(next.points[0].0.0 > history.points[3].0.0, "nothing comes twice: {history:?} {next:?}");
    Ok(())
}

#[tokio::test]
async fn a_prefix_brings_all_its_topics() -> Result<()> {
    let server = busy_host().await?;
    let mut client = Client::join(server.address(), "reader").await?;
    client.subscribe(stream("stream:host.*")?).await?;
    let mut topics = BTreeSet::new();
    while topics.len() < 4 {
        topics.insert(points(&mut client).await?.topic);
    }
    assert!(topics.iter().all(|topic| topic.starts_with("host.")), "{topics:?}");
    assert!(topics.contains("host.cpu"), "{topics:?}");
    Ok(())
}

#[tokio::test]
async fn a_slow_reader_gets_fewer_messages_with_more_points_in_each() -> Result<()> {
    let server = busy_host().await?;
    let mut client = Client::join(server.address(), "slow").await?;
    client.subscribe(Subscribe { max_rate_hz: Some(4.0), ..stream("stream:host.cpu")? }).await?;
    points(&mut client).await?;
    let start = Instant::now();
    let mut received = 0;
    for _ in 0..6 {
        received += points(&mut client).await?.points.len();
    }
    assert!(start.elapsed() >= Duration::from_millis(1_200), "6 messages at 4 Hz within {:?}", start.elapsed());
    assert!(received > 6, "20 points a second in 4 messages a second: {received}");
    Ok(())
}

#[tokio::test]
async fn what_a_slow_reader_cannot_get_is_left_out_and_said_so() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "slow").await?;
    client.subscribe(Subscribe { max_rate_hz: Some(2.0), ..stream("stream:fast")? }).await?;
    let push = async |from: u64, to: u64| {
        let points: Vec<_> = (from..to).map(|t| (t, t)).collect();
        server.rest().post("/api/streams/fast", &serde_json::json!({ "points": points })).await
    };
    push(1, 2).await?;
    assert!(!points(&mut client).await?.thinned);
    for batch in 0..5 {
        assert_eq!(push(100 * batch + 100, 100 * batch + 200).await?.status, 202);
    }
    let mut last = 0;
    let mut thinned = false;
    while last < 599 {
        let message = points(&mut client).await?;
        thinned |= message.thinned;
        assert!(message.points[0].0.0 > last, "the latest points win, in order: {message:?}");
        last = message.points[message.points.len() - 1].0.0;
    }
    assert!(thinned);
    client.drain().await?;
    Ok(())
}

#[tokio::test]
async fn what_one_publishes_the_other_gets() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    reader.subscribe(stream("stream:line3.temp")?).await?;
    let mut sensor = Client::join(server.address(), "sensor").await?;
    let sent = vec![at(1_763_710_000_000, 71.2), at(1_763_710_000_500, 71.4)];
    sensor.send(&ClientMessage::Publish { stream: "line3.temp".parse()?, points: sent.clone() }).await?;
    let received = points(&mut reader).await?;
    assert_eq!((received.topic.as_str(), received.points), ("line3.temp", sent.clone()));
    let quiet = sensor.drain().await?;
    assert!(!quiet.iter().any(|message| matches!(message, ServerMessage::Error { .. })), "{quiet:?}");

    let pushed = serde_json::json!({"points": [[1_763_710_001_000_u64, 70.0]]});
    assert_eq!(server.rest().post("/api/streams/line3.temp", &pushed).await?.status, 202);
    assert_eq!(points(&mut reader).await?.points, [at(1_763_710_001_000, 70.0)]);

    let mut late = Client::join(server.address(), "late").await?;
    late.subscribe(Subscribe { history: Some(10), ..stream("stream:line3.temp")? }).await?;
    assert_eq!(points(&mut late).await?.points, [sent[0], sent[1], at(1_763_710_001_000, 70.0)]);
    Ok(())
}

/// Value with which every topic ends in the next test.
const LAST: f64 = 7.5;

#[tokio::test]
async fn a_reader_that_slept_gets_the_last_value_of_every_topic_and_is_told_that_some_were_left_out() -> Result<()> {
    let launch = Launch::default().flag("--send-buffer-bytes", 4_096).flag("--connection-bytes", 65_536);
    let server = launch.start().await?;
    let mut sleeper = Raw::join(server.address(), "sleeper").await?;
    sleeper.say(r#"{"type":"subscribe","channel":"stream:s.*"}"#).await?;
    sleeper.until("subscribed").await?;
    let mut sensor = Client::join(server.address(), "sensor").await?;
    for round in 1..=400 {
        let value = if round == 400 { LAST } else { 0.5 };
        let of_topic = |n: u64| {
            let points = (0..20).map(|i| at(round * 100 + i, value)).collect();
            Ok(ClientMessage::Publish { stream: format!("s.{n}").parse()?, points })
        };
        sensor.send_many(&(0..5).map(of_topic).collect::<Result<Vec<_>>>()?).await?;
    }
    sensor.drain().await?;
    let mut missing: BTreeSet<_> = (0..5).map(|n| format!("s.{n}")).collect();
    while !missing.is_empty() {
        let frame = sleeper.until("\"stream\"").await?;
        let ServerMessage::Stream { topic, points, thinned } = serde_json::from_str(&frame.text())? else { continue };
        if points.last().is_some_and(|Point(_, value)| *value == LAST) {
            assert!(thinned, "points of {topic} were left out");
            missing.remove(topic.as_str());
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_rate_holds_for_every_topic_of_a_large_prefix() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    // One message a minute: longer than this test takes.
    reader.subscribe(Subscribe { max_rate_hz: Some(1.0 / 60.0), ..stream("stream:r.*")? }).await?;
    let mut sensor = Client::join(server.address(), "sensor").await?;
    for t in 1..=4 {
        for first in [0, 200] {
            let publish =
                |n: u64| Ok(ClientMessage::Publish { stream: format!("r.{n}").parse()?, points: vec![at(t, 0.5)] });
            sensor.send_many(&(first..first + 200).map(publish).collect::<Result<Vec<_>>>()?).await?;
        }
    }
    sensor.send(&ClientMessage::Publish { stream: "r.done".parse()?, points: vec![at(5, 0.5)] }).await?;
    let mut topics = Vec::new();
    loop {
        let Points { topic, .. } = points(&mut reader).await?;
        if topic == "r.done" {
            break;
        }
        topics.push(topic);
    }
    let distinct: BTreeSet<_> = topics.iter().collect();
    assert_eq!((topics.len(), distinct.len()), (400, 400), "one message of each topic");
    Ok(())
}

#[tokio::test]
async fn points_that_cannot_be_right_are_refused_with_the_reason() -> Result<()> {
    let server = Server::start().await?;
    let mut sensor = Client::join(server.address(), "sensor").await?;
    let now = sensor.welcome().await?.server_time.0;
    let cases = [
        (String::new(), "no point"),
        (format!("[{},1]", now / 1_000), "seconds"),
        (format!("[{now},1],[{},1]", now + 60_000), "ahead"),
        (format!("[{now},1e999]"), "range"),
        (format!("[{now},null]"), "null"),
    ];
    for (points, reason) in cases {
        let frame = format!(r#"{{"type":"publish","stream":"bad","points":[{points}]}}"#);
        sensor.send_text(frame).await?;
        let told = sensor.expect("an error", |message| match message {
            ServerMessage::Error { code, message, fatal, about } => {
                Some((*code, message.clone(), *fatal, about.clone()))
            }
            _ => None,
        });
        let (code, message, fatal, about) = told.await?;
        assert_eq!((code, fatal, about.as_deref()), (ErrorCode::BadMessage, false, Some("publish")), "{message}");
        assert!(message.contains(reason), "{points}: {message}");
        let body = format!(r#"{{"points":[{points}]}}"#);
        let problem = server.rest().post_text("/api/streams/bad", body).await?.problem(400)?;
        assert!(problem.detail.contains(reason), "{points}: {problem:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_comes_after_unsubscribing_from_a_stream() -> Result<()> {
    let server = Server::start().await?;
    let mut reader = Client::join(server.address(), "reader").await?;
    reader.subscribe(stream("stream:line3.temp")?).await?;
    reader.send(&ClientMessage::Unsubscribe { channel: "stream:line3.temp".parse()? }).await?;
    reader.drain().await?;
    server.rest().post("/api/streams/line3.temp", &serde_json::json!({"points": [[1, 2]]})).await?;
    let heard = reader.drain().await?;
    assert!(heard.is_empty(), "{heard:?}");
    Ok(())
}

#[tokio::test]
async fn the_server_tells_of_itself() -> Result<()> {
    let server = Launch::default().flag("--server-rate-hz", 20).start().await?;
    let mut client = Client::join(server.address(), "reader").await?;
    client.open_board("main").await?;
    client.subscribe(stream("stream:server.*")?).await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let mut wanted: BTreeSet<String> = ["connections", "messages.in", "messages.out", "bytes.out", "operations"]
        .into_iter()
        .chain(["commit.p50", "commit.p95", "commit.p99", "fanout.p50", "fanout.p95", "fanout.p99"])
        .chain(["fanout.subscribers", "memory"])
        .map(|topic| format!("server.{topic}"))
        .collect();
    // Only a measuring interval with traffic has rates above 0 and a latency.
    while !wanted.is_empty() {
        writer.apply("main", author.increment("counter", "count", 1)).await?;
        let Points { topic, points, .. } = points(&mut client).await?;
        if points.iter().any(|Point(_, value)| *value > 0.0) {
            wanted.remove(&topic);
        }
    }
    Ok(())
}

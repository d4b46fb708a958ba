//! Client written from `docs/wire.md` alone: text in, text out, none of our types.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tideboard_tests::{Address, Server, within};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// Norm of the protocol, whose examples are sent as they stand there.
const PAGE: &str = include_str!("../../docs/wire.md");

/// Finds the nth example of a message that a client sends.
fn example(kind: &str, nth: usize) -> String {
    example_of("client", kind, nth).to_string()
}

/// Finds the nth example of a message of one side.
fn example_of(side: &str, kind: &str, nth: usize) -> Value {
    let block = PAGE.split(&format!("```json {side}\n")).nth(1).and_then(|rest| rest.split("```").next());
    let messages = serde_json::Deserializer::from_str(block.expect("a block")).into_iter::<Value>();
    let mut of_kind = messages.map(|text| text.expect("JSON")).filter(|message| message["type"] == kind);
    of_kind.nth(nth).expect("an example")
}

/// Submit that makes the entities that the example submit edits.
const PREPARE: &str = r#"{"type":"submit","board":"main","settled_through":0,"ops":[
  {"id":"c_aa/1","entity":"note1","base":0,
   "action":{"do":"create","kind":"note","fields":{"title":"Old","color":"red"}}},
  {"id":"c_aa/2","entity":"w1","base":0,"action":{"do":"create","kind":"widget"}},
  {"id":"c_aa/3","entity":"w2","base":0,"action":{"do":"create","kind":"widget","fields":{"a":1}}}]}"#;

/// Submit that sets a field that [`PREPARE`] has set, without having seen that.
const LATE: &str = r#"{"type":"submit","board":"main","ops":[
  {"id":"c_7f3a/1","entity":"note1","base":0,"action":{"do":"patch","set":{"title":"Hi"}}}]}"#;

struct Stranger {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: Vec<Value>,
}

impl Stranger {
    async fn connect(address: Address) -> Result<Self> {
        let (socket, _) = connect_async(address.realtime()).await?;
        Ok(Self { socket, heard: Vec::new() })
    }

    async fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// Takes the next message of this type; others are kept.
    async fn hear(&mut self, kind: &str) -> Result<Value> {
        let heard = within(kind, async {
            loop {
                if let Some(at) = self.heard.iter().position(|message| message["type"] == kind) {
                    return Ok(self.heard.remove(at));
                }
                match self.socket.next().await.context("the connection ended")?? {
                    Message::Text(text) => match serde_json::from_str(&text)? {
                        Value::Array(messages) => self.heard.extend(messages),
                        message => self.heard.push(message),
                    },
                    Message::Close(frame) => bail!("closed: {frame:?}"),
                    _ => {}
                }
            }
        });
        heard.await.and_then(|result| result).with_context(|| format!("waiting for {kind}"))
    }

    async fn ask(&mut self, text: &str, answer: &str) -> Result<Value> {
        self.say(text).await?;
        self.hear(answer).await.with_context(|| text.to_owned())
    }
}

/// Checks that a message has exactly the documented fields.
fn assert_fields(message: &Value, documented: &[&str]) {
    let mut documented = documented.to_vec();
    documented.push("type");
    documented.sort_unstable();
    let mut found: Vec<_> = message.as_object().expect("an object").keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, documented, "{message}");
}

async fn greeted(address: Address) -> Result<Stranger> {
    let mut stranger = Stranger::connect(address).await?;
    stranger.ask(&example("hello", 0), "ready").await?;
    Ok(stranger)
}

#[tokio::test]
async fn hello_and_auth_are_answered_by_ready() -> Result<()> {
    let server = Server::start().await?;
    let mut stranger = Stranger::connect(server.address()).await?;
    let welcome = stranger.hear("welcome").await?;
    assert_fields(&welcome, &["protocol", "server_time", "heartbeat_ms", "auth", "durability", "build", "limits"]);
    assert_eq!(welcome["limits"], example_of("server", "welcome", 0)["limits"]);
    let ready = stranger.ask(&example("hello", 0), "ready").await?;
    assert_fields(&ready, &["session", "user", "rights"]);
    assert!(ready["rights"]["boards"].is_object() && ready["rights"]["streams"].is_object(), "{ready}");
    let again = stranger.ask(&example("auth", 0), "ready").await?;
    assert_eq!(again["session"], ready["session"]);
    Ok(())
}

#[tokio::test]
async fn subscribing_to_a_board_brings_a_snapshot() -> Result<()> {
    let server = Server::start().await?;
    let mut stranger = greeted(server.address()).await?;
    for nth in [0, 1] {
        let subscribed = stranger.ask(&example("subscribe", nth), "subscribed").await?;
        assert_fields(&subscribed, &["channel", "epoch", "seq", "recovered"]);
        assert_eq!((&subscribed["channel"], &subscribed["recovered"]), (&json!("board:main"), &json!(false)));
        let snapshot = stranger.hear("snapshot").await?;
        assert_fields(&snapshot, &["board", "epoch", "seq", "last_n", "part", "last", "entities"]);
        assert_eq!(snapshot["seq"], subscribed["seq"]);
        let entity = &snapshot["entities"][0];
        let changed = entity["changed"].as_object().and_then(|changed| changed.values().next()).context("a change")?;
        assert!(entity["fields"].is_object() && changed[0].is_u64() && changed[1].is_string(), "{entity}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_brings_pairs_of_time_and_value() -> Result<()> {
    let server = Server::start().await?;
    let mut stranger = greeted(server.address()).await?;
    assert_eq!(stranger.ask(&example("subscribe", 2), "subscribed").await?["channel"], "stream:host.cpu");
    let stream = stranger.hear("stream").await?;
    assert_fields(&stream, &["topic", "points", "thinned"]);
    assert_eq!(stream["topic"], "host.cpu");
    assert!(stream["points"][0][0].is_u64() && stream["points"][0][1].is_number(), "{stream}");
    Ok(())
}

#[tokio::test]
async fn the_example_submit_is_applied_to_existing_entities() -> Result<()> {
    let server = Server::start().await?;
    let mut other = Stranger::connect(server.address()).await?;
    other.ask(&example("hello", 0).replace("c_7f3a", "c_aa"), "ready").await?;
    let prepared = other.ask(PREPARE, "outcomes").await?;
    assert!(prepared["results"][2]["applied"]["seq"].is_u64(), "{prepared}");

    let mut stranger = greeted(server.address()).await?;
    let seen = stranger.ask(&example("subscribe", 0), "snapshot").await?["seq"].clone();
    let submit = example("submit", 0).replace("\"base\":41", &format!("\"base\":{seen}"));
    let outcomes = stranger.ask(&submit, "outcomes").await?;
    assert_fields(&outcomes, &["board", "epoch", "seq", "results"]);
    for (n, result) in (17..).zip(outcomes["results"].as_array().context("results")?) {
        assert_eq!(result["id"], format!("c_7f3a/{n}"));
        assert_eq!(result["applied"]["durability"], "fsynced", "{result}");
    }
    let updates = stranger.hear("updates").await?;
    assert_fields(&updates, &["board", "events"]);
    let event = &updates["events"][0];
    assert_eq!(event["op"]["id"], "c_7f3a/17");
    assert!(event["seq"].is_u64() && event["by"].is_string() && event["at"].is_u64(), "{event}");
    assert_eq!(event["op"]["action"], json!({"do": "patch", "set": {"title": "Hi"}, "unset": ["color"]}));

    let board: Value = server.rest().get("/api/boards/main", &[]).await?.json()?;
    let entity = |id: &str| {
        board["entities"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|entity| entity["id"] == id)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(entity("note1")["fields"], json!({"title": "Hi"}));
    assert_eq!(entity("o9")["fields"], json!({"status": "new", "total": 12.5}));
    assert_eq!(entity("w1")["fields"], json!({"count": 1, "tags": ["ops"]}));
    assert_eq!(entity("w2"), Value::Null);
    Ok(())
}

#[tokio::test]
async fn the_example_submit_is_rejected_where_its_entities_are_missing() -> Result<()> {
    let server = Server::start().await?;
    let outcomes = greeted(server.address()).await?.ask(&example("submit", 0), "outcomes").await?;
    for n in [0, 2, 3, 4, 5] {
        let rejected = &outcomes["results"][n]["rejected"];
        assert_eq!(rejected["reason"], "unknown_entity", "{outcomes}");
        assert!(rejected["message"].is_string());
    }
    assert!(outcomes["results"][1]["applied"]["seq"].is_u64(), "{outcomes}");
    Ok(())
}

#[tokio::test]
async fn a_conflict_has_the_documented_form() -> Result<()> {
    let server = Server::start().await?;
    let mut other = Stranger::connect(server.address()).await?;
    other.ask(&example("hello", 0).replace("c_7f3a", "c_aa"), "ready").await?;
    let seq = other.ask(PREPARE, "outcomes").await?["results"][0]["applied"]["seq"].clone();
    let outcomes = greeted(server.address()).await?.ask(LATE, "outcomes").await?;
    let expected = json!({"theirs_version": seq, "fields": [{"name": "title", "theirs": "Old", "yours": "Hi"}]});
    assert_eq!(outcomes["results"][0]["conflict"], expected);
    Ok(())
}

#[tokio::test]
async fn presence_requests_and_pings_are_answered_as_shown() -> Result<()> {
    let server = Server::start().await?;
    let mut stranger = greeted(server.address()).await?;
    stranger.ask(r#"{"type":"subscribe","channel":"presence:main"}"#, "subscribed").await?;
    stranger.say(&example("presence", 0)).await?;
    let member = loop {
        let presence = stranger.hear("presence").await?;
        assert_fields(&presence, &["board", "joined", "left", "changed"]);
        if let Some(member) = presence["joined"].get(0).or_else(|| presence["changed"].get(0)) {
            break member.clone();
        }
    };
    assert_eq!(member["state"], json!({"selected": "w1"}));
    assert!(member["session"].is_string() && member["user"].is_string(), "{member}");

    let response = stranger.ask(&example("request", 0), "response").await?;
    assert_eq!(response, json!({"type": "response", "id": "r1", "result": {"boards": ["main"]}}));
    let pong = stranger.ask(&example("ping", 0), "pong").await?;
    assert_fields(&pong, &["t", "server_time"]);
    assert_eq!(pong["t"], 1_763_710_000_000_u64);
    Ok(())
}

#[tokio::test]
async fn unsubscribe_and_publish_are_taken_in_silence() -> Result<()> {
    let server = Server::start().await?;
    let mut stranger = greeted(server.address()).await?;
    stranger.ask(r#"{"type":"subscribe","channel":"stream:line3.temp"}"#, "subscribed").await?;
    stranger.say(&example("unsubscribe", 0)).await?;
    let stream = stranger.ask(&example("publish", 0), "stream").await?;
    assert_eq!(
        stream,
        json!({"type": "stream", "topic": "line3.temp", "points": [[1_763_710_000_000_u64, 71.2]], "thinned": false})
    );
    stranger.ask(&example("ping", 0), "pong").await?;
    assert!(!stranger.heard.iter().any(|message| message["type"] == "error"), "{:?}", stranger.heard);
    Ok(())
}

#[tokio::test]
async fn an_unknown_type_gets_an_error_that_is_not_fatal() -> Result<()> {
    let server = Server::start().await?;
    let mut stranger = greeted(server.address()).await?;
    let error = stranger.ask(r#"{"type":"foo"}"#, "error").await?;
    assert_eq!((&error["code"], &error["fatal"]), (&json!("bad_message"), &json!(false)));
    assert_eq!(error["message"], "unknown type 'foo'");
    let denied = stranger.ask(r#"{"type":"subscribe","channel":"board:secret"}"#, "denied").await?;
    assert_fields(&denied, &["channel", "reason"]);
    Ok(())
}

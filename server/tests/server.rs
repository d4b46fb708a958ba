//! A server in this process, over real sockets. The large suite over processes is in crate `tests`.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tideboard_server::{
    Config, Server,
    config::{Bind, Rate, Store},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn config() -> Config {
    Config {
        bind: Bind::localhost(0),
        store: Store::Memory,
        host_rate_hz: Rate::Off,
        server_rate_hz: Rate::Off,
        assets: "/no/such/folder".into(),
        ..Config::default()
    }
}

async fn start() -> Server {
    Server::start(config()).await.unwrap()
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(server: &Server, query: &str) -> Self {
        let address = format!("ws://{}/api/realtime{query}", server.address());
        Self(connect_async(address).await.unwrap().0)
    }

    /// A socket that has got its `welcome` and `ready`.
    async fn ready(server: &Server, user: &str) -> Self {
        let mut socket = Self::open(server, &format!("?userId={user}")).await;
        socket.next_of("ready").await;
        socket
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn frame(&mut self) -> Message {
        let frame = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame in time");
        frame.expect("the connection is open").unwrap()
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.frame().await {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// Reads to the close frame.
    async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(close) = self.frame().await {
                return close.unwrap().code.into();
            }
        }
    }
}

/// Key of the only client that edits here.
const KEY: &str = "a-key-of-22-characters";

fn increment(id: &str) -> Value {
    let op =
        json!({ "id": id, "entity": "counter", "base": 0, "action": { "do": "increment", "field": "count", "by": 1 } });
    json!({ "type": "submit", "board": "main", "settled_through": 0, "ops": [op] })
}

async fn post(server: &Server, path: &str, body: Value) -> (u16, Value) {
    let url = format!("http://{}{path}", server.address());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn get(server: &Server, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("http://{}{path}", server.address())).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connects_is_welcomed_at_once_and_a_hello_makes_it_ready() {
    let server = start().await;
    let mut socket = Socket::open(&server, "").await;
    let welcome = socket.next().await;
    assert_eq!(
        (&welcome["type"], &welcome["protocol"], &welcome["durability"]),
        (&json!("welcome"), &json!(1), &json!("memory"))
    );
    socket.say(json!({ "type": "hello", "protocol": 1, "client": "c_1", "key": KEY, "tab": "t" })).await;
    assert_eq!(socket.next().await["user"], "guest");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_subscribers_and_its_repeat_over_rest_is_answered_the_same() {
    let server = start().await;
    let mut reader = Socket::ready(&server, "ann").await;
    reader.say(json!({ "type": "subscribe", "channel": "board:main" })).await;
    let snapshot = reader.next_of("snapshot").await;
    let seq = snapshot["seq"].as_u64().unwrap();
    let entities = snapshot["entities"].as_array().unwrap().len();
    assert_eq!(seq, entities as u64, "the demo content");
    let mut writer = Socket::open(&server, "").await;
    writer
        .say(json!([{ "type": "hello", "protocol": 1, "client": "c_w", "key": KEY, "tab": "t" }, increment("c_w/1")]))
        .await;
    let outcome = writer.next_of("outcomes").await["results"].clone();
    assert_eq!(outcome, json!([{ "id": "c_w/1", "applied": { "seq": seq + 1, "durability": "memory" } }]));
    let event = reader.next_of("updates").await["events"][0].clone();
    assert_eq!((&event["seq"], &event["op"]["id"]), (&json!(seq + 1), &json!("c_w/1")));

    let (status, reply) = post(
        &server,
        "/api/realtime",
        json!({ "client": "c_w", "key": KEY, "submit": [increment("c_w/1")], "since": { "board:main": null } }),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(reply["messages"][0]["results"], outcome);
    let (_, board) = get(&server, "/api/boards/main").await;
    let board: Value = serde_json::from_str(&board).unwrap();
    let counter = board["entities"].as_array().unwrap().iter().find(|entity| entity["id"] == "counter").unwrap();
    assert_eq!((&board["seq"], &counter["fields"]["count"]), (&json!(seq + 1), &json!(1)));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_presence_and_notifications_reach_who_subscribed() {
    let server = start().await;
    let mut ann = Socket::ready(&server, "ann").await;
    let mut bob = Socket::ready(&server, "bob").await;
    for channel in ["stream:line.*", "presence:main", "notifications"] {
        ann.say(json!({ "type": "subscribe", "channel": channel, "history": 10 })).await;
        assert_eq!(ann.next_of("subscribed").await["channel"], channel);
    }
    bob.say(json!({ "type": "publish", "stream": "line.temp", "points": [[1, 20.5]] })).await;
    assert_eq!(ann.next_of("stream").await["points"], json!([[1, 20.5]]));
    bob.say(json!({ "type": "presence", "board": "main", "state": { "selected": "w1" } })).await;
    let mut presence = ann.next_of("presence").await;
    if presence["joined"] == json!([]) {
        presence = ann.next_of("presence").await;
    }
    assert_eq!(presence["joined"][0]["user"], "bob");
    bob.0.close(None).await.unwrap();
    assert_eq!(ann.next_of("presence").await["left"], json!([presence["joined"][0]["session"]]));
    for (user, title) in [("bob", "not for ann"), ("ann", "for ann")] {
        let body = json!({ "to": { "user": user }, "level": "info", "title": title });
        assert_eq!(post(&server, "/api/notifications", body).await.0, 202);
    }
    assert_eq!(ann.next_of("notification").await["title"], "for ann");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_operations_are_all_handed_back_to_be_sent_again() {
    let server = start().await;
    let mut socket = Socket::open(&server, "").await;
    socket.say(json!({ "type": "hello", "protocol": 1, "client": "c_w", "key": KEY, "tab": "t" })).await;
    let ops: Vec<_> = (1..=101).map(|n| increment(&format!("c_w/{n}"))["ops"][0].clone()).collect();
    socket.say(json!({ "type": "submit", "board": "main", "ops": ops })).await;
    let results = socket.next_of("outcomes").await["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 101);
    assert!(results.as_array().unwrap().iter().all(|result| result["rejected"]["reason"] == "rate_limited"));
    // Nothing was recorded, so the first of them is still new.
    let (_, board) = get(&server, "/api/boards/main").await;
    let seq = serde_json::from_str::<Value>(&board).unwrap()["seq"].as_u64().unwrap();
    socket.say(increment("c_w/1")).await;
    assert_eq!(socket.next_of("outcomes").await["results"][0]["applied"]["seq"], seq + 1);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_over_the_limit_close_with_1009_and_spare_the_others() {
    let server = start().await;
    let mut other = Socket::ready(&server, "ann").await;
    let mut socket = Socket::ready(&server, "big").await;
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    for (data, is_final) in [(Data::Text, false), (Data::Continue, false), (Data::Continue, true)] {
        let frame = Frame::message(vec![b'x'; 100_000], OpCode::Data(data), is_final);
        socket.0.send(Message::Frame(frame)).await.unwrap();
    }
    assert_eq!(socket.next_of("error").await["code"], "too_large");
    assert_eq!(socket.close_code().await, 1009);
    other.say(json!({ "type": "ping", "t": 7 })).await;
    assert_eq!(other.next_of("pong").await["t"], 7);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_when_to_come_back() {
    let server = start().await;
    let mut socket = Socket::ready(&server, "ann").await;
    let stopping = tokio::spawn(server.stop());
    assert!(socket.next_of("draining").await["reconnect_after_ms"].as_u64().unwrap() >= 1_000);
    assert_eq!(socket.close_code().await, 1012);
    stopping.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_pings_stays_and_who_is_silent_is_closed() {
    let config = Config { heartbeat_ms: 500.try_into().unwrap(), ..config() };
    let server = Server::start(config).await.unwrap();
    let mut alive = Socket::ready(&server, "ann").await;
    // Nothing is read from it for now, so nothing is answered.
    let mut silent = Socket::ready(&server, "bob").await;
    let is_one_left = async || {
        let stats: Value = serde_json::from_str(&get(&server, "/api/realtime/stats").await.1).unwrap();
        stats["connections"] == 1
    };
    let one_is_left = async { while !is_one_left().await {} };
    // Reading answers pings, as any WebSocket client does.
    let read = async {
        loop {
            assert!(!alive.frame().await.is_close());
        }
    };
    tokio::select! {
        () = one_is_left => {}
        () = read => {}
    }
    assert_eq!(silent.close_code().await, 1001);
    alive.say(json!({ "type": "ping", "t": 7 })).await;
    alive.next_of("pong").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_pages_are_refused_and_errors_are_problems() {
    let server = start().await;
    let mut request = format!("ws://{}/ws", server.address()).into_client_request().unwrap();
    request.headers_mut().insert("Origin", "https://evil.example".parse().unwrap());
    let refused = connect_async(request).await.unwrap_err().to_string();
    assert!(refused.contains("403"), "{refused}");
    for (path, status) in
        [("/api/nothing", 404), ("/api/boards/none", 404), ("/api/boards/a*b", 400), ("/missing.js", 404)]
    {
        let (found, body) = get(&server, path).await;
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, problem["status"].as_u64()), (status, Some(status.into())), "{path}");
    }
    let (status, problem) = post(&server, "/api/realtime", json!({ "client": 1 })).await;
    assert_eq!((status, &problem["title"]), (400, &json!("Bad Request")));
    let (status, hint) = get(&server, "/").await;
    assert!(status == 503 && hint.contains("cargo xtask run"), "{hint}");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_is_served_with_its_compressed_forms_and_caching() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("index.html", "<html><script type=\"module\">start()</script></html>");
    file("app-0123456789abcdef_bg.wasm", "plain");
    file("app-0123456789abcdef_bg.wasm.br", "small");
    let server = Server::start(Config { assets: folder.path().into(), ..config() }).await.unwrap();
    let ask = async |path: &str, header: (&str, &str)| {
        let url = format!("http://{}{path}", server.address());
        reqwest::Client::new().get(url).header(header.0, header.1).send().await.unwrap()
    };
    let wasm = ask("/app-0123456789abcdef_bg.wasm", ("Accept-Encoding", "br, gzip")).await;
    assert_eq!(wasm.headers()["content-type"], "application/wasm");
    assert_eq!(wasm.headers()["content-encoding"], "br");
    assert!(wasm.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(wasm.text().await.unwrap(), "small");
    let page = ask("/boards/main", ("Accept", "text/html")).await;
    assert_eq!((page.status().as_u16(), &page.headers()["cache-control"]), (200, &"no-cache".parse().unwrap()));
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("'sha256-"));
    let etag = page.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(ask("/", ("If-None-Match", &etag)).await.status(), 304);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_others_can_reach_needs_insecure() {
    let open = Config { bind: Bind("0.0.0.0:0".parse().unwrap()), ..config() };
    let refused = Server::start(open.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("--insecure"), "{refused}");
    Server::start(Config { insecure: true, ..open }).await.unwrap().stop().await.unwrap();
}

async fn boards_open(server: &Server) -> u64 {
    let stats: Value = serde_json::from_str(&get(server, "/api/realtime/stats").await.1).unwrap();
    stats["boards_open"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_opened_when_somebody_first_asks_for_it() {
    let boards = ["main", "other"].map(|name| name.parse().unwrap()).into();
    let server = Server::start(Config { boards, ..config() }).await.unwrap();
    let mut socket = Socket::ready(&server, "ann").await;
    socket.say(json!({ "type": "request", "id": "1", "method": "board.list" })).await;
    assert_eq!(socket.next_of("response").await["result"]["boards"], json!(["main", "other"]));
    assert_eq!(boards_open(&server).await, 0);
    for (board, open) in [("other", 1), ("none", 1), ("main", 2), ("other", 2)] {
        socket.say(json!({ "type": "subscribe", "channel": format!("board:{board}") })).await;
        let answer = socket.next_of(if board == "none" { "denied" } else { "subscribed" }).await;
        assert!(board != "none" || answer["reason"] == "unknown_board", "{answer}");
        assert_eq!(boards_open(&server).await, open, "{board}");
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_board_leaves_memory_and_comes_back_with_what_it_remembers_of_clients() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Sqlite;
    let data_dir = folder.path().into();
    let config = Config { store, data_dir, board_idle_ms: 50.try_into().unwrap(), ..config() };
    let server = Server::start(config).await.unwrap();
    let say = async || {
        post(&server, "/api/realtime", json!({ "client": "c_w", "key": KEY, "submit": [increment("c_w/1")] })).await
    };
    let first = say().await.1["messages"].clone();
    assert!(first[0]["results"][0]["applied"].is_object(), "{first}");
    let leaves = async { while boards_open(&server).await > 0 {} };
    tokio::time::timeout(PATIENCE, leaves).await.expect("the board leaves memory");
    assert_eq!(say().await.1["messages"], first);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_board_is_set_aside_and_the_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let boards = ["main", "other"].map(|name| name.parse().unwrap()).into();
    let config = Config { store: Store::Sqlite, data_dir: folder.path().into(), boards, ..config() };
    Server::start(config.clone()).await.unwrap().stop().await.unwrap();
    let damage = "UPDATE rows SET body = x'00' WHERE board = (SELECT id FROM boards WHERE name = 'main')";
    let changed = rusqlite::Connection::open(folder.path().join("log.db")).unwrap().execute(damage, []).unwrap();
    assert_eq!(changed, 1, "the demo content");

    let server = Server::start(config).await.unwrap();
    assert_eq!(get(&server, "/api/boards/other").await.0, 200);
    let (status, problem) = get(&server, "/api/boards/main").await;
    assert_eq!((status, problem.contains("cannot be read and was set aside")), (503, true), "{problem}");
    let mut socket = Socket::ready(&server, "ann").await;
    socket.say(json!({ "type": "subscribe", "channel": "board:main" })).await;
    assert_eq!(socket.next_of("denied").await["reason"], "unavailable");
    socket.say(json!({ "type": "hello", "protocol": 1, "client": "c_w", "key": KEY, "tab": "t" })).await;
    socket.say(increment("c_w/1")).await;
    let rejected = socket.next_of("outcomes").await["results"][0]["rejected"].clone();
    assert_eq!(rejected["reason"], "unavailable");
    assert!(rejected["message"].as_str().unwrap().contains("set aside"), "{rejected}");
    socket.say(json!({ "type": "subscribe", "channel": "board:other" })).await;
    socket.next_of("snapshot").await;
    server.stop().await.unwrap();
}

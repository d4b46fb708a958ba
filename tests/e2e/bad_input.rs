//! Nonsense is answered as documented and hurts nobody else.

use std::collections::BTreeMap;

use anyhow::Result;
use tideboard_shared::{
    ClientMessage, DeniedReason, Outcome, PROTOCOL, Reason, Rejection, ServerMessage, UnixMs,
    message::{CloseCode, ErrorCode, Outcomes, RealtimeReply},
};
use tideboard_tests::{Author, Client, Launch, Raw, Server, raw, within};
use tokio_tungstenite::tungstenite::Message;

use crate::bystander::Bystander;

#[derive(Debug, PartialEq)]
struct Complaint {
    code: ErrorCode,
    message: String,
    fatal: bool,
}

async fn complaint(client: &mut Client) -> Result<Complaint> {
    client
        .expect("error", |message| match message {
            ServerMessage::Error { code, message, fatal, .. } => {
                Some(Complaint { code: *code, message: message.clone(), fatal: *fatal })
            }
            _ => None,
        })
        .await
}

async fn assert_fatal(client: &mut Client, code: ErrorCode, close: CloseCode) -> Result<String> {
    let complaint = complaint(client).await?;
    assert_eq!((complaint.code, complaint.fatal), (code, true), "{complaint:?}");
    assert_eq!(client.closed().await?.code, Some(close.code()));
    Ok(complaint.message)
}

#[tokio::test]
async fn a_frame_that_is_no_json_closes_with_4000() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    for bad in
        ["", "{", "null", "42", "\"hello\"", "[1]", "{\"type\":\"ping\",\"t\":1}}", "[{\"type\":\"ping\",\"t\":1},"]
    {
        let mut client = Client::join(server.address(), "bad").await?;
        client.send_text(bad).await?;
        assert_fatal(&mut client, ErrorCode::BadMessage, CloseCode::BadMessage).await?;
    }
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    for bytes in [&b"{\"type\":\"ping\",\"t\":1}"[..], &[0, 159, 146, 150]] {
        let mut client = Client::join(server.address(), "bad").await?;
        client.send_frame(Message::binary(bytes.to_vec())).await?;
        assert_fatal(&mut client, ErrorCode::BadMessage, CloseCode::Binary).await?;
    }
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn an_unknown_type_or_wrong_fields_are_named_and_the_connection_lives() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut client = Client::join(server.address(), "bad").await?;
    let cases = [
        ("{\"type\":\"foo\"}", "foo"),
        ("{\"no\":\"type\"}", "type"),
        ("{\"type\":7}", "type"),
        ("{\"type\":\"ping\"}", "`t`"),
        ("{\"type\":\"subscribe\",\"channel\":\"planet:mars\"}", "planet:mars"),
        ("{\"type\":\"subscribe\",\"channel\":\"board:a/b\"}", "'/'"),
        ("{\"type\":\"submit\",\"board\":\"main\",\"ops\":7}", "submit"),
        ("{\"type\":\"submit\",\"board\":\"main\",\"ops\":[{\"id\":\"c/0\"}]}", "c/0"),
        ("{\"type\":\"publish\",\"stream\":\"x\",\"points\":[[1]]}", "publish"),
    ];
    for (bad, named) in cases {
        client.send_text(bad).await?;
        let complaint = complaint(&mut client).await?;
        assert_eq!((complaint.code, complaint.fatal), (ErrorCode::BadMessage, false), "{bad}: {complaint:?}");
        assert!(complaint.message.contains(named), "{bad}: {complaint:?}");
    }
    client.open_board("main").await?;
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn a_bad_message_does_not_spoil_its_neighbours_in_the_frame() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "bad").await?;
    client.send_text("[{\"type\":\"ping\",\"t\":1},{\"type\":\"foo\"},{\"type\":\"ping\",\"t\":2}]").await?;
    let mut heard = Vec::new();
    while heard.len() < 3 {
        match client.next().await? {
            ServerMessage::Pong { t, .. } => heard.push(format!("pong {}", t.0)),
            ServerMessage::Error { fatal, .. } => heard.push(format!("error {fatal}")),
            _ => {}
        }
    }
    assert_eq!(heard, ["pong 1", "error false", "pong 2"]);
    Ok(())
}

#[tokio::test]
async fn unknown_fields_are_ignored() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "newer").await?;
    client.send_text("{\"type\":\"ping\",\"t\":77,\"mood\":\"good\"}").await?;
    client.expect("pong", |message| matches!(message, ServerMessage::Pong { t: UnixMs(77), .. }).then_some(())).await
}

#[tokio::test]
async fn an_oversized_frame_closes_with_1009() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut client = Client::join(server.address(), "big").await?;
    let limit = client.welcome().await?.limits.frame_bytes;
    let frame = |bytes: usize| {
        let empty = "{\"type\":\"ping\",\"t\":1,\"x\":\"\"}";
        empty.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - empty.len())))
    };
    client.send_text(frame(limit)).await?;
    client.expect("pong", |message| matches!(message, ServerMessage::Pong { .. }).then_some(())).await?;
    // The server may close before it has read everything.
    let _sent = client.send_text(frame(limit + 1)).await;
    assert_fatal(&mut client, ErrorCode::TooLarge, CloseCode::TooLarge).await?;
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn a_frame_oversized_in_fragments_closes_with_1009() -> Result<()> {
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut client = Client::join(server.address(), "big").await?;
    let part = |opcode, last| Message::Frame(Frame::message(vec![b' '; 100_000], OpCode::Data(opcode), last));
    client.send_frame(part(Data::Text, false)).await?;
    client.send_frame(part(Data::Continue, false)).await?;
    let _sent = client.send_frame(part(Data::Continue, true)).await;
    assert_fatal(&mut client, ErrorCode::TooLarge, CloseCode::TooLarge).await?;
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn too_many_operations_in_one_submit_are_refused_and_the_connection_lives() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    let limit = client.welcome().await?.limits.ops_per_submit;
    let mut author = Author::new("ann");
    let mut ops: Vec<_> = (0..=limit).map(|_| author.increment("counter", "count", 1)).collect();
    let outcomes = client.submit("main", &ops).await?;
    for outcome in outcomes {
        let Outcome::Rejected(Rejection { reason, message }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason, Reason::RateLimited);
        assert!(message.contains("send them again in parts"), "{message}");
    }
    // Nothing was decided, so the same operations, fewer at a time, are as good as new.
    client.drain().await?;
    ops.pop();
    client.apply_all("main", &ops).await?;
    assert_eq!(client.open_board("main").await?.field("counter", "count"), serde_json::json!(limit));
    Ok(())
}

#[tokio::test]
async fn another_protocol_version_closes_with_4002() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    for version in [0, PROTOCOL + 1] {
        let mut client = Client::connect(server.address()).await?;
        let hello =
            format!("{{\"type\":\"hello\",\"protocol\":{version},\"client\":\"c\",\"tab\":\"t\",\"schema\":1}}");
        client.send_text(hello).await?;
        let message = assert_fatal(&mut client, ErrorCode::Protocol, CloseCode::Protocol).await?;
        assert!(message.contains(&PROTOCOL.to_string()), "says which version is spoken: {message}");
    }
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn anything_before_hello_closes_with_4002() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let early = [
        ClientMessage::Ping { t: UnixMs(1) },
        ClientMessage::Unsubscribe { channel: "board:main".parse()? },
        ClientMessage::Submit(tideboard_shared::message::Submit {
            board: "main".parse()?,
            epoch: None,
            seen: vec![],
            settled_through: 0,
            ops: vec![Author::new("bad").increment("counter", "count", 1)],
        }),
    ];
    for message in early {
        let mut client = Client::connect(server.address()).await?;
        client.send(&message).await?;
        assert_fatal(&mut client, ErrorCode::Protocol, CloseCode::Protocol).await?;
    }
    assert_eq!(server.rest().board("main").await?.field("counter", "count"), serde_json::json!(0));
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn no_hello_within_five_seconds_closes_with_4002() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let start = std::time::Instant::now();
    let mut client = Client::connect(server.address()).await?;
    client.welcome().await?;
    assert_fatal(&mut client, ErrorCode::Protocol, CloseCode::Protocol).await?;
    assert!(start.elapsed() >= std::time::Duration::from_millis(4_900), "only after {:?}", start.elapsed());
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn nothing_but_hello_prolongs_the_wait_for_it() -> Result<()> {
    let server = Launch::default().flag("--hello-ms", 500).start().await?;
    let mut raw = Raw::upgrade(server.address()).await?;
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
    let close = within("end of the connection", async {
        loop {
            tick.tick().await;
            raw.write(&raw::frame(0x80 | Raw::PING, b"here")).await?;
            raw.write(&raw::frame(0x80 | Raw::PONG, b"here")).await?;
            let frame = raw.frame().await?;
            if frame.opcode == Raw::CLOSE {
                return anyhow::Ok(frame);
            }
        }
    });
    assert_eq!(close.await??.close_code(), Some(CloseCode::Protocol.code()));
    Ok(())
}

#[tokio::test]
async fn an_operation_that_cannot_be_read_is_rejected_by_its_id_and_its_neighbours_are_decided() -> Result<()> {
    let server = Server::start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    let increment = |n: u64| {
        format!(
            r#"{{"id":"ann/{n}","entity":"counter","base":0,"action":{{"do":"increment","field":"count","by":1}}}}"#
        )
    };
    let ops = [
        increment(1),
        r#"{"id":"ann/2","entity":"counter","base":0,"action":{"do":"dance"}}"#.to_owned(),
        increment(3),
        r#"{"id":"ann/4","entity":"counter","base":"x","action":{"do":"remove"}}"#.to_owned(),
        r#"{"id":"ann/zero","entity":"counter","base":0,"action":{"do":"remove"}}"#.to_owned(),
        increment(5),
    ];
    let submit = format!(r#""board":"main","settled_through":0,"ops":[{}]"#, ops.join(","));
    client.send_text(format!(r#"{{"type":"submit",{submit}}}"#)).await?;
    let mut results = BTreeMap::new();
    while results.len() < 5 {
        let some = client.expect("outcomes", |message| match message {
            ServerMessage::Outcomes(outcomes) => Some(outcomes.results.clone()),
            _ => None,
        });
        results.extend(some.await?.into_iter().map(|result| (result.id.n, result.outcome)));
    }
    for n in [1, 3, 5] {
        assert!(matches!(results[&n], Outcome::Applied { .. }), "{results:?}");
    }
    for (n, told) in [(2, "dance"), (4, "u64")] {
        let Outcome::Rejected(Rejection { reason, message }) = &results[&n] else { panic!("{results:?}") };
        assert_eq!(*reason, Reason::BadOperation);
        assert!(message.contains(told), "{message}");
    }
    let nameless = complaint(&mut client).await?;
    assert_eq!((nameless.code, nameless.fatal), (ErrorCode::BadMessage, false));
    assert!(nameless.message.contains("zero"), "{nameless:?}");

    let body = format!(r#"{{"client":"ann","submit":[{{{}}}]}}"#, submit.replace("ann/zero", "ann/6"));
    let reply: RealtimeReply = server.rest().post_text("/api/realtime", body).await?.json()?;
    let mut repeated = BTreeMap::new();
    for message in reply.messages {
        let ServerMessage::Outcomes(Outcomes { results, .. }) = message else { panic!("{message:?}") };
        repeated.extend(results.into_iter().map(|result| (result.id.n, result.outcome)));
    }
    let sixth = repeated.remove(&6);
    assert_eq!(repeated, results, "the same over REST");
    assert!(sixth.is_some(), "its id can be read, so it has an outcome");
    Ok(())
}

#[tokio::test]
async fn an_unknown_board_is_denied_by_name() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut client = Client::join(server.address(), "lost").await?;
    client.send_text("{\"type\":\"subscribe\",\"channel\":\"board:nowhere\"}").await?;
    let denied = client.expect("denied", |message| match message {
        ServerMessage::Denied { channel, reason } => Some((channel.clone(), reason.clone())),
        _ => None,
    });
    assert_eq!(denied.await?, ("board:nowhere".to_owned(), DeniedReason::UnknownBoard));
    client.open_board("main").await?;
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn an_operation_on_a_missing_entity_is_rejected_by_name() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut client = Client::join(server.address(), "ann").await?;
    let rejection = client.rejection("main", Author::new("ann").set("ghost", "a", 1)).await?;
    assert_eq!(rejection.reason, Reason::UnknownEntity);
    assert!(rejection.message.contains("ghost"), "{rejection:?}");
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn deeply_nested_json_is_refused_and_hurts_nobody() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let mut client = Client::join(server.address(), "deep").await?;
        client.send_text(format!("{}1{}", open.repeat(20_000), close.repeat(20_000))).await?;
        let complaint = complaint(&mut client).await?;
        assert_eq!(complaint.code, ErrorCode::BadMessage);
    }
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_of_a_frame_hurts_nobody() -> Result<()> {
    use tokio::io::AsyncWriteExt as _;
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let address = server.address().to_string();
    for bytes in
        [&b""[..], b"GET /api/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n", b"\x16\x03\x01\x00", &[255; 600]]
    {
        let mut raw = tokio::net::TcpStream::connect(&address).await?;
        raw.write_all(bytes).await?;
    }
    let mut client = Client::join(server.address(), "cut").await?;
    let half = tokio_tungstenite::tungstenite::protocol::frame::Frame::message(
        &b"{\"type\":"[..],
        tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode::Data(
            tokio_tungstenite::tungstenite::protocol::frame::coding::Data::Text,
        ),
        false,
    );
    client.send_frame(Message::Frame(half)).await?;
    drop(client);
    bystander.stays_unharmed().await
}

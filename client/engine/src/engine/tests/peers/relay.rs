//! Server messages on their way to the tabs that follow.

use tideboard_shared::{
    ServerMessageType, UnixMs,
    message::{ErrorCode, Level, Member, Notification, Response, Welcome},
};

use super::*;
use crate::{ChannelStatus, Request};

/// A leader and a follower that hears about everything, has an edit on its way and waits for an answer.
fn curious() -> PeersBench {
    let mut tabs = browser(2);
    apply(&mut tabs, 1, edit("n", set("title", "mine")));
    tabs.on(1, |bench| {
        for channel in ["stream:cpu", "presence:main", "notifications"] {
            bench.engine.subscribe(channel.parse::<Channel>().unwrap().into());
        }
        bench.engine.request(Request::new("board.list", Value::Null), bench.now);
    });
    tabs
}

/// Field of the latest message of a type that the leader sent.
fn sent(tabs: &mut PeersBench, kind: &str, field: &str) -> Value {
    let frames = tabs.on(0, Bench::sent).into_iter().map(|frame| serde_json::from_str::<Value>(&frame).unwrap());
    let mut messages = frames.flat_map(|frame| frame.as_array().cloned().unwrap_or_else(|| vec![frame]));
    messages.rfind(|message| message["type"] == kind).unwrap()[field].clone()
}

/// A message of a type, with something new in it for the follower.
fn sample(kind: ServerMessageType, tabs: &mut PeersBench) -> ServerMessage {
    let channel = String::from("stream:cpu");
    match kind {
        ServerMessageType::Welcome => {
            let ServerMessage::Welcome(welcome) = welcome() else { panic!() };
            ServerMessage::Welcome(Welcome { build: "newer".into(), ..welcome })
        }
        ServerMessageType::Ready => {
            ServerMessage::Ready { session: "s_1".into(), user: "bea".into(), rights: Default::default() }
        }
        ServerMessageType::Subscribed => {
            ServerMessage::Subscribed { channel, at: None, recovered: false, reset: false }
        }
        ServerMessageType::Snapshot => snapshot(41, 0, vec![entity("new", json!({}))]),
        ServerMessageType::Updates => updates(vec![(41, op("bob/1", "n", set("title", "theirs")))]),
        ServerMessageType::Outcomes => rejected(1, Reason::Forbidden),
        ServerMessageType::Stream => stream("cpu", 1),
        ServerMessageType::Presence => {
            let joined = vec![Member { session: "s_2".into(), user: "bob".into(), state: json!(1) }];
            ServerMessage::Presence { board: main(), joined, left: vec![], changed: vec![] }
        }
        ServerMessageType::Notification => ServerMessage::Notification(Notification {
            id: "n1".into(),
            level: Level::Info,
            title: "Hello".into(),
            body: String::new(),
            at: UnixMs(1),
        }),
        ServerMessageType::Response => {
            let id = sent(tabs, "request", "id").as_str().unwrap().to_owned();
            ServerMessage::Response(Response::Result { id, result: json!(["main"]) })
        }
        ServerMessageType::Denied => ServerMessage::Denied { channel, reason: "forbidden".into() },
        ServerMessageType::Pong => {
            tabs.pass(Duration::from_secs(31));
            let t = serde_json::from_value(sent(tabs, "ping", "t")).unwrap();
            ServerMessage::Pong { t, server_time: UnixMs(1_700_000_050_000) }
        }
        ServerMessageType::Draining => ServerMessage::Draining { reconnect_after_ms: 1_000 },
        ServerMessageType::Error => {
            let code = ErrorCode::BadMessage;
            let message = "what?".into();
            ServerMessage::Error { code, message, fatal: false, about: None }
        }
    }
}

/// Says whether the follower knows the news of a message.
fn has_arrived(message: &ServerMessage, tabs: &PeersBench) -> bool {
    let engine = &tabs.tab(1).engine;
    let facts = engine.connection().facts();
    let cpu = "stream:cpu".parse().unwrap();
    let status = || engine.channel_view(&cpu).unwrap().status;
    match message {
        ServerMessage::Welcome(_) => facts.welcome.as_ref().is_some_and(|welcome| welcome.build == "newer"),
        ServerMessage::Ready { .. } => facts.user.as_deref() == Some("bea"),
        ServerMessage::Subscribed { .. } => status() == ChannelStatus::Active,
        ServerMessage::Snapshot(_) => engine.confirmed(&main(), &"new".into()).is_some(),
        ServerMessage::Updates { .. } => engine.confirmed(&main(), &"n".into()).unwrap().fields["title"] == "theirs",
        ServerMessage::Outcomes(_) => tabs.tab(1).ended.len() == 1,
        ServerMessage::Stream { .. } => engine.stream(&"cpu".parse().unwrap()).is_some(),
        ServerMessage::Presence { .. } => engine.presence_view(&main()).members.len() == 1,
        ServerMessage::Notification(_) => engine.notifications().count() == 1,
        ServerMessage::Response(_) => tabs.tab(1).answered.iter().any(|(_, answer)| *answer == Ok(json!(["main"]))),
        ServerMessage::Denied { .. } => status() == ChannelStatus::Denied { reason: "forbidden".into() },
        ServerMessage::Pong { .. } => facts.rtt.is_some(),
        // Nothing for a follower: the leader alone has a socket to close, and made what was wrong.
        ServerMessage::Draining { .. } | ServerMessage::Error { .. } => true,
    }
}

#[test]
fn every_server_message_brings_followers_what_they_need() {
    for kind in ServerMessageType::ALL.iter().copied() {
        let mut tabs = curious();
        let message = sample(kind, &mut tabs);
        let kind = kind.name();
        let is_leaders_own = matches!(message, ServerMessage::Draining { .. } | ServerMessage::Error { .. });
        assert_eq!(has_arrived(&message, &tabs), is_leaders_own, "{kind} brings nothing new");
        receive(&mut tabs, 0, std::slice::from_ref(&message));
        assert!(has_arrived(&message, &tabs), "a follower does not know of {kind}");
        let is_told = |at: usize| tabs.tab(at).log.iter().any(|output| *output == format!("Message({message:?})"));
        assert!(is_told(0), "{kind}");
        assert!(!is_leaders_own || !is_told(1), "{kind} is the leader's own business");
    }
}

use serde_json::{Value, json};
use tideboard_shared::{Point, ServerMessage, UnixMs, WireLimits, message::Priority, message::Welcome};

use super::*;
use crate::{BoardStatus, Input, Key, Output, Reader, SocketEvent, testing::*};

const SECOND: Duration = Duration::from_secs(1);

fn channel(name: &str) -> Channel {
    name.parse().unwrap()
}

fn request(name: &str) -> Subscribe {
    channel(name).into()
}

fn plan(tabs: &[(&str, &[&str])]) -> Plan {
    let tab = |(name, channels): &(&str, &[&str])| PlanTab {
        name: (*name).to_owned(),
        requests: channels.iter().map(|name| request(name)).collect(),
    };
    Plan { tabs: tabs.iter().map(tab).collect(), ..Plan::default() }
}

/// Three tabs with a stream each, and one that all but the last need.
fn tabs() -> Plan {
    plan(&[
        ("sales", &["stream:sales", "stream:clock"]),
        ("stock", &["stream:stock", "stream:clock"]),
        ("staff", &["stream:staff"]),
    ])
}

fn open(bench: &mut Bench, plan: Plan) -> PlanId {
    let id = bench.engine.open_plan(plan, bench.now);
    bench.drain();
    id
}

fn go_to(bench: &mut Bench, plan: PlanId, tab: &str) {
    bench.engine.set_active_tab(plan, Some(tab.to_owned()), bench.now);
    bench.drain();
}

fn subscribe(bench: &mut Bench, request: Subscribe) -> SubscriptionId {
    let id = bench.engine.subscribe(request);
    bench.drain();
    id
}

/// Words that the server was told: `+channel` and `-channel`, in order.
fn told(bench: &mut Bench) -> Vec<String> {
    let messages = messages(bench).into_iter();
    messages
        .filter_map(|message| {
            let sign = match message["type"].as_str()? {
                "subscribe" => '+',
                "unsubscribe" => '-',
                _ => return None,
            };
            Some(format!("{sign}{}", message["channel"].as_str()?))
        })
        .collect()
}

fn messages(bench: &mut Bench) -> Vec<Value> {
    let parts = |frame: String| match serde_json::from_str(&frame).unwrap() {
        Value::Array(messages) => messages,
        message => vec![message],
    };
    bench.sent().into_iter().flat_map(parts).collect()
}

fn stands(bench: &mut Bench, name: &str) {
    let channel = name.into();
    bench.receive(&[ServerMessage::Subscribed { channel, at: None, recovered: false, reset: false }]);
}

fn denied(name: &str, reason: &str) -> ServerMessage {
    ServerMessage::Denied { channel: name.into(), reason: reason.into() }
}

fn status(bench: &Bench, name: &str) -> Option<ChannelStatus> {
    bench.engine.channel_view(&channel(name)).map(|view| view.status)
}

fn limited(subscriptions: usize) -> ServerMessage {
    let ServerMessage::Welcome(welcome) = welcome() else { panic!() };
    ServerMessage::Welcome(Welcome { limits: WireLimits { subscriptions, ..WireLimits::default() }, ..welcome })
}

fn live_with_limit(subscriptions: usize) -> Bench {
    let mut bench = Bench::new();
    bench.input(Input::Connect);
    bench.input(socket(1, SocketEvent::Opened));
    bench.receive(&[limited(subscriptions), ready()]);
    bench.sent();
    bench
}

#[test]
fn a_channel_is_as_wide_as_its_widest_request_and_left_with_the_last() {
    let mut bench = Bench::live();
    let of = |history, max_rate_hz| Subscribe { history: Some(history), max_rate_hz, ..request("stream:cpu") };
    let sent = |bench: &mut Bench| {
        let all = messages(bench);
        all.iter().map(|message| (message["history"].as_u64(), message["max_rate_hz"].as_f64())).collect::<Vec<_>>()
    };
    let first = subscribe(&mut bench, of(60, Some(1.0)));
    assert_eq!(sent(&mut bench), [(Some(60), Some(1.0))]);
    let second = subscribe(&mut bench, of(30, Some(1.0)));
    assert_eq!(sent(&mut bench), []);
    let third = subscribe(&mut bench, of(300, None));
    assert_eq!(sent(&mut bench), [(Some(300), None)]);
    bench.engine.unsubscribe(third);
    bench.drain();
    assert_eq!(sent(&mut bench), [(None, Some(1.0))], "slower again; history that is there is not sent again");
    bench.engine.unsubscribe(first);
    bench.drain();
    assert_eq!(told(&mut bench), [""; 0]);
    bench.engine.unsubscribe(second);
    bench.engine.unsubscribe(second);
    bench.drain();
    assert_eq!(told(&mut bench), ["-stream:cpu"]);
}

#[test]
fn a_widget_that_is_mounted_anew_costs_nothing() {
    let mut bench = Bench::live();
    let id = subscribe(&mut bench, request("stream:cpu"));
    told(&mut bench);
    bench.engine.unsubscribe(id);
    bench.engine.subscribe(request("stream:cpu"));
    bench.drain();
    assert_eq!(told(&mut bench), [""; 0]);
}

#[test]
fn only_visible_data_is_sent() {
    let mut bench = Bench::live();
    let id = open(&mut bench, tabs());
    assert_eq!(told(&mut bench), [""; 0], "no tab is open");
    go_to(&mut bench, id, "sales");
    assert_eq!(told(&mut bench), ["+stream:sales", "+stream:clock"]);
    go_to(&mut bench, id, "staff");
    bench.pass(SECOND);
    assert_eq!(told(&mut bench), ["+stream:staff"]);
    bench.pass(5 * SECOND);
    assert_eq!(told(&mut bench), ["-stream:clock", "-stream:sales"], "what was left does not stay for ever");
    let shown: Vec<_> = bench.engine.channel_views().into_iter().map(|view| view.channel).collect();
    assert_eq!(shown, [channel("stream:staff")]);
    bench.receive(&[stream("sales", 1)]);
    assert!(bench.engine.stream(&"sales".parse().unwrap()).is_none(), "a late message is of no use");
}

#[test]
fn who_only_passes_by_a_tab_subscribes_to_nothing() {
    let mut bench = Bench::live();
    let id = open(&mut bench, tabs());
    go_to(&mut bench, id, "sales");
    told(&mut bench);
    for tab in ["stock", "staff", "stock", "staff"] {
        go_to(&mut bench, id, tab);
        bench.pass(Duration::from_millis(99));
    }
    assert_eq!(told(&mut bench), [""; 0]);
    assert_eq!(bench.engine.plan_view(id).unwrap().next.as_deref(), Some("staff"));
    bench.pass(Duration::from_millis(1));
    assert_eq!(told(&mut bench), ["+stream:staff"]);
    assert_eq!(bench.engine.plan_view(id).unwrap().active.as_deref(), Some("staff"));
    go_to(&mut bench, id, "stock");
    go_to(&mut bench, id, "staff");
    bench.pass(SECOND);
    assert_eq!(told(&mut bench), [""; 0], "back before it counted");
}

#[test]
fn coming_back_to_a_tab_that_lingers_costs_nothing() {
    let mut bench = Bench::live();
    let id = open(&mut bench, tabs());
    go_to(&mut bench, id, "sales");
    stands(&mut bench, "stream:sales");
    go_to(&mut bench, id, "staff");
    bench.pass(4 * SECOND);
    assert_eq!(status(&bench, "stream:sales"), Some(ChannelStatus::Lingering));
    assert_eq!(bench.engine.plan_view(id).unwrap().lingering, ["sales"]);
    told(&mut bench);
    go_to(&mut bench, id, "sales");
    assert_eq!(status(&bench, "stream:sales"), Some(ChannelStatus::Active), "at once");
    assert_eq!(told(&mut bench), [""; 0]);
}

#[test]
fn neighbours_are_subscribed_to_ahead_slowly_and_last() {
    let mut bench = Bench::live();
    let id = open(&mut bench, Plan { prefetch: Some(1), ..tabs() });
    go_to(&mut bench, id, "sales");
    let sent = messages(&mut bench);
    let ahead: Vec<_> = sent.iter().filter(|message| message["priority"] == "low").collect();
    assert_eq!(
        ahead,
        [&json!({"type": "subscribe", "channel": "stream:stock", "priority": "low", "max_rate_hz": 1.0})]
    );
    assert_eq!(sent.last(), ahead.first().copied());
    go_to(&mut bench, id, "stock");
    bench.pass(SECOND);
    let sent = messages(&mut bench);
    let faster = json!({"type": "subscribe", "channel": "stream:stock"});
    assert!(sent.contains(&faster), "it goes on faster: {sent:?}");
    assert_eq!(status(&bench, "stream:staff"), Some(ChannelStatus::Pending));
}

#[test]
fn a_pinned_channel_stays_whatever_the_tab() {
    let mut bench = Bench::live();
    let id = open(&mut bench, tabs());
    go_to(&mut bench, id, "sales");
    bench.engine.pin(id, channel("stream:sales"));
    bench.engine.pin(id, channel("stream:alarm"));
    bench.drain();
    assert!(told(&mut bench).contains(&"+stream:alarm".to_owned()), "also one that is in no tab");
    go_to(&mut bench, id, "staff");
    bench.pass(10 * SECOND);
    assert_eq!(told(&mut bench), ["+stream:staff", "-stream:clock"]);
    bench.engine.unpin(id, channel("stream:sales"));
    bench.drain();
    assert_eq!(told(&mut bench), ["-stream:sales"]);
    bench.engine.close_plan(id);
    bench.drain();
    assert_eq!(told(&mut bench), ["-stream:alarm", "-stream:staff"]);
}

#[test]
fn a_plan_for_a_visible_page_only_lets_go_of_a_hidden_one() {
    let mut bench = Bench::live();
    let id = open(&mut bench, Plan { visible_only: true, ..tabs() });
    go_to(&mut bench, id, "staff");
    told(&mut bench);
    bench.input(Input::Hidden);
    bench.pass(4 * SECOND);
    assert_eq!(told(&mut bench), [""; 0]);
    bench.pass(SECOND);
    assert_eq!(told(&mut bench), ["-stream:staff"]);
    bench.input(Input::Visible);
    assert_eq!(told(&mut bench), ["+stream:staff"]);
}

#[test]
fn a_denied_channel_is_not_asked_for_again_until_its_request_is_renewed() {
    let mut bench = Bench::live();
    subscribe(&mut bench, request("stream:pay"));
    subscribe(&mut bench, request("stream:cpu"));
    bench.receive(&[denied("stream:pay", "forbidden")]);
    let forbidden = Some(ChannelStatus::Denied { reason: "forbidden".into() });
    assert_eq!(status(&bench, "stream:pay"), forbidden);
    told(&mut bench);
    for epoch in 1..4 {
        bench.input(socket(epoch, closed(1006)));
        bench.reconnect();
        assert_eq!(told(&mut bench), ["+stream:cpu"]);
    }
    assert_eq!(status(&bench, "stream:pay"), forbidden);
    subscribe(&mut bench, request("stream:pay"));
    assert_eq!(told(&mut bench), ["+stream:pay"]);
    bench.receive(&[denied("stream:pay", "forbidden")]);
    bench.engine.renew(channel("stream:pay"));
    bench.drain();
    assert_eq!(told(&mut bench), ["+stream:pay"]);
}

#[test]
fn a_channel_that_was_not_available_is_asked_for_again_by_itself() {
    let mut bench = Bench::live();
    subscribe(&mut bench, request("stream:pay"));
    bench.receive(&[denied("stream:pay", "unavailable")]);
    told(&mut bench);
    bench.pass(Duration::from_secs(4));
    assert_eq!(told(&mut bench), [""; 0]);
    bench.pass(Duration::from_secs(2));
    assert_eq!(told(&mut bench), ["+stream:pay"]);
    bench.receive(&[denied("stream:pay", "forbidden")]);
    bench.pass(Duration::from_secs(20));
    assert_eq!(told(&mut bench), [""; 0]);
}

#[test]
fn a_denied_channel_is_asked_for_again_when_the_users_rights_or_token_change() {
    let mut bench = Bench::live();
    subscribe(&mut bench, request("stream:pay"));
    bench.receive(&[denied("stream:pay", "forbidden"), ready()]);
    told(&mut bench);
    bench.receive(&[ready()]);
    assert_eq!(told(&mut bench), [""; 0], "nothing is new about the user");
    bench.input(Input::Token("fresh".into()));
    assert_eq!(told(&mut bench), [""; 0], "the server has not said yet who that is");
    bench.receive(&[ready()]);
    assert_eq!(told(&mut bench), ["+stream:pay"]);
    bench.receive(&[denied("stream:pay", "forbidden")]);
    let mut rights = Rights::default();
    rights.streams.insert("*".into(), serde_json::from_value(json!("subscribe")).unwrap());
    bench.receive(&[ServerMessage::Ready { session: "s_1".into(), user: "ann".into(), rights }]);
    assert_eq!(told(&mut bench), ["+stream:pay"]);
}

#[test]
fn what_matters_most_is_asked_for_first_on_every_connection() {
    let mut bench = Bench::new();
    use Priority::{Critical, High, Low};
    for (name, priority) in [("a", Low), ("b", High), ("c", Critical)] {
        subscribe(&mut bench, Subscribe { priority: Some(priority), ..request(&format!("stream:{name}")) });
    }
    subscribe(&mut bench, request("stream:usual"));
    let order = ["+stream:c", "+stream:b", "+stream:usual", "+stream:a"];
    bench.go_live_keeping_sent();
    assert_eq!(told(&mut bench), order);
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    assert_eq!(told(&mut bench), order);
}

#[test]
fn more_than_the_server_gives_is_left_out_by_priority_and_said() {
    let mut bench = live_with_limit(2);
    let usual = subscribe(&mut bench, request("stream:usual"));
    subscribe(&mut bench, Subscribe { priority: Some(Priority::Low), ..request("stream:low") });
    subscribe(&mut bench, request("stream:later"));
    assert_eq!(told(&mut bench), ["+stream:usual", "+stream:low", "-stream:low", "+stream:later"]);
    assert_eq!(status(&bench, "stream:low"), Some(ChannelStatus::LeftOut { limit: 2 }));
    subscribe(&mut bench, request("stream:last"));
    assert_eq!(told(&mut bench), [""; 0], "of two that matter alike the earlier stays");
    bench.engine.unsubscribe(usual);
    bench.drain();
    assert_eq!(told(&mut bench), ["-stream:usual", "+stream:last"]);
}

#[test]
fn a_channel_for_which_the_server_had_no_room_is_asked_for_when_there_is_some() {
    let mut bench = Bench::live();
    let other = subscribe(&mut bench, request("stream:other"));
    subscribe(&mut bench, request("stream:cpu"));
    bench.receive(&[denied("stream:cpu", "too_many_subscriptions")]);
    told(&mut bench);
    bench.engine.unsubscribe(other);
    bench.drain();
    assert_eq!(told(&mut bench), ["-stream:other", "+stream:cpu"]);
}

#[test]
fn a_board_that_is_live_stays_so_while_its_settings_change() {
    let mut bench = Bench::on_board(vec![]);
    let id = subscribe(&mut bench, Subscribe { priority: Some(Priority::High), ..request("board:main") });
    let sent = messages(&mut bench);
    assert_eq!((&sent[0]["priority"], &sent[0]["since"]["seq"]), (&json!("high"), &json!(40)));
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Live);
    bench.engine.unsubscribe(id);
    bench.engine.resync(main());
    bench.drain();
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::CatchingUp);
}

#[test]
fn a_board_that_only_a_plan_wants_is_known_before_there_is_a_connection() {
    let mut bench = Bench::new();
    let id = open(&mut bench, plan(&[("main", &["board:main"])]));
    go_to(&mut bench, id, "main");
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Loading);
}

#[test]
fn what_comes_through_a_channel_is_counted() {
    let mut bench = Bench::live();
    subscribe(&mut bench, request("stream:host.*"));
    subscribe(&mut bench, request("stream:host.cpu"));
    let points = |times: &[u64]| times.iter().map(|t| Point(UnixMs(*t), 0.5)).collect();
    let of = |topic: &str, times| ServerMessage::Stream {
        topic: topic.parse().unwrap(),
        points: points(times),
        thinned: times.len() == 1,
    };
    let both = of("host.cpu", &[1, 2]);
    let one = of("host.mem", &[1]);
    let frame = tideboard_shared::encode_many(&[both.clone(), both.clone(), one.clone()]);
    bench.input(socket(1, SocketEvent::Frame(frame)));
    let bytes = |message: &ServerMessage| tideboard_shared::encode(message).len() as u64;
    let metrics = |name: &str| bench.engine.channel_view(&channel(name)).unwrap().metrics;
    let cpu = metrics("stream:host.cpu");
    let host = metrics("stream:host.*");
    assert_eq!((cpu.received, cpu.delivered, cpu.thinned, cpu.bytes), (4, 2, 0, 2 * bytes(&both)));
    assert_eq!((host.received, host.thinned, host.bytes), (5, 1, 2 * bytes(&both) + bytes(&one)));
    assert_eq!((cpu.last_update, cpu.rate.per_second(bench.now.mono)), (Some(bench.now.wall), 4.0));
}

#[test]
fn a_reader_learns_of_channels_by_their_keys() {
    let mut bench = Bench::live();
    subscribe(&mut bench, request("stream:cpu"));
    let reader = Reader::new(&bench.engine);
    assert_eq!(reader.channels()[0].status, ChannelStatus::Pending);
    let reads = reader.into_reads();
    let mut changes = |message: ServerMessage| {
        let frame = tideboard_shared::encode(&message);
        bench.engine.handle_input(socket(1, SocketEvent::Frame(frame)), bench.now);
        let mut keys = Vec::new();
        while let Some(output) = bench.engine.poll_output() {
            if let Output::Changed(these) = output {
                keys.extend(these);
            }
        }
        keys.into_iter().filter(|key| reads.contains(key)).collect::<Vec<_>>()
    };
    assert_eq!(changes(stream("cpu", 1)), [Key::Channel(channel("stream:cpu"))]);
    assert!(changes(denied("stream:cpu", "forbidden")).contains(&Key::Channels));
    assert_eq!(changes(stream("other", 1)), []);
}

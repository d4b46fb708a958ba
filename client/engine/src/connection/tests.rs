use tideboard_shared::{Channel, ServerMessage, message::Subscribe};

use super::*;
use crate::{Config, Input, testing::*};

const SECOND: Duration = Duration::from_secs(1);

fn lost(reason: LostReason) -> impl Fn(&ConnectionState) -> bool {
    move |state| matches!(state, ConnectionState::Backoff { reason: found, .. } if *found == reason)
}

#[test]
fn hello_is_sent_at_once_and_ready_makes_it_live() {
    let mut bench = Bench::new();
    bench.input(Input::Connect);
    assert_eq!(bench.opened(), [SocketEpoch(1)]);
    bench.input(socket(1, SocketEvent::Opened));
    assert_eq!(bench.sent_types(), ["hello"]);
    assert_eq!(*bench.engine.connection().state(), ConnectionState::Greeting { attempt: 1 });
    bench.receive(&[welcome(), ready()]);
    assert!(bench.engine.connection().state().is_live());
    assert_eq!(bench.engine.connection_view().user.as_deref(), Some("ann"));
}

#[test]
fn late_close_of_a_replaced_socket_is_ignored() {
    let mut bench = Bench::live();
    bench.input(Input::ReconnectNow);
    assert_eq!(bench.closed(), [SocketEpoch(1)]);
    bench.input(socket(2, SocketEvent::Opened));
    bench.input(socket(1, closed(1006)));
    bench.input(socket(1, SocketEvent::Frame("[]".into())));
    assert_eq!(*bench.engine.connection().state(), ConnectionState::Greeting { attempt: 1 });
}

#[test]
fn heartbeat_timeout_is_not_an_explicit_close() {
    let mut bench = Bench::live();
    bench.pass(30 * SECOND);
    assert_eq!(bench.sent_types(), ["ping"]);
    bench.pass(10 * SECOND);
    assert!(lost(LostReason::HeartbeatTimeout)(bench.engine.connection().state()));
    assert_eq!(bench.closed(), [SocketEpoch(1)]);
    bench.pass(SECOND);
    assert_eq!(bench.opened(), [SocketEpoch(2)], "it reconnects by itself");
}

#[test]
fn any_traffic_is_a_sign_of_life() {
    let mut bench = Bench::live();
    for _ in 0..20 {
        bench.pass(20 * SECOND);
        bench.receive(&[stream("host.cpu", 1)]);
    }
    assert_eq!(bench.sent_types(), [""; 0]);
    bench.pass(30 * SECOND);
    assert_eq!(bench.sent_types(), ["ping"]);
}

#[test]
fn sleep_then_wake_reconnects_at_once() {
    let mut bench = Bench::live();
    // Nothing runs while the machine sleeps; then the page becomes visible.
    bench.sleep(3_600 * SECOND);
    bench.input(Input::Visible);
    assert_eq!(bench.sent_types(), ["ping"]);
    bench.pass(3 * SECOND);
    assert!(lost(LostReason::HeartbeatTimeout)(bench.engine.connection().state()));
    bench.input(Input::Visible);
    assert_eq!(bench.opened(), [SocketEpoch(2)]);
}

#[test]
fn explicit_disconnect_stays_closed() {
    let mut bench = Bench::live();
    bench.input(Input::Disconnect);
    assert_eq!(bench.closed(), [SocketEpoch(1)]);
    bench.input(socket(1, closed(1006)));
    bench.input(Input::Online(true));
    bench.input(Input::Visible);
    bench.pass(100 * SECOND);
    assert_eq!(*bench.engine.connection().state(), ConnectionState::Closed);
    bench.input(Input::Connect);
    assert_eq!(bench.opened(), [SocketEpoch(2)]);
}

#[test]
fn connecting_takes_no_longer_than_the_connect_timeout() {
    let mut bench = Bench::new();
    bench.input(Input::Connect);
    bench.pass(14 * SECOND);
    assert_eq!(*bench.engine.connection().state(), ConnectionState::Connecting { attempt: 1 });
    bench.pass(SECOND);
    assert!(lost(LostReason::ConnectTimeout)(bench.engine.connection().state()));
}

#[test]
fn attempts_are_counted_from_the_last_stable_minute() {
    let mut bench = Bench::live();
    for epoch in 1..=5 {
        bench.input(socket(epoch, closed(1006)));
        bench.reconnect();
        bench.pass(5 * SECOND);
    }
    assert_eq!(bench.engine.connection().attempt(), 6);
    for _ in 0..4 {
        bench.pass(20 * SECOND);
        bench.receive(&[stream("host.cpu", 1)]);
    }
    bench.input(socket(6, closed(1006)));
    assert!(matches!(bench.engine.connection().state(), ConnectionState::Backoff { attempt: 1, .. }));
}

#[test]
fn it_gives_up_after_max_attempts_and_starts_over_when_asked() {
    let mut config = Config::default();
    config.connection.reconnect.max_attempts = Some(crate::config::count(2));
    let mut bench = Bench::with(config);
    bench.input(Input::Connect);
    bench.input(socket(1, closed(1006)));
    bench.pass(2 * SECOND);
    bench.input(socket(2, closed(1006)));
    assert_eq!(*bench.engine.connection().state(), ConnectionState::GaveUp { attempts: 2 });
    bench.input(Input::Connect);
    assert_eq!(*bench.engine.connection().state(), ConnectionState::Connecting { attempt: 1 });
}

#[test]
fn fatal_codes_are_not_retried() {
    for code in [CloseCode::Protocol, CloseCode::Forbidden] {
        let mut bench = Bench::live();
        bench.input(socket(1, closed(code.code())));
        bench.pass(1_000 * SECOND);
        assert_eq!(*bench.engine.connection().state(), ConnectionState::Failed { code: code.code() });
    }
}

#[test]
fn a_refused_token_asks_for_a_fresh_one() {
    let mut bench = Bench::live();
    bench.input(socket(1, closed(4001)));
    bench.pass(1_000 * SECOND);
    assert_eq!(*bench.engine.connection().state(), ConnectionState::NeedsAuth);
    bench.input(Input::Token("fresh".into()));
    bench.input(socket(2, SocketEvent::Opened));
    assert!(bench.sent().iter().any(|frame| frame.contains("\"token\":\"fresh\"")));
}

#[test]
fn a_fresh_token_goes_out_on_the_live_connection() {
    let mut bench = Bench::live();
    bench.input(Input::Token("fresh".into()));
    assert_eq!(bench.sent_types(), ["auth"]);
    assert!(bench.engine.connection().state().is_live());
}

#[test]
fn restart_does_not_stampede() {
    let delays = |message: Option<ServerMessage>, code| -> Vec<Duration> {
        let delay = |seed| {
            let mut bench = Bench::seeded(Config::default(), seed);
            bench.go_live();
            bench.receive(&message.iter().cloned().collect::<Vec<_>>());
            bench.input(socket(1, closed(code)));
            let ConnectionState::Backoff { until, .. } = bench.engine.connection().state() else { panic!() };
            *until - bench.now.mono
        };
        (0..200).map(delay).collect()
    };
    let spread = |delays: &[Duration]| *delays.iter().max().unwrap() - *delays.iter().min().unwrap();
    let draining = delays(Some(ServerMessage::Draining { reconnect_after_ms: 20_000 }), 1001);
    assert!(spread(&draining) > 18 * SECOND && draining.iter().all(|delay| *delay <= 20 * SECOND));
    for code in [1012, 1013] {
        let restarting = delays(None, code);
        assert!(spread(&restarting) > 4 * SECOND && restarting.iter().all(|delay| *delay <= 5 * SECOND));
    }
}

#[test]
fn offline_makes_no_attempts_and_online_connects_at_once() {
    let mut bench = Bench::live();
    bench.input(Input::Online(false));
    assert_eq!(bench.sent_types(), ["ping"], "a live connection may be one that still works");
    bench.pass(3 * SECOND);
    assert_eq!(*bench.engine.connection().state(), ConnectionState::Offline);
    bench.pass(600 * SECOND);
    assert_eq!(bench.opened(), []);
    bench.input(Input::Online(true));
    assert_eq!(bench.opened(), [SocketEpoch(2)]);
}

#[test]
fn pong_tells_the_round_trip_and_the_clock_skew() {
    let mut bench = Bench::live();
    bench.pass(30 * SECOND);
    let t = bench.now.wall;
    bench.pass(Duration::from_millis(80));
    bench.receive(&[ServerMessage::Pong { t, server_time: UnixMs(t.0 + 5_040) }]);
    let view = bench.engine.connection_view();
    assert_eq!((view.rtt, view.clock_skew_ms), (Some(Duration::from_millis(80)), Some(5_000)));
}

#[test]
fn every_subscription_is_repeated_on_a_new_connection() {
    let mut bench = Bench::live();
    let cpu: Channel = "stream:host.cpu".parse().unwrap();
    let id = bench.engine.subscribe(Subscribe { history: Some(60), ..cpu.into() });
    bench.drain();
    assert_eq!(bench.sent_types(), ["subscribe"]);
    bench.input(socket(1, closed(1006)));
    bench.pass(SECOND);
    bench.greet(2);
    assert!(bench.sent().iter().any(|frame| frame.contains("stream:host.cpu") && frame.contains("\"history\":60")));
    bench.engine.unsubscribe(id);
    bench.drain();
    assert_eq!(bench.sent_types(), ["unsubscribe"]);
}

#[test]
fn the_same_calls_give_the_same_outputs() {
    let run = || {
        let mut bench = Bench::live();
        for epoch in 1..6 {
            bench.input(socket(epoch, closed(1006)));
            bench.reconnect();
        }
        bench.log
    };
    assert_eq!(run(), run());
}

//! A feature that is switched off does nothing. Undo, REST and the developer's tools have theirs beside their own tests.

use super::*;
use crate::{Plan, PlanTab, config::FeaturesConfig};

fn with(switch: impl FnOnce(&mut FeaturesConfig)) -> Bench {
    let mut config = Config::default();
    switch(&mut config.features);
    let mut bench = Bench::with(config);
    bench.go_live();
    bench.follow();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, vec![entity("n", json!({"count": 10}))])]);
    bench.sent();
    bench
}

fn subscribe(bench: &mut Bench, channel: &str) {
    bench.engine.subscribe(channel.parse::<tideboard_shared::Channel>().unwrap().into());
    bench.drain();
}

#[test]
fn without_optimism_an_edit_shows_once_it_is_confirmed() {
    let mut bench = with(|features| features.optimistic = false);
    bench.apply(edit("n", add(1)));
    let view = bench.engine.entity_view(&main(), &"n".into()).unwrap();
    assert_eq!((shown(&bench, "count"), view.pending), (json!(10), 1));
    let create = Action::Create { kind: "note".into(), fields: Default::default() };
    bench.apply(edit("new", create));
    assert_eq!(bench.engine.entity_views(&main(), "note").len(), 1);
    bench.receive(&[applied(1, 41)]);
    assert_eq!(shown(&bench, "count"), 10);
    bench.receive(&[updates(vec![(41, op("me/1", "n", add(1)))])]);
    assert_eq!(shown(&bench, "count"), 11);
}

#[test]
fn without_the_offline_queue_an_edit_needs_a_live_connection() {
    let mut bench = with(|features| features.offline_queue = false);
    bench.apply(edit("n", add(1)));
    bench.input(socket(1, closed(1006)));
    assert_eq!(bench.engine.apply(edit("n", add(1)), bench.now), Err(ApplyError::NotLive));
    assert_eq!((bench.engine.sync_view().pending, bench.disk.len()), (1, 1), "what was made while live stays");
    bench.reconnect();
    bench.receive(&[subscribed(40, true)]);
    assert!(bench.engine.apply(edit("n", add(1)), bench.now).is_ok());
}

#[test]
fn without_presence_it_is_neither_subscribed_to_nor_sent() {
    let mut bench = with(|features| features.presence = false);
    subscribe(&mut bench, "presence:main");
    let presence = ClientMessage::Presence { board: main(), state: json!({}) };
    assert_eq!(bench.engine.send(presence), SendResult::Refused);
    bench.drain();
    assert_eq!(bench.sent(), [""; 0]);
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    assert!(bench.sent().iter().all(|frame| !frame.contains("presence")));
}

#[test]
fn without_notifications_they_are_not_subscribed_to() {
    let mut bench = with(|features| features.notifications = false);
    subscribe(&mut bench, "notifications");
    assert_eq!(bench.sent(), [""; 0]);
    let mut bench = with(|_| {});
    subscribe(&mut bench, "notifications");
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn without_prefetch_only_the_active_tab_is_subscribed_to() {
    for (is_on, wanted) in [(true, 2), (false, 1)] {
        let mut bench = with(|features| features.prefetch = is_on);
        let tab = |name: &str| {
            let channel: tideboard_shared::Channel = format!("stream:{name}").parse().unwrap();
            PlanTab { name: name.into(), requests: vec![channel.into()] }
        };
        let plan = Plan { tabs: vec![tab("a"), tab("b")], prefetch: Some(1), ..Plan::default() };
        let id = bench.engine.open_plan(plan, bench.now);
        bench.engine.set_active_tab(id, Some("a".into()), bench.now);
        bench.drain();
        bench.pass(Duration::from_secs(1));
        assert_eq!(bench.sent().join("").matches("stream:").count(), wanted);
    }
}

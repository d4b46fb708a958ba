//! Promises of every bus, whatever carries it.

use std::sync::Arc;

use tideboard_shared::{Point, UnixMs};

use super::{Bus, BusEvent};

fn points(topic: &str, value: u32) -> BusEvent {
    BusEvent::Points { topic: topic.parse().unwrap(), points: [Point(UnixMs(1), f64::from(value))].into() }
}

pub(super) async fn run<M: AsyncFn() -> Arc<dyn Bus>>(make: M) {
    every_receiver_gets_every_event_in_order(&*make().await).await;
    a_receiver_gets_nothing_from_before_it_came(&*make().await).await;
    a_dropped_receiver_does_not_hold_up_the_others(&*make().await).await;
    a_slow_receiver_makes_the_publisher_wait_and_loses_nothing(make().await).await;
}

async fn every_receiver_gets_every_event_in_order(bus: &dyn Bus) {
    let mut one = bus.receive();
    let mut two = bus.receive();
    for value in 0..100 {
        bus.publish(points("t", value)).await;
    }
    for value in 0..100 {
        assert_eq!(one.recv().await, Some(points("t", value)));
        assert_eq!(two.recv().await, Some(points("t", value)));
    }
}

async fn a_receiver_gets_nothing_from_before_it_came(bus: &dyn Bus) {
    bus.publish(points("early", 1)).await;
    let mut receiver = bus.receive();
    bus.publish(points("late", 2)).await;
    assert_eq!(receiver.recv().await, Some(points("late", 2)));
}

async fn a_dropped_receiver_does_not_hold_up_the_others(bus: &dyn Bus) {
    let mut stays = bus.receive();
    drop(bus.receive());
    bus.publish(points("t", 1)).await;
    assert_eq!(stays.recv().await, Some(points("t", 1)));
}

async fn a_slow_receiver_makes_the_publisher_wait_and_loses_nothing(bus: Arc<dyn Bus>) {
    let mut slow = bus.receive();
    let publisher = tokio::spawn(async move {
        for value in 0..10_000 {
            bus.publish(points("t", value)).await;
        }
    });
    for value in 0..10_000 {
        assert_eq!(slow.recv().await, Some(points("t", value)));
    }
    publisher.await.unwrap();
}

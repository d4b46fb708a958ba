//! `use_notifications` against the real server.

use tideboard_client::hooks::{UseNotificationsHandle, UseNotificationsOptions, use_notifications_with_options};
use tideboard_engine::{ChannelStatus, SocketEpoch, SocketEvent};
use tideboard_shared::{
    ServerMessage, UnixMs, encode,
    message::{Level, Notification},
};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

#[component]
fn Bell(props: &ProbeProps<UseNotificationsOptions, UseNotificationsHandle>) -> Html {
    props.probe.renders.note(use_notifications_with_options(props.probe.options.clone()));
    Html::default()
}

/// Lets a notification arrive, as when somebody tells everyone.
fn notify(hooked: &Hooked<Bell, UseNotificationsOptions, UseNotificationsHandle>, level: Level, title: &str) {
    let id = format!("n_{title}");
    let title = title.to_owned();
    let body = String::new();
    let message = ServerMessage::Notification(Notification { id, level, title, body, at: UnixMs(1) });
    let event = SocketEvent::Frame(encode(&message));
    hooked.realtime().deliver(SocketEpoch(1), event);
}

/// A title that no other test uses.
fn title(what: &str) -> String {
    format!("{what} {}", js_sys::Math::random())
}

fn lists(bell: &UseNotificationsHandle, title: &str) -> bool {
    bell.list().iter().any(|notification| notification.title == title)
}

#[wasm_bindgen_test]
async fn what_is_serious_enough_is_listed_and_told_until_it_is_dismissed() {
    let told = Log::<String>::default();
    let on_notification = {
        let told = told.clone();
        Callback::from(move |notification: Notification| told.note(notification.title))
    };
    let options = UseNotificationsOptions { min_level: Level::Warning, max: 2, on_notification };
    let hooked = hooked::<Bell, _, _>(options).await;
    hooked.live().await;
    let [small, first, second, third] = ["small", "first", "second", "third"].map(title);
    // The subscription stands once something comes through it.
    wait_until("the subscription", || {
        let channel = "notifications".parse().unwrap();
        let view = hooked.realtime().read(|reader| reader.channel(&channel));
        view.is_some_and(|view| view.status == ChannelStatus::Active)
    })
    .await;
    notify(&hooked, Level::Info, &small);
    for title in [&first, &second, &third] {
        notify(&hooked, Level::Warning, title);
    }
    let bell = hooked.until("the third", |bell| lists(bell, &third)).await;
    assert!(lists(&bell, &second) && bell.list().len() == 2, "the newest two");
    assert!([&first, &second, &third].iter().all(|title| told.all().contains(title)) && !told.all().contains(&small));
    let dismissed = bell.list()[0].id.clone();
    assert!(bell.dismiss(&dismissed) && !bell.dismiss(&dismissed));
    let bell = hooked.until("one less", |bell| bell.list().iter().all(|shown| shown.id != dismissed)).await;
    bell.dismiss_all();
    frames(3).await;
    let renders = hooked.renders.len();
    notify(&hooked, Level::Info, &title("small"));
    frames(20).await;
    assert_eq!(hooked.renders.len(), renders, "what is not listed renders nothing");
}

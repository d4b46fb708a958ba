//! `use_notifications` against the real server.

use gloo::utils::window;
use serde_json::json;
use tideboard_client::hooks::{UseNotificationsHandle, UseNotificationsOptions, use_notifications_with_options};
use tideboard_shared::message::{Level, Notification};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Headers, RequestInit, Response};
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{ProbeProps, hooked},
};

#[component]
fn Bell(props: &ProbeProps<UseNotificationsOptions, UseNotificationsHandle>) -> Html {
    props.probe.renders.note(use_notifications_with_options(props.probe.options.clone()));
    Html::default()
}

/// Tells everyone.
async fn notify(level: &str, title: &str) {
    let headers = Headers::new().unwrap();
    headers.set("Content-Type", "application/json").unwrap();
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&json!({ "level": level, "title": title }).to_string().into());
    let answer = window().fetch_with_str_and_init("http://api.test/api/notifications", &request);
    let answer: Response = JsFuture::from(answer).await.unwrap().into();
    assert!(answer.ok(), "status {}", answer.status());
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
        let view = hooked.realtime().read(|reader| reader.channel(&channel)).0;
        view.is_some_and(|view| view.status == tideboard_engine::ChannelStatus::Active)
    })
    .await;
    notify("info", &small).await;
    for title in [&first, &second, &third] {
        notify("warning", title).await;
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
    notify("info", &title("small")).await;
    frames(20).await;
    assert_eq!(hooked.renders.len(), renders, "what is not listed renders nothing");
}

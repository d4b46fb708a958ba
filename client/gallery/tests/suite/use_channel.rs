//! `use_channel` against the real server.

use tideboard_client::hooks::use_channel;
use tideboard_engine::ChannelStatus;
use tideboard_shared::{Channel, message::Subscribe};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{frames, wait_until},
    probe::{ProbeProps, hooked},
};

#[component]
fn Warm(props: &ProbeProps<Subscribe, ()>) -> Html {
    use_channel(props.probe.options.clone());
    props.probe.renders.note(());
    Html::default()
}

#[wasm_bindgen_test]
async fn a_channel_is_subscribed_as_wished_while_the_component_is_there_without_a_render() {
    let channel: Channel = "stream:host.cpu".parse().unwrap();
    let wish = Subscribe { max_rate_hz: Some(2.0), ..channel.clone().into() };
    let mut warm = hooked::<Warm, _, _>(wish.clone()).await;
    let realtime = warm.realtime();
    let view = || realtime.read(|reader| reader.channel(&channel));
    wait_until("the subscription", || view().is_some_and(|view| view.status == ChannelStatus::Active)).await;
    assert_eq!(view().and_then(|view| view.max_rate_hz), Some(2.0));
    wait_until("points", || view().is_some_and(|view| view.metrics.received > 0)).await;
    assert_eq!(warm.renders.len(), 1);
    warm.set_options(Subscribe { max_rate_hz: Some(5.0), ..wish });
    wait_until("the other rate", || view().and_then(|view| view.max_rate_hz) == Some(5.0)).await;
    warm.unmount();
    frames(3).await;
    assert!(view().is_none());
}

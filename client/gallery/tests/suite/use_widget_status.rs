//! `use_widget_status` against the real server.

use tideboard_client::hooks::{
    UseWidgetStatusHandle, UseWidgetStatusOptions, WidgetStatus, use_channel, use_widget_status,
};
use tideboard_shared::Channel;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::probe::{Hooked, ProbeProps, board, hooked};

type Props = ProbeProps<UseWidgetStatusOptions, UseWidgetStatusHandle>;

#[component]
fn Widget(props: &Props) -> Html {
    use_channel(Channel::Board(board()).into());
    props.probe.renders.note(use_widget_status(props.probe.options.clone()));
    Html::default()
}

async fn start(options: UseWidgetStatusOptions) -> Hooked<Widget, UseWidgetStatusOptions, UseWidgetStatusHandle> {
    hooked::<Widget, _, _>(options).await
}

#[wasm_bindgen_test]
async fn a_widget_is_as_fresh_as_its_board_and_editable_when_it_is_there() {
    let hooked = start(UseWidgetStatusOptions { board: Some(board()), ..Default::default() }).await;
    assert_eq!(hooked.renders.all()[0].status(), WidgetStatus::Loading);
    assert!(!hooked.renders.all()[0].is_editable());
    let live = hooked.until("live", |widget| widget.status() == WidgetStatus::Live).await;
    assert!(live.is_editable() && live.problem().is_none());
    hooked.realtime().disconnect();
    let offline = hooked.until("offline", |widget| widget.status() == WidgetStatus::Offline).await;
    assert!(offline.is_editable(), "edits wait");
    offline.retry();
    hooked.until("live again", |widget| widget.status() == WidgetStatus::Live).await;
}

#[wasm_bindgen_test]
async fn without_a_board_the_connection_counts() {
    let hooked = start(UseWidgetStatusOptions::default()).await;
    let live = hooked.until("live", |widget| widget.status() == WidgetStatus::Live).await;
    assert!(!live.is_editable(), "there is nothing to edit");
}

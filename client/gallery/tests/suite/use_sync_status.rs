//! `use_sync_status` against the real server.

use gloo::utils::{document, window};
use tideboard_client::hooks::{UseSyncStatusHandle, UseSyncStatusOptions, use_channel, use_sync_status_with_options};
use tideboard_engine::{Carrier, Edit, StorageStatus, SyncStatus, Transport};
use tideboard_shared::{Action, Channel, Fields};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::frames,
    probe::{Hooked, ProbeProps, board, fresh, hooked},
};

type Props = ProbeProps<UseSyncStatusOptions, UseSyncStatusHandle>;

#[component]
fn Status(props: &Props) -> Html {
    use_channel(Channel::Board(board()).into());
    props.probe.renders.note(use_sync_status_with_options(props.probe.options.clone()));
    Html::default()
}

async fn start(warns: bool) -> Hooked<Status, UseSyncStatusOptions, UseSyncStatusHandle> {
    let hooked = hooked::<Status, _, _>(UseSyncStatusOptions { warn_before_unload: Some(warns) }).await;
    hooked.on_board().await;
    hooked.until("synchronised", |sync| sync.status() == SyncStatus::Synced).await;
    hooked
}

fn edit(delivery: Carrier) -> Edit {
    let action = Action::Create { kind: "thing".to_owned(), fields: Fields::new() };
    Edit { delivery, ..Edit::new(board(), fresh(), action) }
}

/// Tells whether leaving the page now would be asked about.
fn asks() -> bool {
    let event = document().create_event("BeforeUnloadEvent").unwrap();
    event.init_event_with_bubbles_and_cancelable("beforeunload", false, true);
    window().dispatch_event(&event).unwrap();
    let question = js_sys::Reflect::get(&event, &"returnValue".into()).unwrap();
    question.as_string().is_some_and(|question| !question.is_empty())
}

#[wasm_bindgen_test]
async fn an_edit_is_followed_from_waiting_to_arrival() {
    let hooked = start(false).await;
    hooked.realtime().disconnect();
    hooked.until("offline", |sync| sync.status() == SyncStatus::Offline { n: 0 }).await;
    hooked.realtime().apply(edit(Carrier::Auto), |_| {}).unwrap();
    let waiting = hooked.until("a waiting edit", |sync| sync.pending() == 1).await;
    assert_eq!((waiting.status(), waiting.transport()), (SyncStatus::Offline { n: 1 }, Transport::None));
    assert!(waiting.oldest().is_some() && waiting.in_flight() == 0);
    hooked.realtime().connect();
    let synced = hooked.until("arrival", |sync| sync.status() == SyncStatus::Synced).await;
    assert_eq!((synced.pending(), synced.refused(), synced.conflicts(), synced.oldest()), (0, 0, 0, None));
    assert!(synced.last_synced_at().is_some() && synced.is_leader() && synced.tabs() >= 1);
    assert!(matches!(synced.storage(), StorageStatus::MemoryOnly { .. }), "such is this provider");
}

#[wasm_bindgen_test]
async fn the_browser_asks_before_an_edit_is_lost_with_the_page_when_told_to() {
    for warns in [true, false] {
        let hooked = start(warns).await;
        assert!(!asks());
        let id = hooked.realtime().apply(edit(Carrier::Manual), |_| {}).unwrap();
        hooked.until("risk", UseSyncStatusHandle::is_at_risk).await;
        frames(2).await;
        assert_eq!(asks(), warns);
        assert!(hooked.realtime().confirm(id));
        hooked.until("no risk", |sync| !sync.is_at_risk()).await;
        frames(2).await;
        assert!(!asks());
    }
}

#[wasm_bindgen_test]
async fn it_renders_only_when_the_status_changed() {
    let hooked = start(true).await;
    frames(5).await;
    let renders = hooked.renders.len();
    let points = hooked.realtime().subscribe("stream:host.*".parse::<Channel>().unwrap().into());
    frames(90).await;
    drop(points);
    assert_eq!(hooked.renders.len(), renders);
}

//! `use_background_sync` against the real server.

use std::time::Duration;

use tideboard_client::hooks::{
    SyncTransport, UseBackgroundSyncHandle, UseBackgroundSyncOptions, use_background_sync_with_options, use_channel,
};
use tideboard_engine::{RefreshError, Transport};
use tideboard_shared::Channel;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{Hooked, ProbeProps, board, hooked},
};

#[component]
fn Sync(props: &ProbeProps<UseBackgroundSyncOptions, UseBackgroundSyncHandle>) -> Html {
    use_channel(Channel::Board(board()).into());
    props.probe.renders.note(use_background_sync_with_options(props.probe.options.clone()));
    Html::default()
}

type Page = Hooked<Sync, UseBackgroundSyncOptions, UseBackgroundSyncHandle>;

/// Only what a test asks for.
fn manual() -> UseBackgroundSyncOptions {
    UseBackgroundSyncOptions { auto_start: false, on_visible: false, on_online: false, ..Default::default() }
}

async fn page(options: UseBackgroundSyncOptions) -> Page {
    let page: Page = hooked(options).await;
    page.on_board().await;
    page
}

#[wasm_bindgen_test]
async fn a_refresh_ends_when_everything_is_up_to_date() {
    let page = page(manual()).await;
    let before = page.handle();
    assert!(before.is_online() && before.transport() == Transport::Socket && before.last_result().is_none());
    assert_eq!(page.handle().refresh().await, Ok(()));
    let after = page.until("the end", |sync| !sync.is_syncing()).await;
    assert_eq!((after.last_result(), after.progress()), (Some(Ok(())), 0));
    assert!(after.last_synced_at().is_some());
    assert!(page.renders.all().iter().any(UseBackgroundSyncHandle::is_syncing));
    assert_eq!(page.handle().refresh_widget(&[Channel::Board(board())]).await, Ok(()));
    assert_eq!(page.handle().refresh_widget(&[]).await, Ok(()));
    frames(3).await;
    let renders = page.renders.len();
    frames(10).await;
    assert_eq!(page.renders.len(), renders);
}

#[wasm_bindgen_test]
async fn it_goes_on_by_itself_until_it_pauses() {
    let syncs = Log::<()>::default();
    let on_sync = {
        let syncs = syncs.clone();
        Callback::from(move |()| syncs.note(()))
    };
    let interval = Some(Duration::from_millis(30));
    let page = page(UseBackgroundSyncOptions { interval, on_sync, ..Default::default() }).await;
    wait_until("three times", || syncs.len() >= 3).await;
    page.handle().pause();
    page.until("the end", |sync| !sync.is_syncing()).await;
    let count = syncs.len();
    frames(20).await;
    assert_eq!((syncs.len(), page.handle().next_at()), (count, None));
    page.handle().resume();
    wait_until("once more", || syncs.len() > count).await;
}

#[wasm_bindgen_test]
async fn without_a_way_to_the_server_it_says_so() {
    let errors = Log::<RefreshError>::default();
    let on_error = {
        let errors = errors.clone();
        Callback::from(move |error| errors.note(error))
    };
    let page = page(UseBackgroundSyncOptions { on_error, ..manual() }).await;
    page.realtime().disconnect();
    page.until("no way", |sync| !sync.is_online()).await;
    assert_eq!(page.handle().refresh().await, Err(RefreshError::Offline));
    page.until("the result", |sync| sync.last_result() == Some(Err(RefreshError::Offline))).await;
    assert_eq!(errors.all(), [RefreshError::Offline]);
}

#[wasm_bindgen_test]
async fn it_keeps_to_the_way_it_may_go() {
    let syncs = Log::<()>::default();
    let on_sync = {
        let syncs = syncs.clone();
        Callback::from(move |()| syncs.note(()))
    };
    let interval = Some(Duration::from_millis(10));
    let options = UseBackgroundSyncOptions { transport: SyncTransport::Rest, interval, on_sync, ..manual() };
    let page = page(options).await;
    page.handle().resume();
    frames(20).await;
    assert_eq!(syncs.len(), 0, "the socket stands");
}

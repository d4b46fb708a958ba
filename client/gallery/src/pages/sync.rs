//! The pages of the hooks that synchronise.

use std::time::Duration;

use tideboard_client::hooks::{
    RefreshInterval, SyncTransport, UseBackgroundSyncOptions, UseOfflineQueueOptions, UsePeriodicRefreshOptions,
    UseSyncStatusOptions, use_background_sync_with_options, use_offline_queue_with_options,
    use_periodic_refresh_with_options, use_realtime, use_sync_status_with_options,
};
use tideboard_engine::Edit;
use tideboard_shared::{Action, Channel};
use yew::prelude::*;

use super::controls::{Choice, Demo, NumberField, Toggle, act, board, logged, use_log};

#[component]
pub(super) fn SyncStatus() -> Html {
    let warns = use_state(|| true);
    let sync = use_sync_status_with_options(UseSyncStatusOptions { warn_before_unload: Some(*warns) });
    let facts = vec![
        ("status", format!("{:?}", sync.status())),
        ("transport", format!("{:?}", sync.transport())),
        ("pending", sync.pending().to_string()),
        ("in_flight", sync.in_flight().to_string()),
        ("refused", sync.refused().to_string()),
        ("conflicts", sync.conflicts().to_string()),
        ("oldest", format!("{:?}", sync.oldest())),
        ("last_synced_at", format!("{:?}", sync.last_synced_at())),
        ("storage", format!("{:?}", sync.storage())),
        ("is_leader", sync.is_leader().to_string()),
        ("tabs", sync.tabs().to_string()),
        ("is_at_risk", sync.is_at_risk().to_string()),
    ];
    let controls = html! { <Toggle label="warn_before_unload" value={warns} /> };
    html! {
        <Demo about="Whether everything the user did has arrived, and what happens to what has not." {controls}
            {facts} />
    }
}

#[component]
pub(super) fn BackgroundSync() -> Html {
    let (log, add) = use_log();
    let interval = use_state(|| 5_000);
    let transport = use_state(|| 0);
    let on_visible = use_state(|| true);
    let on_online = use_state(|| true);
    let sync = use_background_sync_with_options(UseBackgroundSyncOptions {
        interval: Some(Duration::from_millis((*interval).max(100).into())),
        transport: [SyncTransport::Auto, SyncTransport::Socket, SyncTransport::Rest][*transport],
        on_visible: *on_visible,
        on_online: *on_online,
        on_sync: logged(&add, |()| "up to date".to_owned()),
        on_error: logged(&add, |error| format!("failed: {error}")),
        ..Default::default()
    });
    let facts = vec![
        ("is_online", sync.is_online().to_string()),
        ("transport", format!("{:?}", sync.transport())),
        ("is_syncing", sync.is_syncing().to_string()),
        ("progress", sync.progress().to_string()),
        ("last_result", format!("{:?}", sync.last_result())),
        ("next_at", format!("{:?}", sync.next_at())),
    ];
    let [a, b, c, d] = std::array::from_fn(|_| sync.clone());
    let actions = html! {
        <>
            { act("Refresh", move || drop(a.refresh())) }
            { act("Refresh the board alone", move || drop(b.refresh_widget(&[Channel::Board(board())]))) }
            { act("Pause", move || c.pause()) }
            { act("Resume", move || d.resume()) }
        </>
    };
    let controls = html! {
        <>
            <NumberField label="interval, ms" value={interval} />
            <Choice label="transport" names={&["auto", "ws", "rest"][..]} value={transport} />
            <Toggle label="on_visible" value={on_visible} />
            <Toggle label="on_online" value={on_online} />
        </>
    };
    html! {
        <Demo about="Asks now and again for everything that the page is subscribed to." {controls} {facts} {actions}
            {log} />
    }
}

#[component]
pub(super) fn OfflineQueue() -> Html {
    let (log, add) = use_log();
    let ours = use_state(|| true);
    let options =
        UseOfflineQueueOptions { board: ours.then(board), on_refused: logged(&add, |id| format!("refused: {id:?}")) };
    let queue = use_offline_queue_with_options(options);
    let realtime = use_realtime();
    tideboard_client::hooks::use_channel(Channel::Board(board()).into());
    let exported = use_state(String::new);
    let facts = vec![
        ("len", queue.len().to_string()),
        ("oldest", format!("{:?}", queue.oldest())),
        ("refused", queue.refused().count().to_string()),
    ];
    let offline = realtime.clone();
    let online = realtime.clone();
    let edit = move || {
        let action = Action::Increment { field: "count".to_owned(), by: 1.into() };
        drop(realtime.apply(Edit::new(board(), "counter", action), |_| {}));
    };
    let [a, b, c] = std::array::from_fn(|_| queue.clone());
    let text = (*exported).clone();
    let set = exported.setter();
    let actions = html! {
        <>
            { act("Disconnect", move || offline.disconnect()) }
            { act("Connect", move || online.connect()) }
            { act("Add 1 to the counter", edit) }
            { act("Clear", move || a.clear()) }
            { act("Export", move || set.set(b.export())) }
            { act("Import what was exported", move || add.emit(format!("import: {:?}", c.import(&text)))) }
        </>
    };
    let row = |item: &tideboard_client::hooks::QueueItem| {
        let a = queue.clone();
        let b = queue.clone();
        let id = item.id;
        html! {
            <tr>
                <td>{ &item.what }</td><td>{ format!("{:?}", item.state) }</td><td>{ item.attempts }</td>
                <td>
                    { act("Retry", move || drop((a.retry(id), a.requeue(id)))) }
                    { act("Discard", move || b.discard(id)) }
                </td>
            </tr>
        }
    };
    let rows: Html = queue.items().iter().map(row).collect();
    let controls = html! { <Toggle label="board: only main" value={ours} /> };
    html! {
        <Demo about="Edits that wait for the server, and those that it refused." {controls} {facts} {actions} {log}>
            <table>{ rows }</table>
            <pre>{ &*exported }</pre>
        </Demo>
    }
}

#[component]
pub(super) fn PeriodicRefresh() -> Html {
    let (log, add) = use_log();
    let interval = use_state(|| 2_000);
    let jitter = use_state(|| 0);
    let fails = use_state(|| false);
    let keeps = use_state(|| true);
    let hidden = use_state(|| false);
    let live = use_state(|| false);
    let fetch = {
        let fails = *fails;
        move || std::future::ready(if fails { Err("as was wished".to_owned()) } else { Ok(js_sys::Math::random()) })
    };
    let data = use_periodic_refresh_with_options(
        fetch,
        UsePeriodicRefreshOptions {
            interval: RefreshInterval::Every(Duration::from_millis((*interval).max(100).into())),
            jitter: f64::from(*jitter) / 100.0,
            keep_previous: *keeps,
            when_hidden: *hidden,
            skip_if_live: *live,
            stale_after: Some(Duration::from_secs(5)),
            on_end: logged(&add, |end| format!("{end:?}")),
            ..Default::default()
        },
    );
    let facts = vec![
        ("data", format!("{:?}", data.data())),
        ("error", format!("{:?}", data.error())),
        ("is_refreshing", data.is_refreshing().to_string()),
        ("is_stale", data.is_stale().to_string()),
        ("last_updated", format!("{:?}", data.last_updated())),
        ("next_in", format!("{:?}", data.next_in())),
    ];
    let [a, b, c] = std::array::from_fn(|_| data.clone());
    let actions = html! {
        <>
            { act("Refresh", move || drop(a.refresh())) }
            { act("Pause", move || b.pause()) }
            { act("Resume", move || c.resume()) }
        </>
    };
    let controls = html! {
        <>
            <NumberField label="interval, ms" value={interval} />
            <NumberField label="jitter, %" value={jitter} />
            <Toggle label="keep_previous" value={keeps} />
            <Toggle label="when_hidden" value={hidden} />
            <Toggle label="skip_if_live" value={live} />
            <Toggle label="the fetcher fails" value={fails} />
        </>
    };
    html! {
        <Demo about="Fetches something now and again, as long as somebody is there to see it." {controls} {facts}
            {actions} {log} />
    }
}

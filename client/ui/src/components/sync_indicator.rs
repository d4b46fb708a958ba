//! Indicator of connection and edits for the header, with all details on demand.
//!
//! In: the engine's view of connection, edits, storage and tabs. Out: a reconnect or a disconnect that the user asks
//! for. Never: a state told by colour alone.

use std::time::Duration;

use tideboard_client::hooks::{
    UseSyncStatusHandle, UseSyncStatusOptions, UseWebsocketHandle, UseWebsocketOptions, use_realtime,
    use_sync_status_with_options, use_websocket_with_options,
};
use tideboard_engine::{StorageStatus, SyncStatus, Transport};
use yew::prelude::*;
use yew_hooks::use_interval;

use super::{
    SyncFact, SyncLevel, SyncSummary,
    connection_status::{connection_words, may_disconnect},
};
use crate::format::{ago, count_of, span};

/// Properties of [`SyncIndicator`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SyncIndicatorProps {
    /// Makes the indicator a button that shows details. Default true.
    #[prop_or(true)]
    pub show_details: bool,
    /// Called with the status at first and whenever it changes.
    #[prop_or_default]
    pub on_status_change: Callback<SyncStatus>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// State of connection and edits at a glance: connected, and everything the user did has arrived. Needs a
/// `RealtimeProvider`.
///
/// ```no_run
/// use tideboard_ui::components::SyncIndicator;
/// use yew::prelude::*;
///
/// #[component]
/// fn Head() -> Html {
///     html! { <header><SyncIndicator /></header> }
/// }
/// ```
///
/// | property | default | |
/// |---|---|---|
/// | `show_details` | true | opens to show transport, round trip, storage, tabs, and buttons |
/// | `on_status_change` | none | called with the status at first and whenever it changes |
/// | `class` | none | more classes |
///
/// Renders when the connection or the number of waiting edits changes, and every second while its details are open.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[component]
pub fn SyncIndicator(props: &SyncIndicatorProps) -> Html {
    let realtime = use_realtime();
    let socket = use_websocket_with_options(UseWebsocketOptions { auto_connect: false, ..Default::default() });
    // The application decides whether the browser asks before the page is left.
    let sync = use_sync_status_with_options(UseSyncStatusOptions { warn_before_unload: Some(false) });
    use_effect_with((sync.status(), props.on_status_change.clone()), |(status, on_change)| on_change.emit(*status));
    let is_open = use_state(|| false);
    let update = use_force_update();
    use_interval(move || update.force_update(), if *is_open { 1_000 } else { 0 });
    let on_toggle = {
        let is_open = is_open.setter();
        let realtime = realtime.clone();
        Callback::from(move |wanted| {
            is_open.set(wanted);
            if wanted {
                // A look at the details is a good moment to find out whether the connection still works.
                realtime.check_connection();
            }
        })
    };
    let words = connection_words(socket.state(), sync.transport() == Transport::Rest);
    let level = with_pending(words.level, sync.pending());
    let facts = if props.show_details { facts(&socket, &sync, words.short, realtime.now().wall.0) } else { Vec::new() };
    html! {
        <SyncSummary class={props.class.clone()} {level} words={words.short} pending={sync.pending()} {facts}
            {on_toggle}
            action={actions(&socket)} />
    }
}

/// Level with edits counted in: a good connection is busy while edits are on their way.
fn with_pending(level: SyncLevel, pending: usize) -> SyncLevel {
    if level == SyncLevel::Good && pending > 0 { SyncLevel::Busy } else { level }
}

/// Lines of the details. Always the same ones, so that nothing jumps while they change.
fn facts(socket: &UseWebsocketHandle, sync: &UseSyncStatusHandle, words: &'static str, now_ms: u64) -> Vec<SyncFact> {
    let absent = || "–".to_owned();
    let since = |at: Option<u64>| at.map_or_else(absent, |at| ago(Duration::from_millis(now_ms.saturating_sub(at))));
    let retry = socket.next_retry_in().map_or_else(absent, |delay| match delay.as_secs() {
        0 => "now".to_owned(),
        _ => format!("in {}", span(delay)),
    });
    let transport = match sync.transport() {
        Transport::Socket => "WebSocket",
        Transport::Rest => "REST",
        Transport::None => "–",
    };
    let to_settle = match (sync.conflicts(), sync.refused()) {
        (0, 0) => "nothing".to_owned(),
        (conflicts, 0) => count_of(conflicts, "conflict", "conflicts"),
        (0, refused) => count_of(refused, "refused edit", "refused edits"),
        (conflicts, refused) => format!("{}, {refused} refused", count_of(conflicts, "conflict", "conflicts")),
    };
    vec![
        SyncFact::new("Connection", words),
        SyncFact::new("By way of", transport),
        SyncFact::new("Attempt", if socket.is_connected() { absent() } else { socket.attempt().to_string() }),
        SyncFact::new("Next try", retry),
        SyncFact::new("Round trip", socket.rtt().map_or_else(absent, span)),
        SyncFact::new("This tab", tabs_in_words(sync.is_leader(), sync.tabs())),
        SyncFact::new("Waiting", count_of(sync.pending(), "edit", "edits")),
        SyncFact::new("Oldest of them", since(sync.oldest().map(|at| at.0))),
        SyncFact::new("Yours to settle", to_settle),
        SyncFact::new("Last saved", since(sync.last_synced_at().map(|at| at.0))),
        SyncFact::new("Edits wait in", storage_in_words(sync.storage())),
    ]
}

fn tabs_in_words(is_leader: bool, tabs: usize) -> String {
    match (is_leader, tabs) {
        (true, 0 | 1) => "connects, the only one".to_owned(),
        (true, tabs) => format!("connects for all {tabs}"),
        (false, tabs) => format!("1 of {tabs}, another connects"),
    }
}

fn storage_in_words(storage: &StorageStatus) -> String {
    match storage {
        StorageStatus::Persisted => "this browser".to_owned(),
        StorageStatus::MemoryOnly { reason } => format!("memory, until reload: {reason}"),
        StorageStatus::QuotaExceeded => "memory: the browser's storage is full".to_owned(),
    }
}

fn actions(socket: &UseWebsocketHandle) -> Html {
    let on = |act: fn(&UseWebsocketHandle)| {
        let socket = socket.clone();
        Callback::from(move |_: MouseEvent| act(&socket))
    };
    let may_disconnect = may_disconnect(socket.state());
    html! {
        <div class="sync-actions">
            <button type="button" onclick={on(UseWebsocketHandle::reconnect_now)}>
                { if may_disconnect { "Reconnect now" } else { "Connect" } }
            </button>
            <button type="button" onclick={on(UseWebsocketHandle::disconnect)} disabled={!may_disconnect}>
                { "Disconnect" }
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn only_a_good_connection_with_nothing_waiting_is_good() {
        assert_eq!(with_pending(SyncLevel::Good, 0), SyncLevel::Good);
        assert_eq!(with_pending(SyncLevel::Good, 2), SyncLevel::Busy);
        assert_eq!(with_pending(SyncLevel::Bad, 2), SyncLevel::Bad);
    }

    #[test]
    fn a_tab_says_whether_it_connects_and_for_how_many() {
        assert_eq!(tabs_in_words(true, 1), "connects, the only one");
        assert_eq!(tabs_in_words(true, 3), "connects for all 3");
        assert_eq!(tabs_in_words(false, 3), "1 of 3, another connects");
    }
}

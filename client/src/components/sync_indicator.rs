use std::time::Duration;

use tideboard_engine::{ConnectionState, Input, StorageStatus, SyncStatus, SyncView, Transport};
use yew::prelude::*;
use yew_hooks::use_interval;

use super::{SyncFact, SyncLevel, SyncSummary};
use crate::{
    format::{ago, count_of, span},
    hooks::{UseWebsocketHandle, use_realtime, use_store, use_websocket_with_options},
};

/// Properties of [`SyncIndicator`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SyncIndicatorProps {
    /// Whether it can be opened to show more. Default true.
    #[prop_or(true)]
    pub show_details: bool,
    /// Called with the status at first and whenever it changes.
    #[prop_or_default]
    pub on_status_change: Callback<SyncStatus>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Whether the page is connected and everything the user did has arrived. Needs a `RealtimeProvider`.
#[component]
pub fn SyncIndicator(props: &SyncIndicatorProps) -> Html {
    let realtime = use_realtime();
    let socket =
        use_websocket_with_options(crate::hooks::UseWebsocketOptions { auto_connect: false, ..Default::default() });
    let sync = use_store(|reader| reader.sync());
    use_effect_with((sync.status, props.on_status_change.clone()), |(status, on_change)| on_change.emit(*status));
    let is_open = use_state(|| false);
    let update = use_force_update();
    use_interval(move || update.force_update(), if *is_open { 1_000 } else { 0 });
    let on_toggle = {
        let (is_open, realtime) = (is_open.setter(), realtime.clone());
        Callback::from(move |wanted| {
            is_open.set(wanted);
            if wanted {
                // Whoever looks wants to know how the connection is now.
                realtime.input(Input::Visible);
            }
        })
    };
    let (level, words) = match sync.transport {
        Transport::Rest => (SyncLevel::Waiting, "Polling"),
        Transport::Socket | Transport::None => in_words(socket.state(), sync.pending),
    };
    let facts = if props.show_details { facts(&socket, &sync, words, realtime.now().wall.0) } else { Vec::new() };
    html! {
        <SyncSummary class={props.class.clone()} {level} {words} pending={sync.pending} {facts} {on_toggle}
            action={actions(&socket)} />
    }
}

fn in_words(state: &ConnectionState, pending: usize) -> (SyncLevel, &'static str) {
    match state {
        ConnectionState::Live { .. } if pending > 0 => (SyncLevel::Busy, "Live"),
        ConnectionState::Live { .. } => (SyncLevel::Good, "Live"),
        ConnectionState::Connecting { attempt } | ConnectionState::Greeting { attempt } if *attempt > 1 => {
            (SyncLevel::Waiting, "Reconnecting")
        }
        ConnectionState::Connecting { .. } | ConnectionState::Greeting { .. } | ConnectionState::Following => {
            (SyncLevel::Busy, "Connecting")
        }
        ConnectionState::Backoff { .. } => (SyncLevel::Waiting, "Reconnecting"),
        ConnectionState::Offline => (SyncLevel::Waiting, "Offline"),
        ConnectionState::Idle | ConnectionState::Closed => (SyncLevel::Waiting, "Disconnected"),
        ConnectionState::NeedsAuth => (SyncLevel::Bad, "Sign in again"),
        ConnectionState::Failed { .. } => (SyncLevel::Bad, "Refused"),
        ConnectionState::GaveUp { .. } => (SyncLevel::Bad, "Not connected"),
    }
}

/// Always the same lines, so that nothing jumps while they change.
fn facts(socket: &UseWebsocketHandle, sync: &SyncView, words: &'static str, now_ms: u64) -> Vec<SyncFact> {
    let absent = || "–".to_owned();
    let since = |at: Option<u64>| at.map_or_else(absent, |at| ago(Duration::from_millis(now_ms.saturating_sub(at))));
    let retry = socket.next_retry_in().map_or_else(absent, |delay| match delay.as_secs() {
        0 => "now".to_owned(),
        _ => format!("in {}", span(delay)),
    });
    let transport = match sync.transport {
        Transport::Socket => "WebSocket",
        Transport::Rest => "REST",
        Transport::None => "–",
    };
    let storage = match &sync.storage {
        StorageStatus::Persisted => "this browser".to_owned(),
        StorageStatus::MemoryOnly { reason } => format!("memory, until reload: {reason}"),
        StorageStatus::QuotaExceeded => "memory: the browser's storage is full".to_owned(),
    };
    vec![
        SyncFact::new("Connection", words),
        SyncFact::new("By way of", transport.to_owned()),
        SyncFact::new("Attempt", if socket.is_connected() { absent() } else { socket.attempt().to_string() }),
        SyncFact::new("Next try", retry),
        SyncFact::new("Round trip", socket.rtt().map_or_else(absent, span)),
        SyncFact::new("Waiting", count_of(sync.pending, "edit", "edits")),
        SyncFact::new("Oldest of them", since(sync.oldest.map(|at| at.0))),
        SyncFact::new("Last saved", since(sync.last_synced_at.map(|at| at.0))),
        SyncFact::new("Edits wait in", storage),
    ]
}

fn actions(socket: &UseWebsocketHandle) -> Html {
    let on = |act: fn(&UseWebsocketHandle)| {
        let socket = socket.clone();
        Callback::from(move |_: MouseEvent| act(&socket))
    };
    let is_closed = matches!(socket.state(), ConnectionState::Idle | ConnectionState::Closed);
    html! {
        <div class="sync-actions">
            <button type="button" onclick={on(UseWebsocketHandle::reconnect_now)}>
                { if is_closed { "Connect" } else { "Reconnect now" } }
            </button>
            <button type="button" onclick={on(UseWebsocketHandle::disconnect)} disabled={is_closed}>{ "Disconnect" }</button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn only_a_live_connection_with_nothing_waiting_is_good() {
        let live = ConnectionState::Live { since: Default::default(), since_mono: Duration::ZERO };
        assert_eq!(in_words(&live, 0).0, SyncLevel::Good);
        assert_eq!(in_words(&live, 2).0, SyncLevel::Busy);
        for state in [ConnectionState::Idle, ConnectionState::Offline, ConnectionState::Closed] {
            assert_eq!(in_words(&state, 0).0, SyncLevel::Waiting, "{state:?}");
        }
        for state in [ConnectionState::NeedsAuth, ConnectionState::Failed { code: 4003 }] {
            assert_eq!(in_words(&state, 0).0, SyncLevel::Bad, "{state:?}");
        }
    }

    #[test]
    fn the_first_try_connects_and_later_ones_reconnect() {
        assert_eq!(in_words(&ConnectionState::Connecting { attempt: 1 }, 0).1, "Connecting");
        assert_eq!(in_words(&ConnectionState::Connecting { attempt: 2 }, 0).1, "Reconnecting");
    }
}

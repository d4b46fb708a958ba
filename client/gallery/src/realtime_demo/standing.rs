use tideboard_client::StorageRoom;
use tideboard_client::hooks::use_store;
use tideboard_engine::{ConnectionState, StorageStatus};
use tideboard_ui::format::{count_of, span};
use yew::prelude::*;

use crate::faults::FaultSettings;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct StandingProps {
    pub(super) settings: FaultSettings,
    pub(super) on_heal: Callback<()>,
}

/// Head of the panel: state of connection and edits, the faults in force, and the button that heals them.
#[component]
pub(super) fn Standing(props: &StandingProps) -> Html {
    let connection = use_store(|reader| reader.connection());
    let sync = use_store(|reader| reader.sync());
    let tab = if connection.is_leader { "this tab" } else { "another tab" };
    let storage = match sync.storage {
        StorageStatus::Persisted => "this browser",
        StorageStatus::MemoryOnly { .. } => "memory",
        StorageStatus::QuotaExceeded => "memory, storage is full",
    };
    let fact = |name: &'static str, value: String| html! { <div><dt>{ name }</dt><dd>{ value }</dd></div> };
    let faults = in_words(&props.settings);
    html! {
        <header class="demo-head">
            <dl>
                { fact("Connection", in_a_word(&connection.state).to_owned()) }
                { fact("Held by", format!("{tab}, of {}", connection.tabs)) }
                { fact("Waiting", count_of(sync.pending, "edit", "edits")) }
                { fact("Refused", sync.refused.to_string()) }
                { fact("Edits are in", storage.to_owned()) }
            </dl>
            <ul class="demo-faults" aria-label="Faults">
                { for faults.iter().map(|words| html! { <li>{ words }</li> }) }
                if faults.is_empty() { <li class="is-well">{ "Nothing is broken" }</li> }
            </ul>
            <button type="button" class="demo-heal" onclick={props.on_heal.reform(|_| ())}>{ "Heal all" }</button>
            if !connection.is_leader {
                <p class="demo-note">
                    {
                        "Another tab has the connection, and faults of the network act there. Kill the leading tab to \
                        take it."
                    }
                </p>
            }
        </header>
    }
}

fn in_words(settings: &FaultSettings) -> Vec<String> {
    let FaultSettings { is_cut, latency, drop_in_percent, drop_out_percent, room } = settings;
    let words = [
        is_cut.then(|| "Network cut".to_owned()),
        (!latency.is_zero()).then(|| format!("{} late each way", span(*latency))),
        (*drop_in_percent > 0).then(|| format!("{drop_in_percent}% lost from the server")),
        (*drop_out_percent > 0).then(|| format!("{drop_out_percent}% lost to the server")),
        (*room != StorageRoom::Enough).then(|| "Storage full".to_owned()),
    ];
    words.into_iter().flatten().collect()
}

fn in_a_word(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Live { .. } => "live",
        ConnectionState::Connecting { .. } | ConnectionState::Greeting { .. } => "connecting",
        ConnectionState::Following => "not known yet",
        ConnectionState::Backoff { .. } => "waiting to reconnect",
        ConnectionState::Offline => "no network",
        ConnectionState::Idle | ConnectionState::Closed => "closed",
        ConnectionState::NeedsAuth => "needs a token",
        ConnectionState::Failed { .. } => "refused",
        ConnectionState::GaveUp { .. } => "given up",
    }
}

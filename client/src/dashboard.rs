//! The page: the host's charts, a note, a counter and orders of the board `main`.
//!
//! In: hooks. Out: widgets, wired to them. Never: a rule, or anything that another page could not do.

use tideboard_client::{
    components::{AppShell, SyncIndicator},
    hooks::{EditProblem, use_store},
};
use tideboard_engine::StorageStatus;
use tideboard_shared::{BoardId, Topic};
use yew::prelude::*;
use yew_hooks::use_before_unload;

mod chart_panel;
mod counter_panel;
mod freshness;
mod host;
mod messages;
mod new_version;
mod note_panel;
mod orders_panel;
mod standing;

pub(crate) use chart_panel::ChartPanel;
use counter_panel::CounterPanel;
use host::{HostCharts, HostStats, IoCharts};
use messages::{LocalProblems, Messages, ProblemAction};
use new_version::NewVersion;
use note_panel::NotePanel;
use orders_panel::OrdersPanel;

/// What every panel of the board gets.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PanelProps {
    pub(crate) board: BoardId,
    /// Told of edits that could not be made or were refused.
    pub(crate) on_reject: Callback<EditProblem>,
}

/// The dashboard of the board `main`.
#[component]
pub(crate) fn Dashboard() -> Html {
    let board: BoardId = "main".parse().expect("a valid name");
    let problems = use_reducer(LocalProblems::default);
    let on_reject = use_callback(problems.dispatcher(), |problem, problems| {
        problems.dispatch(ProblemAction::Add(problem));
    });
    let is_at_risk = use_store(|reader| {
        let sync = reader.sync();
        sync.pending > 0 && sync.storage != StorageStatus::Persisted
    });
    use_before_unload(*is_at_risk, "Some edits are not saved yet.".to_owned());
    html! {
        <AppShell board={board.to_string()} status={html! { <SyncIndicator /> }}>
            <div class="board">
                <HostStats />
                <HostCharts />
                <NotePanel board={board.clone()} on_reject={on_reject.clone()} />
                <IoCharts />
                <CounterPanel board={board.clone()} on_reject={on_reject.clone()} />
                <OrdersPanel {board} {on_reject} />
            </div>
            <NewVersion />
            <Messages {problems} />
        </AppShell>
    }
}

fn topic(name: &str) -> Topic {
    name.parse().expect("a valid name")
}

use std::{collections::BTreeMap, time::Duration};

use tideboard_client::hooks::{QueueItem, QueueState};
use tideboard_engine::{EditId, Stage};
use tideboard_shared::UnixMs;
use yew::prelude::*;

use super::words;
use crate::format::ago;

/// What the user wants done with an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAction {
    /// Send one that waits again now.
    Retry(EditId),
    /// Take back one that waits.
    RollBack(EditId),
    /// Make a refused one again.
    SendAgain(EditId),
    /// Forget a refused one.
    Discard(EditId),
}

/// Properties of [`PendingList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PendingListProps {
    /// The edits, oldest first.
    pub items: Vec<QueueItem>,
    /// What is listed at most; the others are counted.
    pub limit: usize,
    /// The user's clock, for their ages.
    pub now: UnixMs,
    /// Whether messages flow.
    pub is_live: bool,
    /// What could not be done for an edit.
    #[prop_or_default]
    pub problems: BTreeMap<EditId, AttrValue>,
    /// Called with what the user wants done.
    pub on_action: Callback<PendingAction>,
}

/// Edits that wait for the server or were refused, each with what can be done about it.
#[component]
pub fn PendingList(props: &PendingListProps) -> Html {
    let PendingListProps { items, limit, .. } = props;
    // What needs the user comes first, or a long queue would hide it.
    let (refused, waiting): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_refused());
    let listed = refused.into_iter().chain(waiting).take(*limit).map(|item| row(props, item));
    html! {
        <ul class="pending-list">
            { for listed }
            if let Some(more) = words::more(items.len(), *limit) { <li class="pending-more">{ more }</li> }
        </ul>
    }
}

fn row(props: &PendingListProps, item: &QueueItem) -> Html {
    let age = ago(Duration::from_millis(props.now.0.saturating_sub(item.created.0)));
    let title = words::title(item);
    let act = |label: &'static str, action: PendingAction| {
        let name = format!("{label}: {title}");
        html! {
            <button type="button" class="button-small" aria-label={name} onclick={props.on_action.reform(move |_| action)}>
                { label }
            </button>
        }
    };
    let (kind, actions) = match &item.state {
        QueueState::Refused(_) => (
            "refused",
            html! { <>{ act("Send again", PendingAction::SendAgain(item.id)) }{ act("Discard", PendingAction::Discard(item.id)) }</> },
        ),
        QueueState::Waiting { stage, .. } => (
            "waiting",
            html! {
                <>
                    if *stage == Stage::Queued && props.is_live { { act("Send now", PendingAction::Retry(item.id)) } }
                    { act("Roll back", PendingAction::RollBack(item.id)) }
                </>
            },
        ),
    };
    let facts = if item.is_refused() { age } else { format!("{age} · {}", words::attempts(item.attempts)) };
    html! {
        <li key={item.id.0} data-state={kind}>
            <div class="pending-what">
                <strong>{ &title }</strong>
                <span class="pending-state">{ words::state(item, props.is_live) }</span>
                <span class="pending-facts">{ facts }</span>
                if let Some(problem) = props.problems.get(&item.id) {
                    <span class="pending-problem" role="alert">{ problem }</span>
                }
            </div>
            <div class="pending-actions">{ actions }</div>
        </li>
    }
}

//! List of edits from plain properties.

use std::{collections::BTreeMap, time::Duration};

use tideboard_client::hooks::{QueueItem, QueueState};
use tideboard_engine::{EditId, Stage};
use tideboard_shared::UnixMs;
use yew::prelude::*;

use super::words;
use crate::format::ago;

/// Action of the user on an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAction {
    /// Sends a waiting edit now.
    Retry(EditId),
    /// Takes back a waiting edit.
    RollBack(EditId),
    /// Makes a refused edit again.
    SendAgain(EditId),
    /// Forgets a refused edit.
    Discard(EditId),
}

/// Properties of [`PendingList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PendingListProps {
    /// Edits, oldest first.
    pub items: Vec<QueueItem>,
    /// Most edits listed; the others are counted.
    pub limit: usize,
    /// Current time by the user's clock, for the ages.
    pub now: UnixMs,
    /// Set while the connection is live.
    pub is_live: bool,
    /// Failed actions: the reason, by edit.
    #[prop_or_default]
    pub problems: BTreeMap<EditId, AttrValue>,
    /// Called with the action that the user wants.
    pub on_action: Callback<PendingAction>,
}

/// List of edits that wait for the server or were refused, each with the actions that it allows.
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
            <button type="button" class="button-small" aria-label={name}
                onclick={props.on_action.reform(move |_| action)}>
                { label }
            </button>
        }
    };
    let (kind, actions) = match &item.state {
        QueueState::Refused(_) => (
            "refused",
            html! {
                <>
                    { act("Send again", PendingAction::SendAgain(item.id)) }
                    { act("Discard", PendingAction::Discard(item.id)) }
                </>
            },
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

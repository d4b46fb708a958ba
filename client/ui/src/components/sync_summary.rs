//! Summary of a state as dot, words and details; the look of the sync indicator, without the engine.

use yew::prelude::*;

use super::popover::use_popover;

/// State of connection and edits, in four levels; each has its own shape besides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncLevel {
    /// Connected, and no edit waits.
    Good,
    /// Under way: connecting or sending.
    Busy,
    /// Cut off from the server; work goes on without it.
    Waiting,
    /// Needs the user.
    Bad,
}

impl SyncLevel {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Busy => "busy",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
        }
    }
}

/// Line of the details: a name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncFact {
    /// Name, such as "Round trip".
    pub name: AttrValue,
    /// Value in words, such as "40 ms".
    pub value: AttrValue,
}

impl SyncFact {
    /// Creates a line from name and value.
    pub fn new(name: impl Into<AttrValue>, value: impl Into<AttrValue>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Properties of [`SyncSummary`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SyncSummaryProps {
    /// Level that gives the dot its shape and colour.
    pub level: SyncLevel,
    /// State in a word or two.
    pub words: AttrValue,
    /// Number of edits that wait for the server. Default 0.
    #[prop_or_default]
    pub pending: usize,
    /// Lines of the details. Default: none, and the summary cannot be opened.
    #[prop_or_default]
    pub facts: Vec<SyncFact>,
    /// Button below the details, such as "Reconnect now". Default: none.
    #[prop_or_default]
    pub action: Html,
    /// Called with true when the details are opened, with false when they are closed.
    #[prop_or_default]
    pub on_toggle: Callback<bool>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Dot, words and number of waiting edits; the details on demand.
#[component]
pub fn SyncSummary(props: &SyncSummaryProps) -> Html {
    let SyncSummaryProps { level, words, pending, facts, action, on_toggle, class } = props;
    let popover = use_popover(on_toggle.clone());
    let label = html! {
        <>
            <i class="sync-dot" data-level={level.name()} aria-hidden="true" />
            <span class="sync-words" role="status">{ words }</span>
            if *pending > 0 { <span class="sync-pending">{ format!("{pending} pending") }</span> }
        </>
    };
    if facts.is_empty() {
        return html! {
            <div ref={popover.node} class={classes!("sync", class.clone())}>
                <span class="sync-button">{ label }</span>
            </div>
        };
    }
    let is_open = popover.is_open;
    html! {
        <div ref={popover.node.clone()} class={classes!("sync", class.clone())}>
            <button type="button" class="sync-button" aria-expanded={is_open.to_string()} aria-controls="sync-details"
                onclick={popover.toggle()}>{ label }</button>
            <div id="sync-details" class="sync-details" hidden={!is_open}>
                <dl>
                    { for facts.iter().map(|fact| html! { <><dt>{ &fact.name }</dt><dd>{ &fact.value }</dd></> }) }
                </dl>
                { action.clone() }
            </div>
        </div>
    }
}

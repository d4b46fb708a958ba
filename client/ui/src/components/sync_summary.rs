use yew::prelude::*;

use super::popover::use_popover;

/// How things stand, in four steps; each has its own shape besides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncLevel {
    /// Connected, nothing waits.
    Good,
    /// Under way: connecting or sending.
    Busy,
    /// Works, but not with the server.
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

/// One line of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncFact {
    /// What it is.
    pub name: AttrValue,
    /// How it is.
    pub value: AttrValue,
}

impl SyncFact {
    /// A line of the details.
    pub fn new(name: impl Into<AttrValue>, value: impl Into<AttrValue>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Properties of [`SyncSummary`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SyncSummaryProps {
    /// How things stand.
    pub level: SyncLevel,
    /// The same in a word or two.
    pub words: AttrValue,
    /// How many edits wait for the server.
    #[prop_or_default]
    pub pending: usize,
    /// What the details say; none, and it cannot be expanded.
    #[prop_or_default]
    pub facts: Vec<SyncFact>,
    /// A button below the details, such as "Reconnect now".
    #[prop_or_default]
    pub action: Html,
    /// Called when the details are opened or closed.
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
        return html! { <div ref={popover.node} class={classes!("sync", class.clone())}><span class="sync-button">{ label }</span></div> };
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

use std::time::Duration;

use yew::prelude::*;

use super::PendingMark;
use crate::format::span;

/// How fresh a widget's content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidgetStatus {
    /// Nothing has arrived yet.
    Loading,
    /// Up to date.
    Live,
    /// Shown as it was; what was missed is on its way.
    CatchingUp,
    /// Shown as it was at the last poll, while the socket is down.
    Polled,
    /// Shown as it was when the connection was lost; edits wait.
    Offline,
    /// The user may not see it.
    Denied,
    /// The last content is this old.
    Stale(Duration),
    /// The user stopped it.
    Paused,
}

impl WidgetStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Live => "live",
            Self::CatchingUp => "catching-up",
            Self::Polled => "polled",
            Self::Offline => "offline",
            Self::Denied => "denied",
            Self::Stale(_) => "stale",
            Self::Paused => "paused",
        }
    }

    fn words(self) -> AttrValue {
        match self {
            Self::Loading => "Loading".into(),
            Self::Live => "Live".into(),
            Self::CatchingUp => "Catching up".into(),
            Self::Polled => "Polling".into(),
            Self::Offline => "Offline".into(),
            Self::Denied => "No access".into(),
            Self::Stale(age) => format!("Stale, {} old", span(age)).into(),
            Self::Paused => "Paused".into(),
        }
    }
}

/// Properties of [`WidgetFrame`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct WidgetFrameProps {
    /// The widget's title.
    pub title: AttrValue,
    /// How fresh its content is.
    pub status: WidgetStatus,
    /// How many edits of it wait for the server.
    #[prop_or_default]
    pub pending: usize,
    /// Buttons at the title's end.
    #[prop_or_default]
    pub actions: Html,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// The widget.
    #[prop_or_default]
    pub children: Html,
}

/// The panel around a widget: title, freshness, pending edits, actions.
#[component]
pub fn WidgetFrame(props: &WidgetFrameProps) -> Html {
    let WidgetFrameProps { title, status, pending, actions, class, children } = props;
    let is_loading = *status == WidgetStatus::Loading;
    html! {
        <section class={classes!("panel", class.clone())} aria-label={title.clone()} aria-busy={is_loading.to_string()}>
            <header class="panel-head">
                <h2>{ title }</h2>
                <PendingMark count={*pending} />
                <span class="panel-status" data-status={status.name()}>
                    <i class="dot" aria-hidden="true" />{ status.words() }
                </span>
                { actions.clone() }
            </header>
            <div class="panel-body">{ children.clone() }</div>
        </section>
    }
}

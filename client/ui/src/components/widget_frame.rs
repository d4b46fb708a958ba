//! Frame of a widget from plain properties. `WidgetRealtime` fills it from the engine.

use tideboard_client::hooks::WidgetStatus;
use yew::prelude::*;

use super::{EmptyState, Icon, IconButton, PendingMark};
use crate::format::span;

/// Message in place of a widget that has nothing to show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrameMessage {
    /// Reason, in a few words.
    pub title: AttrValue,
    /// Advice on what to do next.
    pub text: AttrValue,
    /// Buttons or links that follow the advice.
    pub action: Html,
}

impl FrameMessage {
    /// Creates a message without buttons.
    pub fn new(title: impl Into<AttrValue>, text: impl Into<AttrValue>) -> Self {
        Self { title: title.into(), text: text.into(), action: Html::default() }
    }
}

/// Properties of [`WidgetFrame`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct WidgetFrameProps {
    /// Title of the widget.
    pub title: AttrValue,
    /// Freshness of the content.
    pub status: WidgetStatus,
    /// Number of the widget's edits that wait for the server. Default 0.
    #[prop_or_default]
    pub pending: usize,
    /// Others who edit the widget, such as an `EditorMark`.
    #[prop_or_default]
    pub people: Html,
    /// Buttons of this widget.
    #[prop_or_default]
    pub actions: Html,
    /// Menu that every widget has, at the very end.
    #[prop_or_default]
    pub menu: Html,
    /// Message in place of the widget while it is empty, denied or broken. Default: an empty widget shows its content,
    /// and the other two have messages of their own.
    #[prop_or_default]
    pub message: Option<FrameMessage>,
    /// Called when the user asks again for what is stale, denied or broken. Without it there is no button for that.
    #[prop_or_default]
    pub on_retry: Option<Callback<()>>,
    /// Less room around the content, for small cells. Default false.
    #[prop_or_default]
    pub is_compact: bool,
    /// Id of the entity that is shown, as the attribute `data-widget`.
    #[prop_or_default]
    pub widget: Option<AttrValue>,
    /// Kind of widget, as the attribute `data-kind`.
    #[prop_or_default]
    pub kind: Option<AttrValue>,
    /// Id of the outer element.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Style of the outer element, such as its place in a grid.
    #[prop_or_default]
    pub style: Option<AttrValue>,
    /// Place in the tab order. Default: not in it.
    #[prop_or_default]
    pub tabindex: Option<AttrValue>,
    /// Reference to the outer element.
    #[prop_or_default]
    pub node: NodeRef,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// The widget.
    #[prop_or_default]
    pub children: Html,
}

/// Panel around a widget: title, freshness, pending edits, people, actions. Fills its cell.
///
/// Header and cell keep their size in every state. While all is well the state is a dot; every other state is a shape
/// and words.
#[component]
pub fn WidgetFrame(props: &WidgetFrameProps) -> Html {
    let WidgetFrameProps { title, status, pending, is_compact, .. } = props;
    let last_news = use_mut_ref(|| None);
    let news = news(*status, *last_news.borrow());
    *last_news.borrow_mut() = news;
    let is_live = *status == WidgetStatus::Live;
    let class = classes!("panel", "widget-frame", is_compact.then_some("is-compact"), props.class.clone());
    html! {
        <article {class} ref={props.node.clone()} id={props.id.clone()} style={props.style.clone()}
            data-status={status.name()}
            data-widget={props.widget.clone()} data-kind={props.kind.clone()} tabindex={props.tabindex.clone()}
            aria-label={title.clone()} aria-busy={(*status == WidgetStatus::Loading).to_string()}>
            <header class="panel-head">
                <h2 title={title.clone()}>{ title }</h2>
                <PendingMark count={*pending} />
                { props.people.clone() }
                <span class="panel-status" data-status={status.name()} title={meaning(*status)}>
                    <i class="state-shape" data-status={status.name()} aria-hidden="true" />
                    // Keyed by state, so that it is made anew: words that move within the header would count as a
                    // layout shift.
                    <span key={status.name()} class="panel-words-box">
                        <span class={classes!("panel-words", is_live.then_some("visually-hidden"))}>
                            { status.label() }
                        </span>
                        if let WidgetStatus::Stale(age) = status {
                            <span class="panel-age">{ format!("{} old", span(*age)) }</span>
                        }
                    </span>
                </span>
                <span class="visually-hidden" role="status">
                    { news.map_or_else(String::new, |news| format!("{title}: {news}")) }
                </span>
                { refresh(*status, props.on_retry.as_ref()) }
                { props.actions.clone() }
                { props.menu.clone() }
            </header>
            <div class="panel-body">
                { message(props).unwrap_or_else(|| props.children.clone()) }
            </div>
        </article>
    }
}

/// Tooltip that explains a status.
fn meaning(status: WidgetStatus) -> &'static str {
    match status {
        WidgetStatus::Loading => "Nothing has arrived yet",
        WidgetStatus::Live => "Up to date",
        WidgetStatus::CatchingUp => "Shown as it was; what was missed is on its way",
        WidgetStatus::Polled => "The live connection is down; this is fetched now and then",
        WidgetStatus::Offline => "Shown as it was when the connection was lost; edits wait",
        WidgetStatus::Paused => "Stopped here; the data goes on",
        WidgetStatus::Stale(_) => "No news for longer than usual",
        WidgetStatus::Thinned => "The connection is slow: some points are left out",
        WidgetStatus::Empty => "There is nothing to show yet",
        WidgetStatus::Denied => "You may not see this",
        WidgetStatus::Error => "This cannot be shown",
    }
}

/// Announcement for screen readers of this widget's own troubles. Those of the whole connection are announced once for
/// the page, and a pause by its button.
fn news(status: WidgetStatus, last: Option<&'static str>) -> Option<&'static str> {
    match status {
        WidgetStatus::Loading
        | WidgetStatus::CatchingUp
        | WidgetStatus::Polled
        | WidgetStatus::Offline
        | WidgetStatus::Paused
        | WidgetStatus::Empty => None,
        WidgetStatus::Live => last.map(|_| "live again"),
        WidgetStatus::Stale(_) => Some("stale"),
        WidgetStatus::Thinned => Some("thinned"),
        WidgetStatus::Denied => Some("no access"),
        WidgetStatus::Error => Some("cannot be shown"),
    }
}

/// Small refresh button: a stale widget still shows its content, and so has no room for a large one.
fn refresh(status: WidgetStatus, on_retry: Option<&Callback<()>>) -> Html {
    match (status, on_retry) {
        (WidgetStatus::Stale(_), Some(on_retry)) => {
            html! { <IconButton icon={Icon::Retry} label="Refresh" onclick={on_retry.reform(|_| ())} /> }
        }
        _ => Html::default(),
    }
}

/// Message in place of the widget; `None` while its content is shown.
fn message(props: &WidgetFrameProps) -> Option<Html> {
    let (icon, fallback) = match props.status {
        WidgetStatus::Empty => (Icon::Inbox, None),
        WidgetStatus::Denied => {
            let message = FrameMessage::new("No access", "Ask an administrator of this board to let you see it.");
            (Icon::Lock, Some(message))
        }
        WidgetStatus::Error => {
            let message = FrameMessage::new("This cannot be shown", "The rest of the board is not affected.");
            (Icon::Alert, Some(message))
        }
        WidgetStatus::Loading
        | WidgetStatus::Live
        | WidgetStatus::CatchingUp
        | WidgetStatus::Polled
        | WidgetStatus::Offline
        | WidgetStatus::Paused
        | WidgetStatus::Stale(_)
        | WidgetStatus::Thinned => return None,
    };
    let FrameMessage { title, text, action } = props.message.clone().or(fallback)?;
    let retry = props.on_retry.as_ref().filter(|_| props.status != WidgetStatus::Empty).map(|on_retry| {
        html! { <button type="button" onclick={on_retry.reform(|_| ())}>{ "Try again" }</button> }
    });
    let action = if retry.is_some() {
        html! { <>{ retry }{ action }</> }
    } else {
        action
    };
    Some(html! { <EmptyState {icon} {title} {text} {action} /> })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_widget_tells_of_trouble_and_of_its_end_and_not_of_every_second_that_it_lasts() {
        assert_eq!(news(WidgetStatus::Live, None), None);
        let stale = news(WidgetStatus::Stale(Duration::from_secs(5)), None);
        assert!(stale.is_some());
        assert_eq!(news(WidgetStatus::Stale(Duration::from_secs(6)), stale), stale);
        assert_eq!(news(WidgetStatus::Live, stale), Some("live again"));
        assert_eq!(news(WidgetStatus::Loading, stale), None);
    }
}

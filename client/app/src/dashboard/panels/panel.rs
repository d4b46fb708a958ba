use std::time::Duration;

use tideboard_shared::{Channel, EntityId, Topic, topics};
use tideboard_ui::components::{EditorMark, FrameMessage, WidgetRealtime};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::dashboard::{context::use_page, people::use_editors};

/// From this age on, values that come every second are not live.
const STALE_AFTER: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PanelProps {
    /// The entity it shows; for a panel of the app itself, a name.
    pub(crate) id: EntityId,
    pub(crate) title: AttrValue,
    /// The streams it shows; without any it shows the board.
    #[prop_or_default]
    pub(crate) topics: Vec<Topic>,
    #[prop_or_default]
    pub(crate) actions: Html,
    #[prop_or_default]
    pub(crate) menu: Html,
    /// Shown in its place when there is nothing to show.
    #[prop_or_default]
    pub(crate) empty: Option<FrameMessage>,
    #[prop_or_default]
    pub(crate) is_paused: bool,
    #[prop_or_default]
    pub(crate) children: Html,
}

/// A widget's frame, with how fresh it is and who edits it. Whoever edits inside is shown to the others as doing so.
#[component]
pub(crate) fn Panel(props: &PanelProps) -> Html {
    let page = use_page();
    let people = use_editors(props.id.clone());
    let channels: Vec<Channel> = props.topics.iter().cloned().map(Channel::Stream).collect();
    // Latencies come only when something was measured.
    let is_sporadic = props.topics.iter().any(|topic| topics::is_sporadic(topic.as_str()));
    let stale_after = if is_sporadic { Duration::MAX } else { STALE_AFTER };
    let onfocusin = {
        let on_editing = page.on_editing.clone();
        let id = props.id.clone();
        Callback::from(move |event: FocusEvent| {
            if is_editor(&event) {
                on_editing.emit(Some(id.clone()));
            }
        })
    };
    let onfocusout = page.on_editing.reform(|_: FocusEvent| None);
    html! {
        <div class="panel-cell" {onfocusin} {onfocusout}>
            <WidgetRealtime widget_id={props.id.clone()} board={page.board.clone()} title={props.title.clone()}
                follows_board={channels.is_empty()} {channels} paused={props.is_paused} {stale_after} is_empty={props.empty.is_some()}
                message={props.empty.clone()} people={html! { <EditorMark {people} /> }} actions={props.actions.clone()}
                menu={props.menu.clone()}>
                { props.children.clone() }
            </WidgetRealtime>
        </div>
    }
}

/// Tells whether the focus is where something is typed or chosen, not on a button.
fn is_editor(event: &FocusEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea, select").unwrap_or_default())
}

use tideboard_client::components::{EditorMark, FrameMessage, WidgetFrame, WidgetStatus};
use tideboard_shared::{EntityId, Topic};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::dashboard::{context::use_page, people::use_editors, standing::use_standing};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PanelProps {
    /// The entity it shows; none for a panel that the app itself has.
    #[prop_or_default]
    pub(crate) id: Option<EntityId>,
    pub(crate) title: AttrValue,
    /// The streams it shows; without any it shows the board.
    #[prop_or_default]
    pub(crate) topics: Vec<Topic>,
    #[prop_or_default]
    pub(crate) pending: usize,
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
    let standing = use_standing(page.board.clone());
    let status = match (&props.empty, props.is_paused) {
        (_, true) => WidgetStatus::Paused,
        (Some(_), false) => WidgetStatus::Empty,
        (None, false) => standing.status,
    };
    let onfocusin = {
        let (on_editing, id) = (page.on_editing.clone(), props.id.clone());
        Callback::from(move |event: FocusEvent| {
            if is_editor(&event) {
                on_editing.emit(id.clone());
            }
        })
    };
    let onfocusout = page.on_editing.reform(|_: FocusEvent| None);
    html! {
        <div class="panel-cell" {onfocusin} {onfocusout}>
            <WidgetFrame title={props.title.clone()} {status} pending={props.pending} widget={props.id.as_ref().map(ToString::to_string)}
                people={html! { <EditorMark {people} /> }} actions={props.actions.clone()} menu={props.menu.clone()}
                message={props.empty.clone()}>
                { props.children.clone() }
            </WidgetFrame>
        </div>
    }
}

/// Whether the focus is where something is typed or chosen, not on a button.
fn is_editor(event: &FocusEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea, select").unwrap_or_default())
}

use tideboard_shared::Action;
use tideboard_ui::{
    components::TextEdit,
    widgets::{Note, NotePart},
};
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::context::{use_careful_edit, use_page};

/// A text in Markdown.
#[component]
pub(super) fn NotePanel(props: &WidgetProps) -> Html {
    let page = use_page();
    let edit = use_careful_edit();
    let on_edit = {
        let id = props.item.id.clone();
        Callback::from(move |(part, TextEdit { text, seen }): (NotePart, TextEdit)| {
            let field = match part {
                NotePart::Title => "title",
                NotePart::Text => "text",
            };
            edit.apply_since(seen, id.clone(), Action::set([(field, text)]));
        })
    };
    let on_editing = {
        let id = props.item.id.clone();
        page.on_editing.reform(move |is_editing: bool| is_editing.then(|| id.clone()))
    };
    let widget = &props.item.value;
    html! {
        <Panel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()}>
            <Note title={widget.title.clone()} text={widget.text.clone()} seen={props.item.seen} {on_edit} {on_editing}
                is_disabled={!page.is_editable} />
        </Panel>
    }
}

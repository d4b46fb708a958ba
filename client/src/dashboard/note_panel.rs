use serde::Deserialize;
use tideboard_client::{
    components::WidgetFrame,
    hooks::{UseOptimisticUpdateOptions, use_optimistic_update_with_options},
    widgets::{Note, NotePart},
};
use yew::prelude::*;

use super::{PanelProps, standing::use_standing};

/// The fields of an entity of kind `note`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct NoteFields {
    title: String,
    text: String,
}

/// The note `welcome`.
#[component]
pub(crate) fn NotePanel(props: &PanelProps) -> Html {
    let PanelProps { board, on_reject } = props;
    let standing = use_standing(board.clone());
    let options = UseOptimisticUpdateOptions { on_reject: on_reject.clone(), ..Default::default() };
    let note = use_optimistic_update_with_options::<NoteFields>(board.clone(), "welcome".into(), options);
    let fields = note.value().cloned().unwrap_or_default();
    let on_edit = use_callback(note.clone(), |(part, edit): (NotePart, _), note| {
        let field = match part {
            NotePart::Title => "title",
            NotePart::Text => "text",
        };
        let tideboard_client::components::TextEdit { text, seen } = edit;
        note.set_since(seen, [(field, text)]);
    });
    let is_disabled = !standing.is_editable || note.value().is_none();
    html! {
        <WidgetFrame class="span-4" title="Note" status={standing.status} pending={note.pending()}>
            <Note title={fields.title} text={fields.text} seen={note.seen()} {on_edit} {is_disabled} />
        </WidgetFrame>
    }
}

use yew::prelude::*;

use crate::components::{FieldKind, TextField};

/// What a user typed into a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteEdit {
    /// A new title.
    Title(String),
    /// A new text.
    Text(String),
}

/// Properties of [`Note`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NoteProps {
    /// Its title.
    pub title: AttrValue,
    /// Its text.
    pub text: AttrValue,
    /// Called when typing pauses and when a field is left.
    pub on_edit: Callback<NoteEdit>,
    /// Shows the note but does not let it be edited.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// A title and a text that several people edit.
#[component]
pub fn Note(props: &NoteProps) -> Html {
    let on_title = props.on_edit.reform(NoteEdit::Title);
    let on_text = props.on_edit.reform(NoteEdit::Text);
    html! {
        <div class="note">
            <TextField class="note-title" label="Title" placeholder="Title" value={props.title.clone()}
                on_commit={on_title} is_disabled={props.is_disabled} />
            <TextField class="note-text" label="Text" placeholder="Write something for everyone…" kind={FieldKind::Area}
                value={props.text.clone()} on_commit={on_text} is_disabled={props.is_disabled} />
        </div>
    }
}

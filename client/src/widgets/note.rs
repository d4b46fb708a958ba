use yew::prelude::*;

use crate::{
    Seen,
    components::{FieldKind, TextEdit, TextField},
};

/// A part of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotePart {
    /// Its title.
    Title,
    /// Its text.
    Text,
}

/// Properties of [`Note`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NoteProps {
    /// Its title.
    pub title: AttrValue,
    /// Its text.
    pub text: AttrValue,
    /// Called when typing pauses and when a field is left.
    pub on_edit: Callback<(NotePart, TextEdit)>,
    /// When it was this.
    #[prop_or_default]
    pub seen: Seen,
    /// Shows the note but does not let it be edited.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// A title and a text that several people edit.
#[component]
pub fn Note(props: &NoteProps) -> Html {
    let on_edit = |part: NotePart| props.on_edit.reform(move |edit| (part, edit));
    let (seen, is_disabled) = (props.seen, props.is_disabled);
    html! {
        <div class="note">
            <TextField class="note-title" label="Title" placeholder="Title" value={props.title.clone()}
                on_commit={on_edit(NotePart::Title)} {seen} {is_disabled} />
            <TextField class="note-text" label="Text" placeholder="Write something for everyone…" kind={FieldKind::Area}
                value={props.text.clone()} on_commit={on_edit(NotePart::Text)} {seen} {is_disabled} />
        </div>
    }
}

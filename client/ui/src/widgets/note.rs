use gloo::{
    events::{EventListener, EventListenerOptions},
    utils::document,
};
use tideboard_client::Seen;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use crate::components::{EmptyState, FieldKind, Icon, IconButton, TextEdit, TextField};

mod markdown;

use markdown::{markdown, with_task_toggled};

/// A part of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotePart {
    /// The title.
    Title,
    /// The text.
    Text,
}

/// Properties of [`Note`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NoteProps {
    /// Title. Shown while it is edited; else the frame around it shows it.
    pub title: AttrValue,
    /// Text, in Markdown.
    pub text: AttrValue,
    /// Called when typing pauses, when a field is left, and when a task is ticked.
    pub on_edit: Callback<(NotePart, TextEdit)>,
    /// Called when the user begins and ends to edit, so that others may be told.
    #[prop_or_default]
    pub on_editing: Callback<bool>,
    /// Position of the board at which it was this.
    #[prop_or_default]
    pub seen: Seen,
    /// Shows lines in its place.
    #[prop_or_default]
    pub is_loading: bool,
    /// Shows the note but does not let it be edited.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// A text in Markdown that several people edit: read as it is meant, edited as it is written.
///
/// Enter, a double click or the button begins to edit; Escape, Ctrl and Enter, the button or leaving it ends that. What was typed
/// is kept: it was told to the others while it was typed.
#[component]
pub fn Note(props: &NoteProps) -> Html {
    let is_editing = use_state_eq(|| false);
    use_effect_with((*is_editing, props.on_editing.clone()), |(is_editing, on_editing)| {
        let ended = is_editing.then(|| on_editing.clone());
        if *is_editing {
            on_editing.emit(true);
        }
        move || {
            if let Some(ended) = ended {
                ended.emit(false);
            }
        }
    });
    // Whether the focus goes back to the text.
    let came_back = use_mut_ref(|| false);
    let set = {
        let setter = is_editing.setter();
        let came_back = came_back.clone();
        Callback::from(move |is_editing: bool| {
            *came_back.borrow_mut() = !is_editing;
            setter.set(is_editing);
        })
    };
    if *is_editing {
        let on_left = is_editing.setter();
        html! { <Writing note={props.clone()} on_done={set.reform(|()| false)} on_left={Callback::from(move |()| on_left.set(false))} /> }
    } else if props.is_loading {
        html! {
            <div class="note-lines" aria-hidden="true">
                { for ["90%", "75%", "82%"].map(|width| html! {
                    <span class="skeleton" style={format!("inline-size:{width}")}>{ "\u{a0}" }</span>
                }) }
            </div>
        }
    } else {
        let takes_focus = came_back.take();
        html! { <Reading note={props.clone()} on_write={set.reform(|()| true)} {takes_focus} /> }
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct ReadingProps {
    note: NoteProps,
    on_write: Callback<()>,
    takes_focus: bool,
}

/// The note as it is meant.
#[component]
fn Reading(props: &ReadingProps) -> Html {
    let NoteProps { title, text, on_edit, seen, is_disabled, .. } = &props.note;
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        let takes_focus = props.takes_focus;
        move |()| {
            if takes_focus && let Some(element) = node.cast::<HtmlElement>() {
                // Fails only where the element cannot have the focus.
                let _is_focused = element.focus();
            }
        }
    });
    let on_task = {
        let on_edit = on_edit.clone();
        let text = text.clone();
        let seen = *seen;
        Callback::from(move |at| {
            if let Some(text) = with_task_toggled(&text, at) {
                on_edit.emit((NotePart::Text, TextEdit { text, seen }));
            }
        })
    };
    let content = use_memo((text.clone(), *seen, on_edit.clone(), *is_disabled), |(text, _, _, is_disabled)| {
        markdown(text, (!is_disabled).then_some(&on_task))
    });
    let write = (!is_disabled).then(|| props.on_write.clone());
    if text.trim().is_empty() {
        let action =
            write.map(|write| html! { <button type="button" onclick={write.reform(|_| ())}>{ "Write" }</button> });
        let action = action.unwrap_or_default();
        return html! {
            <EmptyState icon={Icon::Edit} title="Nothing written yet" text="A note for everyone, in Markdown." {action} />
        };
    }
    let onkeydown = {
        let node = node.clone();
        let write = write.clone();
        Callback::from(move |event: KeyboardEvent| {
            let is_here = event.target().and_then(|target| target.dyn_into::<Node>().ok()) == node.get();
            if is_here
                && event.key() == "Enter"
                && let Some(write) = write.as_ref()
            {
                event.prevent_default();
                write.emit(());
            }
        })
    };
    let ondblclick = write.clone().map(|write| write.reform(|_: MouseEvent| ()));
    html! {
        <div class="note-reading">
            <div ref={node} class="markdown" role="group" aria-label={title.clone()} tabindex="0"
                aria-keyshortcuts={write.is_some().then_some("Enter")} {onkeydown} {ondblclick}>
                { (*content).clone() }
            </div>
            if let Some(write) = write {
                <IconButton class="note-edit" icon={Icon::Edit} label="Edit note" onclick={write.reform(|_| ())} />
            }
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct WritingProps {
    note: NoteProps,
    /// The user is done.
    on_done: Callback<()>,
    /// The user is elsewhere.
    on_left: Callback<()>,
}

/// The note as it is written.
#[component]
fn Writing(props: &WritingProps) -> Html {
    let NoteProps { title, text, seen, is_disabled, .. } = &props.note;
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| focus_text(&node)
    });
    use_effect_with(props.on_done.clone(), {
        let node = node.clone();
        move |on_done| {
            let keys = node.cast::<Element>().map(|element| end_by_key(element, on_done.clone()));
            move || drop(keys)
        }
    });
    let onfocusout = {
        let node = node.clone();
        let on_left = props.on_left.clone();
        Callback::from(move |event: FocusEvent| {
            let next = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            // The element keeps the focus while another window has it.
            let next = next.or_else(|| document().active_element().map(Node::from));
            if !node.get().is_some_and(|node| node.contains(next.as_ref())) {
                on_left.emit(());
            }
        })
    };
    let on_edit = |part: NotePart| props.note.on_edit.reform(move |edit| (part, edit));
    html! {
        <div ref={node} class="note" {onfocusout}>
            <div class="note-head">
                <TextField class="note-title" label="Title" placeholder="Title" value={title.clone()}
                    on_commit={on_edit(NotePart::Title)} seen={*seen} is_disabled={*is_disabled} />
                <IconButton icon={Icon::Check} label="Done" onclick={props.on_done.reform(|_| ())} />
            </div>
            <TextField class="note-text" label="Text" placeholder="Write something for everyone…" kind={FieldKind::Area}
                value={text.clone()} on_commit={on_edit(NotePart::Text)} seen={*seen} is_disabled={*is_disabled} />
        </div>
    }
}

fn focus_text(node: &NodeRef) {
    let area = node.cast::<Element>().and_then(|element| element.query_selector("textarea").ok().flatten());
    if let Some(area) = area.and_then(|area| area.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) {
        let _is_focused = area.focus();
        let end = area.text_length();
        let _is_set = area.set_selection_range(end, end);
    }
}

/// Escape, or Ctrl and Enter, before the fields get them: for one field alone Escape means to take back. The document is the only
/// place that hears of a key before Yew does.
fn end_by_key(element: Element, on_done: Callback<()>) -> EventListener {
    let options = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
    EventListener::new_with_options(&document(), "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
        let is_end = match event.key().as_str() {
            "Escape" => true,
            "Enter" => event.ctrl_key() || event.meta_key(),
            _ => false,
        };
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        if is_end && !event.is_composing() && element.contains(target.as_ref()) {
            event.prevent_default();
            event.stop_propagation();
            // A field tells what was typed when it is left.
            if let Some(field) = document().active_element().and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                let _is_left = field.blur();
            }
            on_done.emit(());
        }
    })
}

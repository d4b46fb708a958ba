use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, Node};
use yew::prelude::*;

use super::{FavoriteName, FavoriteRow};
use crate::components::{Icon, IconButton, PendingMark, TextField};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct FavoriteLineProps {
    pub(super) row: FavoriteRow,
    /// Set where Tab leads to it.
    pub(super) is_current: bool,
    pub(super) is_disabled: bool,
    /// Called when it gets the focus.
    pub(super) on_current: Callback<()>,
    pub(super) onkeydown: Callback<KeyboardEvent>,
    pub(super) on_open: Callback<()>,
    pub(super) on_rename: Callback<FavoriteName>,
    pub(super) on_remove: Callback<()>,
}

/// Line of a favourite: a button that opens it, and the other things to do with it.
#[component]
pub(super) fn FavoriteLine(props: &FavoriteLineProps) -> Html {
    let FavoriteLineProps { row, is_current, is_disabled, .. } = props;
    let is_renaming = use_state_eq(|| false);
    let open = use_node_ref();
    // Whether the focus goes back to the button when the name is done.
    let came_back = use_mut_ref(|| false);
    use_effect_with(*is_renaming, {
        let open = open.clone();
        let came_back = came_back.clone();
        move |is_renaming| {
            let button = open.cast::<HtmlElement>().filter(|_| !is_renaming && came_back.take());
            // Fails only where the element cannot have the focus.
            let _is_focused = button.map(|button| button.focus());
        }
    });
    let tabindex = if *is_current { "0" } else { "-1" };
    let rename = {
        let setter = is_renaming.setter();
        Callback::from(move |()| setter.set(true))
    };
    let onkeydown = {
        let onkeydown = props.onkeydown.clone();
        let rename = rename.clone();
        let is_disabled = *is_disabled;
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "F2" if !is_disabled => rename.emit(()),
            _ => onkeydown.emit(event),
        })
    };
    let label = if row.favorite.label.is_empty() { row.favorite.target.clone() } else { row.favorite.label.clone() };
    if *is_renaming {
        let setter = is_renaming.setter();
        let on_end = Callback::from(move |end: End| {
            *came_back.borrow_mut() = end == End::Done;
            setter.set(false);
        });
        return html! {
            <li data-entity={row.id.to_string()}>
                <Renaming row={row.clone()} on_rename={props.on_rename.clone()} {on_end} />
            </li>
        };
    }
    let small = |icon, words: String, onclick: Callback<MouseEvent>| {
        html! { <IconButton {icon} label={words} {onclick} /> }
    };
    html! {
        <li data-entity={row.id.to_string()} onfocusin={props.on_current.reform(|_: FocusEvent| ())}>
            <button ref={open} type="button" class="favorite-open" {tabindex} {onkeydown} onclick={props.on_open.reform(|_| ())}
                title={row.favorite.target.clone()} aria-keyshortcuts={(!is_disabled).then_some("F2 Delete")}>
                { Html::from(Icon::Star) }
                <span class="favorite-label">{ &label }</span>
                <span class="favorite-target">{ &row.favorite.target }</span>
            </button>
            <PendingMark count={row.pending} />
            if !is_disabled {
                <span class="favorite-actions">
                    { small(Icon::Edit, format!("Rename {label}"), rename.reform(|_| ())) }
                    { small(Icon::Trash, format!("Remove {label}"), props.on_remove.reform(|_| ())) }
                </span>
            }
        </li>
    }
}

/// End of a renaming by the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By a key.
    Done,
    /// By going elsewhere.
    Left,
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct RenamingProps {
    row: FavoriteRow,
    on_rename: Callback<FavoriteName>,
    on_end: Callback<End>,
}

/// The name as a field, until it is left.
#[component]
fn Renaming(props: &RenamingProps) -> Html {
    let RenamingProps { row, on_rename, on_end } = props;
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let input = node.cast::<Element>().and_then(|element| element.query_selector("input").ok().flatten());
            if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
                let _is_focused = input.focus();
                input.select();
            }
        }
    });
    let onkeydown = on_end.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | "Escape") && !event.is_composing() {
            event.prevent_default();
            onkeydown.emit(End::Done);
        }
    });
    let onfocusout = {
        let node = node.clone();
        let on_end = on_end.clone();
        Callback::from(move |event: FocusEvent| {
            let next = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            if !node.get().is_some_and(|node| next.is_some_and(|next| node.contains(Some(&next)))) {
                on_end.emit(End::Left);
            }
        })
    };
    let id = row.id.clone();
    let on_commit = on_rename.reform(move |edit| FavoriteName { id: id.clone(), edit });
    html! {
        <div ref={node} class="favorite-rename" {onkeydown} {onfocusout}>
            <TextField label={format!("Name of {}", row.favorite.label)} value={row.favorite.label.clone()} seen={row.seen} {on_commit} />
        </div>
    }
}

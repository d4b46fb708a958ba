use std::{cell::RefCell, cmp::Ordering, rc::Rc};

use tideboard_client::{Seen, entities::Favorite};
use tideboard_shared::EntityId;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::components::{EmptyState, Icon, TextEdit};

mod line;
mod new_favorite;

use line::FavoriteLine;
use new_favorite::NewFavorite;

/// Favourite as the list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct FavoriteRow {
    /// The entity.
    pub id: EntityId,
    /// Fields of the favourite.
    pub favorite: Favorite,
    /// Number of its edits that wait for the server.
    pub pending: usize,
    /// Position of the board at which it was this.
    pub seen: Seen,
}

/// Name that a user gave a favourite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FavoriteName {
    /// The entity.
    pub id: EntityId,
    /// The new label, and when the favourite was what the user began to change.
    pub edit: TextEdit,
}

/// Properties of [`Favorites`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FavoritesProps {
    /// The favourites in any order; placeholders while absent.
    pub rows: Option<Rc<[FavoriteRow]>>,
    /// Called with one that the user wants to see.
    pub on_open: Callback<Favorite>,
    /// Called with one to remove.
    pub on_remove: Callback<EntityId>,
    /// Called with another name for one.
    pub on_rename: Callback<FavoriteName>,
    /// Called with one to add.
    pub on_add: Callback<Favorite>,
    /// Favourite for the page as it is now, to be added with one press.
    #[prop_or_default]
    pub suggestion: Option<Favorite>,
    /// Shows the favourites but does not let them be edited.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// Favourites by their names. Arrow keys move, Enter opens, F2 renames, Delete removes.
#[component]
pub fn Favorites(props: &FavoritesProps) -> Html {
    let node = use_node_ref();
    let rows = use_memo(props.rows.clone(), |rows| rows.as_deref().map(sorted));
    let current = use_state_eq(|| 0_usize);
    let takes_focus = use_line_focus(node.clone(), *current, Rc::clone(&rows));
    let Some(rows) = rows.as_ref() else { return placeholders() };
    let is_disabled = props.is_disabled;
    let form = if is_disabled {
        Html::default()
    } else {
        html! { <NewFavorite on_add={props.on_add.clone()} /> }
    };
    if rows.is_empty() {
        return html! { <div class="favorite-list">{ nothing(props) }{ form }</div> };
    }
    let onkeydown = {
        let node = node.clone();
        let current = current.clone();
        let takes_focus = takes_focus.clone();
        let ids = rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
        let on_remove = props.on_remove.clone();
        Callback::from(move |event: KeyboardEvent| {
            let here = (*current).min(ids.len() - 1);
            if event.key() == "Delete" && !is_disabled {
                *takes_focus.borrow_mut() = true;
                on_remove.emit(ids[here].clone());
            } else if let Some(next) = moved(&event.key(), here, ids.len()) {
                current.set(next);
                focus_line(&node, next);
            } else {
                return;
            }
            event.prevent_default();
        })
    };
    let here = (*current).min(rows.len() - 1);
    html! {
        <div class="favorite-list">
            <ul ref={node} class="favorites" aria-label="Favourites">
                { for rows.iter().enumerate().map(|(index, row)| {
                    let setter = current.setter();
                    let id = row.id.clone();
                    let favorite = row.favorite.clone();
                    html! {
                        <FavoriteLine key={row.id.as_str()} row={row.clone()} is_current={index == here} {is_disabled}
                            on_current={Callback::from(move |()| setter.set(index))} onkeydown={onkeydown.clone()}
                            on_open={props.on_open.reform(move |()| favorite.clone())}
                            on_rename={props.on_rename.clone()} on_remove={props.on_remove.reform(move |()| id.clone())} />
                    }
                }) }
            </ul>
            { form }
        </div>
    }
}

/// Gives the current line the focus with the next change of the list after what it returns was set.
#[hook]
fn use_line_focus(node: NodeRef, current: usize, rows: Rc<Option<Vec<FavoriteRow>>>) -> Rc<RefCell<bool>> {
    let takes_focus = use_mut_ref(|| false);
    use_effect_with((current, rows), {
        let takes_focus = Rc::clone(&takes_focus);
        move |(current, rows)| {
            let last = rows.as_ref().as_ref().map_or(0, |rows| rows.len().saturating_sub(1));
            if takes_focus.take() {
                focus_line(&node, (*current).min(last));
            }
        }
    });
    takes_focus
}

/// Line to which a key leads from another.
fn moved(key: &str, here: usize, count: usize) -> Option<usize> {
    match key {
        "ArrowDown" => Some((here + 1).min(count - 1)),
        "ArrowUp" => Some(here.saturating_sub(1)),
        "Home" => Some(0),
        "End" => Some(count - 1),
        _ => None,
    }
}

fn placeholders() -> Html {
    let line = |index: usize| html! { <li key={index}><span class="skeleton skeleton-line">{ "\u{a0}" }</span></li> };
    html! { <ul class="favorites" aria-hidden="true">{ for (0..4).map(line) }</ul> }
}

/// Hint where there is no favourite.
fn nothing(props: &FavoritesProps) -> Html {
    let suggestion = props.suggestion.as_ref().filter(|_| !props.is_disabled).map(|favorite| {
        let on_add = props.on_add.clone();
        let favorite = favorite.clone();
        let words = format!("Add {}", favorite.label);
        html! { <button type="button" onclick={Callback::from(move |_: MouseEvent| on_add.emit(favorite.clone()))}>{ words }</button> }
    });
    html! {
        <EmptyState icon={Icon::Star} title="No favourites yet" text="Keep here what people of this board look for again and again."
            action={suggestion.unwrap_or_default()} />
    }
}

/// By label, as people look for it; equal ones by id.
fn sorted(rows: &[FavoriteRow]) -> Vec<FavoriteRow> {
    let by_label = |a: &FavoriteRow, b: &FavoriteRow| -> Ordering {
        let key = |row: &FavoriteRow| row.favorite.label.to_lowercase();
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    };
    let mut rows = rows.to_vec();
    rows.sort_by(by_label);
    rows
}

fn focus_line(node: &NodeRef, index: usize) {
    let lines = node.cast::<Element>().and_then(|list| list.query_selector_all(".favorite-open").ok());
    let line = lines.and_then(|lines| lines.get(u32::try_from(index).unwrap_or(u32::MAX)));
    if let Some(line) = line.and_then(|line| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(line).ok()) {
        // Fails only where the element cannot have the focus.
        let _is_focused = line.focus();
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn favorites_are_sorted_as_people_read_them() {
        let row = |id: &str, label: &str| FavoriteRow {
            id: id.into(),
            favorite: Favorite { target: "/a".into(), label: label.into() },
            pending: 0,
            seen: Seen::default(),
        };
        let rows = sorted(&[row("3", "orders"), row("2", "Orders"), row("1", "boards"), row("4", "Ärzte")]);
        let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["1", "2", "3", "4"]);
    }
}

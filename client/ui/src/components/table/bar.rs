//! Bar above a table: filter, counts, and commands for selected or removed rows.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{ColumnKind, Columns, Noun, TableChoice, arrange::Query, state::Removed};
use crate::{
    components::SelectField,
    format::{count_of, number},
};

/// Event in the bar above a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BarEvent {
    Search(String),
    Choose(usize, Option<usize>),
    Clear,
    /// Moves the focus to the rows.
    Enter,
    RemoveSelected,
    SelectNone,
    Restore,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct TableBarProps {
    pub(super) columns: Columns,
    pub(super) query: Query,
    /// Number of rows shown, and of all rows; `None` until rows have arrived.
    pub(super) counts: Option<(usize, usize)>,
    pub(super) selected: usize,
    pub(super) removed: Option<Removed>,
    pub(super) can_restore: bool,
    pub(super) is_disabled: bool,
    pub(super) noun: Noun,
    pub(super) search: NodeRef,
    pub(super) on_event: Callback<BarEvent>,
}

/// Bar with the filter, the number of rows shown, and the commands for selected or removed rows.
#[component]
pub(super) fn TableBar(props: &TableBarProps) -> Html {
    let TableBarProps { columns, query, noun, search, on_event, .. } = props;
    let oninput = on_event
        .reform(|event: InputEvent| BarEvent::Search(event.target_unchecked_into::<HtmlInputElement>().value()));
    let onkeydown = {
        let on_event = on_event.clone();
        let is_empty = query.is_empty();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" if !is_empty => on_event.emit(BarEvent::Clear),
            "Escape" | "Enter" | "ArrowDown" if !event.is_composing() => {
                event.prevent_default();
                on_event.emit(BarEvent::Enter);
            }
            _ => {}
        })
    };
    let choosers = columns.iter().enumerate().filter_map(|(at, column)| match &column.kind {
        ColumnKind::Choice(choices) => Some(chooser(props, at, column.title, choices)),
        ColumnKind::Text | ColumnKind::Number { .. } => None,
    });
    html! {
        <div class="table-bar">
            <div class="table-filter" role="search" aria-label={format!("Filter {}", noun.many)}>
                <input ref={search} type="search" class="field table-search"
                    aria-label={format!("Filter {}", noun.many)}
                    placeholder={format!("Filter {}", noun.many)} title="Press / in the table to come here"
                    autocomplete="off"
                    maxlength="200" value={query.text.clone()} {oninput} {onkeydown} />
                { for choosers }
                <button type="button" onclick={on_event.reform(|_| BarEvent::Clear)} disabled={query.is_empty()}>
                    { "Clear" }
                </button>
            </div>
            { standing(props) }
        </div>
    }
}

fn chooser(props: &TableBarProps, column: usize, title: &'static str, choices: &[TableChoice]) -> Html {
    let chosen = props.query.choices.iter().find(|(of, _)| *of == column).map(|(_, choice)| *choice);
    let title = title.to_lowercase();
    let any = (AttrValue::default(), format!("Any {title}").into());
    let options = choices.iter().enumerate().map(|(at, choice)| (at.to_string().into(), choice.label.into()));
    let options: Vec<(AttrValue, AttrValue)> = [any].into_iter().chain(options).collect();
    let value = chosen.map(|at| at.to_string()).unwrap_or_default();
    let on_change = props.on_event.reform(move |value: AttrValue| BarEvent::Choose(column, value.parse().ok()));
    html! {
        <SelectField class={classes!("table-choice", chosen.map(|_| "is-set"))} label={format!("Filter by {title}")}
            {value}
            {options} {on_change} />
    }
}

/// Most important fact of: rows removed, rows selected, rows shown.
fn standing(props: &TableBarProps) -> Html {
    let on = |event: BarEvent| props.on_event.reform(move |_: MouseEvent| event.clone());
    if let Some(removed) = &props.removed {
        return html! {
            <div class="table-standing">
                <span>{ removed.words() }</span>
                if props.can_restore && !removed.ids.is_empty() {
                    <button type="button" onclick={on(BarEvent::Restore)}>{ "Undo" }</button>
                }
            </div>
        };
    }
    if props.selected > 0 {
        return html! {
            <div class="table-standing">
                <span>{ format!("{} selected", number(props.selected as f64)) }</span>
                <button type="button" onclick={on(BarEvent::SelectNone)}>{ "Deselect" }</button>
                <button type="button" class="button-danger" onclick={on(BarEvent::RemoveSelected)}
                    disabled={props.is_disabled}>
                    { "Remove" }
                </button>
            </div>
        };
    }
    let counts = match props.counts {
        None => String::new(),
        Some((_, all)) if props.query.is_empty() => count_of_many(all, props.noun),
        Some((shown, all)) => format!("{} of {}", number(shown as f64), number(all as f64)),
    };
    html! { <div class="table-standing"><span class="table-count">{ counts }</span></div> }
}

/// Count with its noun, such as `10,000 orders`.
pub(super) fn count_of_many(count: usize, noun: Noun) -> String {
    if count == 1 { count_of(count, noun.one, noun.many) } else { format!("{} {}", number(count as f64), noun.many) }
}

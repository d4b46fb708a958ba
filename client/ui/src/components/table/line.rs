//! Row of a table in the document, with the field of a cell that is being edited.

use tideboard_client::Seen;
use yew::prelude::*;

use super::{Cell, Column, ColumnKind, Columns, Noun, column::RowRef};
use crate::components::{FieldKind, Icon, PendingMark, SelectField, TextEdit, TextField};

/// Edited cell, as text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Commit {
    pub(super) row: RowRef,
    /// Index among the columns of data.
    pub(super) column: usize,
    pub(super) text: AttrValue,
    pub(super) seen: Seen,
    /// Set if the edit ends with this.
    pub(super) is_end: bool,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct TableLineProps {
    pub(super) columns: Columns,
    pub(super) row: RowRef,
    /// Place of the row among those shown.
    pub(super) place: usize,
    /// Distance from the top of the rows, in CSS pixels.
    pub(super) top: f64,
    /// Column of the grid that Tab leads to, if it leads to this row.
    pub(super) active: Option<usize>,
    /// Set while the active cell is being edited.
    pub(super) is_editing: bool,
    pub(super) is_selected: bool,
    pub(super) is_disabled: bool,
    pub(super) noun: Noun,
    pub(super) on_commit: Callback<Commit>,
}

/// Row of a table. Has no listeners of its own: the grid reads the `data-` attributes of what is clicked.
#[component]
pub(super) fn TableLine(props: &TableLineProps) -> Html {
    let TableLineProps { columns, row: RowRef(row), place, top, is_selected, is_disabled, noun, .. } = props;
    let name = columns.first().zip(row.cells.first()).map(|(column, cell)| column.text(cell)).unwrap_or_default();
    let is_pending = row.pending > 0;
    html! {
        <div role="row"
            class={classes!("table-row", is_pending.then_some("is-pending"), is_selected.then_some("is-selected"))}
            data-entity={row.id.to_string()} aria-rowindex={(place + 2).to_string()}
            aria-selected={is_selected.to_string()}
            style={format!("transform:translateY({top}px)")}>
            <div role="gridcell" class="cell-select" data-column="0" aria-colindex="1">
                <input type="checkbox" data-do="toggle" checked={*is_selected} tabindex={tabindex(props, 0)}
                    data-active={active(props, 0)} aria-label={format!("Select {} {name}", noun.one)} />
            </div>
            { for columns.iter().zip(&row.cells).zip(1..).map(|((column, cell), at)| {
                data_cell(props, column, cell, at)
            }) }
            <div role="gridcell" class="cell-actions" data-column={(columns.len() + 1).to_string()}
                aria-colindex={(columns.len() + 2).to_string()}>
                <PendingMark count={row.pending} />
                <button type="button" class="icon-button" data-do="remove" disabled={*is_disabled}
                    tabindex={tabindex(props, columns.len() + 1)} data-active={active(props, columns.len() + 1)}
                    title={format!("Remove {} {name}", noun.one)} aria-label={format!("Remove {} {name}", noun.one)}>
                    { Html::from(Icon::Trash) }
                </button>
            </div>
        </div>
    }
}

fn data_cell(props: &TableLineProps, column: &Column, cell: &Cell, at: usize) -> Html {
    let is_edited = props.is_editing && props.active == Some(at);
    let role = if at == 1 { "rowheader" } else { "gridcell" };
    let class = match column.kind {
        ColumnKind::Text => "cell",
        ColumnKind::Number { .. } => "cell is-number",
        ColumnKind::Choice(_) => "cell is-choice",
    };
    let class = classes!(class, is_edited.then_some("is-edited"));
    // The field in an edited cell takes the focus instead of the cell.
    let tabindex = if is_edited { Some("-1") } else { tabindex(props, at) };
    html! {
        <div {role} {class} data-column={at.to_string()} data-label={column.title} aria-colindex={(at + 1).to_string()}
            aria-readonly={props.is_disabled.then_some("true")} {tabindex} data-active={active(props, at)}>
            if is_edited {
                { editor(props, column, cell, at) }
            } else {
                { shown(column, cell) }
            }
        </div>
    }
}

fn shown(column: &Column, cell: &Cell) -> Html {
    let text = column.text(cell);
    match (&column.kind, cell) {
        (ColumnKind::Choice(choices), Cell::Choice(at)) => {
            html! { <span class={classes!("chip", choices.get(*at).map(|choice| choice.class))}>{ text }</span> }
        }
        _ => html! { <span class="cell-text">{ text }</span> },
    }
}

fn editor(props: &TableLineProps, column: &Column, cell: &Cell, at: usize) -> Html {
    let row = props.row.clone();
    let on_commit = props.on_commit.clone();
    let seen = props.row.0.seen;
    let commit = move |text: AttrValue, seen, is_end| {
        on_commit.emit(Commit { row: row.clone(), column: at - 1, text, seen, is_end });
    };
    match &column.kind {
        ColumnKind::Choice(choices) => {
            let value = match cell {
                Cell::Choice(at) => choices.get(*at).map(|choice| choice.value).unwrap_or_default(),
                Cell::Text(_) | Cell::Number(_) => "",
            };
            let options: Vec<_> = choices.iter().map(|choice| (choice.value.into(), choice.label.into())).collect();
            let on_change = Callback::from(move |value| commit(value, seen, true));
            html! { <SelectField class="cell-editor" label={column.title} {value} {options} {on_change} /> }
        }
        ColumnKind::Text | ColumnKind::Number { .. } => {
            let kind = if matches!(column.kind, ColumnKind::Text) { FieldKind::Line } else { FieldKind::Amount };
            let on_commit = Callback::from(move |edit: TextEdit| commit(edit.text.into(), edit.seen, false));
            html! {
                <TextField class="cell-editor" label={column.title} value={column.text(cell)} {kind} {seen}
                    {on_commit} />
            }
        }
    }
}

fn tabindex(props: &TableLineProps, column: usize) -> Option<&'static str> {
    Some(if props.active == Some(column) { "0" } else { "-1" })
}

fn active(props: &TableLineProps, column: usize) -> Option<&'static str> {
    (props.active == Some(column)).then_some("")
}

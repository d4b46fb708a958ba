//! Headings of a table.

use yew::prelude::*;

use super::{
    ColumnKind, Columns, Noun,
    state::{Direction, SortKey},
};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct TableHeadProps {
    pub(super) columns: Columns,
    pub(super) order: Vec<SortKey>,
    /// Column of the grid that Tab leads to, if it leads to the headings.
    pub(super) active: Option<usize>,
    /// Set if all rows shown are selected.
    pub(super) is_all: bool,
    pub(super) noun: Noun,
}

/// Headings. A press sorts by a column; with Shift, by one more column.
#[component]
pub(super) fn TableHead(props: &TableHeadProps) -> Html {
    let TableHeadProps { columns, order, active, is_all, noun } = props;
    let tabindex = |column: usize| if *active == Some(column) { "0" } else { "-1" };
    let marked = |column: usize| (*active == Some(column)).then_some("");
    let heading = |(column, at): (&super::Column, usize)| {
        let place = order.iter().position(|key| key.column + 1 == at);
        let direction = place.map(|place| order[place].direction);
        let sort = match direction {
            Some(Direction::Ascending) => "ascending",
            Some(Direction::Descending) => "descending",
            None => "none",
        };
        let class = matches!(column.kind, ColumnKind::Number { .. }).then_some("is-number");
        let rank = place.filter(|_| order.len() > 1).map(|place| (place + 1).to_string());
        html! {
            <div role="columnheader" class={classes!("table-heading", class)} data-column={at.to_string()}
                aria-colindex={(at + 1).to_string()} aria-sort={sort}>
                <button type="button" data-do="sort" tabindex={tabindex(at)} data-active={marked(at)}
                    title="Sort; with Shift by one more column">
                    <span>{ column.title }</span>
                    <svg class="sort-mark" viewBox="0 0 8 8" aria-hidden="true" focusable="false">
                        <path d="M4 1.5L7 6H1z" />
                    </svg>
                    { rank.map(|rank| html! { <sup>{ rank }</sup> }) }
                </button>
            </div>
        }
    };
    html! {
        <div role="rowgroup" class="table-head">
            <div role="row" class="table-headings" aria-rowindex="1">
                <div role="columnheader" class="cell-select" data-column="0" aria-colindex="1">
                    <input type="checkbox" data-do="toggle-all" checked={*is_all} tabindex={tabindex(0)}
                        data-active={marked(0)}
                        aria-label={format!("Select all {} shown", noun.many)} />
                </div>
                { for columns.iter().zip(1..).map(heading) }
                <div role="columnheader" class="cell-actions" data-column={(columns.len() + 1).to_string()}
                    aria-colindex={(columns.len() + 2).to_string()} tabindex={tabindex(columns.len() + 1)}
                    data-active={marked(columns.len() + 1)}>
                    <span class="visually-hidden">{ "State and actions" }</span>
                </div>
            </div>
        </div>
    }
}

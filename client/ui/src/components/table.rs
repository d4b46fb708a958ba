//! Table for ten thousand live rows, sorted, filtered and edited by one person while others change it.
//!
//! In: columns as data, and rows, of which unchanged ones are the very same as before. Out: edits, each with the
//! version that it is based on, and rows to remove. Never: more rows in the document than those in view and a few, a
//! row that moves while it is being edited, or a layout that a scroll has to wait for.

use std::{ops::Range, rc::Rc};

use tideboard_client::Seen;
use tideboard_shared::EntityId;
use web_sys::Element;
use yew::prelude::*;

mod arrange;
mod bar;
mod column;
mod focus;
mod grid;
mod head;
mod keys;
mod line;
mod state;
mod viewport;
mod window;

use bar::{BarEvent, TableBar, count_of_many};
use column::RowRef;
pub use column::{Cell, Column, ColumnKind, Columns, TableChoice, TableRow, TableRows};
use grid::{Grid, Scene};
use head::TableHead;
use line::{Commit, TableLine};
use state::TableState;
use viewport::{Shape, use_viewport};

/// Name of the things that a table's rows are, for its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noun {
    /// Singular: `order`.
    pub one: &'static str,
    /// Plural: `orders`.
    pub many: &'static str,
}

/// Cell that a user has edited.
#[derive(Debug, Clone, PartialEq)]
pub struct TableEdit {
    /// Entity of the row.
    pub id: EntityId,
    /// Index of the column.
    pub column: usize,
    /// New value of the cell.
    pub value: Cell,
    /// State of the row that the user began to edit, to tell later changes by others from it.
    pub seen: Seen,
}

/// Properties of [`DataTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DataTableProps {
    /// Columns, from the left; the first names the row.
    pub columns: Columns,
    /// Rows; placeholders while absent.
    pub rows: Option<TableRows>,
    /// Name of the things that the rows are.
    pub noun: Noun,
    /// Called with an edited cell.
    pub on_edit: Callback<TableEdit>,
    /// Called with rows to remove. The user is not asked to confirm; `on_restore` takes it back.
    pub on_remove: Callback<Vec<EntityId>>,
    /// Called with rows that were removed just now and are wanted back. Without it there is no button for that.
    #[prop_or_default]
    pub on_restore: Option<Callback<Vec<EntityId>>>,
    /// Advice while there are no rows at all.
    #[prop_or_default]
    pub empty: Option<AttrValue>,
    /// Disabled: the rows are shown but cannot be edited. Default false.
    #[prop_or_default]
    pub is_disabled: bool,
    /// Content below the rows, such as the form for a new one.
    #[prop_or_default]
    pub children: Html,
}

impl DataTableProps {
    /// Name of a row in texts, such as `order 17`.
    fn name(&self, row: &TableRow) -> String {
        let name = self.columns.first().zip(row.cells.first()).map(|(column, cell)| column.text(cell));
        format!("{} {}", self.noun.one, name.unwrap_or_default())
    }
}

/// Data table by the ARIA grid pattern; only the rows in view are in the document.
///
/// Columns sort by a press on their headings, several with Shift; `/` leads from the rows to the filter. Enter, F2, a
/// click or a letter edits a cell, Enter or Tab accepts the text, Escape discards it. While it is edited, its row stays
/// in place, whatever others do. Fills its container, or is `--table-height` high.
#[component]
pub fn DataTable(props: &DataTableProps) -> Html {
    let state = use_reducer(TableState::default);
    let viewport = use_viewport();
    let scene = Scene { props: props.clone(), state: state.clone() };
    let grid = use_memo((), |()| Grid::new(viewport, scene.clone()));
    grid.latest.replace(scene);
    let drawn = arrange(&grid, props, &state);
    let scroller = grid.viewport.scroller.clone();
    let had_focus = scroller.cast::<Element>().is_some_and(|scroller| focus::is_within(&scroller));
    use_effect({
        let grid = Rc::clone(&grid);
        let state = state.clone();
        move || grid.settle(&state, had_focus)
    });
    let said = use_said(&grid, props, &state);
    let is_cards = grid.viewport.shape() == Shape::Cards;
    let shown = grid.arrangement.borrow().len();
    let tracks: Vec<_> = props.columns.iter().map(|column| column.width).collect();
    let on_click = use_callback(Rc::clone(&grid), |event: MouseEvent, grid| grid.on_click(&event));
    let on_key = use_callback(Rc::clone(&grid), |event: KeyboardEvent, grid| grid.on_key(&event));
    let on_focus = use_callback(Rc::clone(&grid), |event: FocusEvent, grid| grid.on_focus(&event));
    let on_blur = use_callback(Rc::clone(&grid), |event: FocusEvent, grid| grid.on_blur(&event));
    let on_bar = use_callback(Rc::clone(&grid), |event: BarEvent, grid| grid.on_bar(event));
    let on_commit = use_callback(Rc::clone(&grid), |commit: Commit, grid| grid.on_commit(commit));
    html! {
        <div class={classes!("data-table", is_cards.then_some("is-cards"))}
            style={format!("--tracks:{}", tracks.join(" "))}>
            { bar(&grid, props, &state, on_bar) }
            <div ref={scroller} class="table-scroll" role="grid" aria-label={props.noun.many}
                aria-multiselectable="true"
                aria-rowcount={(shown + 1).to_string()} aria-colcount={(props.columns.len() + 2).to_string()}
                aria-busy={props.rows.is_none().to_string()} aria-readonly={props.is_disabled.to_string()}
                onclick={on_click} onkeydown={on_key} onfocusin={on_focus} onfocusout={on_blur}>
                { head(&grid, props, &state) }
                { body(&grid, props, &state, drawn, &on_commit) }
            </div>
            { props.children.clone() }
            <p class="visually-hidden" role="status">{ said }</p>
        </div>
    }
}

/// Brings the arrangement up to date with the rows and the user's sorting and filter. Returns the places of the rows to
/// draw.
fn arrange(grid: &Grid, props: &DataTableProps, state: &TableState) -> Range<usize> {
    let rows = props.rows.clone().unwrap_or_default();
    let mut arrangement = grid.arrangement.borrow_mut();
    let (is_same, is_alike) = arrangement.is_of(&rows, &state.rules);
    let anchor = (is_alike && !is_same).then(|| grid.viewport.anchor(&arrangement)).flatten();
    arrangement.update(&rows, &state.rules, state.edited.as_ref());
    if let Some(anchor) = anchor {
        grid.viewport.follow(&anchor, &arrangement);
    }
    if !is_alike {
        grid.viewport.scroll_to(0.0);
    }
    grid.viewport.draw(arrangement.len(), props.columns.len())
}

/// Text for screen readers: rows removed and rows found, but not every change that others make.
#[hook]
fn use_said(grid: &Rc<Grid>, props: &DataTableProps, state: &UseReducerHandle<TableState>) -> AttrValue {
    let lost =
        state.edited.as_ref().filter(|row| grid.arrangement.borrow().place(&row.0.id, grid.hint.get()).is_none());
    use_effect_with(lost.cloned(), {
        let grid = Rc::clone(grid);
        move |lost| lost.iter().for_each(|row| grid.lose(row))
    });
    let deps = (state.rules.query.clone(), state.removed.clone(), props.rows.is_some());
    let said = use_memo(deps, |(query, removed, is_loaded)| match removed {
        Some(removed) => removed.words().into(),
        None if query.is_empty() || !is_loaded => AttrValue::default(),
        None => {
            let found = grid.arrangement.borrow().len();
            format!("{} match", count_of_many(found, props.noun)).into()
        }
    });
    AttrValue::clone(&said)
}

fn bar(grid: &Grid, props: &DataTableProps, state: &TableState, on_event: Callback<BarEvent>) -> Html {
    let counts = props.rows.as_ref().map(|rows| (grid.arrangement.borrow().len(), rows.len()));
    let selected = match &props.rows {
        Some(rows) if !state.selected.is_empty() => rows.iter().filter(|row| state.selected.contains(&row.id)).count(),
        _ => 0,
    };
    html! {
        <TableBar columns={props.columns.clone()} query={state.rules.query.clone()} {counts} {selected}
            removed={state.removed.clone()} can_restore={props.on_restore.is_some()} is_disabled={props.is_disabled}
            noun={props.noun} search={grid.search.clone()} {on_event} />
    }
}

fn head(grid: &Grid, props: &DataTableProps, state: &TableState) -> Html {
    let (place, column) = grid.active(state);
    let shown = grid.arrangement.borrow().len();
    let is_all = shown > 0
        && state.selected.len() >= shown
        && grid.arrangement.borrow().rows().all(|row| state.selected.contains(&row.id));
    html! {
        <TableHead columns={props.columns.clone()} order={state.rules.order.clone()} {is_all} noun={props.noun}
            active={place.is_none().then_some(column)} />
    }
}

fn body(
    grid: &Grid,
    props: &DataTableProps,
    state: &TableState,
    drawn: Range<usize>,
    on_commit: &Callback<Commit>,
) -> Html {
    let arrangement = grid.arrangement.borrow();
    let row_height = grid.viewport.row_height();
    if arrangement.len() == 0 {
        return match &props.rows {
            None => skeleton(grid, props),
            Some(rows) if rows.is_empty() => html! { <p class="table-nothing">{ props.empty.clone() }</p> },
            Some(_) => html! { <p class="table-nothing">{ format!("No {} match this filter.", props.noun.many) }</p> },
        };
    }
    let (active_place, active_column) = grid.active(state);
    // The active row stays in the document wherever it is, or the focus would be lost with it.
    let beyond = active_place.filter(|place| state.spot.is_some() && !drawn.contains(place));
    let before = beyond.filter(|place| *place < drawn.start);
    let behind = beyond.filter(|place| *place >= drawn.end);
    let places: Vec<usize> = before.into_iter().chain(drawn).chain(behind).collect();
    let found: Vec<_> = places.iter().filter_map(|place| Some((*place, arrangement.row(*place)?))).collect();
    let ids: Vec<_> = found.iter().map(|(_, row)| row.id.clone()).collect();
    let order = window::document_order(&grid.document_order.borrow(), &ids, state.edited.is_some());
    let line = |id: &EntityId| {
        let (place, row) = found.iter().find(|(_, row)| row.id == *id)?;
        let active = (active_place == Some(*place)).then_some(active_column);
        Some(html! {
            <TableLine key={id.as_str()} columns={props.columns.clone()} row={RowRef(Rc::clone(row))} place={*place}
                top={*place as f64 * row_height} {active} is_editing={active.is_some() && state.edited.is_some()}
                is_selected={state.selected.contains(id)} is_disabled={props.is_disabled} noun={props.noun}
                on_commit={on_commit.clone()} />
        })
    };
    let lines: Html = order.iter().filter_map(line).collect();
    grid.document_order.replace(order);
    html! {
        <div role="rowgroup" class="table-body"
            style={format!("block-size:{}px", arrangement.len() as f64 * row_height)}>
            { lines }
        </div>
    }
}

fn skeleton(grid: &Grid, props: &DataTableProps) -> Html {
    let view = grid.viewport.view();
    let cell =
        |at: usize| html! { <div class="cell" key={at}><span class="skeleton skeleton-line">{ "\u{a0}" }</span></div> };
    let row = |place: usize| {
        html! {
            <div class="table-row" key={place} style={format!("transform:translateY({}px)", place as f64 * view.row)}>
                <div class="cell-select" />
                { for (0..props.columns.len()).map(cell) }
                <div class="cell-actions" />
            </div>
        }
    };
    let count = (view.height / view.row).ceil() as usize;
    html! { <div class="table-body" aria-hidden="true">{ for (0..count).map(row) }</div> }
}

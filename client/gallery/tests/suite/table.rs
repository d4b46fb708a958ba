//! The data table: what is in the document, where the keys lead, what stays while others change rows.

use std::rc::Rc;

use gloo::utils::document;
use tideboard_client::Seen;
use tideboard_shared::{EntityId, Seq};
use tideboard_ui::components::{
    Cell, Column, ColumnKind, Columns, DataTable, Noun, TableChoice, TableEdit, TableRow, TableRows,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent, KeyboardEventInit,
};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

const STYLES: [&str; 2] = [include_str!("../../../ui/styles/tokens.css"), include_str!("../../../ui/styles/table.css")];

#[derive(Clone, PartialEq, Properties)]
struct Props {
    columns: Columns,
    rows: TableRows,
    setter: Log<UseStateSetter<TableRows>>,
    edits: Log<TableEdit>,
    removed: Log<Vec<EntityId>>,
    restored: Log<Vec<EntityId>>,
}

#[component]
fn Host(props: &Props) -> Html {
    let Props { columns, rows, setter, edits, removed, restored } = props.clone();
    let rows = use_state(move || rows);
    if setter.len() == 0 {
        setter.note(rows.setter());
    }
    html! {
        <>
            { for STYLES.iter().map(|style| html! { <style>{ style }</style> }) }
            <div style="block-size: 500px; inline-size: 1000px; display: flex">
                <DataTable {columns} rows={Some(TableRows::clone(&rows))} noun={Noun { one: "part", many: "parts" }}
                    on_edit={Callback::from(move |edit| edits.note(edit))}
                    on_remove={Callback::from(move |ids| removed.note(ids))}
                    on_restore={Callback::from(move |ids| restored.note(ids))} />
            </div>
        </>
    }
}

/// A table on the page.
struct Stage {
    app: Mounted<Host>,
    props: Props,
}

fn columns() -> Columns {
    let choice = |value, label| TableChoice { value, label, class: "" };
    let kinds = [
        ("Name", ColumnKind::Text),
        ("Size", ColumnKind::Number { format: |value| value.to_string(), parse: |text| text.parse().ok() }),
        ("State", ColumnKind::Choice(vec![choice("new", "New"), choice("old", "Old")])),
    ];
    kinds.into_iter().map(|(title, kind)| Column { field: "", title, kind, width: "1fr" }).collect()
}

impl Stage {
    async fn set(sizes: impl IntoIterator<Item = (usize, f64)>) -> Self {
        let columns = columns();
        let rows = sizes.into_iter().map(|(at, size)| row(&columns, at, size)).collect();
        let props = Props {
            columns,
            rows,
            setter: Log::default(),
            edits: Log::default(),
            removed: Log::default(),
            restored: Log::default(),
        };
        let app = mount::<Host>(props.clone());
        wait_until("rows", || app.root.query_selector(".table-row[data-entity]").unwrap().is_some()).await;
        // The table hears its size.
        frames(3).await;
        Self { app, props }
    }

    fn find<T: JsCast>(&self, selector: &str) -> T {
        self.app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
    }

    fn count(&self, selector: &str) -> u32 {
        self.app.root.query_selector_all(selector).unwrap().length()
    }

    /// Changes some rows and keeps the others as they are.
    fn change(&self, change: impl FnOnce(&mut Vec<Rc<TableRow>>, &Columns)) {
        let mut rows = self.props.rows.to_vec();
        change(&mut rows, &self.props.columns);
        self.props.setter.last().set(rows.into_iter().collect());
    }

    /// The ids of the rows in the document by where they are seen.
    fn order(&self) -> Vec<String> {
        let rows = self.app.root.query_selector_all(".table-row[data-entity]").unwrap();
        let rows = (0..rows.length()).map(|at| rows.item(at).unwrap().unchecked_into::<Element>());
        let mut placed: Vec<(u32, String)> = rows
            .map(|row| {
                (
                    row.get_attribute("aria-rowindex").unwrap().parse().unwrap(),
                    row.get_attribute("data-entity").unwrap(),
                )
            })
            .collect();
        placed.sort();
        placed.into_iter().map(|(_, id)| id).collect()
    }

    async fn press_heading(&self, column: usize, has_shift: bool) {
        let init = web_sys::MouseEventInit::new();
        init.set_bubbles(true);
        init.set_shift_key(has_shift);
        let click = web_sys::MouseEvent::new_with_mouse_event_init_dict("click", &init).unwrap();
        self.find::<Element>(&format!(".table-heading[data-column='{column}'] button")).dispatch_event(&click).unwrap();
        frames(2).await;
    }

    async fn type_filter(&self, text: &str) {
        let input: HtmlInputElement = self.find(".table-search");
        input.set_value(text);
        fire(&input, "input");
        frames(2).await;
    }
}

fn row(columns: &Columns, at: usize, size: f64) -> Rc<TableRow> {
    let cells = vec![Cell::Text(format!("Part {at}").into()), Cell::Number(size), Cell::Choice(at % 2)];
    Rc::new(TableRow::new(columns, id(at), cells, 0, Seen(Seq(7))))
}

fn id(at: usize) -> EntityId {
    EntityId::from(format!("p{at:05}"))
}

fn fire(element: &Element, event: &str) {
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    element.dispatch_event(&Event::new_with_event_init_dict(event, &bubbling).unwrap()).unwrap();
}

fn active() -> Element {
    document().active_element().unwrap()
}

/// The row, if any, and the column of the cell that has the focus.
fn place() -> (Option<String>, String) {
    let of =
        |selector: &str, name: &str| active().closest(selector).unwrap().and_then(|found| found.get_attribute(name));
    (of("[data-entity]", "data-entity"), of("[data-column]", "data-column").unwrap_or_default())
}

async fn press(key: &str, has_control: bool) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_ctrl_key(has_control);
    init.set_bubbles(true);
    init.set_cancelable(true);
    active().dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
    frames(2).await;
}

fn at(row: usize, column: usize) -> (Option<String>, String) {
    (Some(id(row).to_string()), column.to_string())
}

#[wasm_bindgen_test]
async fn of_ten_thousand_rows_few_are_in_the_document_and_each_knows_its_place() {
    let stage = Stage::set((0..10_000).map(|at| (at, 0.0))).await;
    assert!(stage.count(".table-row") < 40, "{}", stage.count(".table-row"));
    let grid: Element = stage.find("[role=grid]");
    assert_eq!(grid.get_attribute("aria-rowcount").as_deref(), Some("10001"));
    grid.set_scroll_top(10_000_000);
    wait_until("the last row", || stage.count("[data-entity='p09999']") == 1).await;
    assert!(stage.count(".table-row") < 40);
    let last: Element = stage.find("[data-entity='p09999']");
    assert_eq!(last.get_attribute("aria-rowindex").as_deref(), Some("10001"));
    let row = last.get_bounding_client_rect();
    let grid = grid.get_bounding_client_rect();
    assert!((row.bottom() - grid.bottom()).abs() < 4.0, "{} {}", row.bottom(), grid.bottom());
}

#[wasm_bindgen_test]
async fn the_keys_of_the_grid_pattern_lead_to_cells_also_to_those_not_drawn() {
    let stage = Stage::set((0..1_000).map(|at| (at, 0.0))).await;
    assert_eq!(stage.count("[role=grid] [tabindex='0']"), 1);
    stage.find::<HtmlElement>("[role=grid] [tabindex='0']").focus().unwrap();
    assert_eq!(place(), at(0, 1));
    for (key, has_control, expected) in [
        ("ArrowDown", false, at(1, 1)),
        ("ArrowRight", false, at(1, 2)),
        ("End", false, at(1, 4)),
        ("Home", false, at(1, 0)),
        ("End", true, at(999, 4)),
        ("ArrowUp", false, at(998, 4)),
        ("Home", true, at(0, 0)),
        ("ArrowUp", false, (None, "0".into())),
        ("ArrowRight", false, (None, "1".into())),
        ("ArrowDown", false, at(0, 1)),
    ] {
        press(key, has_control).await;
        assert_eq!(place(), expected, "after {key}");
        assert_eq!(stage.count("[role=grid] [tabindex='0']"), 1);
    }
    press("PageDown", false).await;
    let grid = stage.find::<Element>("[role=grid]").get_bounding_client_rect();
    let cell = active().get_bounding_client_rect();
    assert!(cell.top() >= grid.top() && cell.bottom() <= grid.bottom(), "what has the focus is seen");
    press("/", false).await;
    assert_eq!(active(), stage.find::<Element>(".table-search"));
    press("ArrowDown", false).await;
    assert!(place().0.is_some());
}

#[wasm_bindgen_test]
async fn the_focus_stays_with_its_row_when_that_is_scrolled_away_or_moved() {
    let stage = Stage::set((0..1_000).map(|at| (at, at as f64))).await;
    stage.find::<HtmlElement>("[role=grid] [tabindex='0']").focus().unwrap();
    press("ArrowDown", false).await;
    let grid: Element = stage.find("[role=grid]");
    grid.set_scroll_top(20_000);
    wait_until("rows far below", || stage.count("[data-entity='p00500']") == 1).await;
    assert_eq!(place(), at(1, 1));
    stage.press_heading(2, false).await;
    stage.find::<HtmlElement>("[data-entity='p00003'] [data-column='1']").focus().unwrap();
    stage.change(|rows, columns| rows[3] = row(columns, 3, 5_000.0));
    wait_until("the row elsewhere", || {
        stage.find::<Element>("[data-entity='p00003']").get_attribute("aria-rowindex").as_deref() == Some("1001")
    })
    .await;
    frames(2).await;
    assert_eq!(place(), at(3, 1));
    // Gone: to the one that is there now.
    stage.change(|rows, _| drop(rows.remove(3)));
    wait_until("no such row", || stage.count("[data-entity='p00003']") == 0).await;
    frames(2).await;
    assert!(place().0.is_some(), "{:?}", active().outer_html());
}

#[wasm_bindgen_test]
async fn a_row_that_is_edited_stays_and_keeps_the_focus_whatever_others_change() {
    let stage = Stage::set((0..6).map(|at| (at, at as f64))).await;
    stage.press_heading(2, false).await;
    stage.find::<HtmlElement>("[data-entity='p00002'] [data-label='Name']").click();
    frames(2).await;
    let field: HtmlInputElement = active().dyn_into().unwrap();
    assert_eq!((field.value(), field.get_attribute("aria-label")), ("Part 2".to_owned(), Some("Name".to_owned())));
    field.set_value("Part two");
    fire(&field, "input");
    let before = stage.order();
    // Theirs would be the last, and all others change places.
    stage.change(|rows, columns| {
        for (at, changed) in rows.iter_mut().enumerate().take(6) {
            *changed = row(columns, at, if at == 2 { 99.0 } else { -(at as f64) });
        }
    });
    wait_until("what the others did", || stage.order() != before).await;
    assert_eq!(stage.order()[..4], ["p00005", "p00004", "p00003", "p00001"], "the others are sorted");
    frames(3).await;
    assert!(active().is_same_node(Some(&field)) && field.value() == "Part two");
    assert_eq!(stage.order()[5], "p00002", "still behind those that are less than what it was");
    assert_eq!(stage.find::<Element>("[data-entity='p00002'] [data-label='Size']").text_content().unwrap(), "99");
    press("Enter", false).await;
    assert_eq!(place(), at(2, 1));
    let edit = stage.props.edits.last();
    assert_eq!((edit.id, edit.column, edit.value, edit.seen.0), (id(2), 0, Cell::Text("Part two".into()), Seq(7)));
}

#[wasm_bindgen_test]
async fn escape_leaves_a_cell_as_it_was_and_a_number_that_is_none_is_not_told() {
    let stage = Stage::set((0..6).map(|at| (at, at as f64))).await;
    let cell = "[data-entity='p00002'] [data-label='Size']";
    for (text, key) in [("77", "Escape"), ("many", "Enter")] {
        stage.find::<HtmlElement>(cell).focus().unwrap();
        press("F2", false).await;
        let field: HtmlInputElement = active().dyn_into().unwrap();
        field.set_value(text);
        fire(&field, "input");
        press(key, false).await;
        assert_eq!((place(), stage.find::<Element>(cell).text_content().unwrap()), (at(2, 2), "2".to_owned()));
    }
    assert_eq!(stage.props.edits.len(), 0);
    stage.find::<HtmlElement>("[data-entity='p00002'] [data-label='State']").click();
    frames(2).await;
    let list: HtmlSelectElement = active().dyn_into().unwrap();
    list.set_value("old");
    fire(&list, "change");
    frames(2).await;
    assert_eq!((stage.props.edits.last().value, place()), (Cell::Choice(1), at(2, 3)));
}

#[wasm_bindgen_test]
async fn tab_and_f2_take_over_what_was_typed() {
    let stage = Stage::set((0..6).map(|at| (at, at as f64))).await;
    for (key, name, expected) in [("Tab", "by Tab", at(2, 2)), ("F2", "by F2", at(2, 1))] {
        stage.find::<HtmlElement>("[data-entity='p00002'] [data-label='Name']").click();
        frames(2).await;
        let field: HtmlInputElement = active().dyn_into().unwrap();
        field.set_value(name);
        fire(&field, "input");
        press(key, false).await;
        assert_eq!((place(), stage.props.edits.last().value), (expected, Cell::Text(name.into())));
    }
}

#[wasm_bindgen_test]
async fn a_row_that_others_remove_while_it_is_edited_is_not_lost_in_silence() {
    let stage = Stage::set((0..6).map(|at| (at, at as f64))).await;
    stage.find::<HtmlElement>("[data-entity='p00002'] [data-label='Name']").click();
    frames(2).await;
    stage.change(|rows, _| drop(rows.remove(2)));
    wait_until("a word about it", || {
        stage.find::<Element>(".table-standing").text_content().unwrap() == "Someone else removed part Part 2"
    })
    .await;
    assert_eq!(stage.find::<Element>("[role=status]").text_content().unwrap(), "Someone else removed part Part 2");
}

#[wasm_bindgen_test]
async fn headings_sort_with_shift_by_several_columns_and_say_so() {
    let stage = Stage::set([(0, 2.0), (1, 1.0), (2, 2.0), (3, 1.0)]).await;
    let sort = |column: usize| {
        stage.find::<Element>(&format!(".table-heading[data-column='{column}']")).get_attribute("aria-sort").unwrap()
    };
    stage.press_heading(2, false).await;
    assert_eq!((stage.order().join(" "), sort(2)), ("p00001 p00003 p00000 p00002".into(), "ascending".into()));
    stage.press_heading(1, true).await;
    stage.press_heading(1, true).await;
    assert_eq!((stage.order().join(" "), sort(1)), ("p00003 p00001 p00002 p00000".into(), "descending".into()));
    stage.press_heading(3, false).await;
    assert_eq!((stage.order().join(" "), sort(1)), ("p00000 p00002 p00001 p00003".into(), "none".into()));
}

#[wasm_bindgen_test]
async fn the_filter_counts_what_it_shows_and_selected_rows_stay_selected() {
    let stage = Stage::set((0..200).map(|at| (at, at as f64))).await;
    stage.find::<HtmlElement>("[data-entity='p00001'] [data-do=toggle]").click();
    frames(2).await;
    let standing = || stage.find::<Element>(".table-standing").text_content().unwrap();
    assert!(standing().starts_with("1 selected"));
    stage.type_filter("part 19").await;
    assert_eq!((stage.order().len(), standing().starts_with("1 selected")), (12, true), "19 and 119 as well");
    assert_eq!(stage.find::<Element>("[role=status]").text_content().unwrap(), "12 parts match");
    let states: HtmlSelectElement = stage.find("[aria-label='Filter by state']");
    states.set_value("1");
    fire(&states, "change");
    frames(2).await;
    assert_eq!(stage.order(), ["p00019", "p00119", "p00191", "p00193", "p00195", "p00197", "p00199"]);
    stage.type_filter("nowhere").await;
    assert_eq!(stage.find::<Element>(".table-nothing").text_content().unwrap(), "No parts match this filter.");
    stage.find::<HtmlElement>(".table-filter button").click();
    frames(2).await;
    assert!(stage.find::<Element>("[data-entity='p00001']").get_attribute("aria-selected").as_deref() == Some("true"));
    stage.find::<HtmlElement>(".table-standing .button-danger").click();
    frames(2).await;
    assert_eq!((stage.props.removed.last(), standing().as_str()), (vec![id(1)], "Removed part Part 1Undo"));
    stage.find::<HtmlElement>(".table-standing button").click();
    frames(2).await;
    assert_eq!((stage.props.restored.last(), standing().as_str()), (vec![id(1)], "200 parts"));
}

#[wasm_bindgen_test]
async fn what_is_seen_stays_where_it_is_when_rows_come_above() {
    let stage = Stage::set((10..1_000).map(|at| (at, 0.0))).await;
    let grid: Element = stage.find("[role=grid]");
    grid.set_scroll_top(4_010);
    wait_until("rows below", || stage.count("[data-entity='p00110']") == 1).await;
    let top = || stage.find::<Element>("[data-entity='p00112']").get_bounding_client_rect().top();
    let before = top();
    stage.change(|rows, columns| {
        rows.splice(0..0, [row(columns, 1, 0.0), row(columns, 2, 0.0)]);
    });
    wait_until("another place", || {
        stage.find::<Element>("[data-entity='p00112']").get_attribute("aria-rowindex").as_deref() == Some("106")
    })
    .await;
    assert!((top() - before).abs() < 1.0, "{} {before}", top());
    grid.set_scroll_top(0);
    wait_until("the first row", || stage.count("[data-entity='p00001']") == 1).await;
    stage.change(|rows, columns| rows.insert(0, row(columns, 0, 0.0)));
    wait_until("what is new", || stage.count("[data-entity='p00000']") == 1).await;
    assert_eq!(grid.scroll_top(), 0, "at the top what is new is seen");
}

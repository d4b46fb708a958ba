//! Behaviour of a table: turns events into changes of its state and calls of its owner.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use gloo::utils::document;
use tideboard_shared::EntityId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{
    DataTableProps, TableEdit, TableRow,
    arrange::Arrangement,
    bar::{BarEvent, count_of_many},
    column::RowRef,
    focus,
    keys::{Extent, go, way},
    line::Commit,
    state::{Act, Removed, Spot, TableState},
    viewport::Viewport,
};

/// State of one table that outlives a render: its scroll position, the arrangement of its rows, and the things that its
/// listeners need.
pub(super) struct Grid {
    pub(super) viewport: Rc<Viewport>,
    pub(super) search: NodeRef,
    pub(super) arrangement: RefCell<Arrangement>,
    /// Rows in the order in which they stand in the document.
    pub(super) document_order: RefCell<Vec<EntityId>>,
    /// Place at which the active row was found last.
    pub(super) hint: Cell<usize>,
    /// Value of [`TableState::focus`] when the focus was last moved.
    pub(super) focused: Cell<u32>,
    pub(super) latest: RefCell<Scene>,
}

/// Properties and state of the last render, for listeners.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) props: DataTableProps,
    pub(super) state: UseReducerHandle<TableState>,
}

impl PartialEq for Grid {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Grid {
    pub(super) fn new(viewport: Rc<Viewport>, scene: Scene) -> Self {
        Self {
            viewport,
            search: NodeRef::default(),
            arrangement: RefCell::default(),
            document_order: RefCell::default(),
            hint: Cell::new(0),
            focused: Cell::new(0),
            latest: RefCell::new(scene),
        }
    }

    /// Cell that Tab leads to: the place of its row among those shown, `None` for the headings, and its column. For a
    /// row that is gone, the row that has taken its place.
    pub(super) fn active(&self, state: &TableState) -> (Option<usize>, usize) {
        let arrangement = self.arrangement.borrow();
        let last = arrangement.len().checked_sub(1);
        let Some(spot) = &state.spot else { return (last.map(|_| 0), 1) };
        let place = spot.row.as_ref().and_then(|id| {
            let place = arrangement.place(id, self.hint.get());
            place.or_else(|| last.map(|last| self.hint.get().min(last)))
        });
        self.hint.set(place.unwrap_or_default());
        (place, spot.column)
    }

    fn act(&self, act: Act) {
        self.latest.borrow().clone().state.dispatch(act);
    }

    fn row(&self, id: &EntityId) -> Option<Rc<TableRow>> {
        let arrangement = self.arrangement.borrow();
        arrangement.row(arrangement.place(id, self.hint.get())?).cloned()
    }

    fn spot(&self, (place, column): (Option<usize>, usize)) -> Spot {
        let arrangement = self.arrangement.borrow();
        Spot { row: place.and_then(|place| arrangement.row(place)).map(|row| row.id.clone()), column }
    }

    /// Begins to edit a cell. Returns false if it cannot be edited.
    fn edit(&self, spot: &Spot) -> bool {
        let Scene { props, .. } = self.latest.borrow().clone();
        let is_data = (1..=props.columns.len()).contains(&spot.column);
        let row = spot.row.as_ref().filter(|_| is_data && !props.is_disabled).and_then(|id| self.row(id));
        row.map(|row| self.act(Act::Edit(row, spot.column))).is_some()
    }

    fn remove(&self, ids: Vec<EntityId>) {
        let Scene { props, .. } = self.latest.borrow().clone();
        if ids.is_empty() || props.is_disabled {
            return;
        }
        let row = if let [id] = &ids[..] { self.row(id) } else { None };
        let what = row.map_or_else(|| count_of_many(ids.len(), props.noun), |row| props.name(&row));
        self.act(Act::Remove(Removed { ids: ids.clone(), what: what.into() }));
        props.on_remove.emit(ids);
    }

    /// Ends the edit of a row that someone else has removed, and says so. The text typed is lost.
    pub(super) fn lose(&self, row: &RowRef) {
        let what = self.latest.borrow().clone().props.name(&row.0);
        self.act(Act::Remove(Removed { ids: Vec::new(), what: what.into() }));
    }

    pub(super) fn on_commit(&self, commit: Commit) {
        let Scene { props, state } = self.latest.borrow().clone();
        let value = props.columns.get(commit.column).and_then(|column| column.parse(&commit.text));
        if let Some(value) = value {
            let id = commit.row.0.id.clone();
            props.on_edit.emit(TableEdit { id, column: commit.column, value, seen: commit.seen });
        }
        if commit.is_end {
            state.dispatch(Act::EndEdit);
        }
    }

    pub(super) fn on_bar(&self, event: BarEvent) {
        let Scene { props, state } = self.latest.borrow().clone();
        match event {
            BarEvent::Search(text) => state.dispatch(Act::Search(text)),
            BarEvent::Choose(column, choice) => state.dispatch(Act::Choose(column, choice)),
            BarEvent::Clear => {
                state.dispatch(Act::ClearQuery);
                focus::search(&self.search);
            }
            BarEvent::Enter => state.dispatch(Act::Go(self.spot(self.active(&state)))),
            BarEvent::RemoveSelected => {
                let is_selected = |row: &&Rc<TableRow>| state.selected.contains(&row.id);
                let rows = props.rows.iter().flat_map(|rows| rows.iter());
                self.remove(rows.filter(is_selected).map(|row| row.id.clone()).collect());
            }
            BarEvent::SelectNone => state.dispatch(Act::Select(BTreeSet::new())),
            BarEvent::Restore => {
                if let (Some(removed), Some(on_restore)) = (&state.removed, &props.on_restore) {
                    on_restore.emit(removed.ids.clone());
                }
                state.dispatch(Act::ForgetRemoved);
            }
        }
    }

    pub(super) fn on_click(&self, event: &MouseEvent) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let Some(spot) = focus::spot_of(&target) else { return };
        let control = target.closest("[data-do]").ok().flatten().filter(|control| !control.has_attribute("disabled"));
        match (control.and_then(|control| control.get_attribute("data-do")).as_deref(), &spot.row) {
            (Some("sort"), _) => self.act(Act::Sort { column: spot.column - 1, adds: event.shift_key() }),
            (Some("toggle"), Some(id)) => self.act(Act::Toggle(id.clone())),
            (Some("toggle-all"), _) => self.toggle_all(),
            (Some("remove"), Some(id)) => self.remove(vec![id.clone()]),
            (None, Some(_)) if !focus::is_in_editor(&target) => {
                self.edit(&spot);
            }
            _ => {}
        }
    }

    fn toggle_all(&self) {
        let shown: BTreeSet<EntityId> = self.arrangement.borrow().rows().map(|row| row.id.clone()).collect();
        let is_all = *self.latest.borrow().clone().state.selected == shown;
        self.act(Act::Select(if is_all { BTreeSet::new() } else { shown }));
    }

    pub(super) fn on_key(&self, event: &KeyboardEvent) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let Some(spot) = focus::spot_of(&target).filter(|_| !event.is_composing()) else { return };
        let is_done = if focus::is_in_editor(&target) {
            self.key_in_editor(event, &spot, &target)
        } else {
            self.key_in_grid(event, &spot)
        };
        if is_done {
            event.prevent_default();
        }
    }

    fn key_in_editor(&self, event: &KeyboardEvent, spot: &Spot, field: &Element) -> bool {
        if matches!(event.key().as_str(), "F2" | "Tab") {
            // A field commits its text when it loses the focus. Ending the edit would remove it before that.
            let _ = field.dyn_ref::<HtmlElement>().map(HtmlElement::blur);
        }
        match event.key().as_str() {
            "Enter" | "Escape" | "F2" => self.act(Act::EndEdit),
            "Tab" => {
                let last = self.latest.borrow().clone().props.columns.len() + 1;
                let column = if event.shift_key() { spot.column.checked_sub(1) } else { Some(spot.column + 1) };
                let Some(column) = column.filter(|column| *column <= last) else { return false };
                self.act(Act::Go(Spot { row: spot.row.clone(), column }));
            }
            _ => return false,
        }
        true
    }

    fn key_in_grid(&self, event: &KeyboardEvent, spot: &Spot) -> bool {
        let Scene { props, state } = self.latest.borrow().clone();
        let key = event.key();
        let has_control = event.ctrl_key() || event.meta_key();
        if !event.alt_key()
            && !event.shift_key()
            && let Some(way) = way(&key, has_control)
        {
            let rows = self.arrangement.borrow().len();
            let columns = props.columns.len() + 2;
            let from = spot.row.as_ref().and_then(|id| self.arrangement.borrow().place(id, self.hint.get()));
            let to = go(way, (from, spot.column), Extent { rows, columns, page: self.viewport.view().page() });
            state.dispatch(Act::Go(self.spot(to)));
            return true;
        }
        let is_cell = spot.row.is_some() && (1..=props.columns.len()).contains(&spot.column);
        match (key.as_str(), &spot.row) {
            ("/", _) if !has_control => focus::search(&self.search),
            ("a", _) if has_control => self.toggle_all(),
            ("Enter" | "F2", _) if is_cell => return self.edit(spot),
            (" ", Some(id)) if is_cell => state.dispatch(Act::Toggle(id.clone())),
            ("Delete", Some(id)) => self.remove(vec![id.clone()]),
            // The letter goes into the field, which has the focus by the time that the browser inserts it.
            _ if is_cell && !has_control && !event.alt_key() && key.chars().count() == 1 => {
                self.edit(spot);
                return false;
            }
            _ => return false,
        }
        true
    }

    pub(super) fn on_focus(&self, event: &FocusEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(spot) = target.and_then(|target| focus::spot_of(&target)) {
            self.act(Act::Arrive(spot));
        }
    }

    /// Ends the edit when the focus leaves its field, unless the whole window has lost it.
    pub(super) fn on_blur(&self, event: &FocusEvent) {
        let element = |target: Option<web_sys::EventTarget>| target.and_then(|it| it.dyn_into::<Element>().ok());
        let left = element(event.target()).filter(focus::is_in_editor);
        let is_elsewhere = match element(event.related_target()) {
            Some(next) => !focus::is_in_editor(&next),
            None => document().has_focus().unwrap_or(true),
        };
        if left.is_some() && is_elsewhere {
            let Scene { state, .. } = self.latest.borrow().clone();
            match state.edited.as_ref().filter(|row| self.row(&row.0.id).is_none()) {
                // The field has gone with its row, which someone else removed.
                Some(row) => self.lose(row),
                None => state.dispatch(Act::Leave),
            }
        }
    }

    /// Moves the focus to where the user wants it, and back where a render has taken it away.
    pub(super) fn settle(&self, state: &TableState, had_focus: bool) {
        self.viewport.settle();
        let Some(scroller) = self.viewport.scroller.cast::<HtmlElement>() else { return };
        let is_wanted = self.focused.replace(state.focus) != state.focus;
        if is_wanted || (had_focus && focus::is_nowhere()) {
            focus::put(&scroller, is_wanted);
        }
    }
}

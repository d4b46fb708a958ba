//! State of a table that its user controls: sorting, filter, selection, active cell.

use std::{collections::BTreeSet, rc::Rc};

use tideboard_shared::EntityId;
use yew::prelude::*;

use super::{TableRow, arrange::Rules, column::RowRef};

/// Direction in which a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// Column by which rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SortKey {
    pub(super) column: usize,
    pub(super) direction: Direction,
}

/// Cell of the grid, headings included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// Entity of the row; `None` for the headings.
    pub(super) row: Option<EntityId>,
    /// Index among all columns of the grid: 0 is that of the selection.
    pub(super) column: usize,
}

/// State of a table that its user controls.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct TableState {
    pub(super) rules: Rules,
    /// Cell that Tab leads to; `None` until the user has been in the table.
    pub(super) spot: Option<Spot>,
    /// Row as it was when an edit of the cell at `spot` began.
    pub(super) edited: Option<RowRef>,
    pub(super) selected: Rc<BTreeSet<EntityId>>,
    /// Rows removed last, as long as they can be taken back from here.
    pub(super) removed: Option<Removed>,
    /// Number of times that the focus was to move to `spot`. A new number asks for it.
    pub(super) focus: u32,
}

/// Rows that were removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Removed {
    /// Entities of the rows; none if someone else removed them.
    pub(super) ids: Vec<EntityId>,
    /// Name of the rows for people.
    pub(super) what: AttrValue,
}

impl Removed {
    pub(super) fn words(&self) -> String {
        let Self { ids, what } = self;
        if ids.is_empty() { format!("Someone else removed {what}") } else { format!("Removed {what}") }
    }
}

/// Action of the user.
#[derive(Debug)]
pub(super) enum Act {
    /// Sorts by a column: ascending, then descending, then not at all. `adds` keeps the columns that rows were sorted
    /// by before.
    Sort { column: usize, adds: bool },
    /// Changes the text of the filter.
    Search(String),
    /// Filters a column by one of its choices, or by none.
    Choose(usize, Option<usize>),
    /// Shows all rows.
    ClearQuery,
    /// Goes to a cell.
    Go(Spot),
    /// Follows the focus to a cell where the browser has put it.
    Arrive(Spot),
    /// Begins to edit a cell of this row.
    Edit(Rc<TableRow>, usize),
    /// Ends editing; the focus goes to the cell.
    EndEdit,
    /// Ends editing; the focus has gone elsewhere.
    Leave,
    /// Selects a row, or deselects it.
    Toggle(EntityId),
    /// Selects these rows and no others.
    Select(BTreeSet<EntityId>),
    /// Removes rows.
    Remove(Removed),
    /// Forgets the removed rows, because they were restored or are no longer on offer.
    ForgetRemoved,
}

impl Reducible for TableState {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match act {
            Act::Sort { column, adds } => sort(&mut next.rules.order, column, adds),
            Act::Search(text) => next.rules.query.text = text,
            Act::Choose(column, choice) => {
                let choices = &mut next.rules.query.choices;
                choices.retain(|(of, _)| *of != column);
                choices.extend(choice.map(|choice| (column, choice)));
            }
            Act::ClearQuery => next.rules.query = Default::default(),
            Act::Go(spot) => {
                next.edited = None;
                next.spot = Some(spot);
                next.focus += 1;
            }
            Act::Arrive(spot) if self.spot.as_ref() == Some(&spot) => return self,
            Act::Arrive(spot) => next.spot = Some(spot),
            Act::Edit(row, column) => {
                next.spot = Some(Spot { row: Some(row.id.clone()), column });
                next.edited = Some(RowRef(row));
                next.removed = None;
                next.focus += 1;
            }
            Act::EndEdit => {
                next.edited = None;
                next.focus += 1;
            }
            Act::Leave if self.edited.is_none() => return self,
            Act::Leave => next.edited = None,
            Act::Toggle(id) => {
                let selected = Rc::make_mut(&mut next.selected);
                if !selected.remove(&id) {
                    selected.insert(id);
                }
            }
            Act::Select(ids) => next.selected = Rc::new(ids),
            Act::Remove(removed) => {
                next.edited = None;
                if removed.ids.iter().any(|id| next.selected.contains(id)) {
                    Rc::make_mut(&mut next.selected).retain(|id| !removed.ids.contains(id));
                }
                next.removed = Some(removed);
            }
            Act::ForgetRemoved => next.removed = None,
        }
        next.into()
    }
}

fn sort(order: &mut Vec<SortKey>, column: usize, adds: bool) {
    let place = order.iter().position(|key| key.column == column);
    let direction = match place.map(|place| order[place].direction) {
        None => Some(Direction::Ascending),
        Some(Direction::Ascending) => Some(Direction::Descending),
        Some(Direction::Descending) => None,
    };
    let key = direction.map(|direction| SortKey { column, direction });
    if !adds {
        *order = key.into_iter().collect();
    } else if let Some(place) = place {
        order.splice(place..=place, key);
    } else {
        order.extend(key);
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn order(acts: &[(usize, bool)]) -> Vec<(usize, Direction)> {
        let mut order = Vec::new();
        for (column, adds) in acts {
            sort(&mut order, *column, *adds);
        }
        order.into_iter().map(|key| (key.column, key.direction)).collect()
    }

    #[test]
    fn a_column_is_sorted_up_then_down_then_not() {
        use Direction::{Ascending, Descending};
        assert_eq!(order(&[(1, false)]), [(1, Ascending)]);
        assert_eq!(order(&[(1, false), (1, false)]), [(1, Descending)]);
        assert_eq!(order(&[(1, false), (1, false), (1, false)]), []);
        assert_eq!(order(&[(1, false), (2, false)]), [(2, Ascending)]);
        assert_eq!(order(&[(1, false), (2, true), (1, true)]), [(1, Descending), (2, Ascending)]);
        assert_eq!(order(&[(1, false), (2, true), (1, true), (1, true)]), [(2, Ascending)]);
    }

    #[test]
    fn selected_rows_stay_selected_whatever_is_shown() {
        let state = Rc::new(TableState::default()).reduce(Act::Toggle("a".into())).reduce(Act::Toggle("b".into()));
        let state = state.reduce(Act::Sort { column: 0, adds: false }).reduce(Act::Search("x".into()));
        let state = state.reduce(Act::Toggle("b".into()));
        assert_eq!(*state.selected, BTreeSet::from(["a".into()]));
    }
}

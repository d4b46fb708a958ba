use std::{collections::BTreeSet, rc::Rc};

use tideboard_shared::EntityId;
use yew::prelude::*;

use super::{TableRow, arrange::Rules, column::RowRef};

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// A column by which rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SortKey {
    pub(super) column: usize,
    pub(super) direction: Direction,
}

/// One cell of the grid, headings included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// `None` for the headings.
    pub(super) row: Option<EntityId>,
    /// Counted over all columns of the grid: the selection's is 0.
    pub(super) column: usize,
}

/// What a user has made of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct TableState {
    pub(super) rules: Rules,
    /// Where Tab leads to; `None` while nobody has been here.
    pub(super) spot: Option<Spot>,
    /// The row as it was when an edit of the cell at `spot` began.
    pub(super) edited: Option<RowRef>,
    pub(super) selected: Rc<BTreeSet<EntityId>>,
    /// What was removed last, while it can be taken back from here.
    pub(super) removed: Option<Removed>,
    /// How often the focus was to be put to `spot`.
    pub(super) focus: u32,
}

/// Rows that were removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Removed {
    /// None when it was not the user who did.
    pub(super) ids: Vec<EntityId>,
    /// What they are, for people.
    pub(super) what: AttrValue,
}

impl Removed {
    pub(super) fn words(&self) -> String {
        let Self { ids, what } = self;
        if ids.is_empty() { format!("Someone else removed {what}") } else { format!("Removed {what}") }
    }
}

/// What a user does.
#[derive(Debug)]
pub(super) enum Act {
    /// Sorts by a column: up, then down, then not. `adds` keeps the columns that it was sorted by before.
    Sort { column: usize, adds: bool },
    /// Types into the filter.
    Search(String),
    /// Filters a column by one of its choices, or by none.
    Choose(usize, Option<usize>),
    /// Shows all rows.
    ClearQuery,
    /// Goes to a cell.
    Go(Spot),
    /// Has come to a cell by a way of the browser's.
    Arrive(Spot),
    /// Begins to edit a cell of this row.
    Edit(Rc<TableRow>, usize),
    /// Ends editing and stays.
    EndEdit,
    /// Ends editing and is elsewhere.
    Leave,
    /// Selects a row, or not any more.
    Toggle(EntityId),
    /// Selects these and no others.
    Select(BTreeSet<EntityId>),
    /// Removes rows.
    Remove(Removed),
    /// Has them back, or does without.
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

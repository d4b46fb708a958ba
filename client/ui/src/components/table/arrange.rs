//! Sorting and filtering of rows, which follows changes of some of them without starting over.
//!
//! In: rows, and the rules by which they are sorted and filtered. Out: the places of those shown, in their order.
//! Never: a row that is being edited at another place than where the edit began.

use std::{cmp::Ordering, rc::Rc};

use tideboard_shared::EntityId;

use super::{
    Cell, TableRow, TableRows,
    column::{RowRef, fold},
    state::{Direction, SortKey},
};

mod difference;

use difference::Difference;

/// Most changes at once that are followed one by one; from more on, everything is arranged anew.
const MANY: usize = 64;

/// Filter that decides which rows are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Query {
    /// Words that the user typed: each has to be in one of the row's texts.
    pub(super) text: String,
    /// Columns, each with the choice that its cells must have.
    pub(super) choices: Vec<(usize, usize)>,
}

impl Query {
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.choices.is_empty()
    }

    fn words(&self) -> Vec<String> {
        self.text.split_whitespace().map(fold).collect()
    }
}

/// Rules by which an [`Arrangement`] is made.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Rules {
    /// Columns by which rows are sorted, the most important first; rows that are equal by all keep their order.
    pub(super) order: Vec<SortKey>,
    pub(super) query: Query,
}

/// Rows that are shown, in their order.
#[derive(Debug, Default)]
pub(super) struct Arrangement {
    rows: Option<TableRows>,
    /// Row that keeps its place while it is edited, as it was when the edit began.
    pinned: Option<RowRef>,
    /// Versions of the rows by which they are sorted and filtered: the rows themselves, except for the pinned one.
    keys: Vec<Rc<TableRow>>,
    rules: Rules,
    words: Vec<String>,
    /// Places among `keys`, sorted.
    sorted: Vec<u32>,
    /// Places among `keys` of the rows that are shown, sorted.
    shown: Vec<u32>,
}

impl Arrangement {
    /// Arranges the rows by the rules. `pinned` keeps its place, whatever becomes of it.
    pub(super) fn update(&mut self, rows: &TableRows, rules: &Rules, pinned: Option<&RowRef>) {
        if self.is_of(rows, rules) == (true, true) && self.pinned.as_ref() == pinned {
            return;
        }
        self.pinned = pinned.cloned();
        let keys = keys(rows, pinned);
        let is_sorted = self.rules.order == rules.order && self.rows.is_some();
        let is_filtered = is_sorted && self.rules.query == rules.query;
        let difference = is_sorted.then(|| Difference::between(&self.keys, &keys)).filter(|found| found.len() <= MANY);
        self.rows = Some(rows.clone());
        self.keys = keys;
        if !is_filtered {
            self.rules = rules.clone();
            self.words = rules.query.words();
        }
        match &difference {
            Some(difference) => self.follow(difference, is_filtered),
            None => self.sort(),
        }
        if !is_filtered || difference.is_none() {
            self.shown = self.sorted.iter().copied().filter(|at| self.matches(*at)).collect();
        }
    }

    /// Number of rows shown.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// Tells whether the arrangement is up to date: with these rows, and with these rules.
    pub(super) fn is_of(&self, rows: &TableRows, rules: &Rules) -> (bool, bool) {
        (self.rows.as_ref() == Some(rows), self.rules == *rules)
    }

    /// Row at a place among those shown.
    pub(super) fn row(&self, place: usize) -> Option<&Rc<TableRow>> {
        self.rows.as_ref()?.get(*self.shown.get(place)? as usize)
    }

    /// Place of a row among those shown; found fastest near `hint`.
    pub(super) fn place(&self, id: &EntityId, hint: usize) -> Option<usize> {
        let is_it = |place: &usize| self.row(*place).is_some_and(|row| row.id == *id);
        let hint = hint.min(self.len());
        let near = hint.saturating_sub(64)..(hint + 64).min(self.len());
        near.clone().find(is_it).or_else(|| (0..self.len()).find(is_it))
    }

    /// Rows shown, in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Rc<TableRow>> {
        (0..self.len()).filter_map(|place| self.row(place))
    }

    fn sort(&mut self) {
        let mut sorted: Vec<u32> = (0..self.keys.len() as u32).collect();
        if !self.rules.order.is_empty() {
            sorted.sort_unstable_by(|a, b| self.compare(*a, *b));
        }
        self.sorted = sorted;
    }

    /// Moves changed rows to their new places; in `shown` only if it was made by the same filter.
    fn follow(&mut self, difference: &Difference, is_filtered: bool) {
        if difference.len() == 0 {
            return;
        }
        let mut sorted = std::mem::take(&mut self.sorted);
        difference.remap(&mut sorted);
        let mut shown = std::mem::take(&mut self.shown);
        difference.remap(&mut shown);
        for at in difference.added() {
            let place = sorted.partition_point(|other| self.compare(*other, at) == Ordering::Less);
            sorted.insert(place, at);
            if is_filtered && self.matches(at) {
                let place = shown.partition_point(|other| self.compare(*other, at) == Ordering::Less);
                shown.insert(place, at);
            }
        }
        (self.sorted, self.shown) = (sorted, shown);
    }

    fn compare(&self, a: u32, b: u32) -> Ordering {
        let one = &self.keys[a as usize];
        let other = &self.keys[b as usize];
        for key in &self.rules.order {
            let ordering = match key.direction {
                Direction::Ascending => one.compare(other, key.column),
                Direction::Descending => other.compare(one, key.column),
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        a.cmp(&b)
    }

    fn matches(&self, at: u32) -> bool {
        let row = &self.keys[at as usize];
        let has = |(column, choice): &(usize, usize)| row.cells.get(*column) == Some(&Cell::Choice(*choice));
        self.rules.query.choices.iter().all(has) && self.words.iter().all(|word| row.contains(word))
    }
}

fn keys(rows: &TableRows, pinned: Option<&RowRef>) -> Vec<Rc<TableRow>> {
    let mut keys = rows.to_vec();
    if let Some(RowRef(pinned)) = pinned
        && let Some(key) = keys.iter_mut().find(|row| row.id == pinned.id)
    {
        *key = Rc::clone(pinned);
    }
    keys
}

#[cfg(test)]
mod tests;

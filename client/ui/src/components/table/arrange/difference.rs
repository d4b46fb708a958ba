//! Difference between two lists of rows, to follow changes without sorting anew.

use std::{ops::Range, rc::Rc};

use crate::components::table::TableRow;

/// Difference between two lists of rows: rows in the middle were replaced, and some before and behind them changed.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// Rows of the old list that are not in the new one, by their places.
    gone: Range<u32>,
    /// Rows of the new list in their place.
    come: Range<u32>,
    /// Rows that changed: their places in the new list, ascending.
    changed: Vec<u32>,
}

impl Difference {
    /// Compares two lists. Rows are matched by id, and have changed if their address differs.
    pub(super) fn between(old: &[Rc<TableRow>], new: &[Rc<TableRow>]) -> Self {
        let is_same = |(old, new): &(&Rc<TableRow>, &Rc<TableRow>)| Rc::ptr_eq(old, new) || old.id == new.id;
        let before = old.iter().zip(new).take_while(is_same).count();
        let behind = old[before..].iter().rev().zip(new[before..].iter().rev()).take_while(is_same).count();
        let gone = before..old.len() - behind;
        let come = before..new.len() - behind;
        let tail = old[gone.end..].iter().zip(come.end..);
        let pairs = old[..before].iter().zip(0..).chain(tail);
        let changed = pairs.filter(|(old, at)| !Rc::ptr_eq(old, &new[*at])).map(|(_, at)| at as u32).collect();
        Self { gone: gone.start as u32..gone.end as u32, come: come.start as u32..come.end as u32, changed }
    }

    /// Number of rows to take out, put in or move.
    pub(super) fn len(&self) -> usize {
        self.gone.len() + self.come.len() + self.changed.len()
    }

    /// Turns places in the old list into those in the new one, and drops those of rows that are gone or have changed.
    pub(super) fn remap(&self, places: &mut Vec<u32>) {
        places.retain_mut(|place| {
            if self.gone.contains(place) {
                return false;
            }
            if *place >= self.gone.end {
                *place = *place - self.gone.end + self.come.end;
            }
            self.changed.binary_search(place).is_err()
        });
    }

    /// Places in the new list of the rows to put in.
    pub(super) fn added(&self) -> impl Iterator<Item = u32> {
        self.come.clone().chain(self.changed.iter().copied())
    }
}

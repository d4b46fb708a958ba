//! Places of a board's widgets, computed from the wish of each.
//!
//! In: each widget's column, rank and size. Out: a cell for each, without overlaps and without holes above it. Never: a stored
//! row. Several people move widgets at once, offline as well; whatever their edits add up to, this makes a tidy page of it.

use serde::{Deserialize, Serialize};
use tideboard_shared::EntityId;

/// Columns of the whole grid.
pub const COLUMNS: u8 = 12;
/// Most rows that a widget takes.
pub const MAX_ROWS: u8 = 24;

/// Wish of a widget for a place among the others. Rows are not stored: widgets are laid out in the order of their
/// ranks, each as far up as its columns allow, so that no edits of several people can make two of them overlap.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// First column, 0 to 11.
    pub x: u8,
    /// Turn; lower ones come first, equal ones by id.
    pub rank: f64,
}

/// Room that a widget takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Size {
    /// Columns, 1 to 12.
    pub w: u8,
    /// Rows, 1 to 24.
    pub h: u8,
}

impl Default for Size {
    fn default() -> Self {
        Self { w: 4, h: 4 }
    }
}

/// A widget, as far as the layout is concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The widget.
    pub id: EntityId,
    /// Place it asks for.
    pub place: Place,
    /// Size it asks for.
    pub size: Size,
}

/// Width of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// All twelve: everything is where it was put.
    Full,
    /// Two: widgets of up to half the width take one, wider ones both, in the full grid's order.
    Half,
}

impl Grid {
    /// Number of columns.
    #[must_use]
    pub fn columns(self) -> u8 {
        match self {
            Self::Full => COLUMNS,
            Self::Half => 2,
        }
    }
}

/// Place that a widget gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// First column.
    pub x: u8,
    /// First row.
    pub y: u16,
    /// Columns.
    pub w: u8,
    /// Rows.
    pub h: u8,
}

/// A step by keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A column to the left, or narrower by one.
    Left,
    /// A column to the right, or wider by one.
    Right,
    /// Before the one above, or one row less.
    Up,
    /// Behind the one below, or one row more.
    Down,
}

/// Rows taken of each column, from the top.
struct Skyline([u16; COLUMNS as usize]);

impl Skyline {
    fn top(&self, x: u8, w: u8) -> u16 {
        self.0[usize::from(x)..usize::from(x + w)].iter().copied().max().unwrap_or_default()
    }

    fn put(&mut self, x: u8, w: u8, h: u8) -> Cell {
        let y = self.top(x, w);
        self.0[usize::from(x)..usize::from(x + w)].fill(y.saturating_add(u16::from(h)));
        Cell { x, y, w, h }
    }
}

/// A cell for every item, in the items' order.
#[must_use]
pub fn arrange(items: &[Item], grid: Grid) -> Vec<Cell> {
    let mut cells = vec![Cell { x: 0, y: 0, w: 1, h: 1 }; items.len()];
    let mut skyline = Skyline([0; COLUMNS as usize]);
    match grid {
        Grid::Full => {
            for index in by_rank(items) {
                let (x, size) = fit(items[index].place.x, items[index].size);
                cells[index] = skyline.put(x, size.w, size.h);
            }
        }
        Grid::Half => {
            for index in reading_order(items) {
                let size = fit(0, items[index].size).1;
                let w = if size.w <= COLUMNS / 2 { 1 } else { 2 };
                let x = u8::from(w == 1 && skyline.top(1, 1) < skyline.top(0, 1));
                cells[index] = skyline.put(x, w, size.h);
            }
        }
    }
    cells
}

/// The items' indices from top left to bottom right, as one reads the full grid.
#[must_use]
pub fn reading_order(items: &[Item]) -> Vec<usize> {
    let cells = arrange(items, Grid::Full);
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|index| (cells[*index].y, cells[*index].x));
    order
}

/// Place that `id` has to ask for so that it comes to stand in column `x` as near to row `y` as it can. `None` when it
/// stands there already, or is none of the items.
#[must_use]
pub fn place_at(items: &[Item], id: &EntityId, x: u8, y: u16) -> Option<Place> {
    let now = items.iter().position(|item| item.id == *id)?;
    let stands = arrange(items, Grid::Full)[now];
    let x = x.min(COLUMNS - stands.w);
    let turns = turns(items, now, x);
    let nearest = turns.iter().min_by_key(|turn| turn.y.abs_diff(y))?;
    ((x, nearest.y) != (stands.x, stands.y)).then_some(Place { x, rank: nearest.rank })
}

/// Place that `id` has to ask for to take a step. `None` at an edge.
#[must_use]
pub fn step(items: &[Item], id: &EntityId, step: Step) -> Option<Place> {
    let now = items.iter().position(|item| item.id == *id)?;
    let stands = arrange(items, Grid::Full)[now];
    match step {
        Step::Left => place_at(items, id, stands.x.checked_sub(1)?, stands.y),
        Step::Right if stands.x + stands.w < COLUMNS => place_at(items, id, stands.x + 1, stands.y),
        Step::Right => None,
        Step::Up | Step::Down => {
            let turns = turns(items, now, stands.x);
            let next = match step {
                Step::Up => turns.iter().filter(|turn| turn.y < stands.y).max_by_key(|turn| turn.y),
                _ => turns.iter().filter(|turn| turn.y > stands.y).min_by_key(|turn| turn.y),
            };
            next.map(|turn| Place { x: stands.x, rank: turn.rank })
        }
    }
}

/// Another size by one step, within the grid. `None` at a limit.
#[must_use]
pub fn grow(size: Size, x: u8, step: Step) -> Option<Size> {
    let (_, size) = fit(x, size);
    let next = match step {
        Step::Left => Size { w: size.w - 1, ..size },
        Step::Right => Size { w: size.w + 1, ..size },
        Step::Up => Size { h: size.h - 1, ..size },
        Step::Down => Size { h: size.h + 1, ..size },
    };
    let fits = (1..=COLUMNS.saturating_sub(x)).contains(&next.w) && (1..=MAX_ROWS).contains(&next.h);
    fits.then_some(next)
}

/// A place below everything, where a new widget disturbs nobody.
#[must_use]
pub fn place_at_end(items: &[Item], size: Size) -> Place {
    let rank = items.iter().map(|item| item.place.rank).fold(0.0, f64::max) + 1.0;
    let mut skyline = Skyline([0; COLUMNS as usize]);
    for cell in by_rank(items).into_iter().map(|index| fit(items[index].place.x, items[index].size)) {
        skyline.put(cell.0, cell.1.w, cell.1.h);
    }
    let w = size.w.clamp(1, COLUMNS);
    let x = (0..=COLUMNS - w).min_by_key(|x| (skyline.top(*x, w), *x)).unwrap_or_default();
    Place { x, rank }
}

/// A turn that an item could have, and the row in which it would stand then.
struct Turn {
    rank: f64,
    y: u16,
}

/// Every turn that the item `now` could have among the others if it stood in column `x`; its own first.
fn turns(items: &[Item], now: usize, x: u8) -> Vec<Turn> {
    let moved = &items[now];
    let others: Vec<&Item> =
        by_rank(items).into_iter().filter(|index| *index != now).map(|index| &items[index]).collect();
    let (x, size) = fit(x, moved.size);
    let mut skyline = Skyline([0; COLUMNS as usize]);
    let mut turns = vec![Turn { rank: moved.place.rank, y: 0 }];
    for at in 0..=others.len() {
        let y = skyline.top(x, size.w);
        let before = at.checked_sub(1).map(|at| others[at].place.rank);
        let after = others.get(at).map(|item| item.place.rank);
        let is_own =
            before.is_none_or(|rank| rank < moved.place.rank) && after.is_none_or(|rank| moved.place.rank < rank);
        if is_own {
            turns[0].y = y;
        }
        turns.extend(rank_between(before, after).map(|rank| Turn { rank, y }));
        if let Some(item) = others.get(at) {
            let (x, size) = fit(item.place.x, item.size);
            skyline.put(x, size.w, size.h);
        }
    }
    // Ranks that are equal to another's leave no place of its own to the item.
    if others.iter().any(|item| item.place.rank == moved.place.rank) {
        turns.remove(0);
    }
    turns
}

/// A rank between two; `None` where numbers are too coarse to have one.
fn rank_between(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    let rank = match (before, after) {
        (None, None) => 1.0,
        (None, Some(after)) => after - 1.0,
        (Some(before), None) => before + 1.0,
        (Some(before), Some(after)) => before + (after - before) / 2.0,
    };
    let is_between = before.is_none_or(|before| before < rank) && after.is_none_or(|after| rank < after);
    is_between.then_some(rank)
}

fn by_rank(items: &[Item]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| {
        let a = &items[*a];
        let b = &items[*b];
        a.place.rank.total_cmp(&b.place.rank).then(a.place.x.cmp(&b.place.x)).then_with(|| a.id.cmp(&b.id))
    });
    order
}

/// The nearest column and size that lie in the grid.
fn fit(x: u8, size: Size) -> (u8, Size) {
    let size = Size { w: size.w.clamp(1, COLUMNS), h: size.h.clamp(1, MAX_ROWS) };
    (x.min(COLUMNS - size.w), size)
}

#[cfg(test)]
mod tests;

//! Drag of a widget: from pointer positions to the place or size that a drop would give.

use gloo::utils::window;
use tideboard_shared::EntityId;
use web_sys::HtmlElement;

use super::GridChange;
use crate::layout::{self, COLUMNS, Cell, Grid, Item, MAX_ROWS, Place, Size};

/// Kind of change that a drag makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DragKind {
    /// Moves the widget.
    Move,
    /// Resizes the widget.
    Resize,
}

/// Size of one column and one row of the grid, with the gap after each, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Metrics {
    column: f64,
    row: f64,
    /// Number of columns at the page's current width.
    columns: u8,
}

impl Metrics {
    /// Reads the sizes that the style sheet has given the grid; `None` if it has none.
    pub(super) fn of(grid: &HtmlElement) -> Option<Self> {
        let style = window().get_computed_style(grid).ok()??;
        let number =
            |name: &str| style.get_property_value(name).ok()?.trim().trim_end_matches("px").parse::<f64>().ok();
        let columns = number("--columns")?;
        let gap = number("column-gap")?;
        let row = number("grid-auto-rows")?;
        let column = (f64::from(grid.client_width()) + gap) / columns;
        Some(Self { column, row: row + gap, columns: columns as u8 })
    }
}

/// Drag in progress: the widget, from where it was grabbed to where it would be dropped now.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drag {
    pub(super) id: EntityId,
    kind: DragKind,
    metrics: Metrics,
    /// Point at which the pointer grabbed the handle, in CSS pixels of the window.
    from: (f64, f64),
    /// Cell of the widget when it was grabbed.
    stood: Cell,
    /// Place at which a drop would put the widget; `None` while it would stay.
    place: Option<Place>,
    size: Option<Size>,
}

impl Drag {
    /// Begins a drag; `None` for a widget that is not on the grid.
    pub(super) fn start(
        items: &[Item],
        id: &EntityId,
        kind: DragKind,
        from: (f64, f64),
        metrics: Metrics,
    ) -> Option<Self> {
        let index = items.iter().position(|item| item.id == *id)?;
        let stood = layout::arrange(items, Grid::Full)[index];
        Some(Self { id: id.clone(), kind, metrics, from, stood, place: None, size: None })
    }

    /// Returns the drag after the pointer has moved to `at`; `under` names the widget that is there.
    pub(super) fn moved(&self, items: &[Item], at: (f64, f64), under: impl Fn() -> Option<EntityId>) -> Self {
        let steps = |pixels: f64, size: f64| (pixels / size).round() as i32;
        let right = steps(at.0 - self.from.0, self.metrics.column);
        let down = steps(at.1 - self.from.1, self.metrics.row);
        let mut next = self.clone();
        let is_full = self.metrics.columns == COLUMNS;
        match self.kind {
            DragKind::Move if is_full => {
                let x = (i32::from(self.stood.x) + right).clamp(0, i32::from(COLUMNS - self.stood.w)) as u8;
                let y = (i32::from(self.stood.y) + down).clamp(0, i32::from(u16::MAX)) as u16;
                next.place = layout::place_at(items, &self.id, x, y);
            }
            // With fewer columns the pointer names the widget whose place is taken, not a column and a row.
            DragKind::Move => {
                let taken = under().filter(|id| *id != self.id);
                let index = taken.and_then(|id| items.iter().position(|item| item.id == id));
                if let Some(cell) = index.map(|index| layout::arrange(items, Grid::Full)[index]) {
                    next.place = layout::place_at(items, &self.id, cell.x, cell.y);
                }
            }
            DragKind::Resize => {
                let w = i32::from(self.stood.w) + if is_full { right } else { 0 };
                let size = Size {
                    w: w.clamp(1, i32::from(COLUMNS - self.stood.x)) as u8,
                    h: (i32::from(self.stood.h) + down).clamp(1, i32::from(MAX_ROWS)) as u8,
                };
                next.size = (size != Size { w: self.stood.w, h: self.stood.h }).then_some(size);
            }
        }
        next
    }

    /// Returns the widget as a drop would leave it.
    pub(super) fn preview(&self, item: &Item) -> Item {
        Item { place: self.place.unwrap_or(item.place), size: self.size.unwrap_or(item.size), ..item.clone() }
    }

    /// Returns the change that a drop would make; `None` if nothing would change.
    pub(super) fn change(&self) -> Option<GridChange> {
        let moved = self.place.map(|place| GridChange::Move(self.id.clone(), place));
        moved.or_else(|| self.size.map(|size| GridChange::Resize(self.id.clone(), size)))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn items() -> Vec<Item> {
        let item =
            |id: &str, x: u8, rank: f64| Item { id: id.into(), place: Place { x, rank }, size: Size { w: 4, h: 2 } };
        vec![item("a", 0, 1.0), item("b", 4, 2.0), item("c", 0, 3.0)]
    }

    fn grabbed(kind: DragKind, columns: u8) -> Drag {
        let metrics = Metrics { column: 100.0, row: 50.0, columns };
        Drag::start(&items(), &"a".into(), kind, (10.0, 10.0), metrics).expect("it is there")
    }

    #[test]
    fn a_drag_snaps_to_columns_and_rows() {
        let drag = grabbed(DragKind::Move, 12).moved(&items(), (849.0, 30.0), || None);
        let Some(GridChange::Move(_, place)) = drag.change() else { panic!("it moved: {drag:?}") };
        assert_eq!(place.x, 8);
        assert_eq!(grabbed(DragKind::Move, 12).moved(&items(), (50.0, 30.0), || None).change(), None);
    }

    #[test]
    fn a_resize_stays_within_the_grid() {
        let drag = grabbed(DragKind::Resize, 12).moved(&items(), (9_999.0, -9_999.0), || None);
        assert_eq!(drag.change(), Some(GridChange::Resize("a".into(), Size { w: 12, h: 1 })));
    }

    #[test]
    fn with_fewer_columns_it_takes_the_place_of_the_one_below_the_pointer() {
        let drag = grabbed(DragKind::Move, 1).moved(&items(), (10.0, 400.0), || Some("c".into()));
        let Some(GridChange::Move(_, place)) = drag.change() else { panic!("it moved: {drag:?}") };
        assert!(place.rank > 3.0, "{place:?}");
        let wider = grabbed(DragKind::Resize, 2).moved(&items(), (500.0, 110.0), || None);
        assert_eq!(wider.change(), Some(GridChange::Resize("a".into(), Size { w: 4, h: 4 })));
    }
}

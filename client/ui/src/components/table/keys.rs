//! Movements in a table by keyboard, by the ARIA grid pattern.

/// Movement in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
    Left,
    Right,
    RowStart,
    RowEnd,
    First,
    Last,
    PageUp,
    PageDown,
}

/// Movement that a key stands for. <https://www.w3.org/WAI/ARIA/apg/patterns/grid/>
pub(super) fn way(key: &str, has_control: bool) -> Option<Way> {
    Some(match (key, has_control) {
        ("ArrowUp", _) => Way::Up,
        ("ArrowDown", _) => Way::Down,
        ("ArrowLeft", _) => Way::Left,
        ("ArrowRight", _) => Way::Right,
        ("Home", false) => Way::RowStart,
        ("End", false) => Way::RowEnd,
        ("Home", true) => Way::First,
        ("End", true) => Way::Last,
        ("PageUp", _) => Way::PageUp,
        ("PageDown", _) => Way::PageDown,
        _ => return None,
    })
}

/// Size of a grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) rows: usize,
    /// Columns, at least one.
    pub(super) columns: usize,
    /// Rows of a page, at least one.
    pub(super) page: usize,
}

/// Cell that a movement leads to: the place of its row, `None` for the headings, and its column. Stops at the edges.
pub(super) fn go(way: Way, (row, column): (Option<usize>, usize), extent: Extent) -> (Option<usize>, usize) {
    let last_row = extent.rows.checked_sub(1);
    let last_column = extent.columns - 1;
    let below = |by: usize| last_row.map(|last| row.map_or(by - 1, |row| row + by).min(last));
    let above = |by: usize| row.and_then(|row| if by == 1 { row.checked_sub(1) } else { Some(row.saturating_sub(by)) });
    match way {
        Way::Up => (above(1), column),
        Way::Down => (below(1), column),
        Way::Left => (row, column.saturating_sub(1)),
        Way::Right => (row, (column + 1).min(last_column)),
        Way::RowStart => (row, 0),
        Way::RowEnd => (row, last_column),
        Way::First => (last_row.map(|_| 0), 0),
        Way::Last => (last_row, last_column),
        Way::PageUp => (above(extent.page.max(2)), column),
        Way::PageDown => (below(extent.page), column),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const EXTENT: Extent = Extent { rows: 100, columns: 5, page: 9 };

    fn pressed(key: &str, has_control: bool, from: (Option<usize>, usize)) -> (Option<usize>, usize) {
        go(way(key, has_control).unwrap(), from, EXTENT)
    }

    #[test]
    fn every_key_of_the_grid_pattern_goes_its_way_and_stops_at_the_edges() {
        assert_eq!(pressed("ArrowUp", false, (Some(3), 2)), (Some(2), 2));
        assert_eq!(pressed("ArrowUp", false, (Some(0), 2)), (None, 2), "to the headings");
        assert_eq!(pressed("ArrowUp", false, (None, 2)), (None, 2));
        assert_eq!(pressed("ArrowDown", false, (None, 2)), (Some(0), 2));
        assert_eq!(pressed("ArrowDown", false, (Some(99), 2)), (Some(99), 2));
        assert_eq!(pressed("ArrowLeft", false, (Some(3), 0)), (Some(3), 0));
        assert_eq!(pressed("ArrowRight", false, (Some(3), 4)), (Some(3), 4));
        assert_eq!(pressed("Home", false, (Some(3), 2)), (Some(3), 0));
        assert_eq!(pressed("End", false, (Some(3), 2)), (Some(3), 4));
        assert_eq!(pressed("Home", true, (Some(3), 2)), (Some(0), 0));
        assert_eq!(pressed("End", true, (Some(3), 2)), (Some(99), 4));
        assert_eq!(pressed("PageDown", false, (Some(3), 2)), (Some(12), 2));
        assert_eq!(pressed("PageDown", false, (Some(95), 2)), (Some(99), 2));
        assert_eq!(pressed("PageUp", false, (Some(12), 2)), (Some(3), 2));
        assert_eq!(pressed("PageUp", false, (Some(2), 2)), (Some(0), 2));
        assert_eq!(way("x", false), None);
    }

    #[test]
    fn without_rows_there_are_the_headings() {
        let none = Extent { rows: 0, ..EXTENT };
        for way in [Way::Down, Way::First, Way::Last, Way::PageDown, Way::PageUp, Way::Up] {
            assert_eq!(go(way, (None, 1), none).0, None, "{way:?}");
        }
    }
}

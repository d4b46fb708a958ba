#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn item(id: &str, x: u8, rank: f64, w: u8, h: u8) -> Item {
    Item { id: id.into(), place: Place { x, rank }, size: Size { w, h } }
}

/// Three thirds above a wide one.
fn page() -> Vec<Item> {
    vec![item("a", 0, 1.0, 4, 2), item("b", 4, 2.0, 4, 2), item("c", 8, 3.0, 4, 4), item("wide", 0, 4.0, 8, 3)]
}

fn moved(mut items: Vec<Item>, id: &str, place: Place) -> Vec<Cell> {
    items.iter_mut().filter(|item| item.id.as_str() == id).for_each(|item| item.place = place);
    arrange(&items, Grid::Full)
}

/// A generator without a crate: what it gives is decided by its seed.
fn random(seed: &mut u64, below: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % below
}

fn random_page(seed: &mut u64) -> Vec<Item> {
    let count = random(seed, 14) + 1;
    let part = |index| {
        let [x, rank, w, h] = [14, 9, 14, 6].map(|below| random(seed, below));
        item(&format!("w{index}"), x as u8, rank as f64, w as u8, h as u8)
    };
    (0..count).map(part).collect()
}

#[test]
fn each_stands_as_far_up_as_its_columns_allow() {
    let cells = arrange(&page(), Grid::Full);
    let rows: Vec<u16> = cells.iter().map(|cell| cell.y).collect();
    assert_eq!(rows, [0, 0, 0, 2]);
    assert_eq!(cells[3], Cell { x: 0, y: 2, w: 8, h: 3 });
}

#[test]
fn nothing_ever_overlaps_or_leaves_the_grid() {
    for mut seed in 0..500 {
        let items = random_page(&mut seed);
        for grid in [Grid::Full, Grid::Half] {
            let cells = arrange(&items, grid);
            for (index, a) in cells.iter().enumerate() {
                assert!(a.x + a.w <= grid.columns() && a.w > 0 && a.h > 0, "{a:?}");
                for b in &cells[index + 1..] {
                    let apart = a.x + a.w <= b.x
                        || b.x + b.w <= a.x
                        || a.y + u16::from(a.h) <= b.y
                        || b.y + u16::from(b.h) <= a.y;
                    assert!(apart, "{a:?} {b:?} in {items:?}");
                }
            }
        }
    }
}

#[test]
fn two_columns_keep_the_order_of_twelve() {
    let cells = arrange(&page(), Grid::Half);
    assert_eq!(cells[0], Cell { x: 0, y: 0, w: 1, h: 2 });
    assert_eq!(cells[1], Cell { x: 1, y: 0, w: 1, h: 2 });
    assert_eq!(cells[2], Cell { x: 0, y: 2, w: 1, h: 4 });
    assert_eq!(cells[3], Cell { x: 0, y: 6, w: 2, h: 3 });
}

#[test]
fn what_is_dropped_stands_where_it_was_dropped() {
    let place = place_at(&page(), &"wide".into(), 0, 0).expect("it moves");
    let cells = moved(page(), "wide", place);
    assert_eq!((cells[3].y, cells[0].y, cells[1].y), (0, 3, 3));
    let place = place_at(&page(), &"a".into(), 8, 4).expect("it moves");
    assert_eq!(moved(page(), "a", place)[0], Cell { x: 8, y: 4, w: 4, h: 2 });
}

#[test]
fn what_is_dropped_where_it_stands_is_no_edit() {
    assert_eq!(place_at(&page(), &"b".into(), 4, 0), None);
    assert_eq!(place_at(&page(), &"nobody".into(), 0, 0), None);
}

#[test]
fn a_step_down_swaps_with_the_one_below_and_up_again() {
    let down = step(&page(), &"a".into(), Step::Down).expect("there is one below");
    let cells = moved(page(), "a", down);
    assert!(cells[0].y > cells[3].y, "{cells:?}");
    let mut items = page();
    items[0].place = down;
    let up = step(&items, &"a".into(), Step::Up).expect("there is one above");
    assert_eq!(moved(items, "a", up)[0].y, 0);
    assert_eq!(step(&page(), &"a".into(), Step::Up), None);
    assert_eq!(step(&page(), &"a".into(), Step::Left), None);
    assert_eq!(step(&page(), &"c".into(), Step::Right), None);
    assert_eq!(step(&page(), &"a".into(), Step::Right).map(|place| place.x), Some(1));
}

#[test]
fn every_step_changes_where_it_stands() {
    for mut seed in 0..300 {
        let items = random_page(&mut seed);
        let before = arrange(&items, Grid::Full);
        for (index, moving) in items.iter().enumerate() {
            for to in [Step::Left, Step::Right, Step::Up, Step::Down] {
                let Some(place) = step(&items, &moving.id, to) else { continue };
                let after = moved(items.clone(), moving.id.as_str(), place)[index];
                assert_ne!((before[index].x, before[index].y), (after.x, after.y), "{to:?} {moving:?}");
            }
        }
    }
}

#[test]
fn sizes_stay_within_the_grid() {
    let size = Size { w: 4, h: 1 };
    assert_eq!(grow(size, 8, Step::Right), None);
    assert_eq!(grow(size, 7, Step::Right), Some(Size { w: 5, h: 1 }));
    assert_eq!(grow(size, 0, Step::Up), None);
    assert_eq!(grow(Size { w: 1, h: 24 }, 0, Step::Down), None);
    assert_eq!(grow(Size { w: 1, h: 2 }, 0, Step::Left), None);
}

#[test]
fn a_new_widget_fills_the_first_hole_at_the_end() {
    let place = place_at_end(&page(), Size { w: 4, h: 2 });
    assert_eq!((place.x, place.rank), (8, 5.0));
    assert_eq!(place_at_end(&[], Size::default()), Place { x: 0, rank: 1.0 });
}

#[test]
fn between_two_ranks_there_is_room_for_many_and_then_none() {
    let mut after = 2.0;
    for _ in 0..40 {
        after = rank_between(Some(1.0), Some(after)).expect("numbers are fine enough");
    }
    assert_eq!(rank_between(Some(1.0), Some(1.0)), None);
}

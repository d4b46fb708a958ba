use tideboard_client::Seen;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    components::table::{Column, ColumnKind, Columns, TableChoice},
    format::amount,
};

fn columns() -> Columns {
    let choice = |value| TableChoice { value, label: value, class: "" };
    let kinds = [
        ColumnKind::Text,
        ColumnKind::Number { format: amount, parse: |text| text.parse().ok() },
        ColumnKind::Choice(vec![choice("new"), choice("paid")]),
    ];
    kinds.into_iter().map(|kind| Column { field: "", title: "", kind, width: "" }).collect()
}

fn row(columns: &Columns, id: &str, name: &str, total: f64, status: usize) -> Rc<TableRow> {
    let cells = vec![Cell::Text(name.to_owned().into()), Cell::Number(total), Cell::Choice(status)];
    Rc::new(TableRow::new(columns, EntityId::from(id), cells, 0, Seen::default()))
}

fn by(columns: &[usize]) -> Rules {
    let key = |column: &usize| SortKey { column: *column, direction: Direction::Ascending };
    Rules { order: columns.iter().map(key).collect(), query: Query::default() }
}

fn search(text: &str) -> Rules {
    Rules { query: Query { text: text.into(), choices: Vec::new() }, ..Rules::default() }
}

fn shown(arrangement: &Arrangement) -> Vec<String> {
    arrangement.rows().map(|row| row.id.to_string()).collect()
}

fn arranged(rows: &TableRows, rules: &Rules) -> Vec<String> {
    let mut arrangement = Arrangement::default();
    arrangement.update(rows, rules, None);
    shown(&arrangement)
}

fn some_rows() -> TableRows {
    let columns = columns();
    let row = |id: &str, name: &str, total, status| row(&columns, id, name, total, status);
    [row("1", "bo", 1250.5, 1), row("2", "Ann", 3.0, 0), row("3", "ann", -2.0, 1), row("4", "Élan vital", 3.0, 1)]
        .into_iter()
        .collect()
}

#[test]
fn rows_are_sorted_by_several_columns_and_equal_ones_keep_their_order() {
    let rows = some_rows();
    assert_eq!(arranged(&rows, &by(&[])), ["1", "2", "3", "4"]);
    assert_eq!(arranged(&rows, &by(&[0])), ["2", "3", "1", "4"]);
    assert_eq!(arranged(&rows, &by(&[1])), ["3", "2", "4", "1"]);
    assert_eq!(arranged(&rows, &by(&[2, 1])), ["2", "3", "4", "1"]);
    let descending = Rules { order: vec![SortKey { column: 1, direction: Direction::Descending }], ..Rules::default() };
    assert_eq!(arranged(&rows, &descending), ["1", "2", "4", "3"]);
}

#[test]
fn every_word_has_to_be_in_some_text_of_the_row_in_any_case() {
    let rows = some_rows();
    assert_eq!(arranged(&rows, &search("ANN")), ["2", "3"]);
    assert_eq!(arranged(&rows, &search("paid  élan")), ["4"]);
    assert_eq!(arranged(&rows, &search("3.00")), ["2", "4"]);
    assert_eq!(arranged(&rows, &search("1250")), ["1"]);
    assert_eq!(arranged(&rows, &search("1,250.5")), ["1"]);
    assert_eq!(arranged(&rows, &search("bo1")), [""; 0], "nothing matches across two texts");
    let rules = Rules { query: Query { text: "ann".into(), choices: vec![(2, 1)] }, ..Rules::default() };
    assert_eq!(arranged(&rows, &rules), ["3"]);
}

#[test]
fn a_pinned_row_stays_where_it_was_until_it_is_let_go() {
    let columns = columns();
    let rows = some_rows();
    let mut arrangement = Arrangement::default();
    let rules = Rules { query: Query { text: "ann".into(), choices: Vec::new() }, ..by(&[0]) };
    arrangement.update(&rows, &rules, None);
    assert_eq!(shown(&arrangement), ["2", "3"]);
    let pinned = RowRef(Rc::clone(&rows[1]));
    let renamed: TableRows =
        [&rows[0], &row(&columns, "2", "Zoe", 3.0, 0), &rows[2], &rows[3]].into_iter().cloned().collect();
    arrangement.update(&renamed, &rules, Some(&pinned));
    assert_eq!(shown(&arrangement), ["2", "3"]);
    assert_eq!(arrangement.row(0).map(|row| row.cells[0].clone()), Some(Cell::Text("Zoe".into())), "as it is now");
    arrangement.update(&renamed, &rules, None);
    assert_eq!(shown(&arrangement), ["3"]);
}

#[test]
fn a_row_is_found_near_its_last_place_and_far_from_it() {
    let columns = columns();
    let rows: TableRows = (0..500).map(|at| row(&columns, &format!("{at}"), "", 0.0, 0)).collect();
    let mut arrangement = Arrangement::default();
    arrangement.update(&rows, &Rules::default(), None);
    for hint in [0, 400, 499, 9_999] {
        assert_eq!(arrangement.place(&"450".into(), hint), Some(450));
    }
    assert_eq!(arrangement.place(&"500".into(), 0), None);
}

/// Small numbers from a seed, the same on every machine.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn following_changes_comes_to_the_same_as_arranging_anew() {
    let columns = columns();
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut next = 0;
        let mut fresh = |dice: &mut Dice| {
            next += 1;
            random_row(&columns, &format!("{next}"), dice)
        };
        let mut rows: Vec<Rc<TableRow>> = (0..dice.throw(120)).map(|_| fresh(&mut dice)).collect();
        let mut arrangement = Arrangement::default();
        let mut rules = Rules::default();
        for step in 0..60 {
            for _ in 0..dice.throw(4) {
                let at = dice.throw(rows.len() as u64 + 1) as usize;
                match dice.throw(4) {
                    0 => rows.insert(at, fresh(&mut dice)),
                    1 if at < rows.len() => drop(rows.remove(at)),
                    _ if at < rows.len() => {
                        let id = rows[at].id.to_string();
                        rows[at] = random_row(&columns, &id, &mut dice);
                    }
                    _ => {}
                }
            }
            match dice.throw(12) {
                0 => rules.order = by(&[dice.throw(3) as usize, dice.throw(3) as usize]).order,
                1 => rules.query = search(["", "a", "b 3", "new"][dice.throw(4) as usize]).query,
                _ => {}
            }
            let rows: TableRows = rows.iter().cloned().collect();
            arrangement.update(&rows, &rules, None);
            assert_eq!(shown(&arrangement), arranged(&rows, &rules), "seed {seed}, step {step}");
        }
    }
}

fn random_row(columns: &Columns, id: &str, dice: &mut Dice) -> Rc<TableRow> {
    let name = ["a", "B", "ab", ""][dice.throw(4) as usize];
    row(columns, id, name, dice.throw(5) as f64, dice.throw(2) as usize)
}

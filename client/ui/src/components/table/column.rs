//! Columns, rows and cells of a table, as data.

use std::{cmp::Ordering, ops::Deref, rc::Rc};

use serde_json::Value;
use tideboard_client::Seen;
use tideboard_shared::EntityId;
use yew::prelude::*;

/// Column of a table, as data.
#[derive(Debug, Clone)]
pub struct Column {
    /// Field of the entity that the column shows.
    pub field: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Kind of content, which says how cells read, compare and are edited.
    pub kind: ColumnKind,
    /// Width in CSS, as a track of a grid: `8rem`, `minmax(9rem, 1fr)`.
    pub width: &'static str,
}

/// Kind of content of a column.
#[derive(Debug, Clone)]
pub enum ColumnKind {
    /// Texts; sorted without regard to case.
    Text,
    /// Numbers, at the column's end.
    Number {
        /// Shows a number as text.
        format: fn(f64) -> String,
        /// Reads a number that was typed; `None` for text that is none.
        parse: fn(&str) -> Option<f64>,
    },
    /// Choices of a few values, sorted in the order given here. The table can be filtered by them.
    Choice(Vec<TableChoice>),
}

/// Value of a column of choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChoice {
    /// Value in the entity's field.
    pub value: &'static str,
    /// Value for people.
    pub label: &'static str,
    /// CSS class that gives it its colours.
    pub class: &'static str,
}

/// Columns of a table, in their order. Equal only to clones of themselves.
#[derive(Debug, Clone)]
pub struct Columns(Rc<[Column]>);

impl FromIterator<Column> for Columns {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        Self(columns.into_iter().collect())
    }
}

impl Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.0
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Content of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, in a column of texts.
    Text(AttrValue),
    /// Number, in a column of numbers.
    Number(f64),
    /// Index of the choice, in a column of choices.
    Choice(usize),
}

impl Column {
    /// Shows a cell as text.
    #[must_use]
    pub fn text(&self, cell: &Cell) -> AttrValue {
        match (&self.kind, cell) {
            (_, Cell::Text(text)) => text.clone(),
            (ColumnKind::Number { format, .. }, Cell::Number(value)) => format(*value).into(),
            (ColumnKind::Choice(choices), Cell::Choice(at)) => {
                choices.get(*at).map_or("", |choice| choice.label).into()
            }
            (_, Cell::Number(_) | Cell::Choice(_)) => AttrValue::default(),
        }
    }

    /// Reads the text that was typed, or the value that was chosen; `None` if the column cannot hold it.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Cell> {
        match &self.kind {
            ColumnKind::Text => Some(Cell::Text(text.to_owned().into())),
            ColumnKind::Number { parse, .. } => parse(text).map(Cell::Number),
            ColumnKind::Choice(choices) => choices.iter().position(|choice| choice.value == text).map(Cell::Choice),
        }
    }

    /// Converts a cell to the value of the entity's field.
    #[must_use]
    pub fn value(&self, cell: &Cell) -> Value {
        match (&self.kind, cell) {
            (_, Cell::Text(text)) => text.as_str().into(),
            (_, Cell::Number(value)) => (*value).into(),
            (ColumnKind::Choice(choices), Cell::Choice(at)) => choices.get(*at).map(|choice| choice.value).into(),
            (_, Cell::Choice(_)) => Value::Null,
        }
    }
}

/// Row of a table.
#[derive(Debug)]
pub struct TableRow {
    /// Entity of the row.
    pub id: EntityId,
    /// Cells, one for each column.
    pub cells: Vec<Cell>,
    /// Number of the entity's edits that wait for the server.
    pub pending: usize,
    /// State of the board that the cells are taken from, handed back with an edit.
    pub seen: Seen,
    /// Texts of all cells in lower case, one after the other.
    folded: String,
    /// End of each text in `folded`, in bytes.
    ends: Vec<usize>,
}

impl TableRow {
    /// Creates a row with cells for these columns.
    #[must_use]
    pub fn new(columns: &Columns, id: EntityId, cells: Vec<Cell>, pending: usize, seen: Seen) -> Self {
        let mut folded = String::new();
        let mut ends = Vec::with_capacity(cells.len());
        for (column, cell) in columns.iter().zip(&cells) {
            let text = column.text(cell);
            fold_into(&mut folded, &text);
            if matches!(cell, Cell::Number(_)) && text.contains(',') {
                // Numbers are found with and without the commas between thousands.
                folded.push(' ');
                folded.extend(text.chars().filter(|c| *c != ','));
            }
            ends.push(folded.len());
            // The line break keeps a search from matching across two texts.
            folded.push('\n');
        }
        Self { id, cells, pending, seen, folded, ends }
    }

    /// Tells whether the text of a cell contains this one, which is in lower case.
    #[must_use]
    pub fn contains(&self, lower: &str) -> bool {
        self.folded.contains(lower)
    }

    /// Compares two rows by one column.
    #[must_use]
    pub fn compare(&self, other: &Self, column: usize) -> Ordering {
        match (self.cells.get(column), other.cells.get(column)) {
            (Some(Cell::Number(mine)), Some(Cell::Number(theirs))) => mine.total_cmp(theirs),
            (Some(Cell::Choice(mine)), Some(Cell::Choice(theirs))) => mine.cmp(theirs),
            _ => self.folded_text(column).cmp(other.folded_text(column)),
        }
    }

    fn folded_text(&self, column: usize) -> &str {
        let start = column.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        self.ends.get(column).and_then(|end| self.folded.get(start..*end)).unwrap_or_default()
    }
}

/// Rows of a table, in the order that they have while nobody sorts them. Equal only to clones of themselves.
#[derive(Debug, Clone)]
pub struct TableRows(Rc<[Rc<TableRow>]>);

impl Default for TableRows {
    fn default() -> Self {
        Self(Rc::new([]))
    }
}

impl FromIterator<Rc<TableRow>> for TableRows {
    fn from_iter<I: IntoIterator<Item = Rc<TableRow>>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Deref for TableRows {
    type Target = [Rc<TableRow>];

    fn deref(&self) -> &[Rc<TableRow>] {
        &self.0
    }
}

impl PartialEq for TableRows {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Row that is equal only to itself.
#[derive(Debug, Clone)]
pub(super) struct RowRef(pub(super) Rc<TableRow>);

impl PartialEq for RowRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Folds a text to lower case.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::new();
    fold_into(&mut folded, text);
    folded
}

fn fold_into(folded: &mut String, text: &str) {
    if text.is_ascii() {
        folded.extend(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
    } else {
        folded.push_str(&text.to_lowercase());
    }
}

use std::{cmp::Ordering, ops::Deref, rc::Rc};

use serde_json::Value;
use tideboard_client::Seen;
use tideboard_shared::EntityId;
use yew::prelude::*;

/// One column of a table, as data.
#[derive(Debug, Clone)]
pub struct Column {
    /// The field that it shows.
    pub field: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What is in it: how it reads, compares and is edited.
    pub kind: ColumnKind,
    /// Its width, as CSS has it: `8rem`, `minmax(9rem, 1fr)`.
    pub width: &'static str,
}

/// What is in a column.
#[derive(Debug, Clone)]
pub enum ColumnKind {
    /// Texts; sorted without regard to case.
    Text,
    /// Numbers, at the column's end.
    Number {
        /// How one reads.
        format: fn(f64) -> String,
        /// What is made of what people type; `None` when it is no number.
        parse: fn(&str) -> Option<f64>,
    },
    /// One of a few; sorted in their order here. The table can be filtered by it.
    Choice(Vec<TableChoice>),
}

/// One of a few values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChoice {
    /// Its value in the field.
    pub value: &'static str,
    /// Its value for people.
    pub label: &'static str,
    /// The class that gives it its colours.
    pub class: &'static str,
}

/// The columns of a table, in their order. Equal only to a clone.
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

/// What is in one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Of a column of texts.
    Text(AttrValue),
    /// Of a column of numbers.
    Number(f64),
    /// Of a column of choices: its place among them.
    Choice(usize),
}

impl Column {
    /// How a cell reads.
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

    /// What people typed or chose; `None` when the column cannot hold it.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Cell> {
        match &self.kind {
            ColumnKind::Text => Some(Cell::Text(text.to_owned().into())),
            ColumnKind::Number { parse, .. } => parse(text).map(Cell::Number),
            ColumnKind::Choice(choices) => choices.iter().position(|choice| choice.value == text).map(Cell::Choice),
        }
    }

    /// A cell as the field holds it.
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

/// One row of a table.
#[derive(Debug)]
pub struct TableRow {
    /// The entity.
    pub id: EntityId,
    /// What is in its cells, one for each column.
    pub cells: Vec<Cell>,
    /// How many edits of it wait for the server.
    pub pending: usize,
    /// When it was this.
    pub seen: Seen,
    /// All its texts in lower case, one after the other.
    folded: String,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl TableRow {
    /// A row of these columns.
    #[must_use]
    pub fn new(columns: &Columns, id: EntityId, cells: Vec<Cell>, pending: usize, seen: Seen) -> Self {
        let (mut folded, mut ends) = (String::new(), Vec::with_capacity(cells.len()));
        for (column, cell) in columns.iter().zip(&cells) {
            let text = column.text(cell);
            fold_into(&mut folded, &text);
            if matches!(cell, Cell::Number(_)) && text.contains(',') {
                // Found with and without what keeps the thousands apart.
                folded.push(' ');
                folded.extend(text.chars().filter(|c| *c != ','));
            }
            ends.push(folded.len());
            // Between two texts nothing matches.
            folded.push('\n');
        }
        Self { id, cells, pending, seen, folded, ends }
    }

    /// Whether one of its texts contains this one, which is in lower case.
    #[must_use]
    pub fn contains(&self, lower: &str) -> bool {
        self.folded.contains(lower)
    }

    /// How it stands to another by one column.
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

/// The rows of a table, in the order that they have when nobody sorts them.
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

/// A row that is equal only to itself.
#[derive(Debug, Clone)]
pub(super) struct RowRef(pub(super) Rc<TableRow>);

impl PartialEq for RowRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A text in lower case.
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

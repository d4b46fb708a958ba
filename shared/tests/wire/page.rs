//! Reads `docs/wire.md`: its blocks of JSON by their label, its tables by the heading of their first column.

use serde_json::{Value, value::RawValue};

pub(crate) const PAGE: &str = include_str!("../../../docs/wire.md");

/// Blocks of JSON with their labels.
fn blocks() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split("```json ").skip(1).map(|rest| {
        let (label, rest) = rest.split_once('\n').expect("a label ends its line");
        (label, rest.split("```").next().unwrap_or_default())
    })
}

/// Examples of one block as a writer without spaces would have them.
fn compact(block: &str) -> Vec<String> {
    let texts = serde_json::Deserializer::from_str(block).into_iter::<Box<RawValue>>();
    texts.map(|text| without_spaces(text.expect("an example is JSON").get())).collect()
}

/// Text without the spaces between its tokens. `Value` would sort the fields, and their order is compared.
fn without_spaces(json: &str) -> String {
    let mut is_text = false;
    let mut is_escaped = false;
    let keep = |c: &char| {
        let is_kept = is_text || !c.is_whitespace();
        is_text ^= *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        is_kept
    };
    json.chars().filter(keep).collect()
}

/// All examples under a label, in the page's order.
pub(crate) fn examples(label: &str) -> Vec<String> {
    blocks().filter(|(other, _)| *other == label).flat_map(|(_, block)| compact(block)).collect()
}

/// Number of examples on the page.
pub(crate) fn all_examples() -> usize {
    assert_eq!(PAGE.matches("```json").count(), blocks().count(), "a block of JSON without a label");
    blocks().map(|(_, block)| serde_json::Deserializer::from_str(block).into_iter::<Value>().count()).sum()
}

/// Cells of a table's rows.
pub(crate) fn table(first_column: &str) -> Vec<Vec<String>> {
    let cells =
        |line: &str| -> Vec<String> { line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect() };
    let mut lines =
        PAGE.lines().skip_while(|line| !line.starts_with('|') || cells(line)[0].trim_matches('`') != first_column);
    assert!(lines.next().is_some(), "no table of {first_column}");
    lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect()
}

//! Arithmetic and measures on JSON values, the same on every machine.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Adds two JSON numbers: exactly when both are integers, else as IEEE doubles.
/// `None` when the sum is no finite JSON number.
pub(super) fn add(a: &Number, b: &Number) -> Option<Number> {
    let integer = |n: &Number| n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        let sum = a + b;
        return i64::try_from(sum).map(Number::from).or_else(|_| u64::try_from(sum).map(Number::from)).ok();
    }
    Number::from_f64(a.as_f64()? + b.as_f64()?)
}

/// Puts `value` in or takes it out; the result is sorted by JSON text and free of repeats, whatever the order of edits.
pub(super) fn edit_set(items: &[Value], value: &Value, present: bool) -> Vec<Value> {
    let mut set: Vec<&Value> = items.iter().collect();
    // A set that an edit has made before is in order.
    if !set.is_sorted_by(|one, next| by_text(one, next).is_lt()) {
        set.sort_by(|one, other| by_text(one, other));
        set.dedup_by(|one, other| by_text(one, other).is_eq());
    }
    match (set.binary_search_by(|item| by_text(item, value)), present) {
        (Err(place), true) => set.insert(place, value),
        (Ok(place), false) => drop(set.remove(place)),
        (Ok(_), true) | (Err(_), false) => {}
    }
    set.into_iter().cloned().collect()
}

/// Order of two values' JSON texts. Strings, which most sets are of, are compared as they stand where their texts begin to
/// differ at plain characters.
fn by_text(one: &Value, other: &Value) -> Ordering {
    if let (Value::String(one), Value::String(other)) = (one, other) {
        let (one, other) = (one.as_bytes(), other.as_bytes());
        let differ = one.iter().zip(other).position(|(one, other)| one != other);
        let end = differ.unwrap_or(one.len().min(other.len()));
        // A text ends with a quotation mark.
        let (next, other_next) = (one.get(end).unwrap_or(&b'"'), other.get(end).unwrap_or(&b'"'));
        let is_plain = |text: &[u8]| text.get(end).is_none_or(|byte| *byte >= b' ' && !matches!(byte, b'"' | b'\\'));
        if is_plain(one) && is_plain(other) {
            return next.cmp(other_next);
        }
    }
    one.to_string().cmp(&other.to_string())
}

/// JSON bytes of a field, or somewhat more: its name and its value.
#[must_use]
pub fn field_bytes(name: &str, value: &Value) -> usize {
    text_bytes(name) + json_bytes(value) + 2
}

/// JSON bytes of the value, or somewhat more.
pub(super) fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(number) => number_bytes(number),
        Value::String(text) => text_bytes(text),
        Value::Array(items) => 2 + items.iter().map(|item| json_bytes(item) + 1).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, item)| text_bytes(key) + json_bytes(item) + 2).sum::<usize>(),
    }
}

/// JSON bytes of a text, with its quotation marks and escapes.
#[must_use]
pub fn text_bytes(text: &str) -> usize {
    let escapes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 1,
        0x00..0x20 => 5,
        _ => 0,
    });
    2 + text.len() + escapes.sum::<usize>()
}

fn number_bytes(number: &Number) -> usize {
    /// Longest text of a 64-bit float.
    const FLOAT_BYTES: usize = 24;
    let digits = |n: u64| n.checked_ilog10().map_or(1, |digits| digits as usize + 1);
    match (number.as_u64(), number.as_i64()) {
        (Some(n), _) => digits(n),
        (None, Some(n)) => 1 + digits(n.unsigned_abs()),
        (None, None) => FLOAT_BYTES,
    }
}

/// Returns whether arrays and objects nest at most `depth` deep.
pub(super) fn is_within_depth(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within_depth(item, depth - 1)),
        Value::Object(map) => depth > 0 && map.values().all(|item| is_within_depth(item, depth - 1)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection, prelude::*};
    use serde_json::json;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ab!\" \\\\]{0,4}",
            "\\PC{0,3}",
            collection::vec(0_u8..=0x7F, 0..4).prop_map(|bytes| String::from_utf8(bytes).unwrap())
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            text().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                collection::btree_map(text(), inner, 0..3).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_are_ordered_by_their_json_text(one in value(), other in value()) {
            prop_assert_eq!(by_text(&one, &other), one.to_string().cmp(&other.to_string()));
        }

        #[test]
        fn texts_are_ordered_by_their_json_text(one in text(), other in text()) {
            let (one, other) = (Value::from(one), Value::from(other));
            prop_assert_eq!(by_text(&one, &other), one.to_string().cmp(&other.to_string()));
        }

        #[test]
        fn a_values_bytes_are_never_fewer_than_its_json_has(value in value()) {
            prop_assert!(json_bytes(&value) >= value.to_string().len());
        }

        #[test]
        fn a_texts_bytes_are_those_of_its_json(text in text()) {
            prop_assert_eq!(text_bytes(&text), json!(text).to_string().len());
        }
    }
}

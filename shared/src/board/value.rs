//! Arithmetic and measures on JSON values, the same on every machine.

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
    let mut keyed: std::collections::BTreeMap<String, &Value> =
        items.iter().map(|item| (item.to_string(), item)).collect();
    if present {
        keyed.insert(value.to_string(), value);
    } else {
        keyed.remove(&value.to_string());
    }
    keyed.into_values().cloned().collect()
}

/// About how many bytes the value takes as JSON. Strings count without escapes.
pub(super) fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| json_bytes(item) + 1).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, item)| key.len() + json_bytes(item) + 4).sum::<usize>(),
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

//! Words for an event of a board.
//!
//! In: an event, and the entity as it was before where that is known. Out: verb, kind, name, fields with what they were and are.
//! Never: a guess; what is not known is left out.

use serde_json::Value;
use tideboard_client::entities::{Download, Favorite, Order, OrderStatus};
use tideboard_shared::{Action, Entity, Fields, Kind, message::Event};
use tideboard_ui::{
    format::{bytes, number},
    widgets::{ActivityText, FieldChange, WidgetKind},
};

use crate::widget::Widget;

/// Longest text of a value, in characters.
const LONGEST: usize = 40;

/// Says what an event did; `before` is its entity as it was.
pub(super) fn words_of(event: &Event, before: Option<&Entity>) -> ActivityText {
    let id = event.op.entity.as_str();
    let none = Fields::new();
    let old = before.map_or(&none, |entity| &entity.fields);
    let kind = before.map(|entity| entity.kind.as_str());
    match &event.op.action {
        Action::Create { kind, fields } => ActivityText {
            verb: "added",
            kind: kind_of(kind, fields),
            label: label_of(kind, fields, id),
            changes: Vec::new(),
        },
        Action::Remove => described("removed", kind, old, id, Vec::new()),
        Action::Patch { set, unset } => {
            let unset = unset.iter().filter(|name| !set.contains_key(*name)).map(|name| (name, None));
            let changed = set.iter().map(|(name, value)| (name, Some(value))).chain(unset);
            let changed: Vec<_> = changed.filter(|(name, _)| is_shown(name)).collect();
            let names: Vec<&str> = changed.iter().map(|(name, _)| name.as_str()).collect();
            let changes = changed.into_iter().map(|(name, value)| change(name, old.get(name), value)).collect();
            // Under its new name, as everyone sees it now.
            let mut now = old.clone();
            now.extend(set.iter().map(|(name, value)| (name.clone(), value.clone())));
            described(verb_of(kind, &names), kind, &now, id, changes)
        }
        Action::Increment { field, by } => {
            let by = by.as_f64().unwrap_or_default();
            let was = old.get(field).and_then(Value::as_f64);
            let after = match was {
                Some(was) => number(was + by),
                None if by < 0.0 => number(by),
                None => format!("+{}", number(by)),
            };
            let change = FieldChange { field: name_of(field), before: was.map(number), after: Some(after) };
            described("counted", kind, old, id, vec![change])
        }
        Action::SetAdd { field, value } => {
            let change = FieldChange {
                field: name_of(field),
                before: None,
                after: brief(field, value).map(|value| format!("+ {value}")),
            };
            described("changed", kind, old, id, vec![change])
        }
        Action::SetRemove { field, value } => {
            let change = FieldChange {
                field: name_of(field),
                before: None,
                after: brief(field, value).map(|value| format!("− {value}")),
            };
            described("changed", kind, old, id, vec![change])
        }
    }
}

fn described(
    verb: &'static str,
    kind: Option<&str>,
    fields: &Fields,
    id: &str,
    changes: Vec<FieldChange>,
) -> ActivityText {
    match kind {
        Some(kind) => ActivityText { verb, kind: kind_of(kind, fields), label: label_of(kind, fields, id), changes },
        // The name alone may have come with the change.
        None => ActivityText { verb, kind: String::new(), label: label_of("", fields, id), changes },
    }
}

/// Name of a kind for people; a widget is called by the kind of its content.
fn kind_of(kind: &str, fields: &Fields) -> String {
    match kind {
        Widget::NAME => {
            let shown = fields.get("type").cloned().and_then(|kind| serde_json::from_value::<WidgetKind>(kind).ok());
            shown.map_or_else(|| Widget::NAME.to_owned(), |kind| kind.label().to_lowercase())
        }
        Favorite::NAME => "favourite".to_owned(),
        other => other.to_owned(),
    }
}

fn label_of(kind: &str, fields: &Fields, id: &str) -> String {
    let names: &[&str] = match kind {
        Order::NAME => &["customer", "item"],
        Favorite::NAME => &["label", "target"],
        Download::NAME => &["name", "url"],
        _ => &["title", "label", "name"],
    };
    let text = |name: &&str| fields.get(*name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    shortened(names.iter().find_map(text).unwrap_or(id))
}

fn verb_of(kind: Option<&str>, names: &[&str]) -> &'static str {
    let is_widget = kind == Some(Widget::NAME);
    match names {
        ["place"] if is_widget => "moved",
        ["size"] | ["place", "size"] if is_widget => "resized",
        ["title" | "label" | "name"] => "renamed",
        _ => "changed",
    }
}

/// Tells whether people care about a field: the tab that fetches a download is its own affair.
fn is_shown(field: &str) -> bool {
    field != "runner"
}

fn change(field: &str, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    let text = |value: &Value| brief(field, value);
    let gone = || (before.is_some() && !matches!(field, "text" | "sources")).then(|| "none".to_owned());
    FieldChange { field: name_of(field), before: before.and_then(text), after: after.map_or_else(gone, text) }
}

fn name_of(field: &str) -> String {
    match field {
        "received_bytes" => "received".to_owned(),
        "bytes" | "size" => "size".to_owned(),
        "window_s" => "window".to_owned(),
        "top" => "end of the scale".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A value in a few characters; none where it says nothing to people, or takes more room than there is.
fn brief(field: &str, value: &Value) -> Option<String> {
    let part = |name: &str| value.get(name).and_then(Value::as_f64);
    match (field, value) {
        ("text" | "sources" | "runner", _) => None,
        ("place", _) => part("x").map(|x| format!("column {}", number(x + 1.0))),
        ("size", Value::Object(_)) => part("w").zip(part("h")).map(|(w, h)| format!("{} × {}", number(w), number(h))),
        ("bytes" | "received_bytes", Value::Number(size)) => size.as_f64().map(bytes),
        ("window_s", Value::Number(seconds)) => seconds.as_f64().map(|seconds| format!("{} s", number(seconds))),
        ("status", Value::String(status)) => Some(status_of(status)),
        (_, Value::String(text)) if text.is_empty() => Some("empty".to_owned()),
        (_, Value::String(text)) => Some(shortened(text)),
        (_, Value::Number(value)) => value.as_f64().map(number),
        (_, Value::Bool(true)) => Some("yes".to_owned()),
        (_, Value::Bool(false)) => Some("no".to_owned()),
        (_, Value::Null) => Some("none".to_owned()),
        (_, Value::Array(_) | Value::Object(_)) => None,
    }
}

fn status_of(name: &str) -> String {
    let known = OrderStatus::ALL.into_iter().find(|status| status.name() == name).map(OrderStatus::label);
    known.map_or_else(|| name.replace('_', " "), str::to_owned)
}

/// The beginning of a text, on one line.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use serde_json::json;
    use tideboard_shared::{OnConflict, Operation, Seq, UnixMs};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    fn entity(kind: &str, value: Value) -> Entity {
        Entity { id: "e1".into(), kind: kind.into(), version: Seq(1), fields: fields(value), changed: BTreeMap::new() }
    }

    /// The event and its entity before, as one line.
    fn line(action: Action, before: Option<&Entity>) -> String {
        let op = Operation {
            id: "ann/1".parse().unwrap(),
            entity: "e1".into(),
            base: Seq(1),
            action,
            on_conflict: OnConflict::Reject,
            again: false,
        };
        let event = Event { seq: Seq(2), by: "ann".into(), at: UnixMs(0), op: Arc::new(op) };
        let ActivityText { verb, kind, label, changes } = words_of(&event, before);
        let mut line = format!("{verb} [{kind}] {label}");
        for FieldChange { field, before, after } in changes {
            let part = |text: Option<String>| text.unwrap_or_else(|| "?".into());
            line += &format!(", {field} {} → {}", part(before), part(after));
        }
        line
    }

    #[test]
    fn what_is_added_and_removed_is_named() {
        let create = |kind: &str, value| line(Action::Create { kind: kind.into(), fields: fields(value) }, None);
        assert_eq!(create("widget", json!({"type": "gauge", "title": "CPU"})), "added [gauge] CPU");
        assert_eq!(create("order", json!({"customer": "Ann", "total": 3})), "added [order] Ann");
        assert_eq!(create("favorite", json!({"target": "/a", "label": ""})), "added [favourite] /a");
        assert_eq!(create("download", json!({"name": "a.pdf"})), "added [download] a.pdf");
        assert_eq!(create("sensor", json!({"depth": 3})), "added [sensor] e1");
        let order = entity("order", json!({"customer": "Ann"}));
        assert_eq!(line(Action::Remove, Some(&order)), "removed [order] Ann");
        assert_eq!(line(Action::Remove, None), "removed [] e1");
    }

    #[test]
    fn a_change_says_what_was_and_what_is() {
        let order = entity("order", json!({"customer": "Ann", "status": "new", "total": 12.5}));
        let paid = Action::set([("status", json!("paid")), ("total", json!(1300))]);
        assert_eq!(line(paid.clone(), Some(&order)), "changed [order] Ann, status New → Paid, total 12.5 → 1,300");
        assert_eq!(line(paid, None), "changed [] e1, status ? → Paid, total ? → 1,300");
        let unset = Action::Patch { set: Fields::new(), unset: ["status".to_owned()].into() };
        assert_eq!(line(unset, Some(&order)), "changed [order] Ann, status New → none");
    }

    #[test]
    fn a_widget_is_moved_resized_and_renamed() {
        let note = entity(
            "widget",
            json!({"type": "note", "title": "To do", "place": {"x": 0, "rank": 1}, "size": {"w": 4, "h": 4}}),
        );
        let set = |name: &str, value| line(Action::set([(name, value)]), Some(&note));
        assert_eq!(set("place", json!({"x": 4, "rank": 2})), "moved [note] To do, place column 1 → column 5");
        assert_eq!(set("size", json!({"w": 6, "h": 3})), "resized [note] To do, size 4 × 4 → 6 × 3");
        assert_eq!(set("title", json!("Done")), "renamed [note] Done, title To do → Done");
        assert_eq!(set("text", json!("a long story")), "changed [note] To do, text ? → ?");
    }

    #[test]
    fn sums_and_sets_are_told() {
        let counter = entity("widget", json!({"type": "counter", "title": "Visits", "count": 4}));
        let more = |by: f64| Action::Increment { field: "count".into(), by: serde_json::Number::from_f64(by).unwrap() };
        assert_eq!(line(more(2.0), Some(&counter)), "counted [counter] Visits, count 4 → 6");
        assert_eq!(line(more(2.0), None), "counted [] e1, count ? → +2");
        assert_eq!(line(more(-2.0), None), "counted [] e1, count ? → -2");
        let add = Action::SetAdd { field: "tags".into(), value: json!("red") };
        assert_eq!(line(add, Some(&counter)), "changed [counter] Visits, tags ? → + red");
        let remove = Action::SetRemove { field: "tags".into(), value: json!("red") };
        assert_eq!(line(remove, Some(&counter)), "changed [counter] Visits, tags ? → − red");
    }

    #[test]
    fn values_are_as_long_as_a_line_has_room_and_say_what_they_count() {
        let download = entity("download", json!({"name": "a", "received_bytes": 0}));
        let set = |name: &str, value| line(Action::set([(name, value)]), Some(&download));
        assert_eq!(set("received_bytes", json!(2048)), "changed [download] a, received 0 B → 2 KiB");
        assert_eq!(set("runner", json!("7f")), "changed [download] a");
        let long = set("reason", json!("ä ".repeat(60)));
        assert!(long.ends_with('…') && long.chars().count() < 80, "{long}");
    }
}

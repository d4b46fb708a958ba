//! Conflicts on purpose: someone else changes the fields that an edit on its way sets.

use serde_json::Value;
use tideboard_client::entities::OrderStatus;
use tideboard_shared::{Action, Fields, message::Submit};

use super::someone_else::SomeoneElse;

/// Makes someone else change every field that an edit on its way sets. Returns a sentence on the outcome.
pub(super) async fn overtake(other: &SomeoneElse, submit: &Submit) -> String {
    for op in &submit.ops {
        let Action::Patch { set, .. } = &op.action else { continue };
        let theirs: Fields = set.iter().map(|(name, value)| (name.clone(), theirs(value))).collect();
        if theirs.is_empty() {
            continue;
        }
        if let Err(problem) = other.edit(&submit.board, op.entity.clone(), Action::set(theirs)).await {
            return problem;
        }
    }
    "Someone else was faster: your change meets theirs.".to_owned()
}

/// Makes another value of the same kind.
fn theirs(mine: &Value) -> Value {
    match mine {
        Value::Bool(mine) => (!mine).into(),
        Value::Number(mine) => (mine.as_f64().unwrap_or_default() + 1_000.0).into(),
        // A status is replaced by another valid status, because others would be refused.
        Value::String(mine) if OrderStatus::ALL.iter().any(|status| status.name() == mine) => {
            let other = if mine == OrderStatus::Paid.name() { OrderStatus::Shipped } else { OrderStatus::Paid };
            other.name().into()
        }
        Value::String(mine) if mine.is_empty() => "theirs".into(),
        Value::String(mine) => format!("{mine}, said someone else").into(),
        Value::Null | Value::Array(_) | Value::Object(_) => "theirs".into(),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use serde_json::json;

    use super::theirs;

    #[test]
    fn theirs_is_never_mine() {
        for mine in [
            json!(true),
            json!(0),
            json!(2.5),
            json!(""),
            json!("a"),
            json!("new"),
            json!("paid"),
            json!(null),
            json!([1]),
            json!({}),
        ] {
            assert_ne!(theirs(&mine), mine);
        }
    }
}

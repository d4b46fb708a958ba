//! Conflict as the user sees it: field by field, and the choice that the picks amount to.

use std::collections::BTreeMap;

use serde_json::Value;
use tideboard_engine::{Choice, ConflictView};
use tideboard_shared::{Action, Entity, Fields, Seq};

/// Version of a field that is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    Mine,
    Theirs,
    Merged,
}

/// Field that the edit touches, in its versions; `null` where it is absent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldRow {
    pub(super) name: String,
    pub(super) base: Value,
    pub(super) mine: Value,
    /// Value on the board now.
    pub(super) theirs: Value,
    /// Value that the application's merge gives, if it is neither of the two.
    pub(super) merged: Option<Value>,
    /// Set if others changed the field, too; else only the user did.
    pub(super) is_contested: bool,
    /// Event that last changed the field on the board.
    pub(super) changed: Option<Seq>,
}

impl FieldRow {
    /// Pick before the user has made one: the merge if there is one, else mine, which is not on the board yet.
    pub(super) fn first_pick(&self) -> Pick {
        if self.merged.is_some() { Pick::Merged } else { Pick::Mine }
    }
}

/// Lists the fields that the edit touches, contested ones first; none if the entity was removed.
pub(super) fn rows(view: &ConflictView) -> Vec<FieldRow> {
    let Some(standing) = view.with_theirs.as_deref() else { return Vec::new() };
    let contested = view.case.conflict.fields.iter().map(|field| {
        let [base, yours] = [&field.base, &field.yours].map(|value| value.clone().unwrap_or_default());
        row(view, standing, &field.name, Some(base), yours)
    });
    let is_contested = |name: &str| view.case.conflict.fields.iter().any(|field| field.name == name);
    let mut rows: Vec<_> = contested.collect();
    if let Action::Patch { set, unset } = &view.case.op.action {
        let set = set.iter().map(|(name, value)| (name, value.clone()));
        let unset = unset.iter().map(|name| (name, Value::Null));
        let others = set.chain(unset).filter(|(name, _)| !is_contested(name));
        let others = others.map(|(name, mine)| row(view, standing, name, None, mine));
        rows.extend(others.filter(|row| row.mine != row.theirs));
    }
    rows
}

fn row(view: &ConflictView, standing: &Entity, name: &str, base: Option<Value>, mine: Value) -> FieldRow {
    let of = |entity: &Entity| entity.fields.get(name).cloned().unwrap_or_default();
    let theirs = of(standing);
    let merged = view.merged.as_deref().map(of).filter(|merged| *merged != mine && *merged != theirs);
    FieldRow {
        name: name.to_owned(),
        is_contested: base.is_some(),
        base: base.unwrap_or_else(|| theirs.clone()),
        mine,
        merged,
        changed: standing.changed.get(name).map(|changed| changed.seq),
        theirs,
    }
}

/// Tells whether single fields can be picked. Where either side removes the whole entity, there is nothing to pick
/// from.
pub(super) fn can_pick(view: &ConflictView) -> bool {
    view.with_theirs.is_some() && matches!(view.case.op.action, Action::Patch { .. })
}

/// Turns the picks into a choice for the engine.
pub(super) fn choice(rows: &[FieldRow], picks: &BTreeMap<String, Pick>) -> Choice {
    let value = |row: &FieldRow| match picks.get(&row.name).copied().unwrap_or_else(|| row.first_pick()) {
        Pick::Mine => Some(row.mine.clone()),
        Pick::Merged => row.merged.clone(),
        // The board has this value already.
        Pick::Theirs => None,
    };
    let fields: Fields = rows.iter().filter_map(|row| Some((row.name.clone(), value(row)?))).collect();
    if fields.is_empty() { Choice::Theirs } else { Choice::Fields(fields) }
}

/// Shows a value as text; `None` if it is absent.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => Some(serde_json::to_string_pretty(value).unwrap_or_default()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}

/// Name of the entity for people: its title, label or name, else its id.
pub(super) fn name(view: &ConflictView) -> String {
    let titles = ["title", "label", "name"].into_iter();
    let title = |entity: &Entity| {
        titles
            .clone()
            .filter_map(|field| entity.fields.get(field)?.as_str())
            .find(|title| !title.is_empty())
            .map(str::to_owned)
    };
    view.with_theirs.as_deref().and_then(title).unwrap_or_else(|| view.case.op.entity.to_string())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use serde_json::json;
    use tideboard_engine::{ConflictCase, EditId};
    use tideboard_shared::{Conflict, FieldConflict, OnConflict, Operation, UnixMs, board::Side};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn fields(value: Value) -> Fields {
        serde_json::from_value(value).expect("an object")
    }

    fn entity(value: Value) -> Option<Arc<Entity>> {
        let id = "welcome".into();
        let kind = "note".to_owned();
        Some(Arc::new(Entity { id, kind, version: Seq(9), fields: fields(value), changed: BTreeMap::new() }))
    }

    /// Mine sets title and text and removes the colour; theirs has changed the title.
    fn view() -> ConflictView {
        let set = fields(json!({"title": "mine", "text": "mine, too"}));
        let op = Operation {
            id: "me/1".parse().expect("a name"),
            entity: "welcome".into(),
            base: Seq(3),
            action: Action::Patch { set, unset: BTreeSet::from(["colour".to_owned()]) },
            on_conflict: OnConflict::Reject,
        };
        let mut title = FieldConflict::new("title");
        for (side, value) in [(Side::Base, "old"), (Side::Theirs, "theirs"), (Side::Yours, "mine")] {
            title.fill(side, Some(json!(value)));
        }
        let case = ConflictCase {
            board: "main".parse().expect("a name"),
            op: Arc::new(op),
            conflict: Conflict { theirs_version: Seq(9), fields: vec![title] },
            created: UnixMs(0),
        };
        let with_theirs = entity(json!({"title": "theirs", "text": "old", "colour": "red"}));
        ConflictView { id: EditId(1), case, with_mine: Ok(None), with_theirs, merged: None }
    }

    #[test]
    fn fields_that_nobody_else_changed_are_mine_to_keep() {
        let rows = rows(&view());
        let found: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.is_contested, row.first_pick())).collect();
        assert_eq!(found, [("title", true, Pick::Mine), ("text", false, Pick::Mine), ("colour", false, Pick::Mine)]);
        assert_eq!((&rows[0].base, &rows[0].theirs, &rows[2].mine), (&json!("old"), &json!("theirs"), &Value::Null));
    }

    #[test]
    fn picks_become_the_fields_that_are_written() {
        let rows = rows(&view());
        let pick = |picks: &[(&str, Pick)]| {
            choice(&rows, &picks.iter().map(|(name, pick)| ((*name).to_owned(), *pick)).collect())
        };
        let mine = json!({"title": "mine", "text": "mine, too", "colour": null});
        assert_eq!(pick(&[]), Choice::Fields(fields(mine)));
        let some = pick(&[("title", Pick::Theirs), ("colour", Pick::Theirs)]);
        assert_eq!(some, Choice::Fields(fields(json!({"text": "mine, too"}))));
        let theirs = ["title", "text", "colour"].map(|name| (name, Pick::Theirs));
        assert_eq!(pick(&theirs), Choice::Theirs);
    }

    #[test]
    fn a_merge_of_both_is_offered_where_it_is_neither() {
        let merged = entity(json!({"title": "both", "text": "old", "colour": "red"}));
        let rows = rows(&ConflictView { merged, ..view() });
        assert_eq!((&rows[0].merged, rows[0].first_pick()), (&Some(json!("both")), Pick::Merged));
        assert_eq!(rows[1].merged, None);
        assert_eq!(name(&view()), "theirs");
    }

    #[test]
    fn of_a_removed_entity_no_field_can_be_picked() {
        let gone = ConflictView { with_theirs: None, ..view() };
        assert!(rows(&gone).is_empty() && !can_pick(&gone) && can_pick(&view()));
        assert_eq!(name(&gone), "welcome");
    }
}

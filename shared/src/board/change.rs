//! Checks an operation against one entity, then commits it. Between the two nothing can fail.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    Action, Changed, Conflict, Entity, FieldConflict, Fields, OnConflict, Operation, Reason, Refusal, Rejection, value,
};
use crate::{Seq, ids::check_name, limits};

/// Values that an accepted operation replaced; enough to take it back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Applied {
    /// Each touched field with the value it had, `None` where it was absent.
    pub before: Vec<(String, Option<Value>)>,
    /// The entity that was deleted.
    pub removed: Option<Arc<Entity>>,
}

/// Result of a commit: the rest of the work, for the holder of the entity.
#[derive(Debug)]
pub(super) enum Committed {
    /// A new entity, to be put there.
    Created(Arc<Entity>),
    /// Fields changed in place, with the values that they had.
    Written(Vec<(String, Option<Value>)>),
    /// An entity to be taken out.
    Removed,
}

/// A checked operation, ready to commit.
#[derive(Debug)]
pub(super) enum Change {
    Create { kind: String, fields: Fields },
    Write(Vec<(String, Option<Value>)>),
    Remove,
}

/// Puts one more operation on one entity, without a board: how pending edits are shown on top of a confirmed entity.
///
/// # Errors
/// The same [`Refusal`] that [`super::Board::apply`] gives, but for `board_full`, which one entity cannot know; `current`
/// is then as it was.
pub fn predict(current: &mut Option<Arc<Entity>>, op: &Operation, seq: Seq) -> Result<Applied, Refusal> {
    let change = check(current.as_deref(), op)?;
    Ok(match change.commit(current.as_mut(), op, seq) {
        Committed::Created(entity) => {
            *current = Some(entity);
            Applied::default()
        }
        Committed::Written(before) => Applied { before, removed: None },
        Committed::Removed => Applied { before: Vec::new(), removed: current.take() },
    })
}

/// Decides whether `op` applies to `current`.
pub(super) fn check(current: Option<&Entity>, op: &Operation) -> Result<Change, Refusal> {
    valid_name("an entity name", op.entity.as_str())?;
    if let Action::Create { kind, fields } = &op.action {
        return check_create(current, op, kind, fields).map_err(Refusal::from);
    }
    let current = current.ok_or_else(|| Rejection::unknown_entity(&op.entity))?;
    let writes = match &op.action {
        Action::Remove => {
            refuse_conflict(current, op, current.changed.keys().map(|name| (name.as_str(), None)))?;
            return Ok(Change::Remove);
        }
        Action::Patch { set, unset } => {
            let unset = unset.iter().filter(|name| !set.contains_key(*name));
            let writes: Vec<_> = set
                .iter()
                .map(|(name, value)| (name.clone(), Some(value.clone())))
                .chain(unset.map(|name| (name.clone(), None)))
                .collect();
            refuse_conflict(current, op, writes.iter().map(|(name, value)| (name.as_str(), value.as_ref())))?;
            writes
        }
        Action::Increment { field, by } => vec![(field.clone(), Some(incremented(current, field, by)?))],
        Action::SetAdd { field, value } => vec![(field.clone(), edited_set(current, field, value, true)?)],
        Action::SetRemove { field, value } => vec![(field.clone(), edited_set(current, field, value, false)?)],
        Action::Create { .. } => unreachable!("handled above"),
    };
    check_writes(current, &writes)?;
    Ok(Change::Write(writes))
}

impl Change {
    /// Carries the change out. Infallible: [`check`] has seen to everything.
    pub(super) fn commit(self, current: Option<&mut Arc<Entity>>, op: &Operation, seq: Seq) -> Committed {
        let mark = Changed(seq, op.id.client.clone());
        match self {
            Self::Create { kind, fields } => {
                let changed = fields.keys().map(|name| (name.clone(), mark.clone())).collect();
                Committed::Created(Arc::new(Entity { id: op.entity.clone(), kind, version: seq, fields, changed }))
            }
            Self::Remove => Committed::Removed,
            Self::Write(writes) => {
                let entity = Arc::make_mut(current.expect("a write was checked against this entity"));
                entity.version = seq;
                let mut before = Vec::with_capacity(writes.len());
                for (name, value) in writes {
                    let old = match value {
                        Some(value) => entity.fields.insert(name.clone(), value),
                        None => entity.fields.remove(&name),
                    };
                    entity.changed.insert(name.clone(), mark.clone());
                    before.push((name, old));
                }
                Committed::Written(before)
            }
        }
    }
}

fn check_create(current: Option<&Entity>, op: &Operation, kind: &str, fields: &Fields) -> Result<Change, Rejection> {
    if current.is_some() {
        return Err(Rejection::new(Reason::Exists, format!("entity {} exists already", op.entity)));
    }
    valid_name("an entity kind", kind)?;
    let kind = kind.to_owned();
    let fields = fields.clone();
    let empty = Entity {
        id: op.entity.clone(),
        kind: String::new(),
        version: Seq::ZERO,
        fields: Fields::new(),
        changed: BTreeMap::new(),
    };
    let writes: Vec<_> = fields.into_iter().map(|(name, value)| (name, Some(value))).collect();
    check_writes(&empty, &writes)?;
    let fields = writes.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(Change::Create { kind, fields })
}

fn refuse_conflict<'a>(
    current: &Entity,
    op: &Operation,
    writes: impl Iterator<Item = (&'a str, Option<&'a Value>)>,
) -> Result<(), Refusal> {
    if op.on_conflict == OnConflict::Overwrite {
        return Ok(());
    }
    let fields: Vec<_> = writes
        .filter(|(name, _)| current.changed_by_another(name, op.base, &op.id.client))
        .map(|(name, yours)| FieldConflict {
            name: name.to_owned(),
            base: Value::Null,
            theirs: current.fields.get(name).cloned().unwrap_or_default(),
            yours: yours.cloned().unwrap_or_default(),
        })
        .collect();
    if fields.is_empty() {
        return Ok(());
    }
    Err(Refusal::Conflict(Conflict { theirs_version: current.version, fields }))
}

fn incremented(current: &Entity, field: &str, by: &serde_json::Number) -> Result<Value, Rejection> {
    let sum = match current.fields.get(field) {
        None => Some(by.clone()),
        Some(Value::Number(number)) => value::add(number, by),
        Some(_) => {
            let message = format!("field {field} of {} is not a number", current.id);
            return Err(Rejection::new(Reason::NotANumber, message));
        }
    };
    sum.map(Value::Number)
        .ok_or_else(|| Rejection::new(Reason::TooLarge, format!("field {field} of {} would overflow", current.id)))
}

fn edited_set(current: &Entity, field: &str, value: &Value, present: bool) -> Result<Option<Value>, Rejection> {
    match current.fields.get(field) {
        None => Ok(present.then(|| Value::Array(vec![value.clone()]))),
        Some(Value::Array(items)) => Ok(Some(Value::Array(value::edit_set(items, value, present)))),
        Some(_) => {
            let message = format!("field {field} of {} is not a set", current.id);
            Err(Rejection::new(Reason::NotASet, message))
        }
    }
}

fn check_writes(current: &Entity, writes: &[(String, Option<Value>)]) -> Result<(), Rejection> {
    let too_large = |message: String| Rejection::new(Reason::TooLarge, message);
    let mut bytes = current.field_bytes();
    let mut names = current.changed.len();
    for (name, value) in writes {
        valid_name("a field name", name)?;
        names += usize::from(!current.changed.contains_key(name));
        if let Some(old) = current.fields.get(name) {
            bytes -= name.len() + value::json_bytes(old);
        }
        if let Some(value) = value {
            if !value::is_within_depth(value, limits::VALUE_DEPTH) {
                return Err(too_large(format!("field {name} nests deeper than {} levels", limits::VALUE_DEPTH)));
            }
            bytes += name.len() + value::json_bytes(value);
        }
    }
    if names > limits::FIELDS_PER_ENTITY {
        let most = limits::FIELDS_PER_ENTITY;
        return Err(too_large(format!("entity {} would have had {names} fields; the most is {most}", current.id)));
    }
    if bytes > limits::ENTITY_BYTES {
        let most = limits::ENTITY_BYTES;
        return Err(too_large(format!("entity {} would take {bytes} bytes; the most is {most}", current.id)));
    }
    Ok(())
}

fn valid_name(what: &'static str, name: &str) -> Result<(), Rejection> {
    check_name(what, name).map_err(|error| Rejection::new(Reason::InvalidName, error.to_string()))
}

//! Checks an operation against one entity, then commits it. Between the two nothing can fail.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Action, Changed, Conflict, Entity, FieldConflict, Fields, OnConflict, Operation, Reason, Refusal, Rejection, Side,
    entity::{Size, mark_bytes},
    value,
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

/// Rigour of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rigour {
    /// Limits hold, and what others have changed after this position conflicts.
    Decide {
        /// Position that the user saw.
        base: Seq,
    },
    /// The operation was accepted before, be it by other limits; only what cannot be carried out is refused.
    Replay,
}

/// A checked operation, ready to commit.
#[derive(Debug)]
pub(super) enum Change {
    Create { kind: String, fields: Fields, size: Size },
    Write { writes: Vec<(String, Option<Value>)>, size: Size },
    Remove,
}

/// Puts one more operation on one entity, without a board: how pending edits are shown on top of a confirmed entity, which
/// may be older than what their user saw.
///
/// # Errors
/// The same [`Refusal`] that [`super::Board::apply`] gives, but for `board_full`, which one entity cannot know; `current`
/// is then as it was.
pub fn predict(current: &mut Option<Arc<Entity>>, op: &Operation, seq: Seq) -> Result<Applied, Refusal> {
    let sized = current.as_deref().map(|entity| (entity, entity.size()));
    let change = check(sized, op, Rigour::Decide { base: op.base })?;
    Ok(match change.commit(current.as_mut(), op, seq) {
        Committed::Created(entity) => {
            *current = Some(entity);
            Applied::default()
        }
        Committed::Written(before) => Applied { before, removed: None },
        Committed::Removed => Applied { before: Vec::new(), removed: current.take() },
    })
}

/// Decides whether `op` applies to `current`. Sizes are looked at first, so that a conflict is never larger than what may be
/// written.
pub(super) fn check(current: Option<(&Entity, Size)>, op: &Operation, rigour: Rigour) -> Result<Change, Refusal> {
    if rigour != Rigour::Replay {
        valid_name("an entity name", op.entity.as_str())?;
    }
    if let Action::Create { kind, fields } = &op.action {
        return check_create(current.is_some(), op, kind, fields, rigour).map_err(Refusal::from);
    }
    let (current, size) = current.ok_or_else(|| Rejection::unknown_entity(&op.entity))?;
    let writes = match &op.action {
        Action::Remove => {
            refuse_conflict(current, op, rigour, current.changed.keys().map(|name| (name.as_str(), None)))?;
            return Ok(Change::Remove);
        }
        Action::Patch { set, unset } => {
            let unset = unset.iter().filter(|name| !set.contains_key(*name));
            let set = set.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
            set.chain(unset.map(|name| (name.clone(), None))).collect()
        }
        Action::Increment { field, by } => vec![(field.clone(), Some(incremented(current, field, by)?))],
        Action::SetAdd { field, value } => vec![(field.clone(), edited_set(current, field, value, true)?)],
        Action::SetRemove { field, value } => vec![(field.clone(), edited_set(current, field, value, false)?)],
        Action::Create { .. } => unreachable!("handled above"),
    };
    let size = check_writes(Some(current), size, op, &writes, rigour)?;
    if matches!(op.action, Action::Patch { .. }) {
        // What stands there already takes nothing away from anybody.
        let new = writes.iter().filter(|(name, value)| current.fields.get(name) != value.as_ref());
        refuse_conflict(current, op, rigour, new.map(|(name, value)| (name.as_str(), value.as_ref())))?;
    }
    Ok(Change::Write { writes, size })
}

impl Change {
    /// Size of the entity once the change is carried out; `None` where there will be none.
    pub(super) fn size(&self) -> Option<Size> {
        match self {
            Self::Create { size, .. } | Self::Write { size, .. } => Some(*size),
            Self::Remove => None,
        }
    }

    /// Carries the change out. Infallible: [`check`] has seen to everything.
    pub(super) fn commit(self, current: Option<&mut Arc<Entity>>, op: &Operation, seq: Seq) -> Committed {
        match self {
            Self::Create { kind, fields, size: _ } => {
                let mark = Changed::after(None, seq, &op.id.client);
                let changed = fields.keys().map(|name| (name.clone(), mark.clone())).collect();
                Committed::Created(Arc::new(Entity { id: op.entity.clone(), kind, version: seq, fields, changed }))
            }
            Self::Remove => Committed::Removed,
            Self::Write { writes, size: _ } => {
                let entity = Arc::make_mut(current.expect("a write was checked against this entity"));
                entity.version = seq;
                let mut before = Vec::with_capacity(writes.len());
                for (name, value) in writes {
                    let old = match value {
                        Some(value) => entity.fields.insert(name.clone(), value),
                        None => entity.fields.remove(&name),
                    };
                    let mark = Changed::after(entity.changed.remove(&name), seq, &op.id.client);
                    entity.changed.insert(name.clone(), mark);
                    before.push((name, old));
                }
                Committed::Written(before)
            }
        }
    }
}

fn check_create(
    exists: bool,
    op: &Operation,
    kind: &str,
    fields: &Fields,
    rigour: Rigour,
) -> Result<Change, Rejection> {
    if exists {
        return Err(Rejection::new(Reason::Exists, format!("entity {} exists already", op.entity)));
    }
    if rigour != Rigour::Replay {
        valid_name("an entity kind", kind)?;
    }
    let writes: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    let size = check_writes(None, Size::default(), op, &writes, rigour)?;
    let fields = writes.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(Change::Create { kind: kind.to_owned(), fields, size })
}

fn refuse_conflict<'a>(
    current: &Entity,
    op: &Operation,
    rigour: Rigour,
    writes: impl Iterator<Item = (&'a str, Option<&'a Value>)>,
) -> Result<(), Refusal> {
    let base = match (rigour, op.on_conflict) {
        (Rigour::Decide { base }, OnConflict::Reject) => base,
        (Rigour::Replay, _) | (_, OnConflict::Overwrite) => return Ok(()),
    };
    let mut conflict = Conflict { theirs_version: current.version, fields: Vec::new() };
    let mut room = limits::CONFLICT_BYTES;
    for (name, yours) in writes.filter(|(name, _)| current.changed_by_another(name, base, &op.id.client)) {
        let mut field = FieldConflict::new(name);
        field.tell(Side::Theirs, current.fields.get(name), &mut room);
        field.tell(Side::Yours, yours, &mut room);
        conflict.fields.push(field);
    }
    if conflict.fields.is_empty() { Ok(()) } else { Err(Refusal::Conflict(conflict)) }
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

/// Size of the entity after these writes, if they are within the limits.
fn check_writes(
    current: Option<&Entity>,
    mut size: Size,
    op: &Operation,
    writes: &[(String, Option<Value>)],
    rigour: Rigour,
) -> Result<Size, Rejection> {
    let mut names = current.map_or(0, |current| current.changed.len());
    for (name, value) in writes {
        if current.is_none_or(|current| !current.changed.contains_key(name)) {
            names += 1;
            size.marks += mark_bytes(name);
        }
        if let Some(old) = current.and_then(|current| current.fields.get(name)) {
            size.fields -= value::field_bytes(name, old);
        }
        if let Some(value) = value {
            size.fields += value::field_bytes(name, value);
        }
    }
    if rigour == Rigour::Replay {
        return Ok(size);
    }
    let too_large = |message: String| Rejection::new(Reason::TooLarge, message);
    for (name, value) in writes {
        valid_name("a field name", name)?;
        if value.as_ref().is_some_and(|value| !value::is_within_depth(value, limits::VALUE_DEPTH)) {
            return Err(too_large(format!("field {name} nests deeper than {} levels", limits::VALUE_DEPTH)));
        }
    }
    if names > limits::FIELDS_PER_ENTITY {
        let most = limits::FIELDS_PER_ENTITY;
        return Err(too_large(format!("entity {} would have had {names} fields; the most is {most}", op.entity)));
    }
    if size.fields > limits::ENTITY_BYTES {
        let (bytes, most) = (size.fields, limits::ENTITY_BYTES);
        return Err(too_large(format!("entity {} would take {bytes} bytes; the most is {most}", op.entity)));
    }
    Ok(size)
}

fn valid_name(what: &'static str, name: &str) -> Result<(), Rejection> {
    check_name(what, name).map_err(|error| Rejection::new(Reason::InvalidName, error.to_string()))
}

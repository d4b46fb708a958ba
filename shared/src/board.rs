//! A board, and the one rule by which it changes.
//!
//! In: operations, each with the sequence number it gets if it is accepted. Out: the changed board and what was there
//! before, or a [`Refusal`] as data and a board left as it was. Never: a clock, randomness, an order that depends on a
//! hash, a panic on any input. The server runs [`Board::apply`] to decide, the browser runs the same code to predict.

use std::{collections::BTreeMap, sync::Arc};

mod change;
mod entity;
mod kind;
mod operation;
mod refusal;
mod value;

pub use change::{Applied, predict};
pub use entity::{Changed, Entity, Fields};
pub use kind::{BadEntity, Kind};
pub use operation::{Action, OnConflict, Operation};
pub use refusal::{Conflict, FieldConflict, Reason, Refusal, Rejection, Side};
pub use value::{field_bytes, text_bytes};

use crate::{EntityId, Seq, limits};
use change::{Change, Committed, Rigour};
use entity::Size;

/// A document of entities. Cloning shares them, so a clone is a cheap, unchanging snapshot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Board {
    entities: BTreeMap<EntityId, Held>,
    /// Sum of all entities' sizes.
    bytes: usize,
}

/// An entity with its size, so that neither a change nor a sum has to measure all of it.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    entity: Arc<Entity>,
    size: Size,
}

impl Board {
    /// Changes the board by one operation that is the `seq`-th event of its log, within [`limits::BOARD_BYTES`].
    ///
    /// # Errors
    /// A [`Refusal`] says why the operation does not apply; the board is then as it was. `Conflict::fields[..].base` is
    /// not told here: only who kept the history knows it, see [`Conflict::tell_base`].
    pub fn apply(&mut self, op: &Operation, seq: Seq) -> Result<Applied, Refusal> {
        self.apply_within(op, seq, limits::BOARD_BYTES)
    }

    /// Changes the board as [`Self::apply`] does, where it may have `most_bytes`.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_within(&mut self, op: &Operation, seq: Seq, most_bytes: usize) -> Result<Applied, Refusal> {
        // Nobody has seen what has not happened: such a base is of another history.
        let base = if op.base < seq { op.base } else { Seq::ZERO };
        let change = self.check(op, Rigour::Decide { base })?;
        let before = self.bytes_of(&op.entity);
        let after = change.size().map_or(0, Size::total);
        if before == 0 && self.entities.len() >= limits::ENTITIES_PER_BOARD {
            return Err(Rejection::board_full(&format!("{} entities", limits::ENTITIES_PER_BOARD)).into());
        }
        if after > before && self.bytes - before + after > most_bytes {
            return Err(Rejection::board_full(&format!("{most_bytes} bytes")).into());
        }
        Ok(self.commit(change, op, seq))
    }

    /// Changes the board by an operation that was accepted as the `seq`-th event of its log. Limits may have been others
    /// then, and what was known of who changed what: they are not asked again.
    ///
    /// # Errors
    /// When the operation cannot be carried out on this board, which is then as it was.
    pub fn replay(&mut self, op: &Operation, seq: Seq) -> Result<Applied, Refusal> {
        let change = self.check(op, Rigour::Replay)?;
        Ok(self.commit(change, op, seq))
    }

    /// Puts an entity back as it was before changes that are taken back; `None` where it did not exist.
    pub fn put_back(&mut self, id: &EntityId, before: Option<Arc<Entity>>) {
        self.bytes -= self.bytes_of(id);
        match before {
            Some(entity) => self.put(entity),
            None => drop(self.entities.remove(id)),
        }
    }

    fn check(&self, op: &Operation, rigour: Rigour) -> Result<Change, Refusal> {
        change::check(self.entities.get(&op.entity).map(|held| (&*held.entity, held.size)), op, rigour)
    }

    fn commit(&mut self, change: Change, op: &Operation, seq: Seq) -> Applied {
        let size = change.size().unwrap_or_default();
        self.bytes = self.bytes - self.bytes_of(&op.entity) + change.size().map_or(0, Size::total);
        let current = self.entities.get_mut(&op.entity).map(|held| {
            held.size = size;
            &mut held.entity
        });
        match change.commit(current, op, seq) {
            Committed::Created(entity) => {
                self.entities.insert(op.entity.clone(), Held { entity, size });
                Applied::default()
            }
            Committed::Written(before) => Applied { before, removed: None },
            Committed::Removed => {
                let removed = self.entities.remove(&op.entity);
                Applied { before: Vec::new(), removed: removed.map(|held| held.entity) }
            }
        }
    }

    fn put(&mut self, entity: Arc<Entity>) {
        let size = entity.size();
        self.bytes += size.total();
        self.entities.insert(entity.id.clone(), Held { entity, size });
    }

    /// Bytes of one entity, of [`Self::bytes`]; 0 where there is none.
    #[must_use]
    pub fn bytes_of(&self, id: &EntityId) -> usize {
        self.entities.get(id).map_or(0, |held| held.size.total())
    }

    /// Bytes of all entities, as [`Entity::bytes`] counts them.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The entity, if it exists.
    #[must_use]
    pub fn entity(&self, id: &EntityId) -> Option<&Arc<Entity>> {
        self.entities.get(id).map(|held| &held.entity)
    }

    /// All entities, by ascending id.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = &Arc<Entity>> {
        self.entities.values().map(|held| &held.entity)
    }

    /// Returns the number of entities.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Returns whether there is no entity.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }
}

impl FromIterator<Arc<Entity>> for Board {
    /// Rebuilds a board from a snapshot's entities.
    fn from_iter<I: IntoIterator<Item = Arc<Entity>>>(entities: I) -> Self {
        let mut board = Self::default();
        for entity in entities {
            board.put_back(&entity.id.clone(), Some(entity));
        }
        board
    }
}

#[cfg(test)]
mod tests;

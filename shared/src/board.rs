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
pub use refusal::{Conflict, FieldConflict, Reason, Refusal, Rejection};

use crate::{EntityId, Seq, limits};
use change::Committed;

/// A document of entities. Cloning shares them, so a clone is a cheap, unchanging snapshot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Board {
    entities: BTreeMap<EntityId, Arc<Entity>>,
}

impl Board {
    /// Changes the board by one operation that is the `seq`-th event of its log.
    ///
    /// # Errors
    /// A [`Refusal`] says why the operation does not apply; the board is then as it was. `Conflict::fields[..].base` is
    /// left `null` here: only who kept the history knows it, see [`Conflict::fill_base`].
    pub fn apply(&mut self, op: &Operation, seq: Seq) -> Result<Applied, Refusal> {
        let is_full = self.entities.len() >= limits::ENTITIES_PER_BOARD;
        let current = self.entities.get_mut(&op.entity);
        let change = change::check(current.as_deref().map(Arc::as_ref), op)?;
        if current.is_none() && is_full {
            return Err(Rejection::board_full().into());
        }
        Ok(match change.commit(current, op, seq) {
            Committed::Created(entity) => {
                self.entities.insert(op.entity.clone(), entity);
                Applied::default()
            }
            Committed::Written(before) => Applied { before, removed: None },
            Committed::Removed => Applied { before: Vec::new(), removed: self.entities.remove(&op.entity) },
        })
    }

    /// The entity, if it exists.
    #[must_use]
    pub fn entity(&self, id: &EntityId) -> Option<&Arc<Entity>> {
        self.entities.get(id)
    }

    /// All entities, by ascending id.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = &Arc<Entity>> {
        self.entities.values()
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
        Self { entities: entities.into_iter().map(|entity| (entity.id.clone(), entity)).collect() }
    }
}

#[cfg(test)]
mod tests;

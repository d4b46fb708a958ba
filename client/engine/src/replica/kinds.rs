use std::collections::{BTreeMap, BTreeSet};

use tideboard_shared::{Action, Applied, Board, EntityId, Operation};

/// Entities of a board by kind, so that a list of ten does not walk a board of ten thousand.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Kinds(BTreeMap<String, BTreeSet<EntityId>>);

impl Kinds {
    pub(super) fn of(board: &Board) -> Self {
        let mut kinds = Self::default();
        for entity in board.entities() {
            kinds.add(&entity.kind, &entity.id);
        }
        kinds
    }

    /// Follows an operation that was applied. Only creating and removing concern it: an entity keeps its kind.
    pub(super) fn handle_applied(&mut self, op: &Operation, applied: &Applied) {
        if let Action::Create { kind, .. } = &op.action {
            self.add(kind, &op.entity);
        }
        let Some(removed) = &applied.removed else { return };
        if let Some(ids) = self.0.get_mut(&removed.kind) {
            ids.remove(&op.entity);
            if ids.is_empty() {
                self.0.remove(&removed.kind);
            }
        }
    }

    /// Ascending.
    pub(super) fn ids(&self, kind: &str) -> impl Iterator<Item = &EntityId> {
        self.0.get(kind).into_iter().flatten()
    }

    fn add(&mut self, kind: &str, id: &EntityId) {
        self.0.entry(kind.to_owned()).or_default().insert(id.clone());
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::Seq;

    use super::*;
    use crate::testing::op;

    #[test]
    fn the_index_follows_every_operation_as_if_it_were_built_anew() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut board = Board::default();
        let mut kinds = Kinds::default();
        for seq in 1..500 {
            let action = match rng.u8(..4) {
                0 => Action::Remove,
                1 => Action::Increment { field: "count".into(), by: 1.into() },
                kind => Action::Create { kind: format!("kind{kind}"), fields: Default::default() },
            };
            let entity = format!("e{}", rng.u8(..6));
            let op = Operation { base: Seq(seq), ..op(&format!("me/{seq}"), &entity, action) };
            if let Ok(applied) = board.apply(&op, Seq(seq)) {
                kinds.handle_applied(&op, &applied);
            }
            assert_eq!(kinds, Kinds::of(&board));
        }
    }
}

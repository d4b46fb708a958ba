use std::{collections::BTreeMap, fmt, rc::Rc};

use tideboard_shared::{BoardId, EntityId, Fields};

/// The fields in conflict, three times. A field that was absent is missing here.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeInput {
    /// As the user saw them.
    pub base: Fields,
    /// As the user's edit would have them.
    pub mine: Fields,
    /// As they stand.
    pub theirs: Fields,
}

/// Makes one value of both sides of a conflict: the fields to write, or `None` to ask the user.
#[derive(Clone)]
pub struct MergeFn(Rc<Merge>);

type Merge = dyn Fn(&MergeInput) -> Option<Fields>;

impl MergeFn {
    /// A merge by any function of the three sides. The same input has to give the same fields.
    pub fn new(merge: impl Fn(&MergeInput) -> Option<Fields> + 'static) -> Self {
        Self(Rc::new(merge))
    }

    pub(crate) fn merge(&self, input: &MergeInput) -> Option<Fields> {
        (self.0)(input)
    }
}

impl fmt::Debug for MergeFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MergeFn")
    }
}

/// The merge of each entity that has one.
#[derive(Debug, Default)]
pub(crate) struct Merges(BTreeMap<(BoardId, EntityId), MergeFn>);

impl Merges {
    pub(crate) fn set(&mut self, board: BoardId, entity: EntityId, merge: Option<MergeFn>) {
        match merge {
            Some(merge) => drop(self.0.insert((board, entity), merge)),
            None => drop(self.0.remove(&(board, entity))),
        }
    }

    pub(crate) fn get(&self, board: &BoardId, entity: &EntityId) -> Option<&MergeFn> {
        self.0.get(&(board.clone(), entity.clone()))
    }
}

//! Author of operations, as a client makes them: with a client id and a number that only rises.

use serde_json::{Number, Value};
use tideboard_shared::{Action, ClientId, OnConflict, OpId, Operation, Seq};

/// Author of operations, each with the next number.
#[derive(Debug, Clone)]
pub struct Author {
    client: ClientId,
    n: u64,
    base: Seq,
}

impl Author {
    /// Creates an author who has made no operation yet.
    ///
    /// # Panics
    /// When `client` is not a valid client id.
    #[must_use]
    pub fn new(client: &str) -> Self {
        Self { client: client.parse().expect("a valid client id"), n: 0, base: Seq::ZERO }
    }

    /// Client id of the author.
    #[must_use]
    pub fn client(&self) -> &ClientId {
        &self.client
    }

    /// Number of the last operation.
    #[must_use]
    pub fn last_n(&self) -> u64 {
        self.n
    }

    /// Makes `base` the position that the author has seen the board at.
    pub fn saw(&mut self, base: Seq) {
        self.base = base;
    }

    /// Skips `count` numbers, as a client does that serves several boards.
    pub fn skip(&mut self, count: u64) {
        self.n += count;
    }

    /// Makes an operation with any action.
    pub fn op(&mut self, entity: &str, action: Action) -> Operation {
        self.n += 1;
        let id = OpId { client: self.client.clone(), n: self.n };
        Operation { id, entity: entity.into(), base: self.base, action, on_conflict: OnConflict::Reject, again: false }
    }

    /// Makes an operation that creates a note.
    pub fn create(&mut self, entity: &str, text: &str) -> Operation {
        let fields = [("text".to_owned(), Value::from(text))].into();
        self.op(entity, Action::Create { kind: "note".into(), fields })
    }

    /// Makes an operation that sets one field.
    pub fn set(&mut self, entity: &str, field: &str, value: impl Into<Value>) -> Operation {
        self.op(entity, Action::set([(field, value)]))
    }

    /// Makes an operation that adds to a number.
    pub fn increment(&mut self, entity: &str, field: &str, by: i64) -> Operation {
        self.op(entity, Action::Increment { field: field.into(), by: Number::from(by) })
    }

    /// Makes an operation that adds a value to a set.
    pub fn set_add(&mut self, entity: &str, field: &str, value: impl Into<Value>) -> Operation {
        self.op(entity, Action::SetAdd { field: field.into(), value: value.into() })
    }

    /// Makes an operation that removes a value from a set.
    pub fn set_remove(&mut self, entity: &str, field: &str, value: impl Into<Value>) -> Operation {
        self.op(entity, Action::SetRemove { field: field.into(), value: value.into() })
    }

    /// Makes an operation that removes the entity.
    pub fn remove(&mut self, entity: &str) -> Operation {
        self.op(entity, Action::Remove)
    }
}

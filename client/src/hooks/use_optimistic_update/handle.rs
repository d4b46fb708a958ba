use std::rc::Rc;

use serde_json::{Number, Value};
use tideboard_engine::{Notice, Refused};
use tideboard_shared::{Action, Conflict, EntityId};

use crate::{
    Seen,
    hooks::{
        UseEntityHandle,
        editor::{Applied, Editor},
    },
};

/// What [`super::use_optimistic_update`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseOptimisticUpdateHandle<T> {
    pub(in crate::hooks) shown: UseEntityHandle<T>,
    pub(in crate::hooks) confirmed: Rc<Option<T>>,
    pub(in crate::hooks) refusal: Rc<Option<Notice>>,
    pub(in crate::hooks) entity: EntityId,
    pub(in crate::hooks) editor: Editor,
}

impl<T> UseOptimisticUpdateHandle<T> {
    /// The entity with the user's pending edits on top; none while it does not exist or is not loaded.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.shown.value()
    }

    /// The entity as the server has confirmed it.
    #[must_use]
    pub fn confirmed(&self) -> Option<&T> {
        self.confirmed.as_ref().as_ref()
    }

    /// Why the entity's fields are no `T`.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.shown.error()
    }

    /// When it looked like this, for [`Self::set_since`].
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.shown.seen()
    }

    /// Sets fields.
    pub fn set<K: Into<String>, V: Into<Value>>(&self, fields: impl IntoIterator<Item = (K, V)>) -> Applied {
        self.apply(Action::set(fields))
    }

    /// Sets fields that the user began to edit when the entity looked as at `seen`: a conflict with what came since is found.
    pub fn set_since<K: Into<String>, V: Into<Value>>(
        &self,
        seen: Seen,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Applied {
        self.editor.apply(self.entity.clone(), Action::set(fields), Some(seen))
    }

    /// Adds to a number; never conflicts.
    pub fn increment(&self, field: impl Into<String>, by: impl Into<Number>) -> Applied {
        self.apply(Action::Increment { field: field.into(), by: by.into() })
    }

    /// Does anything that can be done to an entity.
    pub fn apply(&self, action: Action) -> Applied {
        self.editor.apply(self.entity.clone(), action, None)
    }

    /// Whether edits wait for the server.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending() > 0
    }

    /// How many edits wait for the server.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shown.pending()
    }

    /// The last edit that the server refused, until [`Self::dismiss`].
    #[must_use]
    pub fn refusal(&self) -> Option<&Notice> {
        self.refusal.as_ref().as_ref()
    }

    /// What others changed under the last edit that was refused for it.
    #[must_use]
    pub fn conflict(&self) -> Option<&Conflict> {
        match &self.refusal()?.why {
            Refused::Conflict(conflict) => Some(conflict),
            Refused::Rejected(_) | Refused::Unreadable { .. } => None,
        }
    }

    /// Forgets the last refusal.
    pub fn dismiss(&self) {
        if let Some(notice) = self.refusal() {
            self.editor.realtime.dismiss_notice(notice.id);
        }
    }
}

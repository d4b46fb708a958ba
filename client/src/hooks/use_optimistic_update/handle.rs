use std::rc::Rc;

use serde_json::{Number, Value};
use tideboard_engine::{
    Choice, ConflictView, EditId, Notice, PendingView, Refused, ResolveError, Rollback, RollbackError,
};
use tideboard_shared::{Action, Conflict, EntityId, Fields};

use super::draft::Draft;
use crate::{
    Seen,
    hooks::{
        UseEntityHandle,
        editor::{Applied, Editor},
    },
};

/// What [`super::use_optimistic_update`] returns.
#[derive(Debug)]
pub struct UseOptimisticUpdateHandle<T> {
    pub(in crate::hooks) shown: UseEntityHandle<T>,
    pub(in crate::hooks) confirmed: Rc<Option<T>>,
    pub(in crate::hooks) refusal: Rc<Option<Notice>>,
    pub(in crate::hooks) waiting: Rc<Option<ConflictView>>,
    pub(in crate::hooks) entity: EntityId,
    pub(in crate::hooks) editor: Editor,
    pub(in crate::hooks) draft: Rc<Draft>,
    pub(in crate::hooks) drafted: Fields,
}

impl<T> Clone for UseOptimisticUpdateHandle<T> {
    fn clone(&self) -> Self {
        Self {
            shown: self.shown.clone(),
            confirmed: Rc::clone(&self.confirmed),
            refusal: Rc::clone(&self.refusal),
            waiting: Rc::clone(&self.waiting),
            entity: self.entity.clone(),
            editor: self.editor.clone(),
            draft: Rc::clone(&self.draft),
            drafted: self.drafted.clone(),
        }
    }
}

impl<T: PartialEq> PartialEq for UseOptimisticUpdateHandle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown
            && self.confirmed == other.confirmed
            && self.refusal == other.refusal
            && self.waiting == other.waiting
            && self.entity == other.entity
            && self.editor == other.editor
            && self.drafted == other.drafted
            && Rc::ptr_eq(&self.draft, &other.draft)
    }
}

impl<T> UseOptimisticUpdateHandle<T> {
    /// The entity with the user's draft and pending edits on top; none while it does not exist or is not loaded.
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

    /// Sets fields that show at once and become an edit when [`super::UseOptimisticUpdateOptions::pacing`] says so: several
    /// in a row become one. It is based on what the user saw at the first of them.
    pub fn draft<K: Into<String>, V: Into<Value>>(&self, fields: impl IntoIterator<Item = (K, V)>) {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.draft.add(fields, self.seen());
    }

    /// Makes the draft an edit now; `None` when there is none.
    pub fn flush(&self) -> Option<Applied> {
        self.draft.flush()
    }

    /// Forgets the draft.
    pub fn drop_draft(&self) {
        self.draft.drop_fields();
    }

    /// Whether there is a draft that is no edit yet.
    #[must_use]
    pub fn is_drafting(&self) -> bool {
        !self.drafted.is_empty()
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

    /// The edits that wait, oldest first, with what became of each so far. Reads them at every call.
    #[must_use]
    pub fn edits(&self) -> Vec<PendingView> {
        let edits = self.editor.realtime.read(|reader| reader.pending_edits()).0.into_iter();
        edits.filter(|edit| edit.board == self.editor.board && edit.op.entity == self.entity).collect()
    }

    /// Sends an edit again now, instead of when its repeat is due. `false` when it is not waiting.
    pub fn retry(&self, edit: EditId) -> bool {
        self.editor.realtime.retry(edit)
    }

    /// Takes one edit back: removed when it was not sent, reverted once its outcome is known when it was.
    ///
    /// # Errors
    /// When it is not known any more, or others changed the same since it was applied.
    pub fn rollback(&self, edit: EditId) -> Result<Rollback, RollbackError> {
        self.editor.realtime.rollback(edit)
    }

    /// The last edit that the server refused, until [`Self::dismiss`].
    #[must_use]
    pub fn refusal(&self) -> Option<&Notice> {
        self.refusal.as_ref().as_ref()
    }

    /// What others changed under an edit that waits for the user's choice, or else under the last one that was refused.
    #[must_use]
    pub fn conflict(&self) -> Option<&Conflict> {
        if let Some(waiting) = self.waiting() {
            return Some(&waiting.case.conflict);
        }
        match &self.refusal()?.why {
            Refused::Conflict(conflict) => Some(conflict),
            Refused::Rejected(_) | Refused::Unreadable { .. } => None,
        }
    }

    /// The oldest conflict that waits for the user's choice, with what each choice would make of the entity.
    #[must_use]
    pub fn waiting(&self) -> Option<&ConflictView> {
        self.waiting.as_ref().as_ref()
    }

    /// Settles the conflict that waits. `false` when none does.
    ///
    /// # Errors
    /// When the choice cannot apply to what stands now; the conflict still waits.
    pub fn resolve(&self, choice: Choice) -> Result<bool, ResolveError> {
        let Some(waiting) = self.waiting() else { return Ok(false) };
        self.editor.realtime.resolve(waiting.id, choice).map(|()| true)
    }

    /// Forgets the last refusal.
    pub fn dismiss(&self) {
        if let Some(notice) = self.refusal() {
            self.editor.realtime.dismiss_notice(notice.id);
        }
    }
}

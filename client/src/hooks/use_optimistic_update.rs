use std::{rc::Rc, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::{Number, Value};
use tideboard_engine::{
    Carrier, Choice, ConflictStrategy, ConflictView, EditId, MergeFn, MergeInput, Notice, PendingView, Refused,
    ResolveError, Rollback, RollbackError,
};
use tideboard_shared::{Action, BoardId, Conflict, EntityId, Fields};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{
    UseEntityHandle,
    editor::{Applied, EditProblem, Editor},
    use_entity::use_drafted_entity,
    use_realtime, use_store_with,
};
use crate::{ByAddress, Seen};

mod draft;

use draft::Draft;

/// Options of [`use_optimistic_update`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseOptimisticUpdateOptions {
    /// Side that wins when others changed the same field first. Default theirs, and the user is told.
    pub on_conflict: ConflictRule,
    /// Time at which a [`UseOptimisticUpdateHandle::draft`] becomes an edit. Default at once.
    pub pacing: Pacing,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
    /// Called when an edit's outcome takes longer than `optimistic.operation_timeout`. It stays queued.
    pub on_overdue: Callback<EditId>,
}

/// Side that wins when others changed the same field first.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ConflictRule {
    /// Theirs stands; mine is dropped, and the user is told.
    #[default]
    RemoteWins,
    /// Mine is sent again and overwrites theirs.
    LocalWins,
    /// Makes one value of both: the fields to write, or `None` to ask the user. Equal sides have to give equal fields,
    /// and the function must call none of our hooks' handles: it runs inside the engine. An entity has one merge: of
    /// several components that give one, the latest counts.
    Merge(Callback<MergeInput, Option<Fields>>),
    /// The edit waits until the user has chosen, see [`UseOptimisticUpdateHandle::resolve`].
    Ask,
}

impl ConflictRule {
    /// The engine's name for it.
    #[must_use]
    pub fn strategy(&self) -> ConflictStrategy {
        match self {
            Self::RemoteWins => ConflictStrategy::RemoteWins,
            Self::LocalWins => ConflictStrategy::LocalWins,
            Self::Merge(_) => ConflictStrategy::Merge,
            Self::Ask => ConflictStrategy::Ask,
        }
    }
}

/// Time at which a draft of the user's becomes an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pacing {
    /// At once.
    #[default]
    None,
    /// After nothing was done for so long, as with typing.
    Debounce(Duration),
    /// At once, but at most once in so long, as with a slider.
    Throttle(Duration),
}

/// Handle of [`use_optimistic_update`].
#[derive(Debug)]
pub struct UseOptimisticUpdateHandle<T> {
    shown: UseEntityHandle<T>,
    confirmed: Rc<Option<T>>,
    refusal: Rc<Option<Notice>>,
    waiting: Rc<Option<ConflictView>>,
    entity: EntityId,
    editor: Editor,
    draft: Rc<Draft>,
    drafted: Fields,
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

    /// Reason why the entity's fields are no `T`.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.shown.error()
    }

    /// Position of the board at which the entity looked like this, for [`Self::set_since`].
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.shown.seen()
    }

    /// Sets fields.
    pub fn set<K: Into<String>, V: Into<Value>>(&self, fields: impl IntoIterator<Item = (K, V)>) -> Applied {
        self.apply(Action::set(fields))
    }

    /// Sets fields that show at once and become an edit when [`UseOptimisticUpdateOptions::pacing`] says so: several
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

    /// Tells whether there is a draft that is no edit yet.
    #[must_use]
    pub fn is_drafting(&self) -> bool {
        !self.drafted.is_empty()
    }

    /// Sets fields that the user began to edit when the entity looked as at `seen`: a conflict with what came since is
    /// found.
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

    /// Tells whether edits wait for the server.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending() > 0
    }

    /// Number of edits that wait for the server.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shown.pending()
    }

    /// The edits that wait, oldest first, with what became of each so far. Reads them at every call.
    #[must_use]
    pub fn edits(&self) -> Vec<PendingView> {
        let edits = self.editor.realtime.read(|reader| reader.pending_edits()).into_iter();
        edits.filter(|edit| edit.board == self.editor.board && edit.op.entity == self.entity).collect()
    }

    /// Sends an edit again now, instead of when its repeat is due. `false` when it is not waiting.
    pub fn retry(&self, edit: EditId) -> bool {
        self.editor.realtime.retry(edit)
    }

    /// Takes one edit back. From here on it does not show; should it reach the server all the same, it is reverted there.
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

    /// Conflict of an edit that waits for the user's choice, or else of the last one that was refused.
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

/// Reads one entity, shows the user's edits of it at once, and follows what becomes of them.
///
/// ```no_run
/// use serde::Deserialize;
/// use tideboard_client::hooks::use_optimistic_update;
/// use yew::prelude::*;
///
/// #[derive(Clone, PartialEq, Deserialize)]
/// struct Count {
///     count: i64,
/// }
///
/// #[component]
/// fn Counter() -> Html {
///     let counter = use_optimistic_update::<Count>("main".parse().expect("a name"), "counter".into());
///     let count = counter.value().map_or(0, |value| value.count);
///     let mark = if counter.is_pending() { "…" } else { "" };
///     let onclick = move |_| drop(counter.increment("count", 1));
///     html! { <button {onclick}>{ format!("{count}{mark}") }</button> }
/// }
/// ```
///
/// | option of [`use_optimistic_update_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins` sends mine again to overwrite; `Merge` makes one value of both; `Ask` lets the user choose |
/// | `pacing` | `None` | when a draft becomes an edit: at once, when the user pauses, at most so often |
/// | `on_reject` | none | called when an edit could not be made or was refused |
/// | `on_overdue` | none | called when an outcome takes longer than `optimistic.operation_timeout` |
///
/// Returns a [`UseOptimisticUpdateHandle`]; renders when the value, its confirmed state, the number of pending edits, a
/// conflict or the last refusal changes. Edits never fail silently: they end as applied, in `on_reject` and
/// `refusal()`, or wait. A draft that has not become an edit does so when the component goes.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_optimistic_update<T>(board: BoardId, entity: EntityId) -> UseOptimisticUpdateHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    use_optimistic_update_with_options(board, entity, UseOptimisticUpdateOptions::default())
}

/// [`use_optimistic_update`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_optimistic_update_with_options<T>(
    board: BoardId,
    entity: EntityId,
    options: UseOptimisticUpdateOptions,
) -> UseOptimisticUpdateHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    let realtime = use_realtime();
    let UseOptimisticUpdateOptions { on_conflict, pacing, on_reject, on_overdue } = options;
    let strategy = on_conflict.strategy();
    let editor = Editor { realtime, board: board.clone(), strategy, delivery: Carrier::Auto, on_reject };
    use_merge(editor.clone(), entity.clone(), on_conflict);
    use_overdue(editor.clone(), entity.clone(), on_overdue);
    let draft = use_draft(editor.clone(), entity.clone(), pacing);
    let shown = use_drafted_entity::<T>(board.clone(), entity.clone(), draft.fields());
    let deps = (board, entity.clone());
    let confirmed = use_store_with(deps.clone(), |reader, (board, entity)| {
        reader.confirmed(board, entity).and_then(|entity| entity.decode().ok())
    });
    let refusal = use_store_with(deps.clone(), |reader, (board, entity)| {
        reader.notices().into_iter().rfind(|notice| notice.board == *board && notice.entity == *entity)
    });
    let waiting = use_store_with(deps, |reader, (board, entity)| {
        reader.conflicts().into_iter().find(|view| view.case.board == *board && view.case.op.entity == *entity)
    });
    let drafted = draft.fields();
    UseOptimisticUpdateHandle { shown, confirmed, refusal, waiting, entity, editor, draft, drafted }
}

/// Fields that wait for their time; made an edit at the latest when the component or the entity goes.
#[hook]
fn use_draft(editor: Editor, entity: EntityId, pacing: Pacing) -> Rc<Draft> {
    let update = use_force_update();
    let deps = (editor.realtime.clone(), editor.board.clone(), entity);
    let draft = {
        let editor = editor.clone();
        use_memo(deps, move |(_, _, entity)| Draft::new(entity.clone(), editor, move || update.force_update()))
    };
    let draft: Rc<Draft> = Rc::clone(&*draft);
    draft.set_up(editor, pacing);
    use_effect_with(ByAddress::of(&draft), |draft| {
        let draft = Rc::clone(&draft.0);
        move || drop(draft.flush())
    });
    draft
}

/// Registers the merge while there is one; the latest of its functions is called.
#[hook]
fn use_merge(editor: Editor, entity: EntityId, rule: ConflictRule) {
    let is_merged = matches!(rule, ConflictRule::Merge(_));
    let rule = use_latest(rule);
    use_effect_with((editor.realtime, editor.board, entity, is_merged), move |(realtime, board, entity, is_merged)| {
        let realtime = realtime.clone();
        let board = board.clone();
        let entity = entity.clone();
        let is_merged = *is_merged;
        if is_merged {
            let merge = MergeFn::new(move |input: &MergeInput| match rule.current().as_ref() {
                ConflictRule::Merge(merge) => merge.emit(input.clone()),
                ConflictRule::RemoteWins | ConflictRule::LocalWins | ConflictRule::Ask => None::<Fields>,
            });
            realtime.set_merge(board.clone(), entity.clone(), Some(merge));
        }
        move || {
            if is_merged {
                realtime.set_merge(board, entity, None);
            }
        }
    });
}

/// Passes on which edits of the entity are overdue.
#[hook]
fn use_overdue(editor: Editor, entity: EntityId, on_overdue: Callback<EditId>) {
    let on_overdue = use_latest(on_overdue);
    use_effect_with((editor.realtime, editor.board, entity), move |(realtime, board, entity)| {
        let driver = realtime.clone();
        let board = board.clone();
        let entity = entity.clone();
        let listener = realtime.listen_overdue(Callback::from(move |id| {
            let pending = driver.read(|reader| reader.pending_edits());
            if pending.iter().any(|edit| edit.id == id && edit.board == board && edit.op.entity == entity) {
                on_overdue.current().emit(id);
            }
        }));
        move || drop(listener)
    });
}

use std::{rc::Rc, time::Duration};

use tideboard_engine::{
    BoardStatus, Choice, ConflictView, DeliveryId, DeliveryStatus, DeliveryView, EditId, PendingView, Reader,
    ResolveError, Rollback, RollbackError,
};
use tideboard_shared::{Action, BoardId, EntityId, Seq};

use super::Consumer;
use crate::hooks::editor::{Applied, Editor};

/// Everything that causes a render.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) status: DeliveryStatus,
    pub(super) held: usize,
    pub(super) pending: Vec<PendingView>,
    pub(super) conflicts: Vec<ConflictView>,
}

impl Shown {
    pub(super) fn new(
        reader: &Reader<'_>,
        board: &BoardId,
        consumer: Option<DeliveryId>,
        pending: Vec<PendingView>,
        conflicts: Vec<ConflictView>,
    ) -> Self {
        let view = consumer.and_then(|id| reader.delivery(id));
        let held = view.as_ref().map_or(0, |view| view.held);
        // Without a consumer: how the board stands.
        let status = view.map_or_else(|| status_of(reader, board), |view| view.status);
        Self { status, held, pending, conflicts }
    }
}

/// What [`super::use_realtime_updates`] returns.
#[derive(Debug, Clone)]
pub struct UseRealtimeUpdatesHandle {
    pub(super) shown: Rc<Shown>,
    pub(super) consumer: Consumer,
    pub(super) editor: Editor,
}

impl UseRealtimeUpdatesHandle {
    /// Makes an edit; it shows at once.
    pub fn update(&self, entity: EntityId, action: Action) -> Applied {
        self.editor.apply(entity, action, None)
    }

    /// Ends an edit with `Delivery::Manual`: the application has taken it to the server. `false` when there is none.
    pub fn confirm(&self, edit: EditId) -> bool {
        self.editor.realtime.confirm(edit)
    }

    /// Takes one edit back: removed when it was not sent, reverted once its outcome is known when it was.
    ///
    /// # Errors
    /// When it is not known any more, or others changed the same since it was applied.
    pub fn rollback(&self, edit: EditId) -> Result<Rollback, RollbackError> {
        self.editor.realtime.rollback(edit)
    }

    /// Edits of the board without an end, oldest first.
    #[must_use]
    pub fn pending(&self) -> &[PendingView] {
        &self.shown.pending
    }

    /// Conflicts of the board that wait for the user, with what each choice would make of the entity.
    #[must_use]
    pub fn conflicts(&self) -> &[ConflictView] {
        &self.shown.conflicts
    }

    /// Settles a conflict as the user chose.
    ///
    /// # Errors
    /// When the choice cannot apply to what stands now; the conflict still waits.
    pub fn resolve(&self, edit: EditId, choice: Choice) -> Result<(), ResolveError> {
        self.editor.realtime.resolve(edit, choice)
    }

    /// Whether the component shows what is.
    #[must_use]
    pub fn status(&self) -> &DeliveryStatus {
        &self.shown.status
    }

    /// How many events wait to be handed on.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shown.held
    }

    /// How old what is shown may be; `None` before anything came. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.view()?.age(self.editor.realtime.now().mono)
    }

    /// Events a second, over the last ten seconds. By the clock of the call.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.view().map_or(0.0, |view| view.rate.per_second(self.editor.realtime.now().mono))
    }

    /// What came and was handed on so far. Read at the call.
    #[must_use]
    pub fn view(&self) -> Option<DeliveryView> {
        let id = self.consumer.get()?.id();
        self.editor.realtime.read(|reader| reader.delivery(id)).0
    }

    /// Keeps what arrives until [`Self::resume`], up to `delivery.max_missed`; more is counted.
    pub fn pause(&self) {
        if let Some(consumer) = self.consumer.get() {
            consumer.pause();
        }
    }

    /// Hands on at once what was missed, and goes on.
    pub fn resume(&self) {
        if let Some(consumer) = self.consumer.get() {
            consumer.resume();
        }
    }

    /// Asks for the board again, from where it stands; also when it was denied.
    pub fn resync(&self) {
        self.editor.realtime.resync(&self.editor.board);
    }

    /// The board's last confirmed event. Read at the call.
    #[must_use]
    pub fn position(&self) -> Seq {
        let view = self.editor.realtime.read(|reader| reader.board(&self.editor.board)).0;
        view.map(|view| view.seq).unwrap_or_default()
    }
}

impl PartialEq for UseRealtimeUpdatesHandle {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown && Rc::ptr_eq(&self.consumer, &other.consumer) && self.editor == other.editor
    }
}

fn status_of(reader: &Reader<'_>, board: &BoardId) -> DeliveryStatus {
    match reader.board(board).map(|view| view.status) {
        None | Some(BoardStatus::Loading) => DeliveryStatus::Loading,
        Some(BoardStatus::CatchingUp) => DeliveryStatus::CatchingUp,
        Some(BoardStatus::Live) => DeliveryStatus::Live,
        Some(BoardStatus::Polled) => DeliveryStatus::Polled,
        Some(BoardStatus::Stale) => DeliveryStatus::Stale,
        Some(BoardStatus::Denied { reason }) => DeliveryStatus::Error { reason: reason.to_string() },
    }
}

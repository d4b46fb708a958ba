use std::{rc::Rc, time::Duration};

use tideboard_engine::{
    BoardStatus, Body, Carrier, Choice, ConflictStrategy, ConflictView, DeliveryId, DeliveryOptions, DeliveryStatus,
    DeliveryView, EditId, FoldFn, Item, KeyFn, Missed, PendingView, Policy, Reader, ResolveError, Rollback,
    RollbackError, Source,
};
use tideboard_shared::{Action, BoardId, Channel, Conflict, EntityId, Seq, message::Priority};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{
    cells::Slot,
    editor::{Applied, EditProblem, Editor},
    use_channel, use_realtime, use_store_with,
};
use crate::{ByAddress, OpenDelivery, Realtime};

/// Options of [`use_realtime_updates`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseRealtimeUpdatesOptions {
    /// Pace at which events are handed on: before the next frame, in batches, when they pause, at most so often.
    /// Default `delivery.strategy`.
    pub strategy: Option<Policy>,
    /// `Critical` gets everything at once, whatever the strategy. Default `Medium`.
    pub priority: Priority,
    /// Key of the events that replace each other in one hand-over: the latest stands for all. Default none does.
    pub dedup_by: Option<KeyFn>,
    /// Folds those that would replace each other into one. Default the latest stands.
    pub merge: Option<FoldFn>,
    /// Hands nothing on for now. Default false.
    pub paused: bool,
    /// Without news for so long it is stale. Default `delivery.stale_after`.
    pub stale_after: Option<Duration>,
    /// Side that wins when others changed the same field first. Default theirs, and the user is told.
    pub conflicts: ConflictStrategy,
    /// Carrier of the edits to the server: the engine, or the application, which then says `confirm` or `rollback`.
    /// Default the engine.
    pub delivery: Carrier,
    /// Called with what is handed on, in order, without a render.
    pub on_update: Callback<Rc<[Item]>>,
    /// Called where events were not handed on one by one: the board has them all.
    pub on_gap: Callback<Missed>,
    /// Called when others changed the same first, whatever becomes of it.
    pub on_conflict: Callback<Conflict>,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
}

/// Facts that cause a render.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    status: DeliveryStatus,
    held: usize,
    pending: Vec<PendingView>,
    conflicts: Vec<ConflictView>,
}

impl Shown {
    fn new(
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

/// Handle of [`use_realtime_updates`].
#[derive(Debug, Clone)]
pub struct UseRealtimeUpdatesHandle {
    shown: Rc<Shown>,
    consumer: Consumer,
    editor: Editor,
}

impl UseRealtimeUpdatesHandle {
    /// Makes an edit; it shows at once.
    pub fn update(&self, entity: EntityId, action: Action) -> Applied {
        self.editor.apply(entity, action, None)
    }

    /// Ends an edit with `Carrier::Manual`: the application has taken it to the server. `false` when there is none.
    pub fn confirm(&self, edit: EditId) -> bool {
        self.editor.realtime.confirm(edit)
    }

    /// Takes one edit back. From here on it does not show; should it reach the server all the same, it is reverted there.
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

    /// State of what the component shows.
    #[must_use]
    pub fn status(&self) -> &DeliveryStatus {
        &self.shown.status
    }

    /// Number of events that wait to be handed on.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shown.held
    }

    /// Age that what is shown may have; `None` before anything came. By the clock of the call: it does not render by
    /// itself.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.view()?.age(self.editor.realtime.now().mono)
    }

    /// Events a second, over the last ten seconds. By the clock of the call.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.view().map_or(0.0, |view| view.rate.per_second(self.editor.realtime.now().mono))
    }

    /// Account of what came and was handed on so far. Read at the call.
    #[must_use]
    pub fn view(&self) -> Option<DeliveryView> {
        let id = self.consumer.get()?.id();
        self.editor.realtime.read(|reader| reader.delivery(id))
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
        let view = self.editor.realtime.read(|reader| reader.board(&self.editor.board));
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

/// A board's events as they come, at the pace that the component can take, and edits of it.
///
/// ```no_run
/// use std::rc::Rc;
/// use tideboard_client::hooks::{UseRealtimeUpdatesOptions, use_realtime_updates_with_options};
/// use tideboard_engine::{Item, Policy};
/// use yew::prelude::*;
///
/// #[component]
/// fn Ticker() -> Html {
///     let count = use_state(|| 0);
///     let on_update = use_callback(count.clone(), |items: Rc<[Item]>, count| count.set(**count + items.len()));
///     let options = UseRealtimeUpdatesOptions { strategy: Some(Policy::Raf), on_update, ..Default::default() };
///     let updates = use_realtime_updates_with_options("main".parse().expect("a name"), options);
///     html! { <p>{ format!("{} events, {:?}", *count, updates.status()) }</p> }
/// }
/// ```
///
/// | option of [`use_realtime_updates_with_options`] | default | |
/// |---|---|---|
/// | `strategy` | `delivery.strategy` | when events are handed on |
/// | `priority` | `Medium` | `Critical` waits for nothing |
/// | `dedup_by`, `merge` | none | which of them replace each other, and what to make of those; read when mounted |
/// | `paused` | false | nothing is handed on for now |
/// | `stale_after` | `delivery.stale_after` | without news for so long it is stale |
/// | `conflicts` | `RemoteWins` | whose edit stands |
/// | `delivery` | `Auto` | who takes edits to the server |
/// | `on_update` | none | what is handed on, without a render |
/// | `on_gap` | none | events that were not handed on one by one |
/// | `on_conflict`, `on_reject` | none | what became of edits |
///
/// Returns a [`UseRealtimeUpdatesHandle`]; renders when the status, what is held, the pending edits or the conflicts
/// change, not for every event. No event is lost in silence: what was missed is said at its place.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_realtime_updates(board: BoardId) -> UseRealtimeUpdatesHandle {
    use_realtime_updates_with_options(board, UseRealtimeUpdatesOptions::default())
}

/// [`use_realtime_updates`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_realtime_updates_with_options(
    board: BoardId,
    options: UseRealtimeUpdatesOptions,
) -> UseRealtimeUpdatesHandle {
    let realtime = use_realtime();
    use_channel(Channel::Board(board.clone()).into());
    let on_reject = use_reject(options.on_reject.clone(), options.on_conflict.clone());
    let strategy = options.conflicts;
    let delivery = options.delivery;
    let paused = options.paused;
    let editor = Editor { realtime: realtime.clone(), board: board.clone(), strategy, delivery, on_reject };
    let consumer = use_consumer(realtime, board.clone(), options.clone());
    let opened = consumer.get().map(|consumer| consumer.id());
    let shown = use_store_with((board, opened), |reader, (board, opened)| {
        let pending = reader.pending_edits().into_iter().filter(|edit| edit.board == *board).collect();
        let conflicts: Vec<ConflictView> =
            reader.conflicts().into_iter().filter(|view| view.case.board == *board).collect();
        Shown::new(reader, board, *opened, pending, conflicts)
    });
    use_conflicts(Rc::clone(&shown), options.on_conflict);
    use_effect_with((ByAddress::of(&consumer), paused), |(consumer, paused)| match (consumer.get(), paused) {
        (Some(consumer), true) => consumer.pause(),
        (Some(consumer), false) => consumer.resume(),
        (None, _) => {}
    });
    UseRealtimeUpdatesHandle { shown, consumer, editor }
}

/// A consumer of the board's events; none when as many are open as may be.
type Consumer = Rc<Slot<OpenDelivery>>;

#[hook]
fn use_consumer(realtime: Realtime, board: BoardId, options: UseRealtimeUpdatesOptions) -> Consumer {
    let UseRealtimeUpdatesOptions { strategy, priority, stale_after, dedup_by, merge, .. } = options.clone();
    let latest = use_latest(options);
    let consumer = use_memo((realtime, board, strategy, priority, stale_after), move |(realtime, board, ..)| {
        let events = DeliveryOptions::new(Source::Channel(Channel::Board(board.clone())));
        let wanted = DeliveryOptions { policy: strategy, priority, dedup: dedup_by, merge, stale_after, ..events };
        let on_items = move |items: Vec<Item>| {
            let options = latest.current();
            for item in &items {
                if let Body::Missed(missed) = item.body {
                    options.on_gap.emit(missed);
                }
            }
            options.on_update.emit(items.into());
        };
        Slot::new(realtime.open_delivery(wanted, on_items).ok())
    });
    use_effect_with(ByAddress::of(&consumer), |consumer| {
        let consumer = Rc::clone(&consumer.0);
        move || consumer.close()
    });
    consumer
}

/// `on_reject`, and `on_conflict` for what was refused because of one.
#[hook]
fn use_reject(on_reject: Callback<EditProblem>, on_conflict: Callback<Conflict>) -> Callback<EditProblem> {
    use_callback((on_reject, on_conflict), |problem: EditProblem, (on_reject, on_conflict)| {
        if let Some(conflict) = problem.conflict() {
            on_conflict.emit(conflict.clone());
        }
        on_reject.emit(problem);
    })
}

/// Tells of conflicts that wait for the user, each once.
#[hook]
fn use_conflicts(shown: Rc<Shown>, on_conflict: Callback<Conflict>) {
    let told = use_mut_ref(std::collections::BTreeSet::new);
    use_effect_with(shown, move |shown| {
        let mut told = told.borrow_mut();
        for view in &shown.conflicts {
            if told.insert(view.id) {
                on_conflict.emit(view.case.conflict.clone());
            }
        }
        told.retain(|id| shown.conflicts.iter().any(|view| view.id == *id));
    });
}

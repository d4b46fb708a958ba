use std::rc::Rc;

use tideboard_engine::{Body, ConflictView, DeliveryOptions, Item, Source};
use tideboard_shared::{BoardId, Channel, Conflict};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::editor::{EditProblem, Editor};
use crate::{
    OpenDelivery, Realtime,
    by_address::ByAddress,
    hooks::{use_channel, use_realtime, use_store_with},
    slot::Slot,
};

mod handle;
mod options;

use handle::Shown;
pub use handle::UseRealtimeUpdatesHandle;
pub use options::UseRealtimeUpdatesOptions;

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
    let (strategy, delivery, paused) = (options.conflicts, options.delivery, options.paused);
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
        let wish = DeliveryOptions::new(Source::Channel(Channel::Board(board.clone())));
        let wish = DeliveryOptions { policy: strategy, priority, dedup: dedup_by, merge, stale_after, ..wish };
        let on_items = move |items: Vec<Item>| {
            let options = latest.current();
            for item in &items {
                if let Body::Missed(missed) = item.body {
                    options.on_gap.emit(missed);
                }
            }
            options.on_update.emit(items.into());
        };
        Slot::new(realtime.open_delivery(wish, on_items).ok())
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

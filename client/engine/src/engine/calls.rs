//! Public calls that change an engine: each is one line of one table.
//!
//! In: decisions of the driver and the application. Out: the [`Engine`]'s method of each call, and [`Call`], which is
//! the same as data, to be recorded and made again. Never: a call from within the engine, so that a recording holds
//! what came from outside, and holds it once.

use serde::{Deserialize, Serialize};
use tideboard_shared::{BoardId, Channel, ClientMessage, EntityId, message::Subscribe};

use super::Engine;
use crate::{
    ApplyError, Choice, DeliveryId, DeliveryOptions, Edit, EditId, Input, Key, MergeFn, Now, OpenError, Output, Plan,
    PlanId, RefreshId, Request, RequestId, ResolveError, Rollback, RollbackError, SendResult, SubscriptionId,
    UndoError, devtools::Functions, edits::Way,
};

/// Makes the table: a variant of [`Call`], a method of [`Engine`] that records and runs it, and the way to make it
/// again.
///
/// A line reads `Variant: method(arguments) at now -> Answer = |engine| body;`, without `at now` where time plays no
/// part.
macro_rules! calls {
    ($(
        $(#[$doc:meta])*
        $Variant:ident: $method:ident($($arg:ident: $Arg:ty),*) $(at $now:ident)? $(-> $Answer:ty)? =
            |$engine:ident| $body:expr;
    )*) => {
        /// Call of the [`Engine`]'s method of the variant's name, as data. [`Engine::poll_output`] is counted instead.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Call {
            $(
                #[doc = concat!("[`Engine::", stringify!($method), "`].")]
                $Variant($($Arg),*),
            )*
            /// [`Engine::set_merge`], without its function.
            SetMerge {
                /// Board of the entity.
                board: BoardId,
                /// Entity whose conflicts are merged.
                entity: EntityId,
                /// True when a merge was registered, false when it was taken back.
                is_set: bool,
            },
            /// [`Engine::open_delivery`], without its functions, with the id that the consumer gets if it can be
            /// opened.
            OpenDelivery(DeliveryId, DeliveryOptions),
        }

        impl Engine {
            $(
                $(#[$doc])*
                pub fn $method(&mut self, $($arg: $Arg,)* $($now: Now)?) $(-> $Answer)? {
                    let $engine = self;
                    $engine.devtools.record(None$(.or(Some($now)))?, || Call::$Variant($($arg.clone()),*));
                    $body
                }
            )*
        }

        impl Call {
            /// Names of all methods that have a call.
            #[cfg(test)]
            pub(crate) const NAMES: &[&str] = &[$(stringify!($method),)* "set_merge", "open_delivery"];

            /// Makes the call again. The answer is dropped: all that the call causes comes as outputs.
            pub(crate) fn run(self, engine: &mut Engine, functions: &Functions, now: Now) {
                match self {
                    $(Self::$Variant($($arg),*) => {
                        let _ = engine.$method($($arg,)* $({ let $now = now; $now })?);
                    })*
                    Self::SetMerge { board, entity, is_set } => {
                        let key = (board, entity);
                        let merge = if is_set { functions.merges.get(&key).cloned() } else { None };
                        engine.set_merge(key.0, key.1, merge);
                    }
                    Self::OpenDelivery(id, options) => {
                        let (dedup, merge) = functions.deliveries.get(&id).cloned().unwrap_or_default();
                        let _ = engine.open_delivery(DeliveryOptions { dedup, merge, ..options });
                    }
                }
            }
        }
    };
}

calls! {
    /// Takes in what happened. Never fails: bad input is ignored or becomes an output.
    Input: handle_input(input: Input) at now = |engine| engine.run_handle_input(input, now);

    /// Makes an edit: it shows at once, is stored, and is sent as soon as it is stored and there is a connection.
    ///
    /// # Errors
    /// When it cannot be made now; nothing is changed or queued then.
    Apply: apply(edit: Edit) at now -> Result<EditId, ApplyError> = |engine| engine.with_edits(|edits, cx| edits.apply(cx, edit, now));

    /// Ends an edit with [`crate::Carrier::Manual`]: the application has taken it to the server.
    ///
    /// `false` when there is no such edit.
    Confirm: confirm(id: EditId) -> bool = |engine| engine.with_edits(|edits, cx| edits.confirm(cx, id));

    /// Sends an edit again now, instead of when its repeat is due. `false` when it is not waiting.
    Retry: retry(id: EditId) at now -> bool = |engine| engine.run_retry(id, now);

    /// Takes one edit back: removed when it was not sent, reverted once its outcome is known when it was.
    ///
    /// # Errors
    /// When it is not known any more, or others changed the same since it was applied.
    Rollback: rollback(id: EditId) at now -> Result<Rollback, RollbackError> = |engine| engine.with_edits(|edits, cx| edits.rollback(cx, id, now));

    /// Takes my last edit of a board back. Its effect is undone at once, and the edit that does it can be redone.
    ///
    /// # Errors
    /// Refuses, with the conflict, when others changed the same since.
    Undo: undo(board: BoardId) at now -> Result<EditId, UndoError> = |engine| engine.with_edits(|edits, cx| edits.step_back(cx, &board, Way::Undo, now));

    /// Takes my last undo of a board back.
    ///
    /// # Errors
    /// Refuses, with the conflict, when others changed the same since.
    Redo: redo(board: BoardId) at now -> Result<EditId, UndoError> = |engine| engine.with_edits(|edits, cx| edits.step_back(cx, &board, Way::Redo, now));

    /// Settles a conflict as the user chose.
    ///
    /// # Errors
    /// When the choice cannot apply to what stands now; the conflict still waits.
    Resolve: resolve(id: EditId, choice: Choice) at now -> Result<(), ResolveError> =
        |engine| engine.with_edits(|edits, cx| edits.resolve(cx, id, &choice, now));

    /// Makes a refused edit again, of what stands now; it gets a new id.
    ///
    /// # Errors
    /// When it cannot be made now; it stays aside.
    Requeue: requeue(id: EditId) at now -> Result<EditId, ApplyError> = |engine| engine.with_edits(|edits, cx| edits.requeue(cx, id, now));

    /// Forgets a refused edit. `false` when there is none.
    Discard: discard(id: EditId) -> bool = |engine| engine.with_edits(|edits, cx| edits.discard(cx, id));

    /// Forgets a notice that the user has seen.
    DismissNotice: dismiss_notice(id: u64) = |engine| engine.with_edits(|edits, cx| edits.dismiss_notice(cx, id));

    /// Forgets a notification that the user has seen, for good. `false` when there is none of that name.
    DismissNotification: dismiss_notification(id: String) -> bool = |engine| {
        engine.changed.insert(Key::Notifications);
        engine.inbox.dismiss(&id)
    };

    /// Asks for channels again, or for all that are subscribed to when none is named. [`Output::Refreshed`] says when
    /// everything is up to date.
    Refresh: refresh(channels: Vec<Channel>) at now -> RefreshId = |engine| engine.run_refresh(&channels, now);

    /// Drops what is known of a board and asks for it whole. Until it comes, the board is shown as it was.
    Invalidate: invalidate(board: BoardId) at now -> RefreshId = |engine| engine.run_invalidate(&board, now);

    /// Starts hearing about a channel, until [`Self::unsubscribe`]. A channel whose feature is switched off brings
    /// nothing.
    Subscribe: subscribe(request: Subscribe) -> SubscriptionId = |engine| engine.subscriptions.add(request);

    /// Takes a subscribe request back; the channel is left when it was the last one for it.
    Unsubscribe: unsubscribe(id: SubscriptionId) = |engine| engine.subscriptions.remove(id);

    /// Starts to follow a user from tab to tab; none is active yet. End it with [`Self::close_plan`].
    OpenPlan: open_plan(plan: Plan) at now -> PlanId = |engine| engine.subscriptions.open_plan(plan, now.mono);

    /// Replaces the needs of the tabs; the user stays in the same tab.
    ReplacePlan: replace_plan(id: PlanId, plan: Plan) = |engine| engine.subscriptions.replace_plan(id, plan);

    /// Takes all subscribe requests of a plan back, at once.
    ClosePlan: close_plan(id: PlanId) = |engine| engine.subscriptions.close_plan(id);

    /// Moves the user to a tab of the dashboard, or to none. Counts after the plan's `debounce`; the first tab, and one
    /// that still lingers, count at once.
    SetActiveTab: set_active_tab(id: PlanId, tab: Option<String>) at now =
        |engine| engine.subscriptions.go_to(id, tab, now.mono);

    /// Keeps a channel whatever the tab, as the plan requests it.
    Pin: pin(id: PlanId, channel: Channel) = |engine| engine.subscriptions.pin(id, channel);

    /// Ends [`Self::pin`].
    Unpin: unpin(id: PlanId, channel: Channel) = |engine| engine.subscriptions.unpin(id, &channel);

    /// Asks again for a channel that the server denied.
    Renew: renew(channel: Channel) = |engine| engine.subscriptions.renew([channel]);

    /// Asks for a board again, from where it stands; also for one that was denied.
    Resync: resync(board: BoardId) = |engine| engine.run_resync(&board);

    /// Closes a consumer. What still waits for it is handed over first.
    CloseDelivery: close_delivery(id: DeliveryId) = |engine| engine.run_close_delivery(id);

    /// Keeps what arrives for a consumer until [`Self::resume_delivery`], up to `delivery.max_missed`; more is counted.
    PauseDelivery: pause_delivery(id: DeliveryId) = |engine| engine.run_pause_delivery(id);

    /// Ends [`Self::pause_delivery`]: what was missed is handed over at once.
    ResumeDelivery: resume_delivery(id: DeliveryId) at now = |engine| engine.run_resume_delivery(id, now);

    /// Asks the server something. [`Output::Answered`] comes exactly once, whatever happens; when nothing can be sent,
    /// at once.
    Request: request(request: Request) at now -> RequestId = |engine| engine.run_request(request, now);

    /// Gives a question up; it is answered as cancelled, unless it has its answer already.
    CancelRequest: cancel_request(id: RequestId) = |engine| engine.run_cancel_request(id);

    /// Sends a message of the application's own: `publish` or `presence`. Questions have [`Self::request`].
    ///
    /// While there is no connection it waits, first in first out, up to `connection.max_queued`. A presence does not:
    /// every new connection is told the latest one of each board.
    Send: send(message: ClientMessage) -> SendResult = |engine| engine.run_send(message);
}

/// Calls that the table cannot hold: two with functions, which no recording holds, and the poll.
impl Engine {
    /// Registers how conflicts of one entity are merged, or takes that back. A recording holds that it was done, and
    /// not the function: whoever replays it gives it again, see [`Functions`].
    pub fn set_merge(&mut self, board: BoardId, entity: EntityId, merge: Option<MergeFn>) {
        self.devtools.record(None, || Call::SetMerge {
            board: board.clone(),
            entity: entity.clone(),
            is_set: merge.is_some(),
        });
        self.edits.set_merge(board, entity, merge);
    }

    /// Opens a consumer: [`Output::Deliver`] brings it what arrives from now on. Subscribe to its channel beside it. A
    /// recording holds the options without their functions, see [`Functions`].
    ///
    /// # Errors
    /// When as many are open as `delivery.max_open` allows.
    pub fn open_delivery(&mut self, options: DeliveryOptions) -> Result<DeliveryId, OpenError> {
        let id = self.deliveries.next_id();
        self.devtools.record(None, || Call::OpenDelivery(id, options.without_functions()));
        self.run_open_delivery(options)
    }

    /// Hands out the next thing to do. Call until `None` after every change.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.run_poll_output();
        self.devtools.handle_polled(output.as_ref());
        output
    }
}

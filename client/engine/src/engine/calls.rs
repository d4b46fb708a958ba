//! Every public call that changes an engine. Each is recorded here and carried out elsewhere, by `run_` and its name.
//!
//! In: what the driver and the application want. Out: what they are told. Never: a call that another one makes; inside
//! the engine `run_*` is used, so that a recording holds what came from outside and nothing twice.

use tideboard_shared::{BoardId, Channel, ClientMessage, EntityId, message::Subscribe};

use super::Engine;
use crate::{
    ApplyError, Choice, DeliveryId, DeliveryOptions, Edit, EditId, Input, MergeFn, Now, OpenError, Output, Plan,
    PlanId, RefreshId, Request, RequestId, ResolveError, Rollback, RollbackError, SendResult, SubscriptionId,
    UndoError, devtools::Call,
};

impl Engine {
    /// Takes in what happened. Never fails: bad input is ignored or becomes an output.
    pub fn handle_input(&mut self, input: Input, now: Now) {
        self.devtools.record(Some(now), || Call::Input(input.clone()));
        self.run_handle_input(input, now);
    }

    /// The next thing to do. Call until `None` after every change.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.run_poll_output();
        self.devtools.handle_polled(output.as_ref());
        output
    }

    /// Makes an edit: it shows at once, is stored, and is sent as soon as it is stored and there is a connection.
    ///
    /// # Errors
    /// When it cannot be made now; nothing is changed or queued then.
    pub fn apply(&mut self, edit: Edit, now: Now) -> Result<EditId, ApplyError> {
        self.devtools.record(Some(now), || Call::Apply(edit.clone()));
        self.run_apply(edit, now)
    }

    /// Ends an edit with [`crate::Delivery::Manual`]: the application has taken it to the server.
    ///
    /// `false` when there is no such edit.
    pub fn confirm(&mut self, id: EditId) -> bool {
        self.devtools.record(None, || Call::Confirm(id));
        self.run_confirm(id)
    }

    /// Sends an edit again now, instead of when its repeat is due. `false` when it is not waiting.
    pub fn retry(&mut self, id: EditId, now: Now) -> bool {
        self.devtools.record(Some(now), || Call::Retry(id));
        self.run_retry(id, now)
    }

    /// Takes one edit back: removed when it was not sent, reverted once its outcome is known when it was.
    ///
    /// # Errors
    /// When it is not known any more, or others changed the same since it was applied.
    pub fn rollback(&mut self, id: EditId, now: Now) -> Result<Rollback, RollbackError> {
        self.devtools.record(Some(now), || Call::Rollback(id));
        self.run_rollback(id, now)
    }

    /// Takes my last edit of a board back. Its effect is undone at once, and the edit that does it can be redone.
    ///
    /// # Errors
    /// Refuses, with the conflict, when others changed the same since.
    pub fn undo(&mut self, board: &BoardId, now: Now) -> Result<EditId, UndoError> {
        self.devtools.record(Some(now), || Call::Undo(board.clone()));
        self.run_undo(board, now)
    }

    /// Takes my last undo of a board back.
    ///
    /// # Errors
    /// Refuses, with the conflict, when others changed the same since.
    pub fn redo(&mut self, board: &BoardId, now: Now) -> Result<EditId, UndoError> {
        self.devtools.record(Some(now), || Call::Redo(board.clone()));
        self.run_redo(board, now)
    }

    /// Registers how conflicts of one entity are merged, or takes that back. A recording holds that it was done, and not
    /// the function: whoever replays it gives it again, see [`crate::devtools::Functions`].
    pub fn set_merge(&mut self, board: BoardId, entity: EntityId, merge: Option<MergeFn>) {
        self.devtools.record(None, || Call::SetMerge {
            board: board.clone(),
            entity: entity.clone(),
            is_set: merge.is_some(),
        });
        self.run_set_merge(board, entity, merge);
    }

    /// Settles a conflict as the user chose.
    ///
    /// # Errors
    /// When the choice cannot apply to what stands now; the conflict still waits.
    pub fn resolve(&mut self, id: EditId, choice: Choice, now: Now) -> Result<(), ResolveError> {
        self.devtools.record(Some(now), || Call::Resolve(id, choice.clone()));
        self.run_resolve(id, choice, now)
    }

    /// Makes a refused edit again, of what stands now; it gets a new id.
    ///
    /// # Errors
    /// When it cannot be made now; it stays aside.
    pub fn requeue(&mut self, id: EditId, now: Now) -> Result<EditId, ApplyError> {
        self.devtools.record(Some(now), || Call::Requeue(id));
        self.run_requeue(id, now)
    }

    /// Forgets a refused edit. `false` when there is none.
    pub fn discard(&mut self, id: EditId) -> bool {
        self.devtools.record(None, || Call::Discard(id));
        self.run_discard(id)
    }

    /// Forgets a notice that the user has seen.
    pub fn dismiss_notice(&mut self, id: u64) {
        self.devtools.record(None, || Call::DismissNotice(id));
        self.run_dismiss_notice(id);
    }

    /// Forgets a notification that the user has seen, for good. `false` when there is none of that name.
    pub fn dismiss_notification(&mut self, id: &str) -> bool {
        self.devtools.record(None, || Call::DismissNotification(id.to_owned()));
        self.run_dismiss_notification(id)
    }

    /// Asks for channels again, or for all that are subscribed to when none is named. [`Output::Refreshed`] says when
    /// everything is up to date.
    pub fn refresh(&mut self, channels: &[Channel], now: Now) -> RefreshId {
        self.devtools.record(Some(now), || Call::Refresh(channels.to_vec()));
        self.run_refresh(channels, now)
    }

    /// Drops what is known of a board and asks for it whole. Until it comes, the board is shown as it was.
    pub fn invalidate(&mut self, board: &BoardId, now: Now) -> RefreshId {
        self.devtools.record(Some(now), || Call::Invalidate(board.clone()));
        self.run_invalidate(board, now)
    }

    /// Starts hearing about a channel. Take the wish back with [`Self::unsubscribe`]. One whose feature is switched off
    /// brings nothing.
    pub fn subscribe(&mut self, wish: Subscribe) -> SubscriptionId {
        self.devtools.record(None, || Call::Subscribe(wish.clone()));
        self.run_subscribe(wish)
    }

    /// Takes a wish back; the channel is left when it was the last one for it.
    pub fn unsubscribe(&mut self, id: SubscriptionId) {
        self.devtools.record(None, || Call::Unsubscribe(id));
        self.run_unsubscribe(id);
    }

    /// Starts to follow a user from tab to tab; none is active yet. End it with [`Self::close_plan`].
    pub fn open_plan(&mut self, plan: Plan, now: Now) -> PlanId {
        self.devtools.record(Some(now), || Call::OpenPlan(plan.clone()));
        self.run_open_plan(plan, now)
    }

    /// Other needs of the tabs; the user stays in the same one.
    pub fn replace_plan(&mut self, id: PlanId, plan: Plan) {
        self.devtools.record(None, || Call::ReplacePlan(id, plan.clone()));
        self.run_replace_plan(id, plan);
    }

    /// Takes all wishes of a plan back, at once.
    pub fn close_plan(&mut self, id: PlanId) {
        self.devtools.record(None, || Call::ClosePlan(id));
        self.run_close_plan(id);
    }

    /// The user went to a tab of the dashboard, or to none. It counts after the plan's `debounce`; the first, and one that
    /// still lingers, at once.
    pub fn set_active_tab(&mut self, id: PlanId, tab: Option<&str>, now: Now) {
        self.devtools.record(Some(now), || Call::SetActiveTab(id, tab.map(str::to_owned)));
        self.run_set_active_tab(id, tab, now);
    }

    /// Keeps a channel whatever the tab, as the plan wishes it.
    pub fn pin(&mut self, id: PlanId, channel: Channel) {
        self.devtools.record(None, || Call::Pin(id, channel.clone()));
        self.run_pin(id, channel);
    }

    /// Ends [`Self::pin`].
    pub fn unpin(&mut self, id: PlanId, channel: &Channel) {
        self.devtools.record(None, || Call::Unpin(id, channel.clone()));
        self.run_unpin(id, channel);
    }

    /// Asks again for a channel that the server denied.
    pub fn renew(&mut self, channel: Channel) {
        self.devtools.record(None, || Call::Renew(channel.clone()));
        self.run_renew(channel);
    }

    /// Asks for a board again, from where it stands; also for one that was denied.
    pub fn resync(&mut self, board: &BoardId) {
        self.devtools.record(None, || Call::Resync(board.clone()));
        self.run_resync(board);
    }

    /// Opens a consumer: [`Output::Deliver`] brings it what arrives from now on. Subscribe to its channel beside it. A
    /// recording holds the options without their functions, see [`crate::devtools::Functions`].
    ///
    /// # Errors
    /// When as many are open as `delivery.max_open` allows.
    pub fn open_delivery(&mut self, options: DeliveryOptions) -> Result<DeliveryId, OpenError> {
        let next = self.deliveries.next_id();
        self.devtools.record(None, || Call::OpenDelivery(next, options.without_functions()));
        self.run_open_delivery(options)
    }

    /// Closes a consumer. What still waits for it is handed over first.
    pub fn close_delivery(&mut self, id: DeliveryId) {
        self.devtools.record(None, || Call::CloseDelivery(id));
        self.run_close_delivery(id);
    }

    /// Keeps what arrives for a consumer until [`Self::resume_delivery`], up to `delivery.max_missed`; more is counted.
    pub fn pause_delivery(&mut self, id: DeliveryId) {
        self.devtools.record(None, || Call::PauseDelivery(id));
        self.run_pause_delivery(id);
    }

    /// Ends [`Self::pause_delivery`]: what was missed is handed over at once.
    pub fn resume_delivery(&mut self, id: DeliveryId, now: Now) {
        self.devtools.record(Some(now), || Call::ResumeDelivery(id));
        self.run_resume_delivery(id, now);
    }

    /// Asks the server something. [`Output::Answered`] comes exactly once, whatever happens; when nothing can be sent, at
    /// once.
    pub fn request(&mut self, request: Request, now: Now) -> RequestId {
        self.devtools.record(Some(now), || Call::Request(request.clone()));
        self.run_request(request, now)
    }

    /// Gives a question up; it is answered as cancelled, unless it has its answer already.
    pub fn cancel_request(&mut self, id: RequestId) {
        self.devtools.record(None, || Call::CancelRequest(id));
        self.run_cancel_request(id);
    }

    /// Sends a message of the application's own: `publish` or `presence`. Questions have [`Self::request`].
    ///
    /// While there is no connection it waits, first in first out, up to `connection.max_queued`. A presence does not: every
    /// new connection is told the latest one of each board.
    pub fn send(&mut self, message: ClientMessage) -> SendResult {
        self.devtools.record(None, || Call::Send(message.clone()));
        self.run_send(message)
    }
}

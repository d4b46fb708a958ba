//! Calls of the hooks to the engine: one thin method for each.
//!
//! In: calls of the application. Out: at once what the engine says at once; what comes later by a future, a callback
//! or the views. Never: a decision. Calling any of these from within a callback is fine; calling one from a selector,
//! or from a function that the engine itself runs (a merge, a key), panics.

use std::{future::Future, rc::Rc};

use futures_channel::oneshot;
use tideboard_engine::{
    Answer, ApplyError, Choice, DeliveryOptions, Edit, EditEnd, EditId, Input, Item, MergeFn, Now, OpenError, Plan,
    RefreshError, Request, RequestError, RequestId, ResolveError, Rollback, RollbackError, SendResult, UndoError,
    devtools::Recording,
};
use tideboard_shared::{AccessToken, BoardId, Channel, ClientMessage, EntityId, ServerMessage, message::Subscribe};
use yew::Callback;

use super::{
    Core, Driver, OpenDelivery, OpenPlan, SignOutError, Socket,
    replies::{DriverUsage, Kind, MessageFilter, OnEnd, OnItems},
};
use crate::{Subscription, clock};

impl Driver {
    /// Connects, and stays connected until [`Self::disconnect`].
    pub fn connect(&self) {
        self.input(Input::Connect);
    }

    /// Closes the connection on purpose; nothing reconnects by itself after it. Pending edits stay queued.
    pub fn disconnect(&self) {
        self.input(Input::Disconnect);
    }

    /// Skips the rest of a backoff, or replaces a connection that is suspected.
    pub fn reconnect_now(&self) {
        self.input(Input::ReconnectNow);
    }

    /// Asks a connection for a sign of life, or skips the rest of a backoff: for a user who looks at how it stands.
    pub fn check_connection(&self) {
        self.input(Input::Visible);
    }

    /// Ends this client for good: closes the connection and deletes what the browser keeps for its user, in all tabs.
    /// Edits that the server does not have are lost; see the pending ones first. For the next user, make a new
    /// provider.
    pub fn sign_out(&self) -> impl Future<Output = Result<(), SignOutError>> + use<> {
        self.tell_signed_out();
        self.stop();
        let cleared = self.clear_storage();
        async move {
            let cleared = cleared.await.unwrap_or(Ok(()));
            cleared.map_err(|reason| SignOutError::NotDeleted { reason })
        }
    }

    /// Closes the connection as far as this page has a part in it; [`Self::connect`] opens it again.
    pub fn retire(&self) {
        self.leave_tabs();
        self.input(Input::Disconnect);
        self.core.borrow_mut().is_retired = true;
    }

    /// Closes the connection and hears of nothing any more.
    pub(super) fn stop(&self) {
        self.retire();
        self.core.borrow_mut().is_over = true;
    }

    /// Gives a fresh token: sent at once on a live connection, else with the next greeting.
    pub fn set_token(&self, token: impl Into<AccessToken>) {
        self.input(Input::Token(token.into()));
    }

    /// Makes an edit; `on_end` hears how it ended, once, if it was accepted.
    ///
    /// # Errors
    /// When it cannot be made now; nothing is changed or queued then.
    pub fn apply(&self, edit: Edit, on_end: impl FnOnce(EditEnd) + 'static) -> Result<EditId, ApplyError> {
        self.make_edit(on_end, |core| core.engine.apply(edit, clock::now()))
    }

    /// Ends an edit with manual delivery: the application has taken it to the server. `false` when there is no such
    /// edit.
    pub fn confirm(&self, id: EditId) -> bool {
        self.call(|core, _| core.engine.confirm(id))
    }

    /// Sends an edit again now, instead of when its repeat is due. `false` when it is not waiting.
    pub fn retry(&self, id: EditId) -> bool {
        self.call(|core, now| core.engine.retry(id, now))
    }

    /// Takes one edit back. From here on it does not show; should it reach the server all the same, it is reverted there.
    ///
    /// # Errors
    /// When it is not known any more, or others changed the same since it was applied.
    pub fn rollback(&self, id: EditId) -> Result<Rollback, RollbackError> {
        self.call(|core, now| core.engine.rollback(id, now))
    }

    /// Takes my last edit of a board back, by an edit of its own; `on_end` hears how that one ended.
    ///
    /// # Errors
    /// Refuses, with the conflict, when others changed the same since.
    pub fn undo(&self, board: &BoardId, on_end: impl FnOnce(EditEnd) + 'static) -> Result<EditId, UndoError> {
        self.make_edit(on_end, |core| core.engine.undo(board.clone(), clock::now()))
    }

    /// Takes my last undo of a board back, by an edit of its own; `on_end` hears how that one ended.
    ///
    /// # Errors
    /// Refuses, with the conflict, when others changed the same since.
    pub fn redo(&self, board: &BoardId, on_end: impl FnOnce(EditEnd) + 'static) -> Result<EditId, UndoError> {
        self.make_edit(on_end, |core| core.engine.redo(board.clone(), clock::now()))
    }

    /// Registers how conflicts of one entity are merged, or takes that back. One entity has one merge; the last one
    /// counts.
    pub fn set_merge(&self, board: BoardId, entity: EntityId, merge: Option<MergeFn>) {
        let key = (board.clone(), entity.clone());
        // What the function holds may unsubscribe when it is dropped: kept until the engine is free.
        let _replaced = self.call(|core, _| {
            core.engine.set_merge(board, entity, merge.clone());
            match merge {
                Some(merge) => core.replies.merges.insert(key, merge),
                None => core.replies.merges.remove(&key),
            }
        });
    }

    /// Settles a conflict as the user chose.
    ///
    /// # Errors
    /// When the choice cannot apply to what stands now; the conflict still waits.
    pub fn resolve(&self, id: EditId, choice: Choice) -> Result<(), ResolveError> {
        self.call(|core, now| core.engine.resolve(id, choice, now))
    }

    /// Makes a refused edit again, of what stands now; it gets a new id, and `on_end` hears how that one ended.
    ///
    /// # Errors
    /// When it cannot be made now; it stays aside.
    pub fn requeue(&self, id: EditId, on_end: impl FnOnce(EditEnd) + 'static) -> Result<EditId, ApplyError> {
        self.make_edit(on_end, |core| core.engine.requeue(id, clock::now()))
    }

    /// Forgets a refused edit. `false` when there is none.
    pub fn discard(&self, id: EditId) -> bool {
        self.call(|core, _| core.engine.discard(id))
    }

    /// Calls `on_overdue` with every edit whose outcome takes longer than `optimistic.operation_timeout`. It stays
    /// queued.
    pub fn listen_overdue(&self, on_overdue: Callback<EditId>) -> Subscription {
        self.listen_to(|replies| &mut replies.overdue, on_overdue)
    }

    /// Calls `on_end` with every edit of this page that ends, whoever made it, and how.
    pub fn listen_ends(&self, on_end: Callback<(EditId, EditEnd)>) -> Subscription {
        self.listen_to(|replies| &mut replies.ended, on_end)
    }

    /// Forgets a notice that the user has seen.
    pub fn dismiss_notice(&self, id: u64) {
        self.call(|core, _| core.engine.dismiss_notice(id));
    }

    /// Forgets a notification that the user has seen, for good. `false` when there is none of that name.
    pub fn dismiss_notification(&self, id: &str) -> bool {
        self.call(|core, _| core.engine.dismiss_notification(id.to_owned()))
    }

    /// Asks for channels again, or for all that are subscribed to when none is named. The future says when everything
    /// is up to date; it need not be awaited.
    pub fn refresh(&self, channels: &[Channel]) -> impl Future<Output = Result<(), RefreshError>> + use<> {
        let (sender, receiver) = oneshot::channel();
        self.call(|core, now| {
            let id = core.engine.refresh(channels.to_vec(), now);
            core.replies.refreshes.insert(id, sender);
        });
        async move { receiver.await.unwrap_or(Err(RefreshError::Offline)) }
    }

    /// Drops what is known of a board and asks for it whole. Until it comes, the board is shown as it was.
    pub fn invalidate(&self, board: &BoardId) -> impl Future<Output = Result<(), RefreshError>> + use<> {
        let (sender, receiver) = oneshot::channel();
        self.call(|core, now| {
            let id = core.engine.invalidate(board.clone(), now);
            core.replies.refreshes.insert(id, sender);
        });
        async move { receiver.await.unwrap_or(Err(RefreshError::Offline)) }
    }

    /// Asks for a board again, from where it stands; also for one that was denied.
    pub fn resync(&self, board: &BoardId) {
        self.call(|core, _| core.engine.resync(board.clone()));
    }

    /// Starts hearing about a channel, until the subscription is dropped.
    pub fn subscribe(&self, request: Subscribe) -> Subscription {
        let id = self.call(|core, _| core.engine.subscribe(request));
        let driver = self.this.clone();
        Subscription::new(move || {
            if let Some(driver) = driver.upgrade() {
                driver.call(|core, _| core.engine.unsubscribe(id));
            }
        })
    }

    /// Asks again for a channel that the server denied.
    pub fn renew(&self, channel: Channel) {
        self.call(|core, _| core.engine.renew(channel));
    }

    /// Starts to follow a user from tab to tab of the page, until it is dropped; none is active yet.
    pub fn open_plan(&self, plan: Plan) -> OpenPlan {
        let id = self.call(|core, now| core.engine.open_plan(plan, now));
        OpenPlan { driver: self.this.clone(), id }
    }

    /// Opens a consumer: `on_items` gets what arrives from now on, by the policy of the options, until the guard is
    /// dropped. Subscribe to its channel beside it.
    ///
    /// # Errors
    /// When as many are open as `delivery.max_open` allows.
    pub fn open_delivery(
        &self,
        options: DeliveryOptions,
        on_items: impl Fn(Vec<Item>) + 'static,
    ) -> Result<OpenDelivery, OpenError> {
        let functions = (options.dedup.clone(), options.merge.clone());
        let on_items: OnItems = Rc::new(on_items);
        let id = self.call(|core, _| {
            let id = core.engine.open_delivery(options)?;
            core.replies.deliveries.insert(id, Rc::clone(&on_items));
            Ok(id)
        })?;
        Ok(OpenDelivery { driver: self.this.clone(), id, _functions: functions })
    }

    /// Asks the server something. The future ends exactly once, whatever happens, by the deadline of the request at the
    /// latest; dropping it gives nothing up, see [`Self::cancel_request`].
    pub fn request(&self, request: Request) -> (RequestId, impl Future<Output = Answer> + use<>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.call(|core, now| {
            let id = core.engine.request(request, now);
            core.replies.answers.insert(id, sender);
            id
        });
        (id, async move { receiver.await.unwrap_or(Err(RequestError::Cancelled)) })
    }

    /// Gives a question up; it is answered as cancelled, unless it has its answer already.
    pub fn cancel_request(&self, id: RequestId) {
        self.call(|core, _| core.engine.cancel_request(id));
    }

    /// Sends a message of the application's own: `publish` or `presence`. Questions have [`Self::request`].
    pub fn send(&self, message: ClientMessage) -> SendResult {
        self.call(|core, _| core.engine.send(message))
    }

    /// Calls `on_message` with every message of a type, or with all, after the engine has handled it.
    pub fn listen(&self, wanted: impl Into<MessageFilter>, on_message: Callback<Rc<ServerMessage>>) -> Subscription {
        let wanted = wanted.into();
        let filtered = move |message: Rc<ServerMessage>| {
            if wanted.includes(message.message_type()) {
                on_message.emit(message);
            }
        };
        self.listen_to(|replies| &mut replies.messages, filtered.into())
    }

    fn listen_to<T: 'static>(&self, kind: Kind<T>, on_event: Callback<T>) -> Subscription {
        let id = self.core.borrow_mut().replies.add_listener(kind, on_event);
        let driver = self.this.clone();
        Subscription::new(move || {
            if let Some(driver) = driver.upgrade() {
                // A listener may own the last handle of something that unsubscribes as well: dropped outside the
                // borrow.
                let listener = kind(&mut driver.core.borrow_mut().replies).remove(&id);
                drop(listener);
            }
        })
    }

    /// Counts what is registered here, for finding what was not let go of.
    #[must_use]
    pub fn usage(&self) -> DriverUsage {
        let core = self.core.borrow();
        core.replies.usage(core.observers.len())
    }

    /// Bytes that were handed to the browser's socket and have not left the machine; 0 without one.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.core.borrow().socket.as_ref().map_or(0, Socket::buffered_bytes)
    }

    /// All that was told to the engine since it was made, to be replayed; `None` while `features.devtools` is off.
    #[must_use]
    pub fn recording(&self) -> Option<Recording> {
        self.core.borrow().engine.recording()
    }

    /// Calls the engine, then does what it wants done.
    pub(super) fn call<T>(&self, call: impl FnOnce(&mut Core, Now) -> T) -> T {
        let result = call(&mut self.core.borrow_mut(), clock::now());
        self.run();
        result
    }

    fn make_edit<E>(
        &self,
        on_end: impl FnOnce(EditEnd) + 'static,
        make: impl FnOnce(&mut Core) -> Result<EditId, E>,
    ) -> Result<EditId, E> {
        // One that is not needed is dropped at the end, outside the borrow: it may hold what unsubscribes.
        let mut on_end: Option<OnEnd> = Some(Box::new(on_end));
        self.call(|core, _| {
            let made = make(core);
            if let Ok(id) = &made
                && let Some(on_end) = on_end.take()
            {
                core.replies.ends.insert(*id, on_end);
            }
            made
        })
    }
}

//! Every public call that changes an engine, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tideboard_shared::{BoardId, Channel, ClientMessage, EntityId, message::Subscribe};

use crate::{
    Choice, DeliveryId, DeliveryOptions, Edit, EditId, Engine, FoldFn, Input, KeyFn, MergeFn, Migrations, Now, Plan,
    PlanId, Request, RequestId, SubscriptionId,
};

/// One call of the [`Engine`]'s method of the same name; [`Engine::poll_output`] is counted instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Call {
    /// [`Engine::handle_input`].
    Input(Input),
    Apply(Edit),
    Confirm(EditId),
    Retry(EditId),
    Rollback(EditId),
    Undo(BoardId),
    Redo(BoardId),
    SetMerge {
        board: BoardId,
        entity: EntityId,
        /// Whether a merge was registered, not taken back.
        is_set: bool,
    },
    Resolve(EditId, Choice),
    Requeue(EditId),
    Discard(EditId),
    DismissNotice(u64),
    DismissNotification(String),
    Refresh(Vec<Channel>),
    Invalidate(BoardId),
    Subscribe(Subscribe),
    Unsubscribe(SubscriptionId),
    OpenPlan(Plan),
    ReplacePlan(PlanId, Plan),
    ClosePlan(PlanId),
    SetActiveTab(PlanId, Option<String>),
    Pin(PlanId, Channel),
    Unpin(PlanId, Channel),
    Renew(Channel),
    Resync(BoardId),
    /// With the id that the consumer gets when it can be opened.
    OpenDelivery(DeliveryId, DeliveryOptions),
    CloseDelivery(DeliveryId),
    PauseDelivery(DeliveryId),
    ResumeDelivery(DeliveryId),
    Request(Request),
    CancelRequest(RequestId),
    Send(ClientMessage),
}

/// What a recording cannot hold: the application's own functions. A replay is exact when they are the same again.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    /// Given to [`Engine::with_migrations`].
    pub migrations: Migrations,
    /// Given to [`Engine::set_merge`].
    pub merges: BTreeMap<(BoardId, EntityId), MergeFn>,
    /// Given to [`Engine::open_delivery`], as `dedup` and `merge`.
    pub deliveries: BTreeMap<DeliveryId, (Option<KeyFn>, Option<FoldFn>)>,
}

impl Call {
    /// Makes the call again. What it answers is dropped: everything that it causes is an output.
    pub(super) fn run(self, engine: &mut Engine, functions: &Functions, now: Now) {
        match self {
            Self::Input(input) => engine.handle_input(input, now),
            Self::Apply(edit) => drop(engine.apply(edit, now)),
            Self::Confirm(id) => drop(engine.confirm(id)),
            Self::Retry(id) => drop(engine.retry(id, now)),
            Self::Rollback(id) => drop(engine.rollback(id, now)),
            Self::Undo(board) => drop(engine.undo(&board, now)),
            Self::Redo(board) => drop(engine.redo(&board, now)),
            Self::SetMerge { board, entity, is_set } => {
                let key = (board, entity);
                let merge = functions.merges.get(&key).filter(|_| is_set).cloned();
                engine.set_merge(key.0, key.1, merge);
            }
            Self::Resolve(id, choice) => drop(engine.resolve(id, choice, now)),
            Self::Requeue(id) => drop(engine.requeue(id, now)),
            Self::Discard(id) => drop(engine.discard(id)),
            Self::DismissNotice(id) => engine.dismiss_notice(id),
            Self::DismissNotification(id) => drop(engine.dismiss_notification(&id)),
            Self::Refresh(channels) => drop(engine.refresh(&channels, now)),
            Self::Invalidate(board) => drop(engine.invalidate(&board, now)),
            Self::Subscribe(wish) => drop(engine.subscribe(wish)),
            Self::Unsubscribe(id) => engine.unsubscribe(id),
            Self::OpenPlan(plan) => drop(engine.open_plan(plan, now)),
            Self::ReplacePlan(id, plan) => engine.replace_plan(id, plan),
            Self::ClosePlan(id) => engine.close_plan(id),
            Self::SetActiveTab(id, tab) => engine.set_active_tab(id, tab.as_deref(), now),
            Self::Pin(id, channel) => engine.pin(id, channel),
            Self::Unpin(id, channel) => engine.unpin(id, &channel),
            Self::Renew(channel) => engine.renew(channel),
            Self::Resync(board) => engine.resync(&board),
            Self::OpenDelivery(id, options) => {
                let (dedup, merge) = functions.deliveries.get(&id).cloned().unwrap_or_default();
                let _ = engine.open_delivery(DeliveryOptions { dedup, merge, ..options });
            }
            Self::CloseDelivery(id) => engine.close_delivery(id),
            Self::PauseDelivery(id) => engine.pause_delivery(id),
            Self::ResumeDelivery(id) => engine.resume_delivery(id, now),
            Self::Request(request) => drop(engine.request(request, now)),
            Self::CancelRequest(id) => engine.cancel_request(id),
            Self::Send(message) => drop(engine.send(message)),
        }
    }
}

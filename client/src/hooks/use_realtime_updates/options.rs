use std::{rc::Rc, time::Duration};

use tideboard_engine::{ConflictStrategy, Delivery, FoldFn, Item, KeyFn, Missed, Policy};
use tideboard_shared::{Conflict, message::Priority};
use yew::Callback;

use crate::hooks::editor::EditProblem;

/// Options of [`super::use_realtime_updates`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseRealtimeUpdatesOptions {
    /// When events are handed on: before the next frame, in batches, when they pause, at most so often. Default
    /// `delivery.strategy`.
    pub strategy: Option<Policy>,
    /// `Critical` gets everything at once, whatever the strategy. Default `Medium`.
    pub priority: Priority,
    /// Which events of one hand-over replace each other: the latest stands for all. Default none does.
    pub dedup_by: Option<KeyFn>,
    /// What to make of those that would replace each other. Default the latest.
    pub merge: Option<FoldFn>,
    /// Whether nothing is handed on for now. Default false.
    pub paused: bool,
    /// Without news for so long it is stale. Default `delivery.stale_after`.
    pub stale_after: Option<Duration>,
    /// Whose edit stands when others changed the same field first. Default: theirs, and the user is told.
    pub conflicts: ConflictStrategy,
    /// Who takes edits to the server: we, or the application, which then says `confirm` or `rollback`. Default we.
    pub delivery: Delivery,
    /// Called with what is handed on, in order, without a render.
    pub on_update: Callback<Rc<[Item]>>,
    /// Called where events were not handed on one by one: the board has them all.
    pub on_gap: Callback<Missed>,
    /// Called when others changed the same first, whatever becomes of it.
    pub on_conflict: Callback<Conflict>,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
}

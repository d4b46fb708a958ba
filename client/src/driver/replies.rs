use std::{collections::BTreeMap, rc::Rc};

use futures_channel::oneshot::Sender;
use tideboard_engine::{Answer, DeliveryId, EditEnd, EditId, Item, MergeFn, RefreshError, RefreshId, RequestId};
use tideboard_shared::{BoardId, EntityId, ServerMessage};
use yew::Callback;

use crate::MessageType;

/// Hears how an edit ends.
pub(super) type OnEnd = Box<dyn FnOnce(EditEnd)>;

/// Gets what a consumer gets.
pub(super) type OnItems = Rc<dyn Fn(Vec<Item>)>;

/// Who waits for what the engine says later. Whatever is taken out is called, and dropped, while the engine is free.
#[derive(Default)]
pub(super) struct Replies {
    pub(super) ends: BTreeMap<EditId, OnEnd>,
    pub(super) answers: BTreeMap<RequestId, Sender<Answer>>,
    pub(super) refreshes: BTreeMap<RefreshId, Sender<Result<(), RefreshError>>>,
    pub(super) deliveries: BTreeMap<DeliveryId, OnItems>,
    pub(super) listeners: BTreeMap<u64, Listener>,
    pub(super) overdue: BTreeMap<u64, Callback<EditId>>,
    /// What the engine merges by, so that the last handle of a function is not the engine's.
    pub(super) merges: BTreeMap<(BoardId, EntityId), MergeFn>,
    last_id: u64,
}

/// Who wants messages of a type.
pub(super) struct Listener {
    pub(super) wanted: MessageType,
    pub(super) on_message: Callback<Rc<ServerMessage>>,
}

impl Replies {
    pub(super) fn add_listener(&mut self, listener: Listener) -> u64 {
        self.last_id += 1;
        self.listeners.insert(self.last_id, listener);
        self.last_id
    }

    pub(super) fn add_overdue(&mut self, on_overdue: Callback<EditId>) -> u64 {
        self.last_id += 1;
        self.overdue.insert(self.last_id, on_overdue);
        self.last_id
    }
}

//! Receivers of what the engine says later: ends of edits, answers, items, messages.
//!
//! Never: a call; the driver takes a receiver out, or clones it, and calls it while nothing is borrowed.

use std::{collections::BTreeMap, rc::Rc};

use futures_channel::oneshot::Sender;
use tideboard_engine::{Answer, DeliveryId, EditEnd, EditId, Item, MergeFn, RefreshError, RefreshId, RequestId};
use tideboard_shared::{BoardId, EntityId, ServerMessage, ServerMessageType};
use yew::Callback;

/// Hears how an edit ends.
pub(super) type OnEnd = Box<dyn FnOnce(EditEnd)>;

/// Gets what a consumer gets.
pub(super) type OnItems = Rc<dyn Fn(Vec<Item>)>;

/// Receivers of what the engine says later. Whatever is taken out is called, and dropped, while the engine is free.
#[derive(Default)]
pub(super) struct Replies {
    pub(super) ends: BTreeMap<EditId, OnEnd>,
    pub(super) answers: BTreeMap<RequestId, Sender<Answer>>,
    pub(super) refreshes: BTreeMap<RefreshId, Sender<Result<(), RefreshError>>>,
    pub(super) deliveries: BTreeMap<DeliveryId, OnItems>,
    pub(super) messages: Listeners<Rc<ServerMessage>>,
    pub(super) overdue: Listeners<EditId>,
    pub(super) ended: Listeners<(EditId, EditEnd)>,
    /// Merges that the engine runs, so that the last handle of a function is not the engine's.
    pub(super) merges: BTreeMap<(BoardId, EntityId), MergeFn>,
    last_id: u64,
}

/// Choice of the messages from the server to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFilter {
    /// All of them.
    Any,
    /// Messages of one type.
    Only(ServerMessageType),
}

impl MessageFilter {
    pub(super) fn includes(self, kind: ServerMessageType) -> bool {
        match self {
            Self::Any => true,
            Self::Only(wanted) => wanted == kind,
        }
    }
}

impl From<ServerMessageType> for MessageFilter {
    fn from(kind: ServerMessageType) -> Self {
        Self::Only(kind)
    }
}

/// Callbacks for events of one kind, in the order in which they came.
pub(super) type Listeners<T> = BTreeMap<u64, Callback<T>>;

/// Finds the listeners of one kind.
pub(super) type Kind<T> = fn(&mut Replies) -> &mut Listeners<T>;

/// Count of what is registered with a driver, for finding what was not let go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DriverUsage {
    /// Selectors that follow the engine.
    pub observers: usize,
    /// Listeners to messages, and to overdue or ended edits.
    pub listeners: usize,
    /// Consumers of what arrives.
    pub consumers: usize,
    /// Waits for the end of an edit, a refresh or a request.
    pub waiting: usize,
    /// Merges of conflicts.
    pub merges: usize,
}

impl Replies {
    pub(super) fn usage(&self, observers: usize) -> DriverUsage {
        DriverUsage {
            observers,
            listeners: self.messages.len() + self.overdue.len() + self.ended.len(),
            consumers: self.deliveries.len(),
            waiting: self.ends.len() + self.refreshes.len() + self.answers.len(),
            merges: self.merges.len(),
        }
    }

    pub(super) fn add_listener<T>(&mut self, kind: Kind<T>, on_event: Callback<T>) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        kind(self).insert(id, on_event);
        id
    }
}

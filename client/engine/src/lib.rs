//! The brain of a Tideboard client, without any IO.
//!
//! Deliberately absent: clocks, sockets, timers, threads, tasks, randomness. Time and a seed are inputs; what is to be
//! done comes out as data. So the same code runs in the browser, natively and in a whole-system simulation.
//! Read [`Engine`] first (the run-loop contract), then [`Input`] and [`Output`] (all that passes its border).

pub mod config;
pub mod connection;
pub mod delivery;
pub mod devtools;
pub mod edits;
pub mod engine;
mod inbox;
pub mod io;
pub mod migration;
pub mod outbox;
pub mod peers;
pub mod presence;
pub mod replica;
pub mod requests;
pub mod streams;
pub mod subscriptions;
#[cfg(test)]
mod testing;
pub mod updates;
pub mod view;

pub use config::Config;
pub use connection::ConnectionState;
pub use delivery::{
    Body, DeliveryId, DeliveryOptions, DeliveryStatus, DeliveryView, FoldFn, Item, KeyFn, Missed, MissedWhy, OpenError,
    Policy, Source,
};
pub use edits::{
    ApplyError, Choice, ConflictCase, ConflictStrategy, ConflictView, Delivery, Edit, EditEnd, EditId, Maker, MergeFn,
    MergeInput, Notice, OpNo, PendingView, Refused, RefusedView, ResolveError, Rollback, RollbackError, Stage,
    UndoError,
};
pub use engine::{Call, Engine, Identity};
pub(crate) use io::Outputs;
pub use io::{
    CachedBoard, Contents, Input, Now, Opened, Output, PostError, PostId, RefreshError, RefreshId, SendResult,
    SocketEpoch, SocketEvent, StoreReply, StoreRequest, StoredEdit, TimeoutReason,
};
pub use migration::{Migration, Migrations};
pub use outbox::MemoryOutbox;
pub use peers::{Author, PageLife, PeerMessage, Role, Term};
pub use presence::PresenceView;
pub use requests::{Answer, Request, RequestError, RequestId, RequestsView};
pub use subscriptions::{
    ChannelMetrics, ChannelStatus, ChannelView, Plan, PlanId, PlanTab, PlanView, Rate, SubscriptionId,
};
pub use view::{
    BoardStatus, BoardView, ConnectionView, EntityView, Key, Reader, StorageStatus, SyncStatus, SyncView, Transport,
};

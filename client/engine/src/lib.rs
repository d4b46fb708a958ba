//! The brain of a Tideboard client, without any IO.
//!
//! Deliberately absent: clocks, sockets, timers, threads, tasks, randomness. Time and a seed are inputs; what is to be
//! done comes out as data. So the same code runs in the browser, natively and in a whole-system simulation.
//! Read [`Engine`] first (the run-loop contract), then [`Input`] and [`Output`] (all that passes its border).
//!
//! # The run loop
//! A driver feeds the engine and does what it says. This one has an outbox in memory, and a socket on which nobody answers:
//!
//! ```
//! use std::time::Instant;
//!
//! use tideboard_engine::{Config, Engine, Identity, Input, MemoryOutbox, Now, Output, SocketEvent};
//! use tideboard_shared::{Channel, UnixMs};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let origin = Instant::now();
//! let now = || Now { mono: origin.elapsed(), wall: UnixMs(1_700_000_000_000) };
//! let identity = Identity { client: "c_1".parse()?, tab: "t_1".parse()?, schema: 1, token: None, seed: 7 };
//! let mut engine = Engine::new(Config::default(), identity);
//! let mut outbox = MemoryOutbox::default();
//! let mut sent = Vec::new();
//! let mut wake_at = None;
//!
//! engine.handle_input(Input::Connect, now());
//! engine.subscribe("board:main".parse::<Channel>()?.into());
//!
//! while let Some(output) = engine.poll_output() {
//!     match output {
//!         // All that happens to the socket is reported under its epoch. This one opens at once.
//!         Output::OpenSocket(epoch) => {
//!             engine.handle_input(Input::Socket { epoch, event: SocketEvent::Opened }, now());
//!         }
//!         Output::Send { frame, .. } => sent.push(frame),
//!         Output::Store(request) => {
//!             if let Some(reply) = outbox.handle(request) {
//!                 engine.handle_input(Input::Stored(reply), now());
//!             }
//!         }
//!         // `Input::Timeout` is due at this time, unless something happens sooner.
//!         Output::Timeout(at, _) => wake_at = Some(at),
//!         // Views to read anew, answers to hand out …
//!         _ => {}
//!     }
//! }
//!
//! assert!(sent[0].contains("hello"), "the rest waits for the answer");
//! assert!(wake_at.is_some(), "which may not take for ever");
//! # Ok(())
//! # }
//! ```

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
mod sort;
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
    ApplyError, Carrier, Choice, ConflictCase, ConflictStrategy, ConflictView, Edit, EditEnd, EditId, Maker, MergeFn,
    MergeInput, Notice, OpNo, PendingView, Refused, RefusedView, ResolveError, Rollback, RollbackError, SetBack, Stage,
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

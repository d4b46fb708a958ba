//! The server's brain: what becomes of a board's operations.
//!
//! Deliberately absent: clocks, sockets, tasks, storage, randomness. Whoever drives it hands in the time and what the
//! log answered, and does what it asks for; so a simulation runs the very code that the server runs. Read [`Machine`]
//! first (the protocol and its run-loop contract), then [`RoomState`] (what becomes of operations).

mod clients;
mod history;
mod machine;
pub mod retention;
mod row;
mod state;
#[cfg(feature = "testing")]
pub mod testing;
mod welcome;

pub use clients::ClientRecord;
pub use machine::{Answer, BROADCAST_GAP, Failure, Input, Machine, Mail, NotWritten, Now, Output, unavailable};
pub use row::{LogRow, Replaced, RestoreError, RowNo, Stored, StoredSnapshot};
pub use state::{Decision, RoomConfig, RoomState, SeenIn, Submission};
pub use welcome::{Reach, Whereabouts};

//! The server's brain: what becomes of a board's operations.
//!
//! Deliberately absent: clocks, sockets, tasks, storage, randomness. Whoever drives it hands in the time and what the log
//! answered, and does what it asks for; so a simulation runs the very code that the server runs.
//! Read [`RoomState`] first (what is decided), then [`LogRow`] (the stored form of it).

mod clients;
mod history;
pub mod retention;
mod row;
mod state;
mod welcome;

pub use clients::ClientRecord;
pub use row::{LogRow, RestoreError, Stored, StoredSnapshot};
pub use state::{Decision, RoomConfig, RoomState, Submission};
pub use welcome::Resume;

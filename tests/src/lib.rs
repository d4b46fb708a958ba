//! Harness of Tideboard's end-to-end tests: the real server as a process, and clients that speak the wire to it.
//!
//! Deliberately absent: the client engine (the `sim` tests drive that), mocks, and sleeps. Every wait is for a
//! condition, until [`DEADLINE`], and then says what came instead. Read [`Server`] first, then [`Client`].

mod author;
mod board;
pub mod browser;
mod client;
mod program;
pub mod raw;
mod rest;
mod server;
mod site;

pub use author::Author;
pub use board::BoardView;
pub use client::{Client, Closed, Ready, Subscribed};
pub use program::server_program;
pub use raw::{Raw, RawFrame};
pub use rest::{Reply, Rest};
pub use server::{Address, Launch, Server, copy_folder};
pub use site::Site;

use std::{future::Future, time::Duration};

use anyhow::{Context, Result};

/// Longest wait for anything that must come. Generous: only a failing test waits as long.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Waits for `future` until [`DEADLINE`].
///
/// # Errors
/// When the deadline passes; the error names `what`.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(DEADLINE, future).await.with_context(|| format!("no {what} within {DEADLINE:?}"))
}

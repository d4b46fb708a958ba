//! The thin server: sockets, boards, their log, fan-out, and the built app as files.
//!
//! Deliberately absent: any rule about what an operation does (that is `tideboard_shared::Board`, which the browser
//! runs too), rendering, accounts, and state that is not a cache of the log or gone with its connection. Read
//! [`tideboard_room::RoomState`] first (what becomes of operations, pure), then [`Server`] (how the parts are joined).

mod app;
mod auth;
mod bus;
mod clock;
pub mod command;
pub mod config;
mod error;
mod fanout;
mod history;
mod live;
pub mod log;
mod metrics;
mod room;
mod rooms;
mod routes;
mod seed;
mod server;
mod session;
mod shutdown;
mod sources;
mod submit;

pub use config::Config;
pub use error::StartError;
pub use server::{Server, run, run_until_signal};

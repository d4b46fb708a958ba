//! The thin server of Tideboard.

mod auth;
mod bus;
mod clock;
mod error;
mod fanout;
mod live;
pub mod log;
mod metrics;
pub mod room;
mod sources;

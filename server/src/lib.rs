//! The thin server of Tideboard.

pub mod log;
pub mod room;

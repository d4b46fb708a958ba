//! The thin server of Tideboard.

pub mod room;

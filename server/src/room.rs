//! One board at work.

pub mod state;

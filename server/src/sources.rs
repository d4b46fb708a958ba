//! Where live data comes from, besides those who publish it.

pub(crate) mod host;
pub(crate) mod server;

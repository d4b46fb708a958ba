//! Sources of live data, besides those who publish it.

pub(crate) mod host;
pub(crate) mod server;

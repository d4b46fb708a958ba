use std::time::Duration;

use tideboard_engine::connection::LastClose;
use yew::Callback;

use super::PlainMessage;

/// How to space attempts: exponential backoff with AWS's "full jitter".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlainReconnect {
    /// Attempts in a row before giving up. Default none: never.
    pub max_attempts: Option<u32>,
    /// Longest delay before the first retry, before jitter. Default 1 s.
    pub base: Duration,
    /// Longest delay, before jitter. Default 30 s.
    pub max_delay: Duration,
    /// How much each attempt lengthens the delay. Default 2.
    pub factor: f64,
    /// A connection that lived this long makes the count of attempts start over. Default 1 min.
    pub stable_after: Duration,
}

impl Default for PlainReconnect {
    fn default() -> Self {
        let (base, max_delay, stable_after) =
            (Duration::from_secs(1), Duration::from_secs(30), Duration::from_secs(60));
        Self { max_attempts: None, base, max_delay, factor: 2.0, stable_after }
    }
}

impl PlainReconnect {
    /// How long to wait before an attempt, counted from 1.
    pub(super) fn delay(&self, attempt: u32) -> Duration {
        let exponent = i32::try_from(attempt.saturating_sub(2)).unwrap_or(i32::MAX);
        let ceiling = (self.base.as_secs_f64() * self.factor.powi(exponent)).min(self.max_delay.as_secs_f64());
        Duration::from_secs_f64(ceiling.max(0.0) * js_sys::Math::random())
    }
}

/// How much waits for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainQueue {
    /// Most messages; 0 refuses all while there is no connection. Default 100.
    pub max_len: usize,
    /// Most bytes. Default 1 MiB.
    pub max_bytes: usize,
    /// What to do with one more. Default refuse it.
    pub overflow: Overflow,
}

impl Default for PlainQueue {
    fn default() -> Self {
        Self { max_len: 100, max_bytes: 1024 * 1024, overflow: Overflow::Refuse }
    }
}

/// What to do with a message for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// Refuse it.
    #[default]
    Refuse,
    /// Drop the oldest of those that wait.
    DropOldest,
}

/// When to connect, and what to keep.
pub(crate) struct Rules {
    pub(crate) protocols: Vec<String>,
    pub(crate) connect_timeout: Duration,
    pub(crate) reconnect: PlainReconnect,
    pub(crate) should_retry: Option<Callback<LastClose, bool>>,
    pub(crate) queue: PlainQueue,
}

impl Default for Rules {
    fn default() -> Self {
        let (reconnect, queue) = (PlainReconnect::default(), PlainQueue::default());
        Self { protocols: Vec::new(), connect_timeout: Duration::from_secs(15), reconnect, should_retry: None, queue }
    }
}

/// Who is told what.
#[derive(Default)]
pub(crate) struct Callbacks {
    pub(crate) on_open: Callback<()>,
    /// How it ended; `None` when it was closed here.
    pub(crate) on_close: Callback<Option<LastClose>>,
    pub(crate) on_message: Callback<PlainMessage>,
    pub(crate) on_error: Callback<String>,
    pub(crate) on_reconnecting: Callback<u32>,
    pub(crate) on_gave_up: Callback<u32>,
}

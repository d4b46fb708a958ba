//! When to connect, reconnect and give up.

use super::{
    tree::settings,
    value::{Count, Factor, Span, count, percent, secs},
};

settings! {
    /// When to connect, reconnect and give up.
    ConnectionConfig {
        /// From opening a socket to the server's `ready`; then the attempt counts as failed.
        connect_timeout: Span<500, 120_000> = secs(15),
        /// How to space attempts.
        reconnect: ReconnectConfig,
        /// How to find a dead connection.
        heartbeat: HeartbeatConfig,
        /// Most messages of the application that wait for a connection; one more is refused.
        max_queued: Count<0, 10_000> = count(100),
    }
}

settings! {
    /// How to space attempts: exponential backoff with AWS's "full jitter".
    ReconnectConfig {
        /// Longest delay before the first retry, before jitter.
        base: Span<10, 60_000> = secs(1),
        /// Longest delay, before jitter.
        max_delay: Span<100, 3_600_000> = secs(30),
        /// How much each attempt lengthens the delay.
        factor: Factor<100, 1_000> = percent(200),
        /// Attempts in a row before giving up; null: never.
        max_attempts: Option<Count<1, 1_000_000>> = None,
        /// A connection that lived this long makes the count of attempts start over.
        stable_after: Span<0, 3_600_000> = secs(60),
        /// Window over which clients spread when a restarting server named none.
        restart_spread: Span<0, 600_000> = secs(5),
    }
}

settings! {
    /// How to find a dead connection.
    HeartbeatConfig {
        /// A connection silent for this long is asked for a sign of life.
        interval: Span<1_000, 600_000> = secs(30),
        /// How long the answer may take before the socket is replaced.
        timeout: Span<100, 120_000> = secs(10),
        /// The same after a wake-up or a change of network, when the socket is suspected.
        probe_timeout: Span<100, 60_000> = secs(3),
    }
}

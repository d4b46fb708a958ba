//! Every setting of the client, in one tree.
//!
//! In: what the application sets. Out: checked values; nothing re-checks them. A setting is one line: its doc, name, type
//! with range, and default; from it come the struct, its documentation and a row of `docs/configuration.md`.

use serde::{Deserialize, Serialize};
pub use tideboard_shared::settings::{
    Bytes, Count, Factor, Hertz, OutOfRange, Span, bytes, count, hertz, millis, mins, percent, secs,
};
use tideboard_shared::{
    Channel,
    settings::{choices, settings},
};

mod logging;

pub use logging::{LogFilter, LoggingConfig};

settings! {
    /// All settings, by topic. An unknown name is an error.
    pub Config {
        /// Times and limits of connecting, reconnecting and giving up.
        connection: ConnectionConfig,
        /// Limits of putting updates in order.
        updates: UpdatesConfig,
        /// Limits of how far edits may run ahead of the server.
        optimistic: OptimisticConfig,
        /// Times and limits of getting edits to the server.
        sync: SyncConfig,
        /// Times and limits of the tabs that share one connection.
        tabs: TabsConfig,
        /// Limits of what is kept of streams.
        streams: StreamsConfig,
        /// Times and limits of requests to the server.
        requests: RequestsConfig,
        /// Subscriptions as the user goes from tab to tab.
        subscriptions: SubscriptionsConfig,
        /// Times at which updates are handed to the application.
        delivery: DeliveryConfig,
        /// Switches of whole features.
        features: FeaturesConfig,
        /// Trace lines that are shown in the browser's console.
        logging: LoggingConfig,
        /// Limits of the developer's tools.
        devtools: DevtoolsConfig,
        /// Times and limits of what the page shows.
        ui: UiConfig,
    }
}

settings! {
    /// Times and limits of connecting, reconnecting and giving up.
    pub ConnectionConfig {
        /// From opening a socket to the server's `ready`; then the attempt counts as failed.
        connect_timeout: Span<500, 120_000> = secs(15),
        /// Spacing of attempts.
        reconnect: ReconnectConfig,
        /// Signs of life that tell a dead connection.
        heartbeat: HeartbeatConfig,
        /// Most messages of the application that wait for a connection; one more is refused.
        max_queued: Count<0, 10_000> = count(100),
        /// Most bytes of such messages; one more is refused.
        max_queued_bytes: Bytes<1_024, 1_073_741_824> = bytes(1_048_576),
    }
}

settings! {
    /// Spacing of attempts: exponential backoff with AWS's "full jitter".
    pub ReconnectConfig {
        /// Longest delay before the first retry, before jitter.
        base: Span<10, 60_000> = secs(1),
        /// Longest delay, before jitter.
        max_delay: Span<100, 3_600_000> = secs(30),
        /// Factor by which each attempt lengthens the delay.
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
    /// Signs of life that tell a dead connection.
    pub HeartbeatConfig {
        /// A connection silent for this long is asked for a sign of life.
        interval: Span<1_000, 600_000> = secs(30),
        /// Time for the answer before the socket is replaced.
        timeout: Span<100, 120_000> = secs(10),
        /// Time for the answer after a wake-up or a change of network, when the socket is suspected.
        probe_timeout: Span<100, 60_000> = secs(3),
    }
}

settings! {
    /// Limits of putting updates in order.
    pub UpdatesConfig {
        /// Time for which a hole in a board's events may stay open before the board is asked for again.
        gap_timeout: Span<50, 60_000> = secs(2),
        /// Most events held back behind a hole or a snapshot under way; beyond, the board is asked for again.
        max_held: Count<1, 100_000> = count(1_000),
    }
}

settings! {
    /// Limits of how far edits may run ahead of the server.
    pub OptimisticConfig {
        /// Most edits without an outcome; one more is refused as `OutboxFull`.
        max_pending: Count<1, 100_000> = count(100),
        /// Most notices kept for the user; the oldest go first.
        max_notices: Count<1, 10_000> = count(100),
        /// After how long an edit without an outcome is shown as overdue. It stays queued.
        operation_timeout: Span<1_000, 3_600_000> = secs(30),
        /// Most of one's own edits on a board that can be undone; the oldest go first.
        max_undo: Count<0, 10_000> = count(100),
    }
}

settings! {
    /// Times and limits of getting edits to the server.
    pub SyncConfig {
        /// Time for outcomes before the submit is repeated.
        outcome_timeout: Span<1_000, 600_000> = secs(30),
        /// Longest delay before the first repeat of an operation refused for now, before jitter.
        retry_base: Span<10, 60_000> = secs(1),
        /// Longest delay between repeats, before jitter.
        retry_max: Span<100, 3_600_000> = secs(30),
        /// Most bytes that edits without an outcome may take.
        max_outbox_bytes: Bytes<1_024, 1_073_741_824> = bytes(1_048_576),
        /// Most refused edits set aside; the oldest are discarded.
        max_refused: Count<1, 10_000> = count(100),
        /// Time after which a board is checked against the server by itself, again and again.
        interval: Span<1_000, 86_400_000> = secs(30),
        /// Time for a refresh that was asked for.
        refresh_timeout: Span<100, 600_000> = secs(15),
        /// Time for which the socket may be down before boards are synchronised over REST.
        rest_after: Span<0, 3_600_000> = secs(10),
        /// Time between two synchronisations over REST while edits wait; without edits it is `interval`.
        rest_interval: Span<500, 3_600_000> = secs(5),
    }
}

settings! {
    /// Times and limits of the tabs that share one connection.
    pub TabsConfig {
        /// Time after which a following tab says that it is there and asks whether the leader still is, again and again.
        heartbeat: Span<100, 60_000> = secs(5),
        /// Time for the leader to answer before the lead is taken from it.
        leader_timeout: Span<500, 600_000> = secs(15),
        /// Time for which a tab may be silent before the others forget it; browsers let a hidden tab speak once a minute only.
        forget_after: Span<1_000, 3_600_000> = secs(150),
        /// Most other tabs that are known at once; the one that was silent for longest is forgotten.
        max_tabs: Count<1, 1_000> = count(64),
        /// Most recent events of a board, and most ends of edits, from which tabs that missed some are answered.
        max_recent: Count<16, 100_000> = count(1_000),
    }
}

settings! {
    /// Limits of what is kept of streams.
    pub StreamsConfig {
        /// Most points kept of one stream; the oldest go first.
        max_points: Count<1, 1_000_000> = count(3_600),
        /// Most streams kept; the one that was silent for longest goes first.
        max_topics: Count<1, 100_000> = count(1_000),
    }
}

settings! {
    /// Times and limits of requests to the server.
    pub RequestsConfig {
        /// Time for an answer, repeats included, for requests that do not say so themselves.
        timeout: Span<100, 600_000> = secs(30),
        /// Repeats of an idempotent request that does not say so itself.
        retries: Count<0, 20> = count(2),
        /// Most requests without an answer; one more is answered `TooMany` at once.
        max_waiting: Count<1, 10_000> = count(100),
    }
}

settings! {
    /// Subscriptions as the user goes from tab to tab of a dashboard.
    pub SubscriptionsConfig {
        /// Time for which a tab has to be looked at before its channels are subscribed to; passing by costs nothing.
        debounce: Span<0, 10_000> = millis(100),
        /// Time for which the channels of a tab that was left stay, so that coming back costs nothing.
        linger: Span<0, 600_000> = secs(5),
        /// Most boards kept in memory that nobody follows any more, so that coming back asks only for what was missed.
        /// Beyond that the one that was left first is forgotten. Boards with edits that wait are kept besides.
        keep_boards: Count<0, 1_000> = count(8),
        /// Tabs on each side of the active one that are subscribed to as well, at the lowest priority; 0: none.
        prefetch: Count<0, 10> = count(0),
        /// Most messages a second from a stream that is subscribed to ahead.
        prefetch_rate: Hertz<1, 60> = hertz(1),
    }
}

/// Time at which what has arrived is handed on, for consumers that do not say so themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Before the next frame is painted.
    Raf,
    /// As soon as there are many, or the oldest has waited for long enough.
    Batch,
    /// After nothing has arrived for a while.
    Debounce,
    /// At once, but not too often.
    Throttle,
}

choices!(Strategy: Raf = "raf", Batch = "batch", Debounce = "debounce", Throttle = "throttle");

settings! {
    /// Times at which updates are handed to the application.
    pub DeliveryConfig {
        /// The policy of consumers that name none.
        strategy: Strategy = Strategy::Batch,
        /// `batch`: as soon as so many have arrived.
        batch_size: Count<1, 10_000> = count(50),
        /// `batch`: as soon as the oldest has waited for so long.
        batch_delay: Span<1, 60_000> = millis(200),
        /// `debounce`: when nothing has arrived for so long.
        debounce: Span<1, 60_000> = millis(100),
        /// `debounce`: when the oldest has waited for so long, whatever arrives.
        debounce_max: Span<1, 600_000> = secs(1),
        /// `throttle`: at most once in so long.
        throttle: Span<1, 60_000> = millis(100),
        /// `raf`: when no frame was painted for so long, as on a hidden page.
        frame_timeout: Span<16, 60_000> = secs(1),
        /// Most that waits for one consumer; then it is handed on, whatever the policy.
        max_held: Count<1, 100_000> = count(1_000),
        /// Most that waits for one consumer that is paused. More is left out and counted.
        max_missed: Count<1, 100_000> = count(1_000),
        /// Without news for so long a consumer that does not say so itself is stale; null: only when cut off.
        stale_after: Option<Span<100, 86_400_000>> = None,
        /// Most consumers; one more is refused.
        max_open: Count<1, 100_000> = count(1_000),
    }
}

settings! {
    /// Switches of whole features. One that is off does nothing: nothing is sent, kept or shown for it.
    pub FeaturesConfig {
        /// Edits show at once, before the server has confirmed them. Off: each shows once it is confirmed.
        optimistic: bool = true,
        /// Edits are accepted while there is no live connection. Off: they are refused then, as `NotLive`.
        offline_queue: bool = true,
        /// Boards are synchronised over REST while the socket stays down. Off: they wait for the socket.
        rest_fallback: bool = true,
        /// Edits of one's own can be undone and done again. Off: undo and redo refuse, as `Disabled`.
        undo: bool = true,
        /// Presence: who else is on a board. Off: presence is neither subscribed to nor sent; sending it is refused.
        presence: bool = true,
        /// Notifications. Off: they are not subscribed to.
        notifications: bool = true,
        /// Channels of neighbouring tabs are subscribed to ahead. Off: only those of the active tab.
        prefetch: bool = true,
        /// Timelines of edits and the recorder of the engine's inputs. Off: nothing is kept.
        devtools: bool = false,
    }
}

impl FeaturesConfig {
    /// Returns whether this channel's feature is on; boards and streams always are.
    #[must_use]
    pub fn has_channel(&self, channel: &Channel) -> bool {
        match channel {
            Channel::Board(_) | Channel::Stream(_) | Channel::StreamPrefix(_) => true,
            Channel::Presence(_) => self.presence,
            Channel::Notifications => self.notifications,
        }
    }
}

settings! {
    /// Limits of the developer's tools, while `features.devtools` is on.
    pub DevtoolsConfig {
        /// Most edits whose timelines are kept; the oldest go first.
        max_timelines: Count<1, 100_000> = count(200),
        /// Most steps of one timeline; further ones are only counted.
        max_steps: Count<4, 10_000> = count(50),
        /// Most calls in a recording; it ends there and says so.
        max_recorded_calls: Count<0, 10_000_000> = count(100_000),
        /// Most bytes of frames and edits in a recording, about; it ends there and says so.
        max_recorded_bytes: Bytes<0, 1_073_741_824> = bytes(16_777_216),
    }
}

settings! {
    /// Times and limits of what the page shows.
    pub UiConfig {
        /// Time for which a connection may be down before the banner says so.
        banner_after: Span<0, 60_000> = secs(2),
        /// Most pending edits listed; the others are counted.
        max_pending_shown: Count<1, 1_000> = count(10),
        /// Time between two fetches of a widget that fetches its data by itself, if it does not say otherwise.
        widget_refresh: Span<1_000, 86_400_000> = secs(60),
        /// Ask before the page is left while edits are kept in memory only.
        warn_before_unload: bool = true,
    }
}

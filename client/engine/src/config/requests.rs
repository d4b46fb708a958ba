//! How to ask the server questions.

use super::{
    tree::settings,
    value::{Count, Span, count, secs},
};

settings! {
    /// How to ask the server questions.
    RequestsConfig {
        /// How long an answer may take, repeats included, for requests that do not say so themselves.
        timeout: Span<100, 600_000> = secs(30),
        /// How many times an idempotent request that does not say so itself is repeated.
        retries: Count<0, 20> = count(2),
        /// Most requests without an answer; one more is answered `TooMany` at once.
        max_waiting: Count<1, 10_000> = count(100),
    }
}

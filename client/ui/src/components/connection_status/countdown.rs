//! Countdown to the next attempt to connect.

use std::time::Duration;

use tideboard_client::hooks::use_realtime;
use yew::prelude::*;
use yew_hooks::use_interval;

use crate::format::span;

/// Properties of [`Countdown`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CountdownProps {
    /// End of the countdown, by the engine's monotonic clock.
    pub until: Duration,
}

/// Time left in words: `in 4 s`, `now`. Updates by itself, renders alone, and is not read out. Needs a
/// `RealtimeProvider`.
#[component]
pub fn Countdown(props: &CountdownProps) -> Html {
    let realtime = use_realtime();
    let left = props.until.saturating_sub(realtime.now().mono);
    let update = use_force_update();
    use_interval(move || update.force_update(), if left.is_zero() { 0 } else { TICK_MS });
    html! { <span class="countdown" role="timer" aria-live="off">{ in_words(left) }</span> }
}

/// Interval of updates. Shorter than a second, so that no number is skipped.
const TICK_MS: u32 = 500;

fn in_words(left: Duration) -> String {
    // Rounded up, as a person counts: the last second is 1, not 0.
    match left.as_millis().div_ceil(1_000) {
        0 => "now".to_owned(),
        seconds => format!("in {}", span(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_begun_second_counts_as_a_whole_one() {
        for (ms, words) in [(0, "now"), (1, "in 1 s"), (1_000, "in 1 s"), (1_001, "in 2 s"), (61_000, "in 1 min")] {
            assert_eq!(in_words(Duration::from_millis(ms)), words);
        }
    }
}

//! Age of something in words that stay right as time passes.

use std::time::Duration;

use gloo::timers::callback::Timeout;
use tideboard_shared::UnixMs;
use yew::prelude::*;

use crate::format::{Precision, ago, clock};

/// Properties of [`RelativeTime`].
#[derive(Debug, Clone, PartialEq, Eq, Properties)]
pub struct RelativeTimeProps {
    /// Point in time, by the user's clock.
    pub at: UnixMs,
}

/// Age of something in words, such as `3 min ago`. Updates by itself, and renders alone when the words change.
#[component]
pub fn RelativeTime(props: &RelativeTimeProps) -> Html {
    let update = use_force_update();
    let now_ms = js_sys::Date::now() as u64;
    let age = Duration::from_millis(now_ms.saturating_sub(props.at.0));
    let next_ms = u32::try_from(next_change(age).as_millis()).unwrap_or(u32::MAX);
    // Runs after every render, because each sets an alarm of its own.
    use_effect(move || {
        let alarm = Timeout::new(next_ms, move || update.force_update());
        move || drop(alarm)
    });
    let offset_min = -(js_sys::Date::new(&(props.at.0 as f64).into()).get_timezone_offset() as i32);
    let iso = |ms: f64| String::from(js_sys::Date::new(&ms.into()).to_iso_string());
    let day = iso(props.at.0 as f64 + f64::from(offset_min) * 60_000.0);
    let exact = format!("{} {}", day.get(..10).unwrap_or_default(), clock(props.at, offset_min, Precision::Seconds));
    html! { <time class="relative-time" datetime={iso(props.at.0 as f64)} title={exact}>{ ago(age) }</time> }
}

/// Time until the words for an age change.
fn next_change(age: Duration) -> Duration {
    let step = match age.as_secs() {
        0..2 => return Duration::from_secs(2) - age,
        2..60 => 1,
        60..3_600 => 60,
        _ => 3_600,
    };
    Duration::from_millis(step * 1_000 - u64::try_from(age.as_millis()).unwrap_or_default() % (step * 1_000))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_words_change_when_the_alarm_rings_and_not_before() {
        for age_ms in [0, 1_500, 2_000, 59_300, 60_000, 3_599_000, 5_000_000, 90_000_000] {
            let age = Duration::from_millis(age_ms);
            let next = next_change(age);
            assert!(next > Duration::ZERO);
            assert_eq!(ago(age), ago(age + next - Duration::from_millis(1)), "{age_ms}");
        }
        assert_ne!(ago(Duration::from_secs(61)), ago(Duration::from_secs(61) + next_change(Duration::from_secs(61))));
    }
}

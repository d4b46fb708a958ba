use std::{rc::Rc, time::Duration};

use tideboard_client::{Realtime, Series, components::WidgetStatus, hooks::use_realtime};
use yew::prelude::*;
use yew_hooks::use_interval;

/// From this age on, values that come every second are not live.
const STALE_AFTER: Duration = Duration::from_secs(5);

/// How fresh the newest point of a chart is; renders when that changes, and every second while it is stale.
#[hook]
pub(crate) fn use_freshness(series: Rc<[Series]>) -> WidgetStatus {
    let realtime = use_realtime();
    let status = use_state_eq(|| freshness(&realtime, &series));
    let check = use_callback((realtime, Rc::clone(&series)), {
        let status = status.setter();
        move |(), (realtime, series)| status.set(freshness(realtime, series))
    });
    use_effect_with((series, check.clone()), |(series, check)| {
        let watches: Vec<_> = series.iter().map(|series| series.feed.watch(check.clone())).collect();
        move || drop(watches)
    });
    use_interval(move || check.emit(()), 1_000);
    *status
}

fn freshness(realtime: &Realtime, series: &[Series]) -> WidgetStatus {
    let Some(newest) = series.iter().filter_map(|series| series.feed.last()).map(|point| point.0).max() else {
        return WidgetStatus::Loading;
    };
    // Points bear the server's time.
    let skew = realtime.read(|reader| reader.connection().clock_skew_ms).0.unwrap_or_default();
    let age_ms = realtime.now().wall.0.saturating_add_signed(skew).saturating_sub(newest.0);
    let age = Duration::from_secs(age_ms / 1_000);
    if age < STALE_AFTER { WidgetStatus::Live } else { WidgetStatus::Stale(age) }
}

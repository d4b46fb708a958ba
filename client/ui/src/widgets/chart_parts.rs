//! Parts around a chart's canvas.

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use tideboard_shared::UnixMs;
use web_sys::HtmlSelectElement;
use yew::prelude::*;
use yew_hooks::use_interval;

use crate::{
    chart::{SERIES_COLOURS, Series, legend_path, utc_offset_min},
    format::{Precision, clock, number, span},
};

/// Windows to choose from.
const WINDOWS: [Duration; 4] =
    [Duration::from_secs(60), Duration::from_secs(300), Duration::from_secs(900), Duration::from_secs(3_600)];
/// Time between two counts of new points while the chart stands, ms.
const COUNT_EVERY_MS: u32 = 500;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct LegendProps {
    pub(super) series: Rc<[Series]>,
    pub(super) hidden: BTreeSet<usize>,
    /// Called with the place of a series to show or to hide.
    pub(super) on_toggle: Callback<usize>,
}

/// Name and latest value of each series, which the chart writes. With several, a button each that hides it.
#[component]
pub(super) fn Legend(props: &LegendProps) -> Html {
    let is_alone = props.series.len() == 1;
    let entry = |(index, series): (usize, &Series)| {
        let content = html! {
            <>
                { swatch(index, is_alone) }
                <span class="legend-label">{ &series.label }</span>
                <span class="legend-value" data-legend={index.to_string()}>{ "–" }</span>
            </>
        };
        let colour = colour(index);
        let place = index.to_string();
        if is_alone {
            return html! { <li class="legend-entry" data-series={colour}>{ content }</li> };
        }
        let is_shown = !props.hidden.contains(&index);
        let onclick = props.on_toggle.reform(move |_| index);
        html! {
            <li>
                <button type="button" class="legend-entry" data-series={colour} data-legend-entry={place} {onclick}
                    aria-pressed={is_shown.to_string()} title={if is_shown { "Hide" } else { "Show" }}>{ content }</button>
            </li>
        }
    };
    html! { <ul class="chart-legend" aria-label="Series">{ for props.series.iter().enumerate().map(entry) }</ul> }
}

/// The chart fills, places and shows it.
pub(super) fn tip(series: &[Series]) -> Html {
    let rows = series.iter().enumerate().map(|(index, entry)| {
        html! {
            <span class="legend-entry" data-series={colour(index)}>
                { swatch(index, series.len() == 1) }
                <span class="legend-label">{ &entry.label }</span>
                <span class="legend-value" data-tip={index.to_string()} />
            </span>
        }
    });
    html! {
        <div class={classes!("chart-tip", (series.len() > 4).then_some("is-long"))} data-tip-box="" hidden={true} aria-hidden="true">
            <span class="chart-tip-time" data-tip-time="" />
            { for rows }
        </div>
    }
}

/// A bit of the line, with its shape.
fn swatch(index: usize, is_alone: bool) -> Html {
    html! {
        <svg class="swatch" viewBox="-8 -4 16 8" aria-hidden="true" focusable="false">
            <path class="swatch-line" d="M-7 0h14" />
            if !is_alone { <path class="swatch-mark" d={legend_path(index)} transform="scale(3)" /> }
        </svg>
    }
}

fn colour(index: usize) -> String {
    (index % SERIES_COLOURS + 1).to_string()
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct WindowChoiceProps {
    pub(super) window: Duration,
    pub(super) on_window: Callback<Duration>,
}

/// Choice of the chart's window.
#[component]
pub(super) fn WindowChoice(props: &WindowChoiceProps) -> Html {
    let mut windows = BTreeSet::from(WINDOWS);
    windows.insert(props.window);
    let onchange = {
        let on_window = props.on_window.clone();
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Ok(seconds) = select.value().parse() {
                on_window.emit(Duration::from_secs(seconds));
            }
        }
    };
    let option = |window: Duration| {
        html! {
            <option value={window.as_secs().to_string()} selected={window == props.window}>{ span(window) }</option>
        }
    };
    html! {
        <span class="chart-window">
            <select aria-label="Time window" {onchange}>{ for windows.into_iter().map(option) }</select>
        </span>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct NewPointsProps {
    pub(super) series: Rc<[Series]>,
    /// Time at which the chart was stopped.
    pub(super) since: UnixMs,
}

/// Since when the chart stands, and how many points have come since.
#[component]
pub(super) fn NewPoints(props: &NewPointsProps) -> Html {
    let refresh = use_force_update();
    use_interval(move || refresh.force_update(), COUNT_EVERY_MS);
    let count: usize = props.series.iter().map(|series| new_points(series, props.since)).sum();
    // A full source has forgotten some of them by now.
    let is_short = props.series.iter().any(|series| series.feed.oldest().is_some_and(|oldest| oldest > props.since));
    let more = if is_short { "over " } else { "" };
    let at = clock(props.since, utc_offset_min(), Precision::Seconds);
    html! {
        <p class="chart-paused" data-new={count.to_string()}>
            <span>{ format!("Paused at {at}") }</span>
            <span>{ format!("{more}{} new", number(count as f64)) }</span>
        </p>
    }
}

fn new_points(series: &Series, since: UnixMs) -> usize {
    series.feed.count(UnixMs(since.0 + 1), UnixMs(u64::MAX))
}

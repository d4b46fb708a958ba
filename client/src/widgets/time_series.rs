use std::{rc::Rc, time::Duration};

use tideboard_shared::UnixMs;
use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use super::ValuesTable;
use crate::{
    chart::{ChartParts, ChartSpec, ChartView, Decor, Series},
    components::{Icon, IconButton, Theme},
    format::Unit,
};

/// Properties of [`TimeSeries`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TimeSeriesProps {
    /// What the chart shows, for those who cannot see it.
    pub title: AttrValue,
    /// The lines, up to four in colours of their own.
    pub series: Rc<[Series]>,
    /// What the values count.
    #[prop_or_default]
    pub unit: Unit,
    /// Where the value axis ends; by the data when absent.
    #[prop_or_default]
    pub top: Option<f64>,
    /// How far back it goes. Default 5 min.
    #[prop_or(Duration::from_secs(300))]
    pub window: Duration,
    /// Stops at this time; new points are kept but not shown.
    #[prop_or_default]
    pub paused_at: Option<UnixMs>,
}

/// Lines over time on a canvas, with a legend, a tooltip, and the same values as text.
#[component]
pub fn TimeSeries(props: &TimeSeriesProps) -> Html {
    let (canvas, host) = (use_node_ref(), use_node_ref());
    let theme = use_context::<Theme>().unwrap_or_default();
    let is_table = use_state(|| false);
    use_effect_with((props.clone(), theme), {
        let (canvas, host) = (canvas.clone(), host.clone());
        move |(props, _)| {
            let parts =
                canvas.cast::<HtmlCanvasElement>().map(|canvas| ChartParts { canvas, host: host.cast::<Element>() });
            let view = parts.map(|parts| ChartView::new(spec(props), parts));
            move || drop(view)
        }
    });
    let toggle_table = {
        let is_table = is_table.clone();
        Callback::from(move |_| is_table.set(!*is_table))
    };
    let (icon, label) = if *is_table { (Icon::Chart, "Show as chart") } else { (Icon::Table, "Show as table") };
    html! {
        <div class="chart" ref={host}>
            <div class="chart-legend">
                { for props.series.iter().enumerate().map(|(index, series)| legend_entry(index, &series.label)) }
                <IconButton {icon} label={label} is_pressed={Some(*is_table)} onclick={toggle_table} />
            </div>
            <div class="chart-plot">
                <canvas ref={canvas} class={classes!(is_table.then_some("is-covered"))} role="img" />
                { tip(&props.series) }
                if *is_table {
                    <ValuesTable series={Rc::clone(&props.series)} title={props.title.clone()} unit={props.unit}
                        paused_at={props.paused_at} />
                }
            </div>
        </div>
    }
}

fn spec(props: &TimeSeriesProps) -> ChartSpec {
    ChartSpec {
        title: props.title.clone(),
        series: props.series.to_vec(),
        unit: props.unit,
        top: props.top,
        window: props.window,
        paused_at: props.paused_at,
        decor: Decor::Full,
    }
}

/// The chart writes the value.
fn legend_entry(index: usize, label: &AttrValue) -> Html {
    html! {
        <span class="legend-entry" data-series={(index % 4 + 1).to_string()}>
            <i class="swatch" aria-hidden="true" />
            <span class="legend-label">{ label }</span>
            <span class="legend-value" data-legend={index.to_string()}>{ "–" }</span>
        </span>
    }
}

/// The chart fills, places and shows it.
fn tip(series: &[Series]) -> Html {
    let rows = series.iter().enumerate().map(|(index, series)| {
        html! {
            <span class="legend-entry" data-series={(index % 4 + 1).to_string()}>
                <i class="swatch" />
                <span class="legend-label">{ &series.label }</span>
                <span class="legend-value" data-tip={index.to_string()} />
            </span>
        }
    });
    html! {
        <div class="chart-tip" data-tip-box="" hidden={true} aria-hidden="true">
            <span class="chart-tip-time" data-tip-time="" />
            { for rows }
        </div>
    }
}

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use tideboard_shared::UnixMs;
use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use super::{
    ValuesTable,
    chart_parts::{Legend, NewPoints, WindowChoice, tip},
    followed::use_followed,
    looks::use_looks,
};
use crate::{
    chart::{ChartParts, ChartSpec, ChartView, Decor, Series},
    components::{Icon, IconButton},
    format::Unit,
};

/// Properties of [`TimeSeries`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TimeSeriesProps {
    /// Name of the chart, for those who cannot see it.
    pub title: AttrValue,
    /// The lines, up to eight in colours and shapes of their own.
    pub series: Rc<[Series]>,
    /// Unit of the values.
    #[prop_or_default]
    pub unit: Unit,
    /// End of the value axis; by the data when absent.
    #[prop_or_default]
    pub top: Option<f64>,
    /// Time that the chart shows until the user chooses otherwise. Default 5 min.
    #[prop_or(Duration::from_secs(300))]
    pub window: Duration,
    /// Called when the user chose how far back it goes.
    #[prop_or_default]
    pub on_window: Callback<Duration>,
    /// Stands still at this time, until the user resumes: new points are kept and counted but not shown.
    #[prop_or_default]
    pub paused_at: Option<UnixMs>,
    /// Called when the user paused, with the time at which the chart stands, and with none when it goes on.
    #[prop_or_default]
    pub on_pause: Callback<Option<UnixMs>>,
    /// Offers the choice of window, pause and table. Default true. Without it, Space in the chart still
    /// pauses.
    #[prop_or(true)]
    pub has_tools: bool,
}

/// Lines over time on a canvas, with a legend, a tooltip, and the same values as text. Fills its place.
///
/// By keyboard, with the plot focused: arrows, Home and End move the crosshair and have the values read out, Escape removes it,
/// Space pauses.
#[component]
pub fn TimeSeries(props: &TimeSeriesProps) -> Html {
    let canvas = use_node_ref();
    let host = use_node_ref();
    let (window, choose_window) = use_followed(props.window);
    let (paused_at, pause_at) = use_followed(props.paused_at);
    let is_table = use_state(|| false);
    let hidden = use_state(BTreeSet::<usize>::new);
    let shown: Rc<Rc<[Series]>> =
        use_memo((Rc::clone(&props.series), paused_at), |(series, paused_at)| standing(series, *paused_at));
    let shown = Rc::<[Series]>::clone(&shown);
    let spec = ChartSpec {
        title: props.title.clone(),
        series: Rc::clone(&shown),
        hidden: BTreeSet::clone(&hidden),
        unit: props.unit,
        top: props.top,
        window,
        decor: Decor::Full,
    };
    let looks = use_looks();
    use_effect_with((spec, looks), {
        let canvas = canvas.clone();
        let host = host.clone();
        move |(spec, _)| {
            let parts =
                canvas.cast::<HtmlCanvasElement>().map(|canvas| ChartParts { canvas, host: host.cast::<Element>() });
            let view = parts.map(|parts| ChartView::new(spec.clone(), parts));
            move || drop(view)
        }
    });
    let toggle_pause = {
        let series = Rc::clone(&props.series);
        let on_pause = props.on_pause.clone();
        Callback::from(move |()| {
            let at = if paused_at.is_some() { None } else { Some(newest(&series)) };
            pause_at.emit(at);
            on_pause.emit(at);
        })
    };
    let onkeydown = {
        let toggle_pause = toggle_pause.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == " " && !event.repeat() {
                event.prevent_default();
                toggle_pause.emit(());
            }
        })
    };
    let on_window = props.on_window.clone();
    let on_window = Callback::from(move |window| {
        choose_window.emit(window);
        on_window.emit(window);
    });
    let on_toggle = {
        let hidden = hidden.clone();
        Callback::from(move |index| {
            let mut next = BTreeSet::clone(&hidden);
            if !next.remove(&index) {
                next.insert(index);
            }
            hidden.set(next);
        })
    };
    html! {
        <div class="chart" ref={host}>
            <div class="chart-head">
                <Legend series={Rc::clone(&props.series)} hidden={BTreeSet::clone(&hidden)} {on_toggle} />
                if props.has_tools {
                    <div class="chart-tools">
                        <WindowChoice {window} {on_window} />
                        { pause_button(paused_at.is_some(), toggle_pause.reform(|_| ())) }
                        { table_button(&is_table) }
                    </div>
                }
            </div>
            <div class="chart-body">
                <div class={classes!("chart-plot", is_table.then_some("is-covered"))} data-chart-plot="" tabindex="0"
                    role="application" aria-label={format!("{}: chart. Arrow keys read values, Space pauses.", props.title)} {onkeydown}>
                    <canvas ref={canvas} role="img" aria-label={props.title.clone()} />
                    <canvas class="chart-crosshair" data-chart-crosshair="" aria-hidden="true" />
                    { tip(&props.series) }
                </div>
                if let Some(since) = paused_at {
                    <NewPoints series={Rc::clone(&props.series)} {since} />
                }
                if *is_table {
                    <ValuesTable series={Rc::clone(&shown)} title={props.title.clone()} unit={props.unit} />
                }
            </div>
            <p class="visually-hidden" role="status" data-chart-says="" />
            <p class="visually-hidden" role="status">{ if paused_at.is_some() { "Paused" } else { "" } }</p>
        </div>
    }
}

/// The series as they are shown: while paused, copies that stand still.
fn standing(series: &Rc<[Series]>, paused_at: Option<UnixMs>) -> Rc<[Series]> {
    paused_at.map_or_else(
        || Rc::clone(series),
        |at| series.iter().map(|series| Series::new(series.label.clone(), series.feed.until(at))).collect(),
    )
}

/// The time of the newest point; without any, now.
fn newest(series: &[Series]) -> UnixMs {
    let newest = series.iter().filter_map(|series| series.feed.last()).map(|point| point.0).max();
    newest.unwrap_or_else(|| UnixMs(js_sys::Date::now() as u64))
}

fn pause_button(is_paused: bool, onclick: Callback<MouseEvent>) -> Html {
    let (icon, label) = if is_paused { (Icon::Play, "Resume") } else { (Icon::Pause, "Pause") };
    html! { <IconButton {icon} {label} is_pressed={Some(is_paused)} {onclick} /> }
}

fn table_button(is_table: &UseStateHandle<bool>) -> Html {
    let (icon, label) = if **is_table { (Icon::Chart, "Show as chart") } else { (Icon::Table, "Show as table") };
    let state = is_table.clone();
    let onclick = move |_| state.set(!*state);
    html! { <IconButton {icon} {label} is_pressed={Some(**is_table)} {onclick} /> }
}

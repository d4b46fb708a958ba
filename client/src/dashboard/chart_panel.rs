use std::rc::Rc;

use tideboard_client::{
    Series,
    components::{Icon, IconButton, WidgetFrame, WidgetStatus},
    format::Unit,
    hooks::use_realtime,
    widgets::TimeSeries,
};
use tideboard_shared::UnixMs;
use yew::prelude::*;

use super::freshness::use_freshness;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ChartPanelProps {
    pub(crate) title: AttrValue,
    pub(crate) series: Rc<[Series]>,
    pub(crate) unit: Unit,
    #[prop_or_default]
    pub(crate) top: Option<f64>,
}

/// A chart in its frame, with a button that stops it.
#[component]
pub(crate) fn ChartPanel(props: &ChartPanelProps) -> Html {
    let ChartPanelProps { title, series, unit, top } = props;
    let realtime = use_realtime();
    let paused_at = use_state(|| None::<UnixMs>);
    let freshness = use_freshness(Rc::clone(series));
    let status = if paused_at.is_some() { WidgetStatus::Paused } else { freshness };
    let toggle = {
        let (paused_at, series) = (paused_at.clone(), Rc::clone(series));
        Callback::from(move |_| {
            let newest = series.iter().filter_map(|series| series.feed.last()).map(|point| point.0).max();
            paused_at.set(if paused_at.is_some() { None } else { newest.or(Some(realtime.now().wall)) });
        })
    };
    let (icon, label) = if paused_at.is_some() { (Icon::Play, "Resume") } else { (Icon::Pause, "Pause") };
    let actions = html! {
        <IconButton {icon} {label} is_pressed={Some(paused_at.is_some())} onclick={toggle} />
    };
    html! {
        <WidgetFrame class="span-4" title={title.clone()} {status} {actions}>
            <TimeSeries title={title.clone()} series={Rc::clone(series)} unit={*unit} top={*top} paused_at={*paused_at} />
        </WidgetFrame>
    }
}

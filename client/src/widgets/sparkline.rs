use std::time::Duration;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use crate::{
    Feed,
    chart::{ChartParts, ChartSpec, ChartView, Decor, Series},
    components::Theme,
    format::Unit,
};

/// Properties of [`Sparkline`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SparklineProps {
    /// The points.
    pub feed: Feed,
    /// The value at the upper edge; by the data when absent.
    #[prop_or_default]
    pub top: Option<f64>,
    /// How far back it goes. Default 1 min.
    #[prop_or(Duration::from_secs(60))]
    pub window: Duration,
}

/// A line without axes beside a number that says the same: hidden from screen readers.
#[component]
pub fn Sparkline(props: &SparklineProps) -> Html {
    let canvas = use_node_ref();
    let theme = use_context::<Theme>().unwrap_or_default();
    use_effect_with((props.clone(), theme), {
        let canvas = canvas.clone();
        move |(props, _)| {
            let spec = ChartSpec {
                title: AttrValue::default(),
                series: vec![Series::new("", props.feed.clone())],
                unit: Unit::Plain,
                top: props.top,
                window: props.window,
                paused_at: None,
                decor: Decor::Bare,
            };
            let view = canvas
                .cast::<HtmlCanvasElement>()
                .map(|canvas| ChartView::new(spec, ChartParts { canvas, host: None }));
            move || drop(view)
        }
    });
    html! { <canvas ref={canvas} class="sparkline" aria-hidden="true" /> }
}

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use tideboard_client::Feed;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::looks::use_looks;
use crate::{
    chart::{ChartParts, ChartSpec, ChartView, Decor, Series},
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
    /// Time that the line shows. Default 1 min.
    #[prop_or(Duration::from_secs(60))]
    pub window: Duration,
}

/// A line without axes beside a number that says the same: hidden from screen readers. Fills its place.
#[component]
pub fn Sparkline(props: &SparklineProps) -> Html {
    let canvas = use_node_ref();
    let looks = use_looks();
    use_effect_with((props.clone(), looks), {
        let canvas = canvas.clone();
        move |(props, _)| {
            let spec = ChartSpec {
                title: AttrValue::default(),
                series: Rc::new([Series::new("", props.feed.clone())]),
                hidden: BTreeSet::new(),
                unit: Unit::Plain,
                top: props.top,
                window: props.window,
                decor: Decor::Bare,
            };
            let view = canvas
                .cast::<HtmlCanvasElement>()
                .map(|canvas| ChartView::new(spec, ChartParts { canvas, host: None }));
            move || drop(view)
        }
    });
    // The canvas lies in a box of its own: its size in pixels must not be its size on the page.
    html! { <div class="sparkline" aria-hidden="true"><canvas ref={canvas} /></div> }
}

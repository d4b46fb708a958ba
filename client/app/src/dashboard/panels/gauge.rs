use tideboard_client::hooks::{UseStreamOptions, use_feeds};
use tideboard_shared::Topic;
use tideboard_ui::widgets::Gauge;
use yew::prelude::*;

use super::{
    Panel, WidgetProps,
    stat::{use_latest_value, use_top},
    topics_of, unit_of,
};
use crate::widget::Top;

/// From these shares of the scale on, something is nearly full.
const WARNING: f64 = 0.75;
const CRITICAL: f64 = 0.9;

/// Panel with one number of a stream on a scale.
#[component]
pub(super) fn GaugePanel(props: &WidgetProps) -> Html {
    let widget = &props.item.value;
    let topics: Vec<Topic> = topics_of(&widget.sources).into_iter().take(1).collect();
    use_feeds(topics.clone(), UseStreamOptions { history: 1, ..Default::default() });
    let value = use_latest_value(topics.first().cloned());
    let top = use_top(widget.top.clone()).unwrap_or(1.0);
    let unit = unit_of(widget.unit);
    let caption = matches!(widget.top, Some(Top::Topic(_))).then(|| format!("of {}", unit.format(top)));
    html! {
        <Panel id={props.item.id.clone()} title={props.title()} {topics} menu={props.menu.clone()}>
            <Gauge title={props.title()} {value} {unit} {top} caption={caption.map(AttrValue::from)} warning={top * WARNING} critical={top * CRITICAL} />
        </Panel>
    }
}

use tideboard_client::hooks::{UseStreamOptions, use_feeds, use_store_with};
use tideboard_shared::Topic;
use tideboard_ui::widgets::Stat;
use yew::prelude::*;

use super::{Panel, WidgetProps, topics_of, unit_of};
use crate::widget::Top;

/// Panel with one number of a stream and its recent past.
#[component]
pub(super) fn StatPanel(props: &WidgetProps) -> Html {
    let widget = &props.item.value;
    let topics: Vec<Topic> = topics_of(&widget.sources).into_iter().take(1).collect();
    let feeds = use_feeds(topics.clone(), UseStreamOptions::default());
    let value = use_latest_value(topics.first().cloned());
    let top = use_top(widget.top.clone());
    let unit = unit_of(widget.unit);
    let caption =
        top.filter(|_| matches!(widget.top, Some(Top::Topic(_)))).map(|top| format!("of {}", unit.format(top)));
    let text = value.map(|value| AttrValue::from(unit.format(value)));
    html! {
        <Panel id={props.item.id.clone()} title={props.title()} {topics} menu={props.menu.clone()}>
            <Stat value={text} feed={feeds.first().cloned()} {top} caption={caption.map(AttrValue::from)} />
        </Panel>
    }
}

/// The latest value of a stream that something else subscribes to; renders when it changes.
#[hook]
pub(super) fn use_latest_value(topic: Option<Topic>) -> Option<f64> {
    *use_store_with(topic, |reader, topic| reader.stream(topic.as_ref()?)?.latest().map(|point| point.1))
}

/// End of a scale as a number; follows the stream that says it.
#[hook]
pub(super) fn use_top(top: Option<Top>) -> Option<f64> {
    let (fixed, topic) = match top {
        Some(Top::Value(value)) => (Some(value), None),
        Some(Top::Topic(topic)) => (None, topic.parse::<Topic>().ok()),
        None => (None, None),
    };
    use_feeds(topic.iter().cloned().collect(), UseStreamOptions { history: 1, ..Default::default() });
    use_latest_value(topic).or(fixed)
}

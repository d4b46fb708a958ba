use std::{rc::Rc, time::Duration};

use tideboard_client::hooks::{UseStreamOptions, use_feeds};
use tideboard_shared::{Action, Topic, UnixMs};
use tideboard_ui::{Series, components::FrameMessage, widgets::TimeSeries};
use yew::prelude::*;

use super::{Panel, WidgetProps, stat::use_top, topics_of, unit_of};
use crate::dashboard::context::use_loose_edit;
use crate::widget::{Source, Widget};

/// Time that a chart shows if nobody has said otherwise, seconds.
const WINDOW_S: u32 = 300;
/// Points of each stream that a chart begins with.
const HISTORY: u32 = 900;

/// Streams over time. How far back it goes is the widget's, and so everybody's; whether it stands still is the user's own.
#[component]
pub(super) fn TimeSeriesPanel(props: &WidgetProps) -> Html {
    let Widget { sources, unit, top, window_s, .. } = &props.item.value;
    let topics = topics_of(sources);
    let options = UseStreamOptions { history: HISTORY, ..Default::default() };
    let feeds = use_feeds(topics.clone(), options);
    let series: Rc<Rc<[Series]>> = use_memo((feeds, sources.clone()), |(feeds, sources)| {
        let named = sources.iter().filter(|source| source.topic.parse::<Topic>().is_ok());
        named.zip(feeds.iter()).map(|(source, feed)| Series::new(label_of(source), feed.clone())).collect()
    });
    let paused_at = use_state_eq(|| None::<UnixMs>);
    let top = use_top(top.clone());
    let edit = use_loose_edit();
    let on_window = {
        let id = props.item.id.clone();
        let is_fixed = props.is_fixed;
        Callback::from(move |window: Duration| {
            if !is_fixed {
                drop(edit.apply(id.clone(), Action::set([("window_s", window.as_secs())])))
            }
        })
    };
    let on_pause = {
        let paused_at = paused_at.setter();
        Callback::from(move |at| paused_at.set(at))
    };
    let empty = series.is_empty().then(|| FrameMessage::new("No stream chosen", "Configure this chart to choose one."));
    html! {
        <Panel id={props.item.id.clone()} title={props.title()} {topics} menu={props.menu.clone()}
            is_paused={paused_at.is_some()} {empty}>
            <TimeSeries title={props.title()} series={Rc::clone(&*series)} unit={unit_of(*unit)} {top}
                window={Duration::from_secs(window_s.unwrap_or(WINDOW_S).into())} {on_window}
                paused_at={*paused_at} {on_pause} />
        </Panel>
    }
}

fn label_of(source: &Source) -> AttrValue {
    if source.label.is_empty() { source.topic.clone().into() } else { source.label.clone().into() }
}

use std::{collections::BTreeSet, rc::Rc};

use tideboard_engine::Key;
use tideboard_shared::{Channel, Point, Topic, UnixMs, message::Subscribe};
use yew::prelude::*;

use super::{UseStreamOptions, use_realtime};
use crate::{Feed, PointSource, Realtime, Subscription, driver::Driver};

/// Subscribes to several streams for a chart, as many as there happen to be: no render, however many points arrive.
///
/// ```no_run
/// use std::rc::Rc;
/// use tideboard_client::{Feed, hooks::use_feeds};
/// use tideboard_shared::Topic;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct Props {
///     topics: Vec<Topic>,
/// }
///
/// #[component]
/// fn Streams(props: &Props) -> Html {
///     let feeds = use_feeds(props.topics.clone(), Default::default());
///     html! { <Chart {feeds} /> }
/// }
/// # #[derive(PartialEq, Properties)]
/// # struct ChartProps { feeds: Rc<[Feed]> }
/// # #[component]
/// # fn Chart(_: &ChartProps) -> Html { html! {} }
/// ```
///
/// Options: those of [`super::use_stream`], of which `window` is the chart's own affair. Returns a [`Feed`] for each
/// topic, in their order; the same ones while the topics are. Without the right to a stream its feed stays empty.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_feeds(topics: Vec<Topic>, options: UseStreamOptions) -> Rc<[Feed]> {
    let realtime = use_realtime();
    let requests: Vec<Subscribe> = topics.iter().map(|topic| request(topic, &options)).collect();
    use_effect_with((realtime.clone(), requests), |(realtime, requests)| {
        let subscriptions: Vec<_> = requests.iter().map(|request| realtime.subscribe(request.clone())).collect();
        move || drop(subscriptions)
    });
    let feeds = use_memo((realtime, topics), |(realtime, topics)| {
        let feed = |topic: &Topic| Feed::new(Stream { realtime: realtime.clone(), topic: topic.clone() });
        topics.iter().map(feed).collect::<Rc<[Feed]>>()
    });
    Rc::clone(&feeds)
}

fn request(topic: &Topic, options: &UseStreamOptions) -> Subscribe {
    Subscribe {
        history: Some(options.history),
        max_rate_hz: options.max_rate_hz,
        ..Channel::Stream(topic.clone()).into()
    }
}

/// Stream of the engine, read where it is.
struct Stream {
    realtime: Realtime,
    topic: Topic,
}

impl PointSource for Stream {
    fn read(&self, from: UnixMs, out: &mut Vec<Point>) {
        self.realtime.read(|reader| {
            let Some(ring) = reader.stream(&self.topic) else { return };
            let points = ring.points();
            out.extend(points.range(points.partition_point(|point| point.0 < from)..));
        });
    }

    fn last(&self) -> Option<Point> {
        self.realtime.read(|reader| reader.stream(&self.topic)?.latest())
    }

    fn oldest(&self) -> Option<UnixMs> {
        self.realtime.read(|reader| Some(reader.stream(&self.topic)?.points().front()?.0))
    }

    fn count(&self, from: UnixMs, to: UnixMs) -> usize {
        let counted = self.realtime.read(|reader| {
            let points = reader.stream(&self.topic)?.points();
            let until = points.partition_point(|point| point.0 <= to);
            Some(until.saturating_sub(points.partition_point(|point| point.0 < from)))
        });
        counted.unwrap_or_default()
    }

    fn watch(&self, changed: Callback<()>) -> Subscription {
        let keys = BTreeSet::from([Key::Stream(self.topic.clone())]);
        let observer = {
            let keys = keys.clone();
            move |_: &Driver, _: &[Key]| {
                changed.emit(());
                keys.clone()
            }
        };
        let realtime = self.realtime.clone();
        let id = self.realtime.observe(keys, Rc::new(observer));
        Subscription::new(move || realtime.unobserve(id))
    }
}

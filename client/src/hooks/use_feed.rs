use std::{collections::BTreeSet, rc::Rc};

use tideboard_engine::Key;
use tideboard_shared::{Channel, Point, Topic, UnixMs, message::Subscribe};
use yew::prelude::*;

use super::UseStreamOptions;
use crate::{
    Feed, PointSource, Realtime, Subscription,
    driver::Driver,
    hooks::{use_channel, use_realtime},
};

/// Subscribes to a stream for a chart: no render, however many points arrive.
///
/// ```no_run
/// use std::rc::Rc;
/// use tideboard_client::{Series, format::Unit, hooks::use_feed, widgets::TimeSeries};
/// use yew::prelude::*;
///
/// #[component]
/// fn Processor() -> Html {
///     let cpu = use_feed("host.cpu".parse().expect("a name"), Default::default());
///     let series: Rc<[Series]> = Rc::new([Series::new("Busy", cpu)]);
///     html! { <TimeSeries title="Processor" {series} unit={Unit::Ratio} /> }
/// }
/// ```
///
/// Options: those of [`super::use_stream`], of which `window` is the chart's own affair. Returns a [`Feed`] that is equal
/// to the last one while the topic is the same. Without the right to the stream it stays empty.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_feed(topic: Topic, options: UseStreamOptions) -> Feed {
    let realtime = use_realtime();
    use_channel(Subscribe {
        history: Some(options.history),
        max_rate_hz: options.max_rate_hz,
        ..Channel::Stream(topic.clone()).into()
    });
    let feed = use_memo((realtime, topic), |(realtime, topic)| {
        Feed::new(Stream { realtime: realtime.clone(), topic: topic.clone() })
    });
    Feed::clone(&feed)
}

/// One of the engine's streams, read where it is.
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
        self.realtime.read(|reader| reader.stream(&self.topic)?.latest()).0
    }

    fn oldest(&self) -> Option<UnixMs> {
        self.realtime.read(|reader| Some(reader.stream(&self.topic)?.points().front()?.0)).0
    }

    fn count(&self, from: UnixMs, to: UnixMs) -> usize {
        let counted = self.realtime.read(|reader| {
            let points = reader.stream(&self.topic)?.points();
            let until = points.partition_point(|point| point.0 <= to);
            Some(until.saturating_sub(points.partition_point(|point| point.0 < from)))
        });
        counted.0.unwrap_or_default()
    }

    fn watch(&self, changed: Callback<()>) -> Subscription {
        let keys = BTreeSet::from([Key::Stream(self.topic.clone())]);
        let observer = {
            let keys = keys.clone();
            move |_: &Driver| {
                changed.emit(());
                keys.clone()
            }
        };
        let (realtime, id) = (self.realtime.clone(), self.realtime.observe(keys, Rc::new(observer)));
        Subscription::new(move || realtime.unobserve(id))
    }
}

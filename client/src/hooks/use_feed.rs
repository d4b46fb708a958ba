use tideboard_shared::Topic;
use yew::prelude::*;

use super::UseStreamOptions;
use crate::{Feed, hooks::use_feeds};

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
    use_feeds(vec![topic], options)[0].clone()
}

use tideboard_shared::Topic;
use yew::prelude::*;

use super::{UseStreamOptions, use_feeds};
use crate::Feed;

/// Subscribes to a stream for a chart: no render, however many points arrive.
///
/// ```no_run
/// use tideboard_client::{Feed, hooks::use_feed};
/// use yew::prelude::*;
///
/// #[component]
/// fn Processor() -> Html {
///     let cpu = use_feed("host.cpu".parse().expect("a name"), Default::default());
///     html! { <Chart feed={cpu} /> }
/// }
/// # #[derive(PartialEq, Properties)]
/// # struct ChartProps { feed: Feed }
/// # #[component]
/// # fn Chart(_: &ChartProps) -> Html { html! {} }
/// ```
///
/// Options: those of [`super::use_stream`], of which `window` is the chart's own affair. Returns a [`Feed`] that is
/// equal to the last one while the topic is the same. Without the right to the stream it stays empty.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_feed(topic: Topic, options: UseStreamOptions) -> Feed {
    use_feeds(vec![topic], options)[0].clone()
}

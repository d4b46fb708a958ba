use std::{rc::Rc, time::Duration};

use tideboard_shared::{Point, Topic, UnixMs};
use yew::prelude::*;

use super::{use_feed, use_store_with};
use crate::Feed;

/// Options of [`use_stream`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseStreamOptions {
    /// So many of the latest points come at once. Default 300.
    pub history: u32,
    /// At most so many messages a second; the latest points win. Default none: as they come.
    pub max_rate_hz: Option<f64>,
    /// Time that [`UseStreamHandle::points`] goes back from the latest point. Default 5 min.
    pub window: Duration,
}

impl Default for UseStreamOptions {
    fn default() -> Self {
        Self { history: 300, max_rate_hz: None, window: Duration::from_secs(300) }
    }
}

/// Handle of [`use_stream`].
#[derive(Debug, Clone)]
pub struct UseStreamHandle {
    latest: Option<Point>,
    is_thinned: bool,
    window: Duration,
    feed: Feed,
}

impl UseStreamHandle {
    /// The latest point; none before the first.
    #[must_use]
    pub fn latest(&self) -> Option<Point> {
        self.latest
    }

    /// The value of the latest point.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.latest.map(|point| point.1)
    }

    /// Tells whether the server left points out, because they came faster than wanted or than the connection takes.
    #[must_use]
    pub fn is_thinned(&self) -> bool {
        self.is_thinned
    }

    /// The points of the window, oldest first. Reads them at every call.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        let window_ms = u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX);
        let from = self.feed.last().map_or(0, |last| last.0.0.saturating_sub(window_ms));
        let mut points = Vec::new();
        self.feed.read(UnixMs(from), &mut points);
        points
    }

    /// Feed of the stream, for a chart.
    #[must_use]
    pub fn feed(&self) -> Feed {
        self.feed.clone()
    }
}

impl PartialEq for UseStreamHandle {
    fn eq(&self, other: &Self) -> bool {
        (self.latest, self.is_thinned, self.window) == (other.latest, other.is_thinned, other.window)
            && self.feed == other.feed
    }
}

/// The latest point of a stream; renders once for every message with points. Charts use [`use_feed`], which never
/// renders.
///
/// ```no_run
/// use tideboard_client::hooks::use_stream;
/// use yew::prelude::*;
///
/// #[component]
/// fn Cpu() -> Html {
///     let cpu = use_stream("host.cpu".parse().expect("a name"));
///     html! { <p>{ cpu.value().map_or("–".to_owned(), |busy| format!("{:.0} %", busy * 100.0)) }</p> }
/// }
/// ```
///
/// | option of [`use_stream_with_options`] | default | |
/// |---|---|---|
/// | `history` | 300 points | what comes at once |
/// | `max_rate_hz` | none | at most so many messages a second |
/// | `window` | 5 min | how far back `points()` goes |
///
/// Returns a [`UseStreamHandle`]. Without the right to the stream, or when nobody publishes it, it stays empty.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_stream(topic: Topic) -> UseStreamHandle {
    use_stream_with_options(topic, UseStreamOptions::default())
}

/// [`use_stream`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_stream_with_options(topic: Topic, options: UseStreamOptions) -> UseStreamHandle {
    let window = options.window;
    let feed = use_feed(topic.clone(), options);
    let shown: Rc<(Option<Point>, bool)> = use_store_with(topic, |reader, topic| {
        reader.stream(topic).map_or((None, false), |ring| (ring.latest(), ring.is_thinned()))
    });
    let (latest, is_thinned) = *shown;
    UseStreamHandle { latest, is_thinned, window, feed }
}

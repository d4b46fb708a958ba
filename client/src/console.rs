//! Trace lines of the engine and the driver in the browser's console.
//!
//! In: `tracing` events and the setting `logging.filter`. Out: one line of the console for each event that it lets
//! through: module, words, fields. Never: a payload or a token, because no event has one as a field; the place of
//! another subscriber: an application that sets its own before it mounts the first provider keeps that.
//!
//! Written by hand, because `tracing-subscriber` adds a registry, layers and spans, none of which is used here, to
//! every page's download.

use std::fmt::{Debug, Write};

use tideboard_engine::config::{LogFilter, LoggingConfig};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::{Interest, set_global_default},
};
use web_sys::console;

/// Shows trace lines from now on, for as long as the page is there. The first call decides; later ones change nothing.
pub(crate) fn show_trace_lines(config: &LoggingConfig) {
    // Fails where there is a subscriber already, which then stays.
    let _ = set_global_default(Console { filter: config.filter.clone() });
}

struct Console {
    filter: LogFilter,
}

impl Subscriber for Console {
    /// Asked once for each place that writes lines: a line that is not shown costs nothing afterwards.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.filter.level_of(metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.filter.most())
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        let line = line.0.into();
        match *event.metadata().level() {
            Level::ERROR => console::error_1(&line),
            Level::WARN => console::warn_1(&line),
            Level::INFO => console::info_1(&line),
            Level::DEBUG | Level::TRACE => console::debug_1(&line),
        }
    }

    // Spans are never enabled.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Line of the console: the module, the words, then `name=value` for each other field.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // A `String` takes whatever is written.
        let _ = match field.name() {
            "message" => write!(self.0, ": {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

//! Components that show a live board, on Yew: frames and states, charts, tables, a grid, and the widgets themselves.
//!
//! In: properties. Out: callbacks. Never: an edit that nobody was told of. `widgets`, `chart`, `plot`, `table`, `layout` and
//! `format` know no engine, socket or store: of `tideboard-client` they take types of data alone. Components that show the
//! connection, such as [`components::SyncIndicator`], call its hooks.
//!
//! Start with [`components::WidgetFrame`] and [`widgets`]. The styles are in `styles/`.

mod chart;
pub mod components;
pub mod format;
pub mod layout;
pub mod plot;
pub mod widgets;

pub use chart::Series;

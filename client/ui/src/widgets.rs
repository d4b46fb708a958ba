//! Contents of a panel.
//!
//! In: plain properties and feeds. Out: callbacks that say what the user wants. Never: the engine, a socket, a store.

mod activity;
mod chart_parts;
mod counter;
mod downloads;
mod favorites;
mod followed;
mod gauge;
mod kind;
mod level;
mod looks;
mod note;
mod orders;
mod sparkline;
mod stat;
mod time_series;
mod values_table;

pub use activity::{Activity, ActivityEntry, ActivityProps, ActivityText, FieldChange};
pub use counter::{Counter, CounterProps};
pub use downloads::{DownloadAct, DownloadRow, Downloads, DownloadsProps};
pub use favorites::{FavoriteName, FavoriteRow, Favorites, FavoritesProps};
pub use gauge::{Gauge, GaugeProps};
pub use kind::WidgetKind;
pub use level::Level;
pub use note::{Note, NotePart, NoteProps};
pub use orders::{OrderPatch, Orders, OrdersProps};
pub use sparkline::{Sparkline, SparklineProps};
pub use stat::{Stat, StatProps};
pub use time_series::{TimeSeries, TimeSeriesProps};
pub use values_table::{ValuesTable, ValuesTableProps};

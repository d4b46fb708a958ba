//! What a panel can show.
//!
//! In: plain properties and feeds. Out: callbacks that say what the user wants. Never: the engine, a socket, a store.

mod counter;
mod note;
mod orders;
mod sparkline;
mod stat;
mod time_series;
mod values_table;

pub use counter::{Counter, CounterProps};
pub use note::{Note, NotePart, NoteProps};
pub use orders::{OrderPatch, Orders, OrdersProps};
pub use sparkline::{Sparkline, SparklineProps};
pub use stat::{Stat, StatProps};
pub use time_series::{TimeSeries, TimeSeriesProps};
pub use values_table::{ValuesTable, ValuesTableProps};

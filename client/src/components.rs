//! What boards are made of besides their widgets: frame, shell, fields, marks.
//!
//! In: plain properties. Out: callbacks. Never: the engine; the one exception, [`SyncIndicator`], says so.

mod app_shell;
mod dialog;
mod icon;
mod icon_button;
mod pending_mark;
mod select_field;
mod sync_indicator;
mod sync_summary;
mod table;
mod text_field;
mod theme;
mod toasts;
mod widget_frame;

pub use app_shell::{AppShell, AppShellProps};
pub use dialog::{Dialog, DialogProps};
pub use icon::Icon;
pub use icon_button::{IconButton, IconButtonProps};
pub use pending_mark::{PendingMark, PendingMarkProps};
pub use select_field::{SelectField, SelectFieldProps};
pub use sync_indicator::{SyncIndicator, SyncIndicatorProps};
pub use sync_summary::{SyncFact, SyncLevel, SyncSummary, SyncSummaryProps};
pub use table::{
    Cell, Column, ColumnKind, Columns, DataTable, DataTableProps, Noun, TableChoice, TableEdit, TableRow, TableRows,
};
pub use text_field::{FieldKind, TextEdit, TextField, TextFieldProps};
pub use theme::{Theme, ThemeChoice, ThemeProvider, ThemeProviderProps, ThemeToggle};
pub use toasts::{Toast, ToastLevel, Toasts, ToastsProps};
pub use widget_frame::{WidgetFrame, WidgetFrameProps, WidgetStatus};

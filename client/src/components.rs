//! What boards are made of besides their widgets: frame, shell, fields, marks.
//!
//! In: plain properties. Out: callbacks. Never: the engine; the one exception, [`SyncIndicator`], says so.

mod app_shell;
mod command_palette;
mod confirm;
mod dialog;
mod icon;
mod icon_button;
mod keys;
mod menu;
mod pending_mark;
mod select_field;
mod shortcuts;
mod switch;
mod sync_indicator;
mod sync_summary;
mod tab_bar;
mod text_field;
mod theme;
mod toasts;
mod widget_frame;

pub use app_shell::{AppShell, AppShellProps};
pub use command_palette::{Command, CommandPalette, CommandPaletteProps};
pub use confirm::{Confirm, ConfirmProps};
pub use dialog::{Dialog, DialogProps};
pub use icon::Icon;
pub use icon_button::{IconButton, IconButtonProps};
pub use keys::{Keys, KeysProps};
pub use menu::{Menu, MenuEntry, MenuItem, MenuProps};
pub use pending_mark::{PendingMark, PendingMarkProps};
pub use select_field::{SelectField, SelectFieldProps};
pub use shortcuts::{Shortcut, ShortcutsHelp, ShortcutsHelpProps, SingleKeys, use_shortcuts, use_single_keys};
pub use switch::{Switch, SwitchProps};
pub use sync_indicator::{SyncIndicator, SyncIndicatorProps};
pub use sync_summary::{SyncFact, SyncLevel, SyncSummary, SyncSummaryProps};
pub use tab_bar::{Tab, TabBar, TabBarProps};
pub use text_field::{FieldKind, TextEdit, TextField, TextFieldProps};
pub use theme::{Theme, ThemeChoice, ThemeProvider, ThemeProviderProps, ThemeToggle};
pub use toasts::{Toast, ToastLevel, Toasts, ToastsProps};
pub use widget_frame::{WidgetFrame, WidgetFrameProps, WidgetStatus};

//! Components that dashboards are made of besides their widgets: frames, shell, fields, dialogs, marks.
//!
//! In: plain properties. Out: callbacks. Most never touch the engine; those that do say "Needs a `RealtimeProvider`",
//! and panic outside of one.

mod app_shell;
mod avatars;
mod board_grid;
mod command;
mod command_palette;
mod confirm;
mod conflict_resolution;
mod connection_banner;
mod connection_status;
mod dialog;
mod empty_state;
mod icon;
mod icon_button;
mod keys;
mod menu;
mod pending_mark;
mod pending_operations_badge;
mod popover;
mod relative_time;
mod select_field;
mod shortcuts;
mod switch;
mod sync_indicator;
mod sync_summary;
mod tab_bar;
mod table;
mod text_field;
mod theme;
mod toasts;
mod tour;
mod widget_frame;
mod widget_realtime;

pub use app_shell::{AppShell, AppShellProps};
pub use avatars::{
    Avatars, AvatarsProps, EditorMark, EditorMarkProps, People, PeopleProps, Person, PersonMark, PersonMarkProps,
};
pub use board_grid::{BoardGrid, BoardGridProps, GridChange, GridItem};
pub use command::Command;
pub use command_palette::{CommandPalette, CommandPaletteProps};
pub use confirm::{Confirm, ConfirmProps};
pub use conflict_resolution::{AutoResolve, ConflictResolution, ConflictResolutionProps};
pub use connection_banner::{
    BannerCause, BannerFacts, BannerLine, BannerLineProps, BannerWords, ConnectionBanner, ConnectionBannerProps,
    banner_words,
};
pub use connection_status::{
    ConnectionLine, ConnectionLineProps, ConnectionStatus, ConnectionStatusProps, ConnectionVariant, ConnectionWords,
    Countdown, CountdownProps, connection_words,
};
pub use dialog::{Dialog, DialogProps};
pub use empty_state::{EmptyState, EmptyStateProps};
pub use icon::Icon;
pub use icon_button::{IconButton, IconButtonProps};
pub use keys::{Keys, KeysProps};
pub use menu::{Menu, MenuEntry, MenuItem, MenuProps};
pub use pending_mark::{PendingMark, PendingMarkProps};
pub use pending_operations_badge::{
    PendingAction, PendingList, PendingListProps, PendingOperationsBadge, PendingOperationsBadgeProps,
};
pub use relative_time::{RelativeTime, RelativeTimeProps};
pub use select_field::{SelectField, SelectFieldProps};
pub use shortcuts::{Shortcut, ShortcutsHelp, ShortcutsHelpProps, SingleKeys, use_shortcuts, use_single_keys};
pub use switch::{Switch, SwitchProps};
pub use sync_indicator::{SyncIndicator, SyncIndicatorProps};
pub use sync_summary::{SyncFact, SyncLevel, SyncSummary, SyncSummaryProps};
pub use tab_bar::{Tab, TabBar, TabBarProps};
pub use table::{
    Cell, Column, ColumnKind, Columns, DataTable, DataTableProps, Noun, TableChoice, TableEdit, TableRow, TableRows,
};
pub use text_field::{FieldKind, TextEdit, TextField, TextFieldProps};
pub use theme::{Theme, ThemeChoice, ThemeMenu, ThemeProvider, ThemeProviderProps};
pub use toasts::{Toast, ToastAction, ToastLevel, Toasts, ToastsProps};
pub use tour::{Tour, TourHandle, TourPoint, TourProps, use_tour};
pub use widget_frame::{FrameMessage, WidgetFrame, WidgetFrameProps};
pub use widget_realtime::{WidgetRealtime, WidgetRealtimeProps};

//! What boards are made of besides their widgets: frame, shell, fields, marks.
//!
//! In: plain properties. Out: callbacks. Never: the engine; those that need a `RealtimeProvider`, such as [`SyncIndicator`],
//! say so.

mod app_shell;
mod conflict_resolution;
mod connection_banner;
mod connection_status;
mod dialog;
mod empty_state;
mod icon;
mod icon_button;
mod pending_mark;
mod pending_operations_badge;
mod popover;
mod select_field;
mod sync_indicator;
mod sync_summary;
mod text_field;
mod theme;
mod toasts;
mod widget_frame;
mod widget_realtime;

pub use app_shell::{AppShell, AppShellProps};
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
pub use pending_mark::{PendingMark, PendingMarkProps};
pub use pending_operations_badge::{
    PendingAction, PendingList, PendingListProps, PendingOperationsBadge, PendingOperationsBadgeProps,
};
pub use select_field::{SelectField, SelectFieldProps};
pub use sync_indicator::{SyncIndicator, SyncIndicatorProps};
pub use sync_summary::{SyncFact, SyncLevel, SyncSummary, SyncSummaryProps};
pub use text_field::{FieldKind, TextEdit, TextField, TextFieldProps};
pub use theme::{Theme, ThemeChoice, ThemeProvider, ThemeProviderProps, ThemeToggle};
pub use toasts::{Toast, ToastLevel, Toasts, ToastsProps};
pub use widget_frame::{FrameMessage, WidgetFrame, WidgetFrameProps, WidgetStatus};
pub use widget_realtime::{WidgetRealtime, WidgetRealtimeProps};

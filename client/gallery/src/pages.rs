//! Gallery with a page for each hook and component, at `/gallery/NAME`: the thing at work, with its options as
//! controls.
//!
//! In: the page's address. Out: the hook's handle or the component as rendered, and buttons for what it can do. Never:
//! anything that its own documentation does not say.

use tideboard_ui::components::{AppShell, SyncIndicator};
use yew::prelude::*;

use crate::path;

mod charts;
mod connection;
mod content;
mod controls;
mod demo;
mod entities;
mod grid;
mod overlays;
mod reading;
mod shell;
mod status;
mod subscriptions;
mod sync;
mod table;
mod updates;
mod widget_states;

/// Name of a page, and the function that renders it.
type Page = (&'static str, fn() -> Html);

/// Pages, in the order of the documentation.
const PAGES: &[Page] = &[
    ("use_websocket", || html! { <connection::Websocket /> }),
    ("use_websocket_url", || html! { <connection::WebsocketUrl /> }),
    ("use_websocket_message", || html! { <connection::WebsocketMessage /> }),
    ("use_websocket_state", || html! { <connection::WebsocketState /> }),
    ("use_websocket_request", || html! { <connection::WebsocketRequest /> }),
    ("use_realtime_updates", || html! { <updates::RealtimeUpdates /> }),
    ("use_optimistic_update", || html! { <updates::OptimisticUpdate /> }),
    ("use_undo", || html! { <updates::Undo /> }),
    ("use_favorites", || html! { <entities::Favorites /> }),
    ("use_orders", || html! { <entities::Orders /> }),
    ("use_downloads", || html! { <entities::Downloads /> }),
    ("use_collection", || html! { <entities::Collection /> }),
    ("use_edit", || html! { <entities::EditPage /> }),
    ("use_entity", || html! { <reading::EntityPage /> }),
    ("use_stream", || html! { <reading::StreamPage /> }),
    ("use_feed", || html! { <reading::FeedPage /> }),
    ("use_feeds", || html! { <reading::FeedsPage /> }),
    ("use_presence", || html! { <reading::Presence /> }),
    ("use_notifications", || html! { <reading::Notifications /> }),
    ("use_store", || html! { <reading::Store /> }),
    ("use_store_with", || html! { <reading::StoreWith /> }),
    ("use_channel", || html! { <reading::ChannelPage /> }),
    ("use_realtime", || html! { <reading::RealtimePage /> }),
    ("use_sync_status", || html! { <sync::SyncStatus /> }),
    ("use_background_sync", || html! { <sync::BackgroundSync /> }),
    ("use_offline_queue", || html! { <sync::OfflineQueue /> }),
    ("use_periodic_refresh", || html! { <sync::PeriodicRefresh /> }),
    ("use_realtime_subscriptions", || html! { <subscriptions::RealtimeSubscriptions /> }),
    ("Icon", || html! { <shell::Icons /> }),
    ("Menu", || html! { <shell::Menus /> }),
    ("RealtimeDemo", || html! { <demo::RealtimeDemoPage /> }),
    ("use_widget_status", || html! { <status::WidgetStatusPage /> }),
    ("SyncIndicator", || html! { <status::SyncIndicatorPage /> }),
    ("PendingOperationsBadge", || html! { <status::PendingOperationsBadgePage /> }),
    ("ConflictResolution", || html! { <status::ConflictResolutionPage /> }),
    ("WidgetRealtime", || html! { <status::WidgetRealtimePage /> }),
    ("ConnectionStatus", || html! { <status::ConnectionStatusPage /> }),
    ("ConnectionBanner", || html! { <status::ConnectionBannerPage /> }),
    ("TimeSeries", || html! { <charts::TimeSeriesPage /> }),
    ("Gauge", || html! { <charts::GaugePage /> }),
    ("Stat", || html! { <charts::StatPage /> }),
    ("BoardGrid", || html! { <grid::BoardGridPage /> }),
    ("TabBar", || html! { <shell::Tabs /> }),
    ("AppShell", || html! { <shell::Shell /> }),
    ("CommandPalette", || html! { <overlays::Palette /> }),
    ("ShortcutsHelp", || html! { <overlays::Shortcuts /> }),
    ("Tour", || html! { <overlays::TourPage /> }),
    ("Confirm", || html! { <overlays::ConfirmPage /> }),
    ("Toasts", || html! { <overlays::Messages /> }),
    ("Table", || html! { <table::Table /> }),
    ("widget_states", || html! { <widget_states::WidgetStatesPage /> }),
    ("WidgetFrame", || html! { <content::WidgetFramePage /> }),
    ("EmptyState", || html! { <content::EmptyStatePage /> }),
    ("Note", || html! { <content::NotePage /> }),
    ("Favorites", || html! { <content::FavoritesPage /> }),
    ("Downloads", || html! { <content::DownloadsPage /> }),
    ("Activity", || html! { <content::ActivityPage /> }),
    ("Avatars", || html! { <content::AvatarsPage /> }),
];

/// Page that the address names, or the list of all.
#[component]
pub(crate) fn Gallery() -> Html {
    let path = path();
    let name = path.trim_start_matches("/gallery").trim_matches('/').to_owned();
    let shown = PAGES.iter().find(|(page, _)| *page == name);
    let link = |(page, _): &Page| {
        let current = (*page == name).then_some("page");
        html! { <li><a href={format!("/gallery/{page}")} aria-current={current}>{ page }</a></li> }
    };
    let content = match shown {
        Some((_, page)) => page(),
        None if name.is_empty() => {
            html! { <p>{ "Each page shows one hook or component at work, with its options as controls." }</p> }
        }
        None => html! { <p>{ format!("There is no page {name}.") }</p> },
    };
    let title = if shown.is_some() { name.clone() } else { "Gallery".to_owned() };
    html! {
        <AppShell board={title} status={html! { <SyncIndicator /> }}>
            <div class="gallery">
                <nav aria-label="Hooks"><ul>{ for PAGES.iter().map(link) }</ul></nav>
                <div class="gallery-page">{ content }</div>
            </div>
        </AppShell>
    }
}

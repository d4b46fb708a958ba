//! Hooks for live boards. Each selects from what the engine knows and passes on what the user wants.
//!
//! In: names of boards, entities and streams. Out: handles that compare equal while nothing of theirs has changed.
//! Never: a timer, a socket, a retry, or a render for something that the component does not show.
//!
//! A hook that keeps something which callbacks of the browser change between renders (a draft, an inbox, a socket, a
//! fetch) keeps it in one `RefCell`, in the type that it belongs to. None of these is borrowed while anyone else is
//! called.
//!
//! Every hook needs a [`crate::RealtimeProvider`] around the component and panics with a sentence that says so.

mod cells;
mod editor;
mod typed;
mod use_background_sync;
mod use_channel;
mod use_collection;
mod use_downloads;
mod use_edit;
mod use_entity;
mod use_favorites;
mod use_feed;
mod use_feeds;
mod use_notifications;
mod use_offline_queue;
mod use_optimistic_update;
mod use_orders;
mod use_periodic_refresh;
mod use_presence;
mod use_realtime_subscriptions;
mod use_realtime_updates;
mod use_store;
mod use_stream;
mod use_sync_status;
mod use_undo;
mod use_websocket;
mod use_websocket_message;
mod use_websocket_request;
mod use_websocket_state;
mod use_websocket_url;
mod use_widget_status;
mod widget_status;

pub use crate::provider::use_realtime;
pub use cells::ByAddress;
pub use editor::{Applied, EditProblem, EndFuture, Seen};
pub use typed::TypedHandle;
pub use use_background_sync::{
    SyncTransport, UseBackgroundSyncHandle, UseBackgroundSyncOptions, use_background_sync,
    use_background_sync_with_options,
};
pub use use_channel::use_channel;
pub use use_collection::{
    CollectionEntry, CollectionItem, CollectionItems, UseCollectionHandle, UseCollectionOptions, use_collection,
    use_collection_with_options,
};
pub use use_downloads::{UseDownloadsHandle, use_downloads, use_downloads_with_options};
pub use use_edit::{UseEditHandle, UseEditOptions, use_edit, use_edit_with_options};
pub use use_entity::{UseEntityHandle, use_entity};
pub use use_favorites::{UseFavoritesHandle, use_favorites, use_favorites_with_options};
pub use use_feed::use_feed;
pub use use_feeds::use_feeds;
pub use use_notifications::{
    UseNotificationsHandle, UseNotificationsOptions, use_notifications, use_notifications_with_options,
};
pub use use_offline_queue::{
    ImportError, QueueItem, QueueState, UseOfflineQueueHandle, UseOfflineQueueOptions, use_offline_queue,
    use_offline_queue_with_options,
};
pub use use_optimistic_update::{
    ConflictRule, Pacing, UseOptimisticUpdateHandle, UseOptimisticUpdateOptions, use_optimistic_update,
    use_optimistic_update_with_options,
};
pub use use_orders::{UseOrdersHandle, use_orders, use_orders_with_options};
pub use use_periodic_refresh::{
    RefreshInterval, UsePeriodicRefreshHandle, UsePeriodicRefreshOptions, use_periodic_refresh,
    use_periodic_refresh_with_options,
};
pub use use_presence::{UsePresenceHandle, UsePresenceOptions, use_presence, use_presence_with_options};
pub use use_realtime_subscriptions::{
    SubscriptionTotals, UseRealtimeSubscriptionsHandle, UseRealtimeSubscriptionsOptions, use_realtime_subscriptions,
};
pub use use_realtime_updates::{
    UseRealtimeUpdatesHandle, UseRealtimeUpdatesOptions, use_realtime_updates, use_realtime_updates_with_options,
};
pub use use_store::{use_store, use_store_with, use_watch};
pub use use_stream::{UseStreamHandle, UseStreamOptions, use_stream, use_stream_with_options};
pub use use_sync_status::{UseSyncStatusHandle, UseSyncStatusOptions, use_sync_status, use_sync_status_with_options};
pub use use_undo::{UseUndoHandle, UseUndoOptions, use_undo, use_undo_with_options};
pub use use_websocket::{UseWebsocketHandle, UseWebsocketOptions, use_websocket, use_websocket_with_options};
pub use use_websocket_message::{
    Keep, MessageBatch, UseWebsocketMessageHandle, UseWebsocketMessageOptions, use_websocket_message,
    use_websocket_message_with_options,
};
pub use use_websocket_request::{
    RequestProblem, UseWebsocketRequestHandle, UseWebsocketRequestOptions, use_websocket_request,
    use_websocket_request_with_options,
};
pub use use_websocket_state::{
    UseWebsocketStateHandle, UseWebsocketStateOptions, use_websocket_state, use_websocket_state_with_options,
};
pub use use_websocket_url::{
    Overflow, PlainMessage, PlainQueue, PlainState, UseWebsocketUrlHandle, UseWebsocketUrlOptions, use_websocket_url,
    use_websocket_url_with_options,
};
pub use use_widget_status::{UseWidgetStatusHandle, UseWidgetStatusOptions, use_widget_status};
pub use widget_status::{WidgetProblem, WidgetStatus};

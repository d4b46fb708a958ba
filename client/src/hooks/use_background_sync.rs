use std::{rc::Rc, time::Duration};

use tideboard_engine::{RefreshError, Transport};
use yew::prelude::*;
use yew_hooks::use_latest;

use crate::{
    hooks::{UsePeriodicRefreshOptions, use_periodic_refresh_with_options, use_realtime, use_store},
    refresher::RefreshInterval,
};

mod handle;

pub use handle::UseBackgroundSyncHandle;

/// Options of [`use_background_sync`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseBackgroundSyncOptions {
    /// Whether it synchronises from the start. Default true; otherwise after `resume()`.
    pub auto_start: bool,
    /// How often. Default `sync.interval`, 30 s.
    pub interval: Option<Duration>,
    /// Whether it also does when the user looks at the page again. Default true.
    pub on_visible: bool,
    /// Whether it also does when there is a network, or a connection, again. Default true.
    pub on_online: bool,
    /// Only while it says true; asked whenever a synchronisation is due. Default always.
    pub only_when: Option<Callback<(), bool>>,
    /// Over which way it may go. Default any.
    pub transport: SyncTransport,
    /// Called when everything is up to date.
    pub on_sync: Callback<()>,
    /// Called with why it is not.
    pub on_error: Callback<RefreshError>,
}

impl Default for UseBackgroundSyncOptions {
    fn default() -> Self {
        Self {
            auto_start: true,
            interval: None,
            on_visible: true,
            on_online: true,
            only_when: None,
            transport: SyncTransport::Auto,
            on_sync: Callback::noop(),
            on_error: Callback::noop(),
        }
    }
}

/// Over which way a synchronisation may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncTransport {
    /// Over the socket, and over REST while the socket is down.
    #[default]
    Auto,
    /// Over the socket alone: nothing happens while it is down.
    Socket,
    /// Over REST alone: nothing happens while the socket, which brings everything by itself, stands.
    Rest,
}

/// Asks now and again for everything that the page is subscribed to, though nothing should have been missed.
///
/// ```no_run
/// use tideboard_client::hooks::use_background_sync;
/// use yew::prelude::*;
///
/// #[component]
/// fn Refresh() -> Html {
///     let sync = use_background_sync();
///     let words = if sync.is_syncing() { "Refreshing…" } else { "Refresh" };
///     let onclick = move |_| drop(sync.refresh());
///     html! { <button {onclick}>{ words }</button> }
/// }
/// ```
///
/// | option of [`use_background_sync_with_options`] | default | |
/// |---|---|---|
/// | `auto_start` | true | from the start |
/// | `interval` | `sync.interval` | how often |
/// | `on_visible`, `on_online` | true | then as well |
/// | `only_when` | always | the application's own condition |
/// | `transport` | `Auto` | over which way |
/// | `on_sync`, `on_error` | none | how each ended |
///
/// Returns a [`UseBackgroundSyncHandle`]; renders when a synchronisation begins, moves on or ends, or the way to the server
/// is another. One page needs it once. What fails is tried again when it is next due.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_background_sync() -> UseBackgroundSyncHandle {
    use_background_sync_with_options(UseBackgroundSyncOptions::default())
}

/// [`use_background_sync`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_background_sync_with_options(options: UseBackgroundSyncOptions) -> UseBackgroundSyncHandle {
    let realtime = use_realtime();
    let shown = use_store(|reader| {
        let sync = reader.sync();
        (sync.transport, sync.refreshing, reader.config().sync.interval.get())
    });
    let interval = options.interval.unwrap_or(shown.2);
    let latest = use_latest(options.clone());
    let only_when = use_callback(realtime.clone(), move |(), realtime| {
        let options = latest.current();
        let way = realtime.read(|reader| reader.sync().transport).0;
        let is_open = match options.transport {
            SyncTransport::Auto => true,
            SyncTransport::Socket => way == Transport::Socket,
            SyncTransport::Rest => way != Transport::Socket,
        };
        is_open && options.only_when.as_ref().is_none_or(|only_when| only_when.emit(()))
    });
    let (on_sync, on_error) = (options.on_sync, options.on_error);
    let refresh = use_periodic_refresh_with_options(
        {
            let realtime = realtime.clone();
            move || realtime.refresh(&[])
        },
        UsePeriodicRefreshOptions {
            auto_start: options.auto_start,
            interval: RefreshInterval::Every(interval),
            only_when: Some(only_when),
            on_focus: options.on_visible,
            on_reconnect: options.on_online,
            error_retry: None,
            on_end: Callback::from(move |end: Result<Rc<()>, Rc<RefreshError>>| match end {
                Ok(_) => on_sync.emit(()),
                Err(error) => on_error.emit(*error),
            }),
            ..Default::default()
        },
    );
    UseBackgroundSyncHandle { realtime, refresh, transport: shown.0, left: shown.1 }
}

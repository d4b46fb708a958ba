use std::{future::Future, rc::Rc, time::Duration};

use tideboard_engine::{RefreshError, Transport};
use tideboard_shared::{Channel, UnixMs};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{
    RefreshInterval, UsePeriodicRefreshHandle, UsePeriodicRefreshOptions, use_periodic_refresh_with_options,
    use_realtime, use_store,
};
use crate::Realtime;

/// Options of [`use_background_sync`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseBackgroundSyncOptions {
    /// Synchronises from the start. Default true; otherwise after `resume()`.
    pub auto_start: bool,
    /// Time from one synchronisation to the next. Default `sync.interval`, 30 s.
    pub interval: Option<Duration>,
    /// Synchronises also when the user looks at the page again. Default true.
    pub on_visible: bool,
    /// Synchronises also when there is a network, or a connection, again. Default true.
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

/// Handle of [`use_background_sync`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseBackgroundSyncHandle {
    realtime: Realtime,
    refresh: UsePeriodicRefreshHandle<(), RefreshError>,
    transport: Transport,
    left: usize,
}

impl UseBackgroundSyncHandle {
    /// Tells whether the server can be reached at all.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.transport != Transport::None
    }

    /// Way to the server: over REST while the socket is down.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Asks for everything now, or joins what is under way. The future need not be awaited.
    ///
    /// # Errors
    /// When there is no way to the server, it does not answer in time, or the component goes before.
    pub fn refresh(&self) -> impl Future<Output = Result<(), RefreshError>> + use<> {
        let end = self.refresh.refresh();
        async move {
            match end.await {
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(*error),
                None => Err(RefreshError::Offline),
            }
        }
    }

    /// Asks for the channels of one widget now. The future need not be awaited.
    ///
    /// # Errors
    /// When there is no way to the server, or it does not answer in time.
    pub fn refresh_widget(&self, channels: &[Channel]) -> impl Future<Output = Result<(), RefreshError>> + use<> {
        // None named would be all.
        let refreshed = (!channels.is_empty()).then(|| self.realtime.refresh(channels));
        async move {
            match refreshed {
                Some(refreshed) => refreshed.await,
                None => Ok(()),
            }
        }
    }

    /// Tells whether a synchronisation is under way.
    #[must_use]
    pub fn is_syncing(&self) -> bool {
        self.refresh.is_refreshing()
    }

    /// Number of channels that are still to come, of all refreshes under way.
    #[must_use]
    pub fn progress(&self) -> usize {
        self.left
    }

    /// End of the last synchronisation; `None` before the first.
    #[must_use]
    pub fn last_result(&self) -> Option<Result<(), RefreshError>> {
        match (self.refresh.error(), self.refresh.data()) {
            (Some(error), _) => Some(Err(*error)),
            (None, Some(())) => Some(Ok(())),
            (None, None) => None,
        }
    }

    /// Time at which everything was last up to date, by the user's clock.
    #[must_use]
    pub fn last_synced_at(&self) -> Option<UnixMs> {
        self.refresh.last_updated()
    }

    /// Time of the next synchronisation, by the user's clock; `None` while one is under way or none is due. Read at the
    /// call.
    #[must_use]
    pub fn next_at(&self) -> Option<UnixMs> {
        let wait_ms = u64::try_from(self.refresh.next_in()?.as_millis()).unwrap_or(u64::MAX);
        Some(UnixMs(self.realtime.now().wall.0.saturating_add(wait_ms)))
    }

    /// Synchronises nothing by itself until [`Self::resume`].
    pub fn pause(&self) {
        self.refresh.pause();
    }

    /// Ends [`Self::pause`].
    pub fn resume(&self) {
        self.refresh.resume();
    }
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
/// Returns a [`UseBackgroundSyncHandle`]; renders when a synchronisation begins, moves on or ends, or the way to the
/// server is another. One page needs it once. What fails is tried again when it is next due.
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
        let way = realtime.read(|reader| reader.sync().transport);
        let is_open = match options.transport {
            SyncTransport::Auto => true,
            SyncTransport::Socket => way == Transport::Socket,
            SyncTransport::Rest => way != Transport::Socket,
        };
        is_open && options.only_when.as_ref().is_none_or(|only_when| only_when.emit(()))
    });
    let on_sync = options.on_sync;
    let on_error = options.on_error;
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

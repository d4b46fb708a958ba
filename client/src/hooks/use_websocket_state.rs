use std::{rc::Rc, time::Duration};

use tideboard_engine::{ConnectionState, ConnectionView};
use yew::prelude::*;

use super::{use_realtime, use_store};
use crate::{Realtime, clock::Timer};

/// Options of [`use_websocket_state`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UseWebsocketStateOptions {
    /// Time for which messages may not flow before the connection counts as lost. Default `ui.banner_after`, 2 s.
    pub lost_after: Option<Duration>,
}

/// Handle of [`use_websocket_state`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketStateHandle {
    realtime: Realtime,
    view: Rc<ConnectionView>,
    is_stale: bool,
}

impl UseWebsocketStateHandle {
    /// State of the connection.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.view.state
    }

    /// Tells whether messages have not flowed for longer than `lost_after`: what is shown may be old.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.is_stale && !self.view.state.is_live()
    }

    /// Time until the next try, while waiting for it. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn retry_in(&self) -> Option<Duration> {
        match self.view.state {
            ConnectionState::Backoff { until, .. } => Some(until.saturating_sub(self.realtime.now().mono)),
            _ => None,
        }
    }

    /// Round-trip time of the last ping.
    #[must_use]
    pub fn rtt(&self) -> Option<Duration> {
        self.view.rtt
    }

    /// The server's clock less the user's, in milliseconds.
    #[must_use]
    pub fn clock_skew_ms(&self) -> Option<i64> {
        self.view.clock_skew_ms
    }

    /// Tells whether this tab has the connection; else another tab of the browser has it for all.
    #[must_use]
    pub fn is_leader_tab(&self) -> bool {
        self.view.is_leader
    }

    /// Skips the rest of a wait, or replaces a connection that is suspected.
    pub fn retry_now(&self) {
        self.realtime.reconnect_now();
    }
}

/// Follows the state of the connection, for showing it.
///
/// ```no_run
/// use tideboard_client::hooks::use_websocket_state;
/// use yew::prelude::*;
///
/// #[component]
/// fn Banner() -> Html {
///     let connection = use_websocket_state();
///     if !connection.is_stale() {
///         return html! {};
///     }
///     let onclick = move |_| connection.retry_now();
///     html! { <p>{ "Not connected. " }<button {onclick}>{ "Try now" }</button></p> }
/// }
/// ```
///
/// | option of [`use_websocket_state_with_options`] | default | |
/// |---|---|---|
/// | `lost_after` | `ui.banner_after` | how long messages may not flow before `is_stale()` |
///
/// Returns a [`UseWebsocketStateHandle`]; renders when the connection changes or counts as lost. Nothing fails.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_state() -> UseWebsocketStateHandle {
    use_websocket_state_with_options(UseWebsocketStateOptions::default())
}

/// [`use_websocket_state`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_state_with_options(options: UseWebsocketStateOptions) -> UseWebsocketStateHandle {
    let realtime = use_realtime();
    let view = use_store(|reader| reader.connection());
    let configured = use_store(|reader| reader.config().ui.banner_after.get());
    let lost_after = options.lost_after.unwrap_or(*configured);
    let is_lost = use_state_eq(|| false);
    use_effect_with((view.state.is_live(), lost_after), {
        let is_lost = is_lost.setter();
        move |(is_live, lost_after)| {
            is_lost.set(false);
            let timer = if *is_live { None } else { Some(Timer::new(*lost_after, move || is_lost.set(true))) };
            move || drop(timer)
        }
    });
    UseWebsocketStateHandle { realtime, view, is_stale: *is_lost }
}

use std::{rc::Rc, time::Duration};

use tideboard_engine::{ConnectionState, ConnectionView, Input};
use yew::prelude::*;

use crate::{
    Realtime,
    hooks::{use_realtime, use_store},
};

/// What [`use_websocket_state`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketStateHandle {
    realtime: Realtime,
    view: Rc<ConnectionView>,
}

impl UseWebsocketStateHandle {
    /// Where the connection stands.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.view.state
    }

    /// How long until the next try, while waiting for it. By the clock of the call: it does not render by itself.
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

    /// Skips the rest of a wait, or replaces a connection that is suspected.
    pub fn retry_now(&self) {
        self.realtime.input(Input::ReconnectNow);
    }
}

/// Where the connection stands, for showing it.
///
/// ```no_run
/// use tideboard_client::hooks::use_websocket_state;
/// use yew::prelude::*;
///
/// #[component]
/// fn Banner() -> Html {
///     let connection = use_websocket_state();
///     if connection.state().is_live() {
///         return html! {};
///     }
///     let onclick = move |_| connection.retry_now();
///     html! { <p>{ "Not connected. " }<button {onclick}>{ "Try now" }</button></p> }
/// }
/// ```
///
/// It has no options. Returns a [`UseWebsocketStateHandle`]; renders when the connection changes. Nothing fails.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_state() -> UseWebsocketStateHandle {
    UseWebsocketStateHandle { realtime: use_realtime(), view: use_store(|reader| reader.connection()) }
}

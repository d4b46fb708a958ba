//! State of a connection in three sizes, with buttons that open and close it.

use std::{rc::Rc, time::Duration};

use tideboard_client::hooks::{UseWebsocketHandle, UseWebsocketOptions, use_store, use_websocket_with_options};
use tideboard_engine::ConnectionState;
use yew::prelude::*;

use crate::format::span;

mod countdown;
mod words;

pub use countdown::{Countdown, CountdownProps};
pub use words::{ConnectionWords, connection_words};

/// Amount of detail shown of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConnectionVariant {
    /// Single line: words, countdown, and a button while pressing one would help.
    #[default]
    Compact,
    /// Block: meaning of the state, attempt, round trip, both buttons.
    Full,
    /// Mark alone; the words are its tooltip and its accessible name.
    Minimal,
}

/// Properties of [`ConnectionLine`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConnectionLineProps {
    /// Amount of detail. Default compact.
    #[prop_or_default]
    pub variant: ConnectionVariant,
    /// State of the connection.
    pub state: ConnectionState,
    /// Attempts in a row since the last stable connection. Default 0.
    #[prop_or_default]
    pub attempt: u32,
    /// Round-trip time of the last ping. Default: not known.
    #[prop_or_default]
    pub rtt: Option<Duration>,
    /// Fallback in use: edits and changes go over REST for now. Default false.
    #[prop_or_default]
    pub is_polling: bool,
    /// Called when the user presses the button that connects.
    pub on_reconnect: Callback<()>,
    /// Called when the user presses "Disconnect".
    pub on_disconnect: Callback<()>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// State of any connection, from properties alone. [`ConnectionStatus`] shows that of the page.
#[component]
pub fn ConnectionLine(props: &ConnectionLineProps) -> Html {
    let ConnectionLineProps { variant, state, is_polling, on_reconnect, class, .. } = props;
    let words = connection_words(state, *is_polling);
    let dot = html! { <i class="sync-dot" data-level={words.level.name()} aria-hidden="true" /> };
    let until = until(state);
    let reconnect = |label: &'static str| {
        html! { <button type="button" onclick={on_reconnect.reform(|_| ())}>{ label }</button> }
    };
    match variant {
        ConnectionVariant::Minimal => html! {
            <span class={classes!("connection", class.clone())} data-variant="minimal" title={words.short}>
                { dot }<span class="visually-hidden" role="status">{ words.short }</span>
            </span>
        },
        ConnectionVariant::Compact => html! {
            <div class={classes!("connection", class.clone())} data-variant="compact">
                { dot }
                <span class="connection-words" role="status">{ words.short }</span>
                if let Some(until) = until { <Countdown {until} /> }
                if let Some(label) = words.action { { reconnect(label) } }
            </div>
        },
        ConnectionVariant::Full => html! {
            <section class={classes!("connection", class.clone())} data-variant="full" aria-label="Connection">
                <div class="connection-head">
                    { dot }
                    <strong class="connection-words" role="status">{ words.short }</strong>
                    if let Some(until) = until { <Countdown {until} /> }
                </div>
                <p>{ words.long }</p>
                { details(props) }
                <div class="connection-actions">
                    // Always the same two buttons, so that nothing jumps. Reconnecting helps a live connection that
                    // seems stuck, too.
                    { reconnect(words.action.unwrap_or("Reconnect now")) }
                    <button type="button" onclick={props.on_disconnect.reform(|_| ())}
                        disabled={!may_disconnect(state)}>
                        { "Disconnect" }
                    </button>
                </div>
            </section>
        },
    }
}

fn details(props: &ConnectionLineProps) -> Html {
    let attempt = if props.state.is_live() { "–".to_owned() } else { props.attempt.to_string() };
    let rtt = props.rtt.map_or_else(|| "–".to_owned(), span);
    html! {
        <dl>
            <dt>{ "Attempt" }</dt><dd>{ attempt }</dd>
            <dt>{ "Round trip" }</dt><dd>{ rtt }</dd>
        </dl>
    }
}

/// Time of the next attempt, by the monotonic clock; `None` unless the connection is in backoff.
pub(super) fn until(state: &ConnectionState) -> Option<Duration> {
    match state {
        ConnectionState::Backoff { until, .. } => Some(*until),
        _ => None,
    }
}

/// Tells whether "Disconnect" has an effect: there is a connection, or something that tries for one.
pub(super) fn may_disconnect(state: &ConnectionState) -> bool {
    match state {
        ConnectionState::Idle
        | ConnectionState::Closed
        | ConnectionState::Failed { .. }
        | ConnectionState::GaveUp { .. } => false,
        ConnectionState::Connecting { .. }
        | ConnectionState::Greeting { .. }
        | ConnectionState::Live { .. }
        | ConnectionState::Backoff { .. }
        | ConnectionState::NeedsAuth
        | ConnectionState::Offline
        | ConnectionState::Following => true,
    }
}

/// Properties of [`ConnectionStatus`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConnectionStatusProps {
    /// Amount of detail. Default compact.
    #[prop_or_default]
    pub variant: ConnectionVariant,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// State of the page's connection, with buttons that open and close it. Needs a `RealtimeProvider`.
///
/// ```no_run
/// use tideboard_ui::components::{ConnectionStatus, ConnectionVariant};
/// use yew::prelude::*;
///
/// #[component]
/// fn Foot() -> Html {
///     html! { <footer><ConnectionStatus variant={ConnectionVariant::Full} /></footer> }
/// }
/// ```
///
/// | property | default | |
/// |---|---|---|
/// | `variant` | `Compact` | a line; `Full`: a block with both buttons; `Minimal`: the mark alone |
/// | `class` | none | more classes |
///
/// Renders when the connection changes; the countdown to the next try ticks by itself. A failed attempt shows as the
/// state. For another connection than the page's, such as one of `use_websocket_url`, there is [`ConnectionLine`].
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[component]
pub fn ConnectionStatus(props: &ConnectionStatusProps) -> Html {
    let ConnectionStatusProps { variant, class } = props;
    let socket = use_websocket_with_options(UseWebsocketOptions { auto_connect: false, ..Default::default() });
    let is_polling = use_is_polling();
    let on_reconnect = use_callback(socket.clone(), |(), socket| socket.reconnect_now());
    let on_disconnect = use_callback(socket.clone(), |(), socket: &UseWebsocketHandle| socket.disconnect());
    html! {
        <ConnectionLine variant={*variant} state={socket.state().clone()} attempt={socket.attempt()} rtt={socket.rtt()}
            is_polling={*is_polling} {on_reconnect} {on_disconnect} class={class.clone()} />
    }
}

/// Selects whether the server is reached over REST for now.
#[hook]
pub(super) fn use_is_polling() -> Rc<bool> {
    use_store(|reader| reader.sync().transport == tideboard_engine::Transport::Rest)
}

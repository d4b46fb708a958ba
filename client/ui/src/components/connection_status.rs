use std::{rc::Rc, time::Duration};

use tideboard_client::hooks::{UseWebsocketHandle, UseWebsocketOptions, use_store, use_websocket_with_options};
use tideboard_engine::ConnectionState;
use yew::prelude::*;

use crate::format::span;

mod countdown;
mod words;

pub use countdown::{Countdown, CountdownProps};
pub use words::{ConnectionWords, connection_words};

/// How much of the connection is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConnectionVariant {
    /// One line: words, countdown, and a button while something can be done.
    #[default]
    Compact,
    /// A block: what the state means, attempt, round trip, both buttons.
    Full,
    /// The mark alone; the words are its tooltip and its accessible name.
    Minimal,
}

/// Properties of [`ConnectionLine`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConnectionLineProps {
    /// How much is shown.
    #[prop_or_default]
    pub variant: ConnectionVariant,
    /// Where the connection stands.
    pub state: ConnectionState,
    /// Attempts in a row since the last stable connection.
    #[prop_or_default]
    pub attempt: u32,
    /// Round-trip time of the last ping.
    #[prop_or_default]
    pub rtt: Option<Duration>,
    /// Whether edits and changes go over REST for now.
    #[prop_or_default]
    pub is_polling: bool,
    /// Called when the user wants a connection now.
    pub on_reconnect: Callback<()>,
    /// Called when the user wants none.
    pub on_disconnect: Callback<()>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// The face of [`ConnectionStatus`], for any connection.
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
                    // Always the same two, so that nothing jumps: a live connection may be suspected, too.
                    { reconnect(words.action.unwrap_or("Reconnect now")) }
                    <button type="button" onclick={props.on_disconnect.reform(|_| ())} disabled={!may_disconnect(state)}>
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

/// When the next try is, by the clock that does not jump.
pub(super) fn until(state: &ConnectionState) -> Option<Duration> {
    match state {
        ConnectionState::Backoff { until, .. } => Some(*until),
        _ => None,
    }
}

/// Whether there is a connection, or a wish for one, to give up.
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
    /// How much is shown. Default compact.
    #[prop_or_default]
    pub variant: ConnectionVariant,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Where the connection stands, with buttons that open and close it. Needs a `RealtimeProvider`.
///
/// ```no_run
/// use tideboard_client::components::{ConnectionStatus, ConnectionVariant};
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
/// Renders when the connection changes; the countdown to the next try ticks by itself. What fails shows as the state.
/// For another connection than the page's, such as one of `use_websocket_url`, there is [`ConnectionLine`].
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

/// Whether the server is reached over REST for now.
#[hook]
pub(super) fn use_is_polling() -> Rc<bool> {
    use_store(|reader| reader.sync().transport == tideboard_engine::Transport::Rest)
}

//! Banner for trouble with the connection or the storage that the user has to know about.
//!
//! In: the state of connection and storage. Out: a reconnect or a sign-in that the user asks for. Never: a word while
//! all is well.

use std::time::Duration;

use tideboard_client::hooks::{UseWebsocketStateOptions, use_store, use_websocket_state_with_options};
use tideboard_engine::Transport;
use yew::prelude::*;

use super::{
    Icon, IconButton,
    connection_status::{Countdown, until},
};

mod words;

pub use words::{BannerCause, BannerFacts, BannerWords, banner_words};

/// Properties of [`BannerLine`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct BannerLineProps {
    /// Text to show. Default: none; the banner is invisible, but its live region stays so that screen readers notice
    /// the next text.
    #[prop_or_default]
    pub words: Option<BannerWords>,
    /// Time of the next attempt, by the monotonic clock. Default: no countdown.
    #[prop_or_default]
    pub until: Option<Duration>,
    /// Called when the user presses the button that connects.
    #[prop_or_default]
    pub on_reconnect: Callback<()>,
    /// Called when the user hides the banner; without it, there is no button for that.
    #[prop_or_default]
    pub on_dismiss: Option<Callback<()>>,
    /// Called when the user presses "Sign in"; without it, there is no such button.
    #[prop_or_default]
    pub on_sign_in: Option<Callback<()>>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Banner without an engine: shows the text it is given. [`ConnectionBanner`] finds the text by itself.
#[component]
pub fn BannerLine(props: &BannerLineProps) -> Html {
    let BannerLineProps { words, until, on_reconnect, on_dismiss, on_sign_in, class } = props;
    let level = words.as_ref().map(|words| words.level.name());
    // A live region is read out only if it was there before its words. The countdown is outside, to stay silent.
    html! {
        <aside class={classes!("banner", class.clone())} aria-label="Connection" data-level={level}
            data-cause={words.as_ref().map(|words| words.cause.name())}>
            if let Some(level) = level { <i class="sync-dot" data-level={level} aria-hidden="true" /> }
            <div class="banner-text" role="status">
                if let Some(words) = words {
                    <strong>{ words.title }</strong>
                    <span>{ &words.body }</span>
                }
            </div>
            if let Some(words) = words {
                if words.is_trying { <span class="banner-next">{ "Trying now" }</span> }
                if let Some(until) = until {
                    <span class="banner-next">{ "Next try " }<Countdown until={*until} /></span>
                }
                if let Some(label) = words.action {
                    <button type="button" onclick={on_reconnect.reform(|_| ())}>{ label }</button>
                }
                if words.cause == BannerCause::SignIn {
                    if let Some(on_sign_in) = on_sign_in {
                        <button type="button" onclick={on_sign_in.reform(|_| ())}>{ "Sign in" }</button>
                    }
                }
                if let Some(on_dismiss) = on_dismiss {
                    <IconButton icon={Icon::Close} label="Hide this message" onclick={on_dismiss.reform(|_| ())} />
                }
            }
        </aside>
    }
}

/// Properties of [`ConnectionBanner`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConnectionBannerProps {
    /// Time without messages getting through after which the banner appears. Default `ui.banner_after`, 2 s.
    #[prop_or_default]
    pub lost_after: Option<Duration>,
    /// Called when the user presses "Sign in"; without it, there is no such button.
    #[prop_or_default]
    pub on_sign_in: Option<Callback<()>>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Banner that tells that the connection is lost, and what still works; invisible while all is well. It lies over the
/// page's foot, so that nothing moves when it comes or goes. Needs a `RealtimeProvider`.
///
/// ```no_run
/// use std::time::Duration;
/// use tideboard_ui::components::ConnectionBanner;
/// use yew::prelude::*;
///
/// #[component]
/// fn Page() -> Html {
///     html! { <main><ConnectionBanner lost_after={Duration::from_secs(5)} /></main> }
/// }
/// ```
///
/// | property | default | |
/// |---|---|---|
/// | `lost_after` | `ui.banner_after` | time without messages getting through after which it appears |
/// | `on_sign_in` | none | called on "Sign in", while the server wants a fresh token |
/// | `class` | none | more classes |
///
/// Also shows that the server wants a fresh token, that it refuses for good, that no further attempt will be made, or
/// that the browser's storage is full. The user can hide it; it comes back when there is something else to say. Renders
/// when its words change.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[component]
pub fn ConnectionBanner(props: &ConnectionBannerProps) -> Html {
    let ConnectionBannerProps { lost_after, on_sign_in, class } = props;
    let connection = use_websocket_state_with_options(UseWebsocketStateOptions { lost_after: *lost_after });
    let sync = use_store(|reader| {
        let sync = reader.sync();
        (sync.pending, sync.transport == Transport::Rest, sync.storage)
    });
    let (pending, is_polling, storage) = sync.as_ref();
    let facts = BannerFacts {
        state: connection.state(),
        is_lost: connection.is_stale(),
        pending: *pending,
        is_polling: *is_polling,
        storage,
    };
    let words = banner_words(&facts);
    let cause = words.as_ref().map(|words| words.cause);
    let hidden = use_state_eq(|| None::<BannerCause>);
    use_effect_with(cause, {
        let hidden = hidden.setter();
        // The hidden cause is over, or another one has come.
        move |_| hidden.set(None)
    });
    let words = words.filter(|words| *hidden != Some(words.cause));
    let on_dismiss = words.as_ref().filter(|words| words.cause.may_be_hidden()).map(|words| {
        let hidden = hidden.setter();
        let cause = words.cause;
        Callback::from(move |()| hidden.set(Some(cause)))
    });
    let until = if cause == Some(BannerCause::Lost) { until(connection.state()) } else { None };
    let on_reconnect = use_callback(connection, |(), connection| connection.retry_now());
    html! {
        <BannerLine {words} {until} {on_reconnect} {on_dismiss} on_sign_in={on_sign_in.clone()} class={class.clone()} />
    }
}

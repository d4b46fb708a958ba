//! Component that makes one client of one server, and the way to it for the hooks below.

use std::{ops::Deref, rc::Rc};

use gloo::utils::window;
use tideboard_engine::{Config, Migrations};
use yew::prelude::*;

use crate::{
    TextProvider,
    driver::{Driver, DriverOptions, RealtimeError},
};

/// The way to one server, as context. It never changes, so having it never causes a render.
#[derive(Debug, Clone)]
pub struct Realtime(Rc<Driver>);

impl Deref for Realtime {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        &self.0
    }
}

impl PartialEq for Realtime {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Properties of [`RealtimeProvider`]. All but `children` are read once, when it is mounted.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RealtimeProviderProps {
    /// The server's WebSocket. Default: `/api/realtime` where the page comes from.
    #[prop_or_default]
    pub url: Option<AttrValue>,
    /// Asked for the WebSocket's address at every attempt, such as one that carries a fresh token. `url` still names
    /// the server: its storage in the browser, and the way over REST. Default: `url`.
    #[prop_or_default]
    pub socket_url: Option<TextProvider>,
    /// Connects at once. Default true; otherwise [`crate::hooks::UseWebsocketHandle::connect`] does.
    #[prop_or(true)]
    pub auto_connect: bool,
    /// User whose edits these are. Each user of a browser has a storage of their own, which [`crate::Driver::sign_out`]
    /// deletes. Default: one for whoever uses the browser.
    #[prop_or_default]
    pub user: Option<AttrValue>,
    /// Keeps edits in the browser: they outlive the page, and all tabs of a user share one connection. Default true;
    /// otherwise the page is a client of its own.
    #[prop_or(true)]
    pub persistent: bool,
    /// The engine's settings.
    #[prop_or_default]
    pub config: Config,
    /// Reads edits that an older version of the application has left in the browser.
    #[prop_or_default]
    pub migrations: Migrations,
    /// Called with what goes wrong beneath the application; for logs.
    #[prop_or_default]
    pub on_error: Callback<RealtimeError>,
    /// Called once, with what the hooks use.
    #[prop_or_default]
    pub on_initialized: Callback<Realtime>,
    /// Components that may use the hooks.
    #[prop_or_default]
    pub children: Html,
}

/// Makes one client of one server and gives it to the hooks below.
///
/// ```no_run
/// use tideboard_client::RealtimeProvider;
/// use yew::prelude::*;
///
/// #[component]
/// fn App() -> Html {
///     html! { <RealtimeProvider>{ "Everything live goes here" }</RealtimeProvider> }
/// }
/// ```
///
/// # After a panic
/// A program that has panicked cannot go on, though what it showed is still there. Sockets, channels and locks are let
/// go of at once, so that the other tabs of the browser take over; edits that are in the browser's storage stay there.
/// The window gets the event [`crate::PANIC_EVENT`], whose `detail` is the panic's message. Put the script
/// `client/panic.js` of this repository into the page: it covers the page with a dialog that says so, counts the unsent
/// edits and reloads the page, also after a trap without a panic. Or write one: of each provider there is a
/// `<meta name="tideboard:unsent" data-kept="2" data-unkept="0">` in the page's head with the numbers of unsent edits
/// that outlive the page and that do not.
///
/// The hook is set when the first provider is mounted and calls the one before it: set one of your own earlier.
#[component]
pub fn RealtimeProvider(props: &RealtimeProviderProps) -> Html {
    let realtime = use_memo((), |()| {
        let url = props.url.as_ref().map_or_else(default_url, ToString::to_string);
        Realtime(Driver::new(DriverOptions {
            storage: props.persistent.then(|| storage_name(&url, props.user.as_deref())),
            url,
            socket_url: props.socket_url.clone(),
            config: props.config.clone(),
            migrations: props.migrations,
            on_error: props.on_error.clone(),
        }))
    });
    let realtime = Realtime::clone(&realtime);
    use_effect_with((), {
        let realtime = realtime.clone();
        let auto_connect = props.auto_connect;
        let on_initialized = props.on_initialized.clone();
        move |()| {
            on_initialized.emit(realtime.clone());
            if auto_connect {
                realtime.connect();
            }
            // Others may still hold the driver; the connection ends with the provider all the same.
            move || realtime.retire()
        }
    });
    html! { <ContextProvider<Realtime> context={realtime}>{ props.children.clone() }</ContextProvider<Realtime>> }
}

/// The way to the server, for what no hook does.
///
/// # Panics
/// Outside a [`RealtimeProvider`].
#[hook]
pub fn use_realtime() -> Realtime {
    use_context::<Realtime>().expect("this hook works only inside <RealtimeProvider>: put one around the component")
}

/// Each server and user has a storage of its own. What else the address says, such as a token, does not matter.
fn storage_name(url: &str, user: Option<&str>) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    // The user's name in the address is the development server's.
    let named = query.split('&').find_map(|part| part.strip_prefix("userId="));
    format!("tideboard {address} {}", user.or(named).unwrap_or_default())
}

/// `wss` where the page itself came over TLS.
fn default_url() -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}/api/realtime", location.host().unwrap_or_default())
}

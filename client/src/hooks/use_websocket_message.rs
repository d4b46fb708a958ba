use std::{rc::Rc, time::Duration};

use serde::de::DeserializeOwned;
use tideboard_engine::{Body, DeliveryOptions, Item, Policy, Source};
use tideboard_shared::{ServerMessage, UnixMs};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::use_realtime;
use crate::{MessageFilter, OpenDelivery, Realtime, Subscription};

mod inbox;

use inbox::Inbox;

/// Options of [`use_websocket_message`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketMessageOptions<T> {
    /// Takes only those messages for which it says true. Default all of them.
    pub filter: Option<Callback<Rc<ServerMessage>, bool>>,
    /// Number of messages that [`UseWebsocketMessageHandle::history`] keeps. Default the latest alone.
    pub keep: Keep,
    /// Pace at which those that have arrived are handed on, together. Default before the next frame.
    pub batch: MessageBatch,
    /// Renders the component when some were handed on. Default true.
    pub renders: bool,
    /// Most that wait for [`UseWebsocketMessageHandle::drain`]; beyond, the oldest are dropped and counted. Default
    /// 10,000.
    pub max_undrained: usize,
    /// Called with each one as it is handed on.
    pub on_message: Callback<Rc<T>>,
    /// Called with why a message is no `T`; it is left out.
    pub on_decode_error: Callback<String>,
}

impl<T> Default for UseWebsocketMessageOptions<T> {
    fn default() -> Self {
        Self {
            filter: None,
            keep: Keep::Latest,
            batch: MessageBatch::Frame,
            renders: true,
            max_undrained: 10_000,
            on_message: Callback::noop(),
            on_decode_error: Callback::noop(),
        }
    }
}

/// Number of messages that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The latest alone.
    #[default]
    Latest,
    /// So many of the latest.
    Last(usize),
}

/// Pace at which messages that have arrived are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageBatch {
    /// Before the next frame is painted.
    #[default]
    Frame,
    /// As soon as the oldest has waited for so long.
    Every(Duration),
}

/// Handle of [`use_websocket_message`]. Reads what has been handed on by the time of the call.
pub struct UseWebsocketMessageHandle<T> {
    inbox: Rc<Inbox<T>>,
    /// Version of the inbox that the component was rendered with.
    version: u64,
}

impl<T> UseWebsocketMessageHandle<T> {
    fn new(inbox: Rc<Inbox<T>>) -> Self {
        let version = inbox.read(|contents| contents.version);
        Self { inbox, version }
    }

    /// The latest message.
    #[must_use]
    pub fn latest(&self) -> Option<Rc<T>> {
        self.inbox.read(|contents| contents.history.back().cloned())
    }

    /// All messages since the last call, oldest first: each once, in order.
    #[must_use = "what is drained is not given again"]
    pub fn drain(&self) -> Vec<Rc<T>> {
        self.inbox.change(|contents| std::mem::take(&mut contents.undrained)).into()
    }

    /// As many of the latest as are kept, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<Rc<T>> {
        self.inbox.read(|contents| contents.history.iter().cloned().collect())
    }

    /// Forgets all of them, those that wait for [`Self::drain`] included.
    pub fn clear(&self) {
        self.inbox.change(|contents| {
            contents.history.clear();
            contents.undrained.clear();
        });
    }

    /// Number of messages that are known to have been left out: beyond `max_undrained`, or not sent while there was no
    /// connection.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inbox.read(|contents| contents.dropped)
    }

    /// Tells whether no message was left out. After a lost connection nobody knows how many were.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.inbox.read(|contents| contents.is_complete)
    }

    /// Time at which the latest message was handed on, by the user's clock.
    #[must_use]
    pub fn last_at(&self) -> Option<UnixMs> {
        self.inbox.read(|contents| contents.last_at)
    }
}

impl<T> Clone for UseWebsocketMessageHandle<T> {
    fn clone(&self) -> Self {
        Self { inbox: Rc::clone(&self.inbox), version: self.version }
    }
}

impl<T> PartialEq for UseWebsocketMessageHandle<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inbox, &other.inbox) && self.version == other.version
    }
}

impl<T> std::fmt::Debug for UseWebsocketMessageHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UseWebsocketMessageHandle").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Messages of one type from the server, each read as a `T`: the whole message as JSON, `type` included.
///
/// ```no_run
/// use serde::Deserialize;
/// use tideboard_client::hooks::use_websocket_message;
/// use tideboard_shared::ServerMessageType;
/// use yew::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Draining {
///     reconnect_after_ms: u64,
/// }
///
/// #[component]
/// fn Maintenance() -> Html {
///     let draining = use_websocket_message::<Draining>(ServerMessageType::Draining);
///     let words = draining.latest().map(|message| format!("Back in {} s", message.reconnect_after_ms / 1_000));
///     html! { <p>{ words.unwrap_or_default() }</p> }
/// }
/// ```
///
/// | option of [`use_websocket_message_with_options`] | default | |
/// |---|---|---|
/// | `filter` | none | takes only some of them |
/// | `keep` | `Latest` | how many `history()` keeps |
/// | `batch` | `Frame` | when those that have arrived are handed on, together |
/// | `renders` | true | whether that renders |
/// | `max_undrained` | 10,000 | most that wait for `drain()` |
/// | `on_message` | none | called with each one |
/// | `on_decode_error` | none | called with why one is no `T` |
///
/// Returns a [`UseWebsocketMessageHandle`]. Nothing is lost in a burst: `drain()` has every message, once, in order;
/// what exceeds its limit is counted in `dropped()`. With [`MessageFilter::Any`] each is handed on as it comes,
/// whatever the batch.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_message<T>(wanted: impl Into<MessageFilter>) -> UseWebsocketMessageHandle<T>
where
    T: DeserializeOwned + 'static,
{
    use_websocket_message_with_options(wanted, UseWebsocketMessageOptions::default())
}

/// [`use_websocket_message`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_message_with_options<T>(
    wanted: impl Into<MessageFilter>,
    options: UseWebsocketMessageOptions<T>,
) -> UseWebsocketMessageHandle<T>
where
    T: DeserializeOwned + 'static,
{
    let wanted = wanted.into();
    let realtime = use_realtime();
    let update = use_force_update();
    let inbox: Rc<Rc<Inbox<T>>> = use_memo((realtime.clone(), wanted), |_| Rc::default());
    let inbox = Rc::clone(&*inbox);
    let batch = options.batch;
    let latest = use_latest(options);
    use_effect_with((realtime, wanted, batch), {
        let inbox = Rc::clone(&inbox);
        move |(realtime, wanted, batch)| {
            let on_items = move |items: Vec<Item>| {
                let options = latest.current();
                if inbox.take_in(items, &options) && options.renders {
                    update.force_update();
                }
            };
            let source = open(realtime, *wanted, *batch, Rc::new(on_items));
            move || drop(source)
        }
    });
    UseWebsocketMessageHandle::new(inbox)
}

/// Source of messages, until it is dropped.
#[expect(dead_code, reason = "held for the sake of its end")]
enum Opened {
    Consumer(OpenDelivery),
    Listener(Subscription),
}

fn open(realtime: &Realtime, wanted: MessageFilter, batch: MessageBatch, on_items: Rc<dyn Fn(Vec<Item>)>) -> Opened {
    let policy = match batch {
        MessageBatch::Frame => Policy::Raf,
        MessageBatch::Every(delay) => Policy::Batch { size: usize::MAX, delay },
    };
    let consumer = match wanted {
        MessageFilter::Any => None,
        MessageFilter::Only(kind) => {
            let options = DeliveryOptions { policy: Some(policy), ..DeliveryOptions::new(Source::Messages(kind)) };
            let on_items = Rc::clone(&on_items);
            // As many as may be open: then each message is handed on by itself.
            realtime.open_delivery(options, move |items| on_items(items)).ok()
        }
    };
    match consumer {
        Some(consumer) => Opened::Consumer(consumer),
        None => Opened::Listener(realtime.listen(wanted, {
            let item = |message| Item { body: Body::Message(message), stands_for: 1, through: None };
            Callback::from(move |message| on_items(vec![item(message)]))
        })),
    }
}

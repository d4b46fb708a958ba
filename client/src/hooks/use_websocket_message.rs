use std::rc::Rc;

use serde::de::DeserializeOwned;
use tideboard_engine::{Body, DeliveryOptions, Item, Policy, Source};
use yew::prelude::*;
use yew_hooks::use_latest;

use crate::{MessageFilter, OpenDelivery, Realtime, Subscription, hooks::use_realtime};

mod handle;
mod inbox;
mod options;

pub use handle::UseWebsocketMessageHandle;
use inbox::Inbox;
pub use options::{Keep, MessageBatch, UseWebsocketMessageOptions};

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
/// Returns a [`UseWebsocketMessageHandle`]. Nothing is lost in a burst: `drain()` has every message, once, in order; what
/// exceeds its limit is counted in `dropped()`. With [`MessageFilter::Any`] each is handed on as it comes, whatever the batch.
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

/// Where messages come from, until it is dropped.
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

use std::{rc::Rc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use yew::prelude::*;

use crate::hooks::use_realtime;

mod calls;
mod handle;

use calls::Calls;
pub use handle::{RequestProblem, UseWebsocketRequestHandle};

/// Options of [`use_websocket_request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseWebsocketRequestOptions {
    /// How long an answer may take, repeats included. Default `requests.timeout`.
    pub timeout: Option<Duration>,
    /// How many times an idempotent request may be sent again. Default `requests.retries`.
    pub retries: Option<u32>,
    /// Whether asking twice does no more than asking once. Only then is it ever sent again. Default false.
    pub idempotent: bool,
    /// Whether it waits for a connection when there is none, instead of failing at once. Default false.
    pub queue_when_offline: bool,
    /// Whether what is under way is given up when the component goes. Default true.
    pub cancel_on_unmount: bool,
}

impl Default for UseWebsocketRequestOptions {
    fn default() -> Self {
        Self { timeout: None, retries: None, idempotent: false, queue_when_offline: false, cancel_on_unmount: true }
    }
}

/// Asks the server something over the socket, with exactly one answer to each call.
///
/// ```no_run
/// use serde::Deserialize;
/// use serde_json::json;
/// use tideboard_client::hooks::use_websocket_request;
/// use yew::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Boards {
///     boards: Vec<String>,
/// }
///
/// #[component]
/// fn List() -> Html {
///     let list = use_websocket_request::<_, Boards>("board.list");
///     let names = list.data().map_or_else(Vec::new, |answer| answer.boards.clone());
///     let onclick = move |_| drop(list.call(&json!({})));
///     html! { <button {onclick}>{ names.join(", ") }</button> }
/// }
/// ```
///
/// | option of [`use_websocket_request_with_options`] | default | |
/// |---|---|---|
/// | `timeout` | `requests.timeout` | how long an answer may take, repeats included |
/// | `retries` | `requests.retries` | how many times an idempotent request may be sent again |
/// | `idempotent` | false | whether asking twice does no more than asking once |
/// | `queue_when_offline` | false | wait for a connection instead of failing at once |
/// | `cancel_on_unmount` | true | give up what is under way when the component goes |
///
/// Returns a [`UseWebsocketRequestHandle`]; renders when a call begins or ends. Calls fail with a [`RequestProblem`], which
/// says after a cut whether the server may have done what was asked.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_request<Req, Res>(method: &'static str) -> UseWebsocketRequestHandle<Req, Res>
where
    Req: Serialize + 'static,
    Res: DeserializeOwned + 'static,
{
    use_websocket_request_with_options(method, UseWebsocketRequestOptions::default())
}

/// [`use_websocket_request`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_request_with_options<Req, Res>(
    method: &'static str,
    options: UseWebsocketRequestOptions,
) -> UseWebsocketRequestHandle<Req, Res>
where
    Req: Serialize + 'static,
    Res: DeserializeOwned + 'static,
{
    let realtime = use_realtime();
    let calls = use_reducer(Calls::<Res>::default);
    let under_way = use_mut_ref(Vec::new);
    let cancels = options.cancel_on_unmount;
    use_effect_with((realtime.clone(), cancels), {
        let under_way = Rc::clone(&under_way);
        move |(realtime, cancels)| {
            let (realtime, cancels) = (realtime.clone(), *cancels);
            move || {
                let ids = if cancels { std::mem::take(&mut *under_way.borrow_mut()) } else { Vec::new() };
                ids.into_iter().for_each(|id| realtime.cancel_request(id));
            }
        }
    });
    UseWebsocketRequestHandle::new(realtime, method, options, calls, under_way)
}

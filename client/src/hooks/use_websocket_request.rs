use std::{cell::RefCell, future::Future, marker::PhantomData, rc::Rc, time::Duration};

use futures_channel::oneshot;
use serde::{Serialize, de::DeserializeOwned};
use tideboard_engine::{Request, RequestError, RequestId};
use wasm_bindgen_futures::spawn_local;
use yew::{Reducible, UseReducerHandle, prelude::*};

use super::use_realtime;
use crate::Realtime;

/// Options of [`use_websocket_request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseWebsocketRequestOptions {
    /// Time that an answer may take, repeats included. Default `requests.timeout`.
    pub timeout: Option<Duration>,
    /// Number of times an idempotent request may be sent again. Default `requests.retries`.
    pub retries: Option<u32>,
    /// Promises that asking twice does no more than asking once. Only then is it ever sent again. Default false.
    pub idempotent: bool,
    /// Waits for a connection when there is none, instead of failing at once. Default false.
    pub queue_when_offline: bool,
    /// Gives up what is under way when the component goes. Default true.
    pub cancel_on_unmount: bool,
}

impl Default for UseWebsocketRequestOptions {
    fn default() -> Self {
        Self { timeout: None, retries: None, idempotent: false, queue_when_offline: false, cancel_on_unmount: true }
    }
}

/// Reason why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestProblem {
    /// There is none.
    #[error(transparent)]
    Failed(RequestError),
    /// The arguments cannot be written as JSON. Nothing was sent.
    #[error("the arguments cannot be sent: {0}")]
    Unwritable(String),
    /// The answer is of another shape. The server did what was asked.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
}

/// Handle of [`use_websocket_request`].
pub struct UseWebsocketRequestHandle<Req, Res> {
    realtime: Realtime,
    method: &'static str,
    options: UseWebsocketRequestOptions,
    calls: UseReducerHandle<Calls<Res>>,
    under_way: Rc<RefCell<Vec<RequestId>>>,
    takes: PhantomData<fn(&Req)>,
}

impl<Req, Res> UseWebsocketRequestHandle<Req, Res> {
    fn new(
        realtime: Realtime,
        method: &'static str,
        options: UseWebsocketRequestOptions,
        calls: UseReducerHandle<Calls<Res>>,
        under_way: Rc<RefCell<Vec<RequestId>>>,
    ) -> Self {
        Self { realtime, method, options, calls, under_way, takes: PhantomData }
    }

    /// Tells whether an answer is awaited.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.calls.pending > 0
    }

    /// The answer to the latest call that had one.
    #[must_use]
    pub fn data(&self) -> Option<&Res> {
        self.calls.data.as_deref()
    }

    /// Reason why the latest call has no answer.
    #[must_use]
    pub fn error(&self) -> Option<&RequestProblem> {
        self.calls.error.as_ref()
    }

    /// Gives up what is under way; it ends as cancelled.
    pub fn cancel(&self) {
        let ids = std::mem::take(&mut *self.under_way.borrow_mut());
        for id in ids {
            self.realtime.cancel_request(id);
        }
    }

    /// Forgets the answer and the problem; what is under way is given up and shows in neither.
    pub fn reset(&self) {
        let last = self.under_way.borrow().iter().map(|id| id.0).max().unwrap_or_default();
        self.calls.dispatch(CallAction::Reset { last });
        self.cancel();
    }
}

impl<Req, Res> UseWebsocketRequestHandle<Req, Res>
where
    Req: Serialize + 'static,
    Res: DeserializeOwned + 'static,
{
    /// Asks now. The future need not be awaited: the end also shows as [`Self::data`] or [`Self::error`].
    ///
    /// # Errors
    /// When there is no answer, or one that is no `Res`.
    pub fn call(&self, params: &Req) -> impl Future<Output = Result<Rc<Res>, RequestProblem>> + use<Req, Res> {
        let (sender, receiver) = oneshot::channel();
        let calls = self.calls.dispatcher();
        match serde_json::to_value(params) {
            Ok(params) => {
                let UseWebsocketRequestOptions { timeout, retries, idempotent, queue_when_offline, .. } = self.options;
                let request = Request::new(self.method, params);
                let request = Request { timeout, retries, idempotent, queue_when_offline, ..request };
                calls.dispatch(CallAction::Began);
                let (id, answer) = self.realtime.request(request);
                self.under_way.borrow_mut().push(id);
                let under_way = Rc::clone(&self.under_way);
                spawn_local(async move {
                    let answer = answer.await.map_err(RequestProblem::Failed);
                    let result = answer.and_then(|answer| {
                        let read = serde_json::from_value(answer).map(Rc::new);
                        read.map_err(|error| RequestProblem::Unreadable(error.to_string()))
                    });
                    under_way.borrow_mut().retain(|other| *other != id);
                    calls.dispatch(CallAction::Ended { call: id.0, result: result.clone() });
                    // Nobody may wait for it.
                    let _ = sender.send(result);
                });
            }
            Err(error) => {
                let _ = sender.send(Err(RequestProblem::Unwritable(error.to_string())));
            }
        }
        async move { receiver.await.unwrap_or(Err(RequestProblem::Failed(RequestError::Cancelled))) }
    }
}

impl<Req, Res> Clone for UseWebsocketRequestHandle<Req, Res> {
    fn clone(&self) -> Self {
        Self {
            realtime: self.realtime.clone(),
            method: self.method,
            options: self.options.clone(),
            calls: self.calls.clone(),
            under_way: Rc::clone(&self.under_way),
            takes: PhantomData,
        }
    }
}

impl<Req, Res> PartialEq for UseWebsocketRequestHandle<Req, Res> {
    fn eq(&self, other: &Self) -> bool {
        let same_calls = std::ptr::eq::<Calls<Res>>(&*self.calls, &*other.calls);
        same_calls && self.realtime == other.realtime && self.method == other.method && self.options == other.options
    }
}

impl<Req, Res> std::fmt::Debug for UseWebsocketRequestHandle<Req, Res> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UseWebsocketRequestHandle").field("method", &self.method).finish_non_exhaustive()
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
/// Returns a [`UseWebsocketRequestHandle`]; renders when a call begins or ends. Calls fail with a [`RequestProblem`],
/// which says after a cut whether the server may have done what was asked.
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
            let realtime = realtime.clone();
            let cancels = *cancels;
            move || {
                let ids = if cancels { std::mem::take(&mut *under_way.borrow_mut()) } else { Vec::new() };
                for id in ids {
                    realtime.cancel_request(id);
                }
            }
        }
    });
    UseWebsocketRequestHandle::new(realtime, method, options, calls, under_way)
}

/// Ends of the calls of one component. The latest call's end is the one that is shown.
struct Calls<T> {
    data: Option<Rc<T>>,
    error: Option<RequestProblem>,
    /// Number of calls under way.
    pending: usize,
    /// The latest call whose end is shown.
    shown: u64,
    /// Ends of calls up to this one are not shown.
    forgotten: u64,
}

impl<T> Default for Calls<T> {
    fn default() -> Self {
        Self { data: None, error: None, pending: 0, shown: 0, forgotten: 0 }
    }
}

/// Event in the life of [`Calls`]. Calls are numbered from 1.
enum CallAction<T> {
    Began,
    Ended { call: u64, result: Result<Rc<T>, RequestProblem> },
    Reset { last: u64 },
}

impl<T> Reducible for Calls<T> {
    type Action = CallAction<T>;

    fn reduce(self: Rc<Self>, action: CallAction<T>) -> Rc<Self> {
        let mut next = Self {
            data: self.data.clone(),
            error: self.error.clone(),
            pending: self.pending,
            shown: self.shown,
            forgotten: self.forgotten,
        };
        match action {
            CallAction::Began => next.pending += 1,
            CallAction::Ended { call, result } => {
                next.pending = next.pending.saturating_sub(1);
                if call > next.forgotten && call > next.shown {
                    next.shown = call;
                    match result {
                        Ok(data) => {
                            next.data = Some(data);
                            next.error = None;
                        }
                        Err(error) => next.error = Some(error),
                    }
                }
            }
            CallAction::Reset { last } => {
                next.data = None;
                next.error = None;
                next.forgotten = last;
            }
        }
        next.into()
    }
}

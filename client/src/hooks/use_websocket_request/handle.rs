use std::{cell::RefCell, future::Future, marker::PhantomData, rc::Rc};

use futures_channel::oneshot;
use serde::{Serialize, de::DeserializeOwned};
use tideboard_engine::{Request, RequestError, RequestId};
use wasm_bindgen_futures::spawn_local;
use yew::UseReducerHandle;

use super::{
    UseWebsocketRequestOptions,
    calls::{CallAction, Calls},
};
use crate::Realtime;

/// Why a call has no answer.
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

/// What [`super::use_websocket_request`] returns.
pub struct UseWebsocketRequestHandle<Req, Res> {
    realtime: Realtime,
    method: &'static str,
    options: UseWebsocketRequestOptions,
    calls: UseReducerHandle<Calls<Res>>,
    under_way: Rc<RefCell<Vec<RequestId>>>,
    takes: PhantomData<fn(&Req)>,
}

impl<Req, Res> UseWebsocketRequestHandle<Req, Res> {
    pub(super) fn new(
        realtime: Realtime,
        method: &'static str,
        options: UseWebsocketRequestOptions,
        calls: UseReducerHandle<Calls<Res>>,
        under_way: Rc<RefCell<Vec<RequestId>>>,
    ) -> Self {
        Self { realtime, method, options, calls, under_way, takes: PhantomData }
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.calls.pending > 0
    }

    /// The answer to the latest call that had one.
    #[must_use]
    pub fn data(&self) -> Option<&Res> {
        self.calls.data.as_deref()
    }

    /// Why the latest call has none.
    #[must_use]
    pub fn error(&self) -> Option<&RequestProblem> {
        self.calls.error.as_ref()
    }

    /// Gives up what is under way; it ends as cancelled.
    pub fn cancel(&self) {
        let ids = std::mem::take(&mut *self.under_way.borrow_mut());
        ids.into_iter().for_each(|id| self.realtime.cancel_request(id));
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

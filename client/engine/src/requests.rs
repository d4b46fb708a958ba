//! Questions to the server, each with exactly one answer.
//!
//! In: questions, responses, losses, time. Out: what to send, and one result a question. A question is repeated under
//! the id it was first sent with, and only when that is safe. Never: an id that an earlier page used, a second result,
//! or a question without an end: each has a deadline.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use tideboard_shared::{
    ClientMessage, TabId, encode,
    message::{RequestFailure, Response},
};

use crate::{PageLife, config::RequestsConfig};

#[cfg(test)]
mod tests;

/// Names one question within this engine, from asking to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RequestId(pub u64);

/// A question to the server.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Request {
    /// Method, such as `board.list`.
    pub method: String,
    /// Arguments.
    pub params: Value,
    /// Longest time for the answer, repeats included. Default `requests.timeout`.
    pub timeout: Option<Duration>,
    /// Most repeats, when the request is idempotent. Default `requests.retries`.
    pub retries: Option<u32>,
    /// Promise that asking twice does no more than asking once. Only then is the request ever sent again. Default
    /// false.
    pub idempotent: bool,
    /// Makes the request wait for a connection when there is none, instead of failing at once. Default false.
    pub queue_when_offline: bool,
}

impl Request {
    /// A question that is sent once, now or never.
    pub fn new(method: impl Into<String>, params: Value) -> Self {
        Self {
            method: method.into(),
            params,
            timeout: None,
            retries: None,
            idempotent: false,
            queue_when_offline: false,
        }
    }
}

/// Error of a request that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The server did not answer in time. It may have done what was asked.
    #[error("the server did not answer in time")]
    Timeout,
    /// There was no connection, or it was cut.
    #[error("there is no connection{}", if *.maybe_applied { "; the server may have done it all the same" } else { "" })]
    Disconnected {
        /// True when the request was sent before, so that the server may have done what was asked.
        maybe_applied: bool,
    },
    /// The server says no.
    #[error("{}", .0.message)]
    Rejected(RequestFailure),
    /// The application no longer wants the answer. If it was sent, the server may do what was asked.
    #[error("the request was cancelled")]
    Cancelled,
    /// As many wait for an answer as may. Nothing was sent; free again after the next answer.
    #[error("{limit} requests already wait for an answer")]
    TooMany {
        /// Most requests that may wait.
        limit: usize,
    },
    /// The request does not fit into a frame. Nothing was sent.
    #[error("the request has {bytes} bytes; the server takes {limit}")]
    TooLarge {
        /// Size of the request.
        bytes: usize,
        /// The server's limit.
        limit: usize,
    },
}

impl RequestError {
    /// Says whether asking again, later and unchanged, can help and cannot do harm.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Disconnected { maybe_applied } => !maybe_applied,
            Self::TooMany { .. } => true,
            Self::Timeout | Self::Rejected(_) | Self::Cancelled | Self::TooLarge { .. } => false,
        }
    }
}

/// Result of a request.
pub type Answer = Result<Value, RequestError>;

/// The questions without an answer, as the UI shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestsView {
    /// Requests that wait for a connection.
    pub queued: usize,
    /// Requests that were sent.
    pub in_flight: usize,
}

/// The manager of all questions.
#[derive(Debug)]
pub(crate) struct Requests {
    config: RequestsConfig,
    /// Beginning of the ids on the wire: this tab, and this life of it.
    prefix: String,
    waiting: BTreeMap<RequestId, Waiting>,
    last_id: u64,
}

#[derive(Debug)]
struct Waiting {
    request: Request,
    /// Times that the request was sent.
    sent: u32,
    retries_left: u32,
    /// Time to send it again; `None` when there is nothing left but to wait.
    repeat_at: Option<Duration>,
    /// Longest time for each attempt.
    patience: Duration,
    deadline: Duration,
    is_in_flight: bool,
}

impl Requests {
    pub(crate) fn new(config: RequestsConfig, tab: &TabId, life: PageLife) -> Self {
        Self { config, prefix: format!("{tab}-{:08x}-", life.0), waiting: BTreeMap::new(), last_id: 0 }
    }

    pub(crate) fn view(&self) -> RequestsView {
        let in_flight = self.waiting.values().filter(|waiting| waiting.is_in_flight).count();
        RequestsView { queued: self.waiting.len() - in_flight, in_flight }
    }

    /// Takes a question in. An error ends it at once; else it waits, and [`Self::send`] gives its message.
    pub(crate) fn ask(
        &mut self,
        request: Request,
        is_live: bool,
        now: Duration,
    ) -> (RequestId, Result<(), RequestError>) {
        self.last_id += 1;
        let id = RequestId(self.last_id);
        let limit = self.config.max_waiting.get();
        if self.waiting.len() >= limit {
            return (id, Err(RequestError::TooMany { limit }));
        }
        if !is_live && !request.queue_when_offline {
            return (id, Err(RequestError::Disconnected { maybe_applied: false }));
        }
        let timeout = request.timeout.unwrap_or(self.config.timeout.get());
        let retries = request.retries.unwrap_or(u32::from(self.config.retries));
        let retries_left = if request.idempotent { retries } else { 0 };
        let waiting = Waiting {
            request,
            sent: 0,
            retries_left,
            repeat_at: None,
            patience: timeout / retries_left.saturating_add(1),
            deadline: now.saturating_add(timeout),
            is_in_flight: false,
        };
        self.waiting.insert(id, waiting);
        (id, Ok(()))
    }

    /// Requests that have to be sent now that there is a connection, oldest first.
    pub(crate) fn queued(&self) -> Vec<RequestId> {
        self.waiting.iter().filter(|(_, waiting)| !waiting.is_in_flight).map(|(id, _)| *id).collect()
    }

    /// The message of a question that goes out now, or why it never will.
    pub(crate) fn send(
        &mut self,
        id: RequestId,
        frame_bytes: usize,
        now: Duration,
    ) -> Option<Result<ClientMessage, RequestError>> {
        let waiting = self.waiting.get_mut(&id)?;
        let Request { method, params, .. } = &waiting.request;
        let wire_id = format!("{}{}", self.prefix, id.0);
        let message = ClientMessage::Request { id: wire_id, method: method.clone(), params: params.clone() };
        let bytes = encode(&message).len();
        if bytes > frame_bytes {
            self.waiting.remove(&id);
            return Some(Err(RequestError::TooLarge { bytes, limit: frame_bytes }));
        }
        if waiting.sent > 0 {
            waiting.retries_left = waiting.retries_left.saturating_sub(1);
        }
        waiting.sent += 1;
        waiting.is_in_flight = true;
        waiting.repeat_at = (waiting.retries_left > 0).then(|| now.saturating_add(waiting.patience));
        Some(Ok(message))
    }

    /// The question that a response answers; `None` when its end is known already or it is not ours.
    pub(crate) fn handle_response(&mut self, response: &Response) -> Option<(RequestId, Answer)> {
        let (wire_id, answer) = match response {
            Response::Result { id, result } => (id, Ok(result.clone())),
            Response::Error { id, error } => (id, Err(RequestError::Rejected(error.clone()))),
        };
        let id = RequestId(wire_id.strip_prefix(&self.prefix)?.parse().ok()?);
        self.waiting.remove(&id).map(|_| (id, answer))
    }

    /// Forgets a question; whether it had no end yet.
    pub(crate) fn cancel(&mut self, id: RequestId) -> bool {
        self.waiting.remove(&id).is_some()
    }

    /// The connection is gone: those that may not be sent again end, the others wait for the next.
    pub(crate) fn handle_lost(&mut self) -> Vec<RequestId> {
        for waiting in self.waiting.values_mut().filter(|waiting| waiting.retries_left > 0) {
            waiting.is_in_flight = false;
            waiting.repeat_at = None;
        }
        self.waiting.extract_if(.., |_, waiting| waiting.is_in_flight).map(|(id, _)| id).collect()
    }

    /// Ends those whose time is up, oldest first; says why.
    pub(crate) fn handle_timeout(&mut self, now: Duration) -> Vec<(RequestId, RequestError)> {
        let overdue = self.waiting.extract_if(.., |_, waiting| waiting.deadline <= now);
        let why = |waiting: Waiting| match waiting.is_in_flight {
            true => RequestError::Timeout,
            false => RequestError::Disconnected { maybe_applied: waiting.sent > 0 },
        };
        overdue.map(|(id, waiting)| (id, why(waiting))).collect()
    }

    /// Requests that have to be sent again because there was no answer, oldest first.
    pub(crate) fn to_repeat(&self, now: Duration) -> Vec<RequestId> {
        let is_due = |waiting: &Waiting| waiting.repeat_at.is_some_and(|at| at <= now);
        self.waiting.iter().filter(|(_, waiting)| is_due(waiting)).map(|(id, _)| *id).collect()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.waiting.values().map(|waiting| waiting.repeat_at.unwrap_or(waiting.deadline).min(waiting.deadline)).min()
    }
}

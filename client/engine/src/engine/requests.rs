//! Questions to the server: asked, answered, repeated, given up.

use tideboard_shared::message::Response;

use super::Engine;
use crate::{
    Key, Now, Output, Request, RequestError, RequestId,
    requests::{Answer, RequestsView},
};

impl Engine {
    pub(super) fn run_request(&mut self, request: Request, now: Now) -> RequestId {
        let is_live = self.is_live();
        let (id, taken) = self.requests.ask(request, is_live, now.mono);
        match taken {
            Ok(()) => self.send_requests(vec![id], now),
            Err(error) => self.answer(id, Err(error)),
        }
        self.changed.insert(Key::Requests);
        id
    }

    pub(super) fn run_cancel_request(&mut self, id: RequestId) {
        if self.requests.cancel(id) {
            self.answer(id, Err(RequestError::Cancelled));
        }
    }

    /// The questions without an answer.
    #[must_use]
    pub fn requests_view(&self) -> RequestsView {
        self.requests.view()
    }

    pub(super) fn handle_response(&mut self, response: &Response) {
        if let Some((id, answer)) = self.requests.handle_response(response) {
            self.answer(id, answer);
        }
    }

    /// Sends what waited for a connection.
    pub(super) fn send_queued_requests(&mut self, now: Now) {
        let queued = self.requests.queued();
        self.send_requests(queued, now);
    }

    pub(super) fn handle_requests_lost(&mut self) {
        for id in self.requests.handle_lost() {
            self.answer(id, Err(RequestError::Disconnected { maybe_applied: true }));
        }
        self.changed.insert(Key::Requests);
    }

    pub(super) fn handle_requests_timeout(&mut self, now: Now) {
        for (id, error) in self.requests.handle_timeout(now.mono) {
            self.answer(id, Err(error));
        }
        let to_repeat = self.requests.to_repeat(now.mono);
        self.send_requests(to_repeat, now);
    }

    fn send_requests(&mut self, ids: Vec<RequestId>, now: Now) {
        if !self.is_live() {
            return;
        }
        let limit = self.limits().frame_bytes;
        for id in ids {
            match self.requests.send(id, limit, now.mono) {
                Some(Ok(message)) => self.send_frame(&[message]),
                Some(Err(error)) => self.answer(id, Err(error)),
                None => {}
            }
        }
    }

    fn answer(&mut self, id: RequestId, result: Answer) {
        self.changed.insert(Key::Requests);
        self.outputs.push(Output::Answered { id, result });
    }
}

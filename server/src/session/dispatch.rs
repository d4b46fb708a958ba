//! Each client message and its answer, but for requests.

use serde_json::Value;
use tideboard_room::{Mail, Whereabouts};
use tideboard_shared::{
    BoardId, BoardRole, Channel, ClientMessage, ClientMessageType, DeniedReason, Point, ServerMessage, StreamRight,
    Topic, UnixMs,
    limits::{PRESENCE_BYTES, PRESENCES},
    message::{ErrorCode, Outcomes, Submit, Subscribe},
};

use super::{Peer, Session};
use crate::{
    bus::BusEvent,
    clock,
    fanout::{SubscribeRequest, frame, slot::End},
    live::points::{self, BadPoints},
    room::{Asker, To},
    submit,
};

impl Session {
    /// Handles one message of a peer that has said `hello`.
    pub(super) async fn handle(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Hello(hello) => self.hello(&hello),
            ClientMessage::Auth { token } => {
                if let Some(peer) = &self.peer {
                    self.identify(peer.client.clone(), Some(&token));
                }
            }
            ClientMessage::Subscribe(subscribe) => self.subscribe(subscribe).await,
            ClientMessage::Unsubscribe { channel } => self.worker.leave(&self.slot, &channel),
            ClientMessage::Submit(submit) => self.submit(submit).await,
            ClientMessage::Publish { stream, points } => self.publish(stream, points).await,
            ClientMessage::Presence { board, state } => self.presence(board, state).await,
            ClientMessage::Request { id, method, params } => self.request(id, &method, &params).await,
            ClientMessage::Ping { t } => self.ping(t),
        }
    }

    async fn subscribe(&self, subscribe: Subscribe) {
        let Some(peer) = &self.peer else { return };
        let channel = subscribe.channel.clone();
        if let Err(reason) = self.may_subscribe(peer, &channel) {
            self.send(&ServerMessage::Denied { channel: channel.to_string(), reason });
            return;
        }
        let ticket = self.slot.request(subscribe.clone());
        let request = SubscribeRequest::new(self.worker.address(&self.slot), channel.clone(), ticket);
        match &channel {
            Channel::Board(board) => match self.app.rooms.open(board).await {
                Ok(room) => {
                    let from = Asker::now(To::Subscriber(request));
                    let known = Whereabouts { since: subscribe.since, seen: subscribe.seen };
                    room.tell(Mail::Subscribe { from, client: peer.client.clone(), known }).await;
                }
                Err(error) => request.deny(DeniedReason::from(&error)).await,
            },
            Channel::Stream(_) | Channel::StreamPrefix(_) | Channel::Presence(_) | Channel::Notifications => {
                self.app.live.subscribe(request, subscribe).await;
            }
        }
        // One at a time: so much of a snapshot waits at most, and messages are answered in their order.
        self.slot.until(|slot| slot.is_settled(ticket) || slot.ending() > End::Open).await;
    }

    fn may_subscribe(&self, peer: &Peer, channel: &Channel) -> Result<(), DeniedReason> {
        if !self.slot.wants(channel) && self.slot.request_count() >= self.app.limits.subscriptions {
            return Err(DeniedReason::TooManySubscriptions);
        }
        let rights = &peer.identity.rights;
        let is_allowed = match channel {
            Channel::Presence(board) if !self.app.rooms.knows(board) => return Err(DeniedReason::UnknownBoard),
            // Whether there is such a board is found out by opening it.
            Channel::Board(board) | Channel::Presence(board) => rights.on_board(board, BoardRole::Viewer),
            Channel::Stream(topic) => rights.on_stream(topic, StreamRight::Subscribe),
            // A prefix may name topics that do not exist yet, so it takes the right to all of them.
            Channel::StreamPrefix(_) => rights.streams.get("*").is_some_and(|right| *right >= StreamRight::Subscribe),
            Channel::Notifications => true,
        };
        if is_allowed { Ok(()) } else { Err(DeniedReason::Forbidden) }
    }

    async fn submit(&self, submit: Submit) {
        let Some(peer) = &self.peer else { return };
        let board = submit.board.clone();
        for op in &submit.ops {
            tracing::debug!(op = %op.id, %board, session = %self.id, "received");
        }
        match submit::check(&self.app, &peer.identity, &peer.client, submit).await {
            Ok((room, submission)) => {
                let from = Asker::now(To::Socket(self.worker.address(&self.slot)));
                room.tell(Mail::Submit { from, submission }).await;
            }
            Err(results) => self.send(&ServerMessage::Outcomes(Outcomes { board, at: None, results })),
        }
    }

    async fn publish(&self, topic: Topic, points: Vec<Point>) {
        let Some(peer) = &self.peer else { return };
        if !peer.identity.rights.on_stream(&topic, StreamRight::Publish) {
            return self.send_error(
                ErrorCode::Forbidden,
                format!("no right to publish to {topic}"),
                ClientMessageType::Publish,
            );
        }
        if let Err(error) = points::check(&points, clock::now(), self.app.config.future_ms.get() as u64) {
            let code = match error {
                BadPoints::TooMany(_) => ErrorCode::TooLarge,
                BadPoints::None | BadPoints::Seconds(_) | BadPoints::Future { .. } => ErrorCode::BadMessage,
            };
            return self.send_error(code, error.to_string(), ClientMessageType::Publish);
        }
        self.app.bus.publish(BusEvent::Points { topic, points: points.into() }).await;
    }

    async fn presence(&mut self, board: BoardId, state: Value) {
        let Some(peer) = &self.peer else { return };
        if !self.app.rooms.knows(&board) || !peer.identity.rights.on_board(&board, BoardRole::Viewer) {
            return self.send_error(
                ErrorCode::Forbidden,
                format!("no board {board} here"),
                ClientMessageType::Presence,
            );
        }
        if state.to_string().len() > PRESENCE_BYTES {
            let message = format!("a state may have {PRESENCE_BYTES} bytes at most");
            return self.send_error(ErrorCode::TooLarge, message, ClientMessageType::Presence);
        }
        if state.is_null() {
            self.present_on.remove(&board);
        } else if self.present_on.len() < PRESENCES || self.present_on.contains(&board) {
            self.present_on.insert(board.clone());
        } else {
            let message = format!("present on {PRESENCES} boards, which is the most; leave one first");
            return self.send_error(ErrorCode::TooLarge, message, ClientMessageType::Presence);
        }
        let user = peer.identity.user.clone();
        self.app.bus.publish(BusEvent::presence(board, self.id.clone(), user, state)).await;
    }

    fn ping(&self, t: UnixMs) {
        self.slot.answer(frame::message(&ServerMessage::Pong { t, server_time: clock::now() }));
    }
}

//! Life of one WebSocket connection: greets it, learns who it is, reads what it says, and ends it in order.
//!
//! In: messages of the socket. Out: answers in the slot, which the response body drains. Messages are handled one after
//! the other, and no further one is read while answers wait to be read. Never: a message before `hello`, an answer to a
//! message that was not understood, an end without a close frame (unless the peer is gone).

use std::{collections::BTreeSet, rc::Rc, sync::Arc, time::Duration};

use actix_ws::Message;
use tideboard_shared::{
    AccessToken, BoardId, ClientId, ClientMessage, ClientMessageType, DecodeError, PROTOCOL, ServerMessage, SessionId,
    decode_client,
    message::{CloseCode, ErrorCode, Hello, Outcomes, Welcome},
};
use tokio::time::Instant;

mod dispatch;
mod guard;
mod inbound;
mod requests;

pub(crate) use inbound::Inbound;

use crate::{
    app::{App, BUILD},
    auth::Identity,
    bus::BusEvent,
    clock,
    fanout::{
        frame,
        slot::{End, Slot},
        worker::Worker,
    },
};
use inbound::FrameError;

/// Answers a goodbye without a code.
const NORMAL_CLOSURE: u16 = 1000;

/// Client and identity at the other end.
#[derive(Debug)]
struct Peer {
    client: ClientId,
    identity: Identity,
}

/// Way in which the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CloseReason {
    /// The peer said goodbye, or we did.
    Goodbye,
    /// Loss of the connection without a close frame.
    Lost,
}

/// Event that ends the wait for the peer.
enum Incoming {
    Message(Message),
    Refused(FrameError),
    /// The time ran out.
    Timeout,
    /// The close frame is queued.
    Closing,
    /// The connection broke.
    Gone,
}

/// State of one connection.
#[derive(Debug)]
pub(crate) struct Session {
    app: Arc<App>,
    worker: Rc<Worker>,
    slot: Rc<Slot>,
    id: SessionId,
    /// The name given in the address; in development it says who the user is.
    claimed: Option<String>,
    peer: Option<Peer>,
    present_on: BTreeSet<BoardId>,
    /// Time at which silence has consequences.
    deadline: Instant,
    is_pinged: bool,
}

impl Session {
    /// A connection that was just accepted. `claimed` is the user's name in development; it implies a `hello`.
    pub(crate) fn new(app: Arc<App>, worker: Rc<Worker>, slot: Rc<Slot>, claimed: Option<String>) -> Self {
        let id = SessionId::from(format!("s_{:016x}", fastrand::u64(..)));
        let deadline = Instant::now() + app.config.hello_ms.duration();
        Self { app, worker, slot, id, claimed, peer: None, present_on: BTreeSet::new(), deadline, is_pinged: false }
    }

    /// Serves the connection to its end.
    pub(crate) async fn run(mut self, mut inbound: Inbound) {
        self.greet();
        let mut reason = self.listen(&mut inbound).await;
        if self.slot.ending() == End::Closing {
            reason = CloseReason::Goodbye;
            inbound.read_to_close().await;
        }
        self.slot.end();
        self.worker.remove(&self.slot);
        self.leave_boards(reason).await;
        self.app.metrics.disconnected();
        tracing::debug!(session = %self.id, ?reason, "disconnected");
    }

    fn greet(&mut self) {
        let app = &self.app;
        self.send(&ServerMessage::Welcome(Welcome {
            protocol: PROTOCOL,
            server_time: clock::now(),
            heartbeat_ms: app.config.heartbeat_ms.get() as u64,
            limits: app.limits,
            durability: app.durability,
            auth: app.auth.mode(),
            build: BUILD.to_owned(),
        }));
        if self.claimed.is_some() {
            let client = format!("c_{:016x}", fastrand::u64(..));
            self.identify(client.parse().expect("letters, digits and _ make a client id"), None);
        }
    }

    /// Handles what comes until the connection is to end.
    async fn listen(&mut self, inbound: &mut Inbound) -> CloseReason {
        loop {
            match self.next(inbound).await {
                Incoming::Message(message) => {
                    // Before `hello` nothing but that prolongs the wait.
                    if self.peer.is_some() {
                        self.deadline = Instant::now() + self.silence_limit();
                        self.is_pinged = false;
                    }
                    match message {
                        Message::Text(text) => self.read(&text).await,
                        Message::Ping(payload) => self.slot.pong(frame::pong(&payload)),
                        // A pong is a sign of life. The others are not given.
                        Message::Pong(_) | Message::Binary(_) | Message::Continuation(_) | Message::Nop => {}
                        Message::Close(reason) => {
                            let code = reason.map_or(NORMAL_CLOSURE, |reason| reason.code.into());
                            self.slot.close_with(frame::close_raw(code, ""));
                            self.slot.end();
                            return CloseReason::Goodbye;
                        }
                    }
                }
                Incoming::Refused(FrameError::Goodbye) => {
                    self.slot.close(CloseCode::BadFrame, "a close frame with a code or reason that may not be");
                    self.slot.end();
                    return CloseReason::Goodbye;
                }
                Incoming::Refused(error) => self.refuse_frame(&error),
                Incoming::Timeout => self.handle_timeout(),
                Incoming::Closing => return CloseReason::Goodbye,
                Incoming::Gone => return CloseReason::Lost,
            }
        }
    }

    async fn next(&self, inbound: &mut Inbound) -> Incoming {
        tokio::select! {
            biased;
            () = self.slot.until(|slot| slot.ending() > End::Open) => match self.slot.ending() {
                End::Open | End::Closing | End::Ended => Incoming::Closing,
                End::Gone => Incoming::Gone,
            },
            heard = inbound.next() => match heard {
                Some(Ok(message)) => Incoming::Message(message),
                Some(Err(error)) => Incoming::Refused(error),
                None => Incoming::Gone,
            },
            () = tokio::time::sleep_until(self.deadline) => Incoming::Timeout,
        }
    }

    /// Time for which silence has no consequences. First a ping asks whether the peer is there, then the connection is
    /// given up.
    fn silence_limit(&self) -> Duration {
        self.app.config.heartbeat_ms.duration()
    }

    fn handle_timeout(&mut self) {
        if self.peer.is_none() {
            let limit = self.app.config.hello_ms.get();
            return self.refuse(ErrorCode::Protocol, &format!("no hello within {limit} ms"), CloseCode::Protocol);
        }
        if self.is_pinged {
            return self.slot.close(CloseCode::GoingAway, "silent for two heartbeats");
        }
        // Whoever speaks no more than RFC 6455 answers this without knowing, and so stays.
        self.is_pinged = true;
        self.deadline = Instant::now() + self.silence_limit();
        self.slot.answer(frame::ping());
    }

    async fn read(&mut self, text: &str) {
        let messages = match decode_client(text) {
            Ok(messages) => messages,
            Err(error) => return self.refuse(ErrorCode::BadMessage, &error.to_string(), CloseCode::BadMessage),
        };
        self.app.metrics.received(messages.len(), text.len());
        for message in messages {
            // Whoever does not read its answers is not asked for more questions.
            self.slot.until(|slot| slot.is_answered() || slot.ending() > End::Open).await;
            if self.slot.ending() > End::Open {
                return;
            }
            match (message, &self.peer) {
                (Ok(ClientMessage::Hello(hello)), _) => self.hello(&hello),
                (_, None) => self.refuse(ErrorCode::Protocol, "the first message has to be hello", CloseCode::Protocol),
                (Ok(message), Some(_)) => self.handle(message).await,
                (Err(error), Some(_)) => self.complain(&error),
            }
        }
    }

    /// Answers a message, or an operation, that cannot be read.
    fn complain(&self, error: &DecodeError) {
        let about = match error {
            DecodeError::BadOperation(bad) => {
                let results = vec![bad.result()];
                return self.send(&ServerMessage::Outcomes(Outcomes { board: bad.board.clone(), at: None, results }));
            }
            DecodeError::BadFields { kind, .. } => Some((*kind).to_owned()),
            DecodeError::UnknownType { found } => Some(found.clone()),
            DecodeError::NotJson(_) | DecodeError::TooMany { .. } | DecodeError::NoType { .. } => None,
        };
        let message = error.to_string();
        self.send(&ServerMessage::Error { code: ErrorCode::BadMessage, message, fatal: false, about });
    }

    fn hello(&mut self, hello: &Hello) {
        if hello.protocol != PROTOCOL {
            let message = format!("protocol {} is not spoken here; {PROTOCOL} is", hello.protocol);
            return self.refuse(ErrorCode::Protocol, &message, CloseCode::Protocol);
        }
        self.identify(hello.client.clone(), hello.token.as_ref());
    }

    /// Learns who the peer is, and says so.
    fn identify(&mut self, client: ClientId, token: Option<&AccessToken>) {
        let identity = self.app.auth.identify(token, self.claimed.as_deref());
        self.slot.set_user(&identity.user);
        tracing::debug!(session = %self.id, %client, "ready");
        self.send(&ServerMessage::Ready {
            session: self.id.clone(),
            user: identity.user.clone(),
            rights: identity.rights.clone(),
        });
        self.peer = Some(Peer { client, identity });
        self.deadline = Instant::now() + self.silence_limit();
    }

    fn send(&self, message: &ServerMessage) {
        self.slot.answer(frame::message(message));
    }

    /// Says what was wrong with a message that could be read, and goes on.
    fn send_error(&self, code: ErrorCode, message: String, about: ClientMessageType) {
        self.send(&ServerMessage::Error { code, message, fatal: false, about: Some(about.to_string()) });
    }

    /// Says what was wrong, and closes.
    fn refuse(&self, code: ErrorCode, message: &str, close: CloseCode) {
        tracing::debug!(session = %self.id, code = close.code(), message, "closing");
        self.send(&ServerMessage::Error { code, message: message.to_owned(), fatal: true, about: None });
        self.slot.close(close, message);
    }

    /// Says that nothing more can be read, and closes.
    fn refuse_frame(&self, error: &FrameError) {
        let (code, close) = match error {
            FrameError::TooLarge(_) => (ErrorCode::TooLarge, CloseCode::TooLarge),
            FrameError::Protocol(_) | FrameError::Goodbye => (ErrorCode::BadMessage, CloseCode::BadFrame),
            FrameError::NotUtf8 => (ErrorCode::BadMessage, CloseCode::NotUtf8),
            FrameError::Binary => (ErrorCode::BadMessage, CloseCode::Binary),
        };
        self.refuse(code, &error.to_string(), close);
    }

    async fn leave_boards(&mut self, reason: CloseReason) {
        match reason {
            CloseReason::Goodbye => {
                for board in std::mem::take(&mut self.present_on) {
                    self.app.bus.publish(BusEvent::Gone { board, session: self.id.clone() }).await;
                }
            }
            CloseReason::Lost if self.present_on.is_empty() => {}
            CloseReason::Lost => self.app.bus.publish(BusEvent::Lost { session: self.id.clone() }).await,
        }
    }
}

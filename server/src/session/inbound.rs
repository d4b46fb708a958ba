//! Whole messages of a client, by actix-ws.
//!
//! In: the request and what follows it. Out: the response that opens the socket; messages, control frames, or what is
//! wrong with one. Never: more than one message of the limit's size held, or a buffer while the connection is idle.

use std::{cell::RefCell, future::poll_fn, io::ErrorKind, mem, rc::Rc, time::Duration};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web::Payload};
use actix_ws::{Item, Message, MessageStream, ProtocolError};
use tideboard_shared::SUBPROTOCOL;

use super::guard::{Guard, Guarded};

/// After our close frame the peer has so long to say goodbye too, so that it gets to read ours.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Reason why nothing more of this client can be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FrameError {
    /// A frame, or all fragments of a message, over the limit.
    #[error("a frame may have {0} bytes at most; split what you send")]
    TooLarge(usize),
    /// A breach of RFC 6455.
    #[error("not WebSocket as in RFC 6455: {0}")]
    Protocol(&'static str),
    /// A text frame that is none.
    #[error("a text frame has to be UTF-8")]
    NotUtf8,
    /// A close frame with a code or a reason that may not be.
    #[error("a close frame with a code or reason that may not be")]
    Goodbye,
    /// A binary message, or its beginning.
    #[error("binary frames are not understood; send JSON text")]
    Binary,
}

/// The incoming half of a socket.
pub(crate) struct Inbound {
    messages: MessageStream,
    /// Of the message at hand.
    fragments: Vec<u8>,
    guard: Rc<RefCell<Guard<Payload>>>,
}

impl Inbound {
    /// Takes a request for a socket. The response's body says nothing; `Inbound` ends when it is dropped.
    ///
    /// # Errors
    /// When the request is not one for a socket.
    pub(crate) async fn open(
        request: &HttpRequest,
        payload: Payload,
        limit: usize,
    ) -> actix_web::Result<(HttpResponse, Self)> {
        let guard = Rc::new(RefCell::new(Guard::new(payload, limit)));
        let mut guarded: dev::Payload = dev::Payload::Stream { payload: Box::pin(Guarded(Rc::clone(&guard))) };
        let payload = Payload::from_request(request, &mut guarded).await?;
        let (response, _, messages) = actix_ws::handle_with_protocols(request, payload, &[SUBPROTOCOL])?;
        Ok((response, Self { messages: messages.max_frame_size(limit), fragments: Vec::new(), guard }))
    }

    /// The next message, whole and no binary one; `None` once the connection is gone. After an error there is only
    /// [`Self::read_to_close`].
    pub(super) async fn next(&mut self) -> Option<Result<Message, FrameError>> {
        loop {
            match self.messages.recv().await? {
                Ok(Message::Binary(_)) => return Some(Err(FrameError::Binary)),
                Ok(Message::Continuation(fragment)) => {
                    if let Some(message) = self.join(fragment) {
                        return Some(message);
                    }
                }
                Ok(message) => return Some(Ok(message)),
                Err(error) => return self.explain(error),
            }
        }
    }

    /// The message that this fragment completes. actix-ws can do so too, but holds a hundred bytes for each fragment.
    fn join(&mut self, fragment: Item) -> Option<Result<Message, FrameError>> {
        let (part, is_last) = match fragment {
            Item::FirstText(part) | Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
            Item::FirstBinary(_) => return Some(Err(FrameError::Binary)),
        };
        self.fragments.extend_from_slice(&part);
        is_last.then(|| match String::from_utf8(mem::take(&mut self.fragments)) {
            Ok(text) => Ok(Message::Text(text.into())),
            Err(_) => Err(FrameError::NotUtf8),
        })
    }

    fn explain(&self, error: ProtocolError) -> Option<Result<Message, FrameError>> {
        if let Some(error) = self.guard.borrow_mut().take_error() {
            return Some(Err(error));
        }
        Some(Err(match error {
            // Nothing but the payload of a close frame gives these.
            ProtocolError::BadOpCode | ProtocolError::InvalidLength(_) => FrameError::Goodbye,
            ProtocolError::InvalidOpcode(_) => FrameError::Protocol("an unknown opcode"),
            ProtocolError::ContinuationNotStarted => FrameError::Protocol("a continuation of nothing"),
            ProtocolError::ContinuationStarted => FrameError::Protocol("a message within another"),
            ProtocolError::Io(error) if error.kind() == ErrorKind::InvalidData => FrameError::NotUtf8,
            ProtocolError::Io(_) => return None,
            // The guard comes before these.
            ProtocolError::UnmaskedFrame
            | ProtocolError::MaskedFrame
            | ProtocolError::ContinuationFragment(_)
            | ProtocolError::Overflow => FrameError::Protocol("a frame that may not be"),
        }))
    }

    /// Reads on for a while, so that what the peer still sends does not make its system drop our close frame unread.
    pub(super) async fn read_to_close(&self) {
        let goodbye = poll_fn(|cx| self.guard.borrow_mut().poll_close(cx));
        // Whoever says nothing in time has had its chance to read.
        let _ = tokio::time::timeout(CLOSE_WITHIN, goodbye).await;
    }
}

#[cfg(test)]
mod tests;

//! Watches what a client sends on its way to the WebSocket parser, which checks a frame's size once it has it all.
//!
//! In: bytes as they come. Out: the same bytes, one frame at a time, so that the parser never holds two messages.
//! Never: a byte of a frame that its header declares too long, or whose end cannot be known.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::inbound::FrameError;

const CLOSE: u8 = 8;
/// Longest payload of a control frame (RFC 6455 §5.5).
const CONTROL_BYTES: u64 = 125;

/// Follows the frames by their headers.
#[derive(Debug, Default)]
struct Frames {
    limit: usize,
    opcode: u8,
    /// Bytes of the frame that are still to come.
    rest: u64,
    /// Payload of the message at hand, so far.
    message: u64,
}

impl Frames {
    /// Reads the header with which `bytes` begin. `None` if some of it is missing.
    fn open(&mut self, bytes: &[u8]) -> Option<Result<(), FrameError>> {
        let [first, second, more @ ..] = bytes else { return None };
        if first & 0x70 != 0 || second & 0x80 == 0 {
            // Where this frame ends is not known, so it never does.
            self.rest = u64::MAX;
            let is_reserved = first & 0x70 != 0;
            let error = if is_reserved { "reserved bits are set" } else { "a client has to mask its frames" };
            return Some(Err(FrameError::Protocol(error)));
        }
        let (length, payload) = match second & 0x7F {
            short @ ..126 => (0, u64::from(short)),
            long => {
                let length = more.get(..if long == 126 { 2 } else { 8 })?;
                (length.len() as u64, length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
            }
        };
        self.opcode = first & 0x0F;
        // Two bytes, the length, and four of the mask.
        self.rest = payload.saturating_add(2 + length + 4);
        Some(self.check(payload, first & 0x80 != 0))
    }

    fn check(&mut self, payload: u64, is_final: bool) -> Result<(), FrameError> {
        if self.opcode >= CLOSE {
            let is_allowed = is_final && payload <= CONTROL_BYTES;
            return is_allowed.then_some(()).ok_or(FrameError::Protocol("a control frame is too long or in fragments"));
        }
        let message = self.message.saturating_add(payload);
        self.message = if is_final { 0 } else { message };
        if message > self.limit as u64 { Err(FrameError::TooLarge(self.limit)) } else { Ok(()) }
    }
}

/// Next thing that the parser gets.
#[derive(Debug)]
enum Turn {
    /// Bytes as they come.
    Bytes,
    /// Pause after a whole frame, because the parser reads on until there is nothing.
    Pause,
    /// None, in the place of the buffer that it keeps otherwise while the connection is idle.
    Empty,
}

/// A client's bytes, watched.
#[derive(Debug)]
pub(super) struct Guard<S> {
    source: S,
    frames: Frames,
    waiting: Bytes,
    turn: Turn,
    error: Option<FrameError>,
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Guard<S> {
    /// Lets messages of up to `limit` bytes through.
    pub(super) fn new(source: S, limit: usize) -> Self {
        let frames = Frames { limit, ..Frames::default() };
        Self { source, frames, waiting: Bytes::new(), turn: Turn::Bytes, error: None }
    }

    /// Takes the error of the frame that was not let through and has ended the stream.
    pub(super) fn take_error(&mut self) -> Option<FrameError> {
        self.error.take()
    }

    /// Throws away what comes. Ready after the peer's close frame, or when nothing more can come.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(bytes) = ready!(self.poll_bytes(cx)) {
            if bytes.is_ok() && self.frames.rest == 0 && self.frames.opcode == CLOSE {
                break;
            }
        }
        Poll::Ready(())
    }

    /// Bytes of the frame at hand. After an error, the frame that it is about.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, FrameError>>> {
        loop {
            if self.frames.rest == 0
                && let Some(Err(error)) = self.frames.open(&self.waiting)
            {
                return Poll::Ready(Some(Err(error)));
            }
            let here = usize::try_from(self.frames.rest).unwrap_or(usize::MAX).min(self.waiting.len());
            if here > 0 {
                self.frames.rest -= here as u64;
                return Poll::Ready(Some(Ok(self.waiting.split_to(here))));
            }
            match ready!(self.source.poll_next_unpin(cx)) {
                Some(Ok(bytes)) if self.waiting.is_empty() => self.waiting = bytes,
                Some(Ok(bytes)) => self.waiting = [&self.waiting[..], &bytes[..]].concat().into(),
                Some(Err(_)) | None => return Poll::Ready(None),
            }
        }
    }
}

/// The parser's end of a guard. The session has the other, for the goodbye.
#[derive(Debug)]
pub(super) struct Guarded<S>(pub(super) Rc<RefCell<Guard<S>>>);

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Guarded<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut guard = self.0.borrow_mut();
        match guard.turn {
            Turn::Bytes => {}
            Turn::Pause => {
                guard.turn = Turn::Empty;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Turn::Empty => {
                guard.turn = Turn::Bytes;
                return Poll::Ready(Some(Ok(Bytes::new())));
            }
        }
        let bytes = ready!(guard.poll_bytes(cx));
        if guard.frames.rest == 0 {
            guard.turn = Turn::Pause;
        }
        Poll::Ready(bytes.map(|bytes| {
            bytes.map_err(|error| {
                guard.error = Some(error);
                PayloadError::Overflow
            })
        }))
    }
}

#[cfg(test)]
pub(super) mod tests;

//! Bytes from a client to whole WebSocket messages.
//!
//! In: bytes as they come. Out: messages, control frames, or what breaks RFC 6455 or the size limit, known from a frame's
//! header alone. Never: more than one message of the limit's size held, or a payload unmasked that is not wanted.

use bytes::{Buf, Bytes, BytesMut};

/// Something a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A whole text message.
    Text(String),
    /// A binary message, whole or its first fragment; nothing reads those.
    Binary,
    /// To be answered with the same payload.
    Ping(Bytes),
    /// A sign of life.
    Pong,
    /// The peer says goodbye, with its code if it gave one.
    Close(Option<u16>),
}

/// Why nothing more of this client can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// A frame, or all fragments of a message, over the limit.
    #[error("a frame may have {0} bytes at most; split what you send")]
    TooLarge(usize),
    /// A breach of RFC 6455.
    #[error("not WebSocket as in RFC 6455: {0}")]
    Protocol(&'static str),
    /// A text frame that is none.
    #[error("a text frame has to be UTF-8")]
    NotUtf8,
}

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// Longest payload of a control frame.
const CONTROL_BYTES: u64 = 125;

struct Header {
    is_final: bool,
    opcode: u8,
    mask: [u8; 4],
    payload: u64,
    /// Its own length.
    bytes: usize,
}

/// Puts frames and fragments together.
#[derive(Debug)]
pub(super) struct Decoder {
    limit: usize,
    buffer: BytesMut,
    fragments: Option<Vec<u8>>,
    /// Payload bytes that are still to come and to be thrown away.
    skip: u64,
    /// After a breach only the peer's goodbye is of interest.
    is_deaf: bool,
}

impl Decoder {
    /// Refuses messages of more than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, buffer: BytesMut::new(), fragments: None, skip: 0, is_deaf: false }
    }

    /// Adds what came.
    pub(super) fn feed(&mut self, bytes: Bytes) {
        let mut bytes = bytes;
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        bytes.advance(skipped);
        self.skip -= skipped as u64;
        if self.buffer.is_empty() {
            self.buffer = BytesMut::from(bytes);
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
    }

    /// The next thing that is there in full.
    pub(super) fn next(&mut self) -> Result<Option<Inbound>, Broken> {
        loop {
            let Some(header) = parse_header(&self.buffer)? else { return Ok(None) };
            let is_control = header.opcode >= CLOSE;
            if is_control && (header.payload > CONTROL_BYTES || !header.is_final) {
                return Err(Broken::Protocol("a control frame is too long or in fragments"));
            }
            let so_far = self.fragments.as_ref().map_or(0, Vec::len);
            if !is_control && header.payload > self.limit.saturating_sub(so_far) as u64 {
                self.skip_payload(&header);
                if self.is_deaf {
                    continue;
                }
                return Err(Broken::TooLarge(self.limit));
            }
            // The limit and the bound on control frames keep this far below any integer's range.
            let payload = header.payload as usize;
            if self.buffer.len() < header.bytes + payload {
                self.buffer.reserve(header.bytes + payload - self.buffer.len());
                return Ok(None);
            }
            self.buffer.advance(header.bytes);
            let mut payload = self.buffer.split_to(payload);
            if self.buffer.is_empty() {
                // An idle connection keeps no buffer.
                self.buffer = BytesMut::new();
            }
            if self.is_deaf && header.opcode != CLOSE {
                continue;
            }
            unmask(&mut payload, header.mask);
            if let Some(inbound) = self.accept(&header, payload)? {
                return Ok(Some(inbound));
            }
        }
    }

    /// Throws away everything for ever.
    pub(super) fn silent() -> Self {
        Self { skip: u64::MAX, ..Self::new(0) }
    }

    /// From now on everything but the peer's goodbye is thrown away.
    pub(super) fn deafen(&mut self) {
        self.is_deaf = true;
        self.fragments = None;
    }

    fn skip_payload(&mut self, header: &Header) {
        self.buffer.advance(header.bytes);
        let here = usize::try_from(header.payload).unwrap_or(usize::MAX).min(self.buffer.len());
        self.buffer.advance(here);
        self.skip = header.payload - here as u64;
    }

    fn accept(&mut self, header: &Header, payload: BytesMut) -> Result<Option<Inbound>, Broken> {
        match (header.opcode, self.fragments.take()) {
            (CLOSE, fragments) => {
                self.fragments = fragments;
                Ok(Some(Inbound::Close(payload.get(..2).map(|mut code| code.get_u16()))))
            }
            (PING, fragments) => {
                self.fragments = fragments;
                Ok(Some(Inbound::Ping(payload.freeze())))
            }
            (PONG, fragments) => {
                self.fragments = fragments;
                Ok(Some(Inbound::Pong))
            }
            (TEXT, None) if header.is_final => text(payload.into()).map(Some),
            (TEXT, None) => {
                self.fragments = Some(payload.into());
                Ok(None)
            }
            (BINARY, None) => Ok(Some(Inbound::Binary)),
            (CONTINUATION, Some(mut message)) => {
                message.extend_from_slice(&payload);
                if header.is_final {
                    return text(message).map(Some);
                }
                self.fragments = Some(message);
                Ok(None)
            }
            (CONTINUATION, None) => Err(Broken::Protocol("a continuation of nothing")),
            (TEXT | BINARY, Some(_)) => Err(Broken::Protocol("a message within another")),
            _ => Err(Broken::Protocol("an unknown opcode")),
        }
    }
}

fn text(payload: Vec<u8>) -> Result<Inbound, Broken> {
    String::from_utf8(payload).map(Inbound::Text).map_err(|_| Broken::NotUtf8)
}

fn parse_header(bytes: &[u8]) -> Result<Option<Header>, Broken> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err(Broken::Protocol("reserved bits are set"));
    }
    if second & 0x80 == 0 {
        return Err(Broken::Protocol("a client has to mask its frames"));
    }
    let length_bytes = match second & 0x7F {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let length_end = 2 + length_bytes;
    let (Some(length), Some(mask)) = (bytes.get(2..length_end), bytes.get(length_end..length_end + 4)) else {
        return Ok(None);
    };
    let payload = match length_bytes {
        0 => u64::from(second & 0x7F),
        _ => length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    let mask = mask.try_into().expect("four bytes were taken");
    Ok(Some(Header { is_final: first & 0x80 != 0, opcode: first & 0x0F, mask, payload, bytes: length_end + 4 }))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    for chunk in payload.chunks_mut(4) {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests;

//! WebSocket frames of the server. They are not masked, so one framing serves every reader.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use tideboard_shared::message::CloseCode;

/// FIN with each opcode.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;
/// Longest payload of a control frame (RFC 6455 §5.5).
const CONTROL_BYTES: usize = 125;

/// A message, encoded and framed.
pub(crate) fn message<M: Serialize>(message: &M) -> Bytes {
    text(tideboard_shared::encode(message).as_bytes())
}

/// A text frame.
pub(crate) fn text(payload: &[u8]) -> Bytes {
    build(TEXT, payload)
}

/// The answer to a ping.
pub(crate) fn pong(payload: &[u8]) -> Bytes {
    build(PONG, payload.get(..CONTROL_BYTES).unwrap_or(payload))
}

/// A ping.
pub(crate) fn ping() -> Bytes {
    build(PING, &[])
}

/// The last frame. A reason that is too long is cut.
pub(crate) fn close(code: CloseCode, reason: &str) -> Bytes {
    close_raw(code.code(), reason)
}

/// The last frame, in answer to the peer's.
pub(crate) fn close_raw(code: u16, reason: &str) -> Bytes {
    let mut end = reason.len().min(CONTROL_BYTES - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = Vec::with_capacity(2 + end);
    payload.put_u16(code);
    payload.put_slice(&reason.as_bytes()[..end]);
    build(CLOSE, &payload)
}

fn build(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(10 + payload.len());
    frame.put_u8(opcode);
    match payload.len() {
        len @ 0..=125 => frame.put_u8(len as u8),
        len @ 126..=0xFFFF => {
            frame.put_u8(126);
            frame.put_u16(len as u16);
        }
        len => {
            frame.put_u8(127);
            frame.put_u64(len as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_takes_the_shortest_form() {
        for (len, header) in [
            (0, &[TEXT, 0][..]),
            (125, &[TEXT, 125]),
            (126, &[TEXT, 126, 0, 126]),
            (65_535, &[TEXT, 126, 0xFF, 0xFF]),
            (65_536, &[TEXT, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let payload = vec![b'x'; len];
            let frame = text(&payload);
            assert_eq!(&frame[..header.len()], header, "{len}");
            assert_eq!(&frame[header.len()..], payload, "{len}");
        }
    }

    #[test]
    fn close_reason_is_cut_between_characters() {
        let frame = close(CloseCode::TooSlow, &"ü".repeat(100));
        assert_eq!(frame[..4], [CLOSE, 2 + 122, 0x0F, 0xAA]);
        assert_eq!(std::str::from_utf8(&frame[4..]).unwrap(), "ü".repeat(61));
    }
}

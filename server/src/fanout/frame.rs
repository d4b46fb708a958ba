//! WebSocket frames of the server. They are not masked, so one framing serves every reader.

use bytes::{BufMut, Bytes};
use serde::Serialize;
use tideboard_shared::message::CloseCode;

/// FIN with each opcode.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;
/// Longest payload of a control frame (RFC 6455 §5.5).
const CONTROL_BYTES: usize = 125;
/// Longest header of a frame without a mask.
const HEADER_BYTES: usize = 10;

/// A message, encoded and framed in one buffer.
pub(crate) fn message<M: Serialize>(message: &M) -> Bytes {
    finish(begin(message))
}

/// A message whose last field is an empty list, filled with items that are encoded already, with commas between them.
///
/// # Panics
/// When the message ends otherwise.
pub(crate) fn message_with_items<M: Serialize>(message: &M, items: &[u8]) -> Bytes {
    const LIST_END: &[u8] = b"]}";
    let mut frame = begin(message);
    assert!(frame.ends_with(b"[]}"), "the message ends with an empty list");
    frame.truncate(frame.len() - LIST_END.len());
    frame.extend_from_slice(items);
    frame.extend_from_slice(LIST_END);
    finish(frame)
}

/// Room for a header, then the message.
fn begin<M: Serialize>(message: &M) -> Vec<u8> {
    let mut frame = vec![0; HEADER_BYTES];
    serde_json::to_writer(&mut frame, message).expect("messages have string keys");
    frame
}

fn finish(mut frame: Vec<u8>) -> Bytes {
    let (header, len) = header(TEXT, frame.len() - HEADER_BYTES);
    // The payload stays where it is; the header ends where it begins, and what is before it is left out.
    let start = HEADER_BYTES - len;
    frame[start..HEADER_BYTES].copy_from_slice(&header[..len]);
    Bytes::from(frame).slice(start..)
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
    let (header, len) = header(opcode, payload.len());
    let mut frame = Vec::with_capacity(len + payload.len());
    frame.extend_from_slice(&header[..len]);
    frame.extend_from_slice(payload);
    frame.into()
}

/// The header, and how many of its bytes count.
fn header(opcode: u8, payload: usize) -> ([u8; HEADER_BYTES], usize) {
    let mut header = [0; HEADER_BYTES];
    header[0] = opcode;
    let len = match payload {
        0..=125 => {
            header[1] = payload as u8;
            2
        }
        126..=0xFFFF => {
            header[1] = 126;
            header[2..4].copy_from_slice(&(payload as u16).to_be_bytes());
            4
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(payload as u64).to_be_bytes());
            HEADER_BYTES
        }
    };
    (header, len)
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
            // As JSON it has two quotes more, so the shortest is tried by the other way alone.
            let frames = [Some(build(TEXT, &vec![b'x'; len])), len.checked_sub(2).map(|len| message(&"x".repeat(len)))];
            for frame in frames.into_iter().flatten() {
                assert_eq!(&frame[..header.len()], header, "{len}");
                assert_eq!(frame.len() - header.len(), len, "{len}");
            }
        }
    }

    #[test]
    fn close_reason_is_cut_between_characters() {
        let frame = close(CloseCode::TooSlow, &"ü".repeat(100));
        assert_eq!(frame[..4], [CLOSE, 2 + 122, 0x0F, 0xAA]);
        assert_eq!(std::str::from_utf8(&frame[4..]).unwrap(), "ü".repeat(61));
    }
}

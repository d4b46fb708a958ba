//! Frames to messages and back: JSON text, one object or an array of them.
//!
//! In: any text. Out: one result a message, in order; a message that cannot be read does not spoil its neighbours.
//! Never: a panic, or an error that does not say which message and what about it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{ClientMessage, ServerMessage, limits};

/// Error in a frame or in one of its messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The frame is no JSON object or array of objects. Nothing in it was read.
    #[error("cannot read the frame: {0}")]
    NotJson(String),
    /// The frame holds more messages than [`limits::MESSAGES_PER_FRAME`]. None was read.
    #[error("the frame holds {found} messages; the most is {max}")]
    TooMany {
        /// Messages that it holds.
        found: usize,
        /// Messages that it may hold.
        max: usize,
    },
    /// A message without a `type`.
    #[error("a message needs a 'type' with one of: {}", expected.join(", "))]
    NoType {
        /// The types there are.
        expected: &'static [&'static str],
    },
    /// A `type` that this version does not know.
    #[error("unknown type '{found}'")]
    UnknownType {
        /// Value of its `type`, cut to 64 characters.
        found: String,
    },
    /// A known type with wrong or missing fields.
    #[error("bad '{kind}' message: {problem}")]
    BadFields {
        /// Type of the message.
        kind: &'static str,
        /// Problem, and its place.
        problem: String,
    },
}

/// The messages of one frame, in order.
pub type Decoded<M> = Vec<Result<M, DecodeError>>;

/// Reads a client's frame.
///
/// # Errors
/// When the frame as a whole cannot be read.
pub fn decode_client(frame: &str) -> Result<Decoded<ClientMessage>, DecodeError> {
    decode(frame, ClientMessage::TYPES)
}

/// Reads a server's frame.
///
/// # Errors
/// When the frame as a whole cannot be read.
pub fn decode_server(frame: &str) -> Result<Decoded<ServerMessage>, DecodeError> {
    decode(frame, ServerMessage::TYPES)
}

/// Writes one message as a frame.
///
/// # Panics
/// Never for the messages of this crate: their keys are strings.
#[must_use]
pub fn encode<M: Serialize>(message: &M) -> String {
    serde_json::to_string(message).expect("messages have string keys")
}

/// Writes several messages as one frame; one alone is not wrapped in an array.
#[must_use]
pub fn encode_many<M: Serialize>(messages: &[M]) -> String {
    match messages {
        [one] => encode(one),
        many => serde_json::to_string(many).expect("messages have string keys"),
    }
}

/// Writes messages as frames of at most [`limits::MESSAGES_PER_FRAME`] messages and `most_bytes` bytes. A message that
/// takes more has a frame of its own.
#[must_use]
pub fn encode_frames<M: Serialize>(messages: &[M], most_bytes: usize) -> Vec<String> {
    let mut frames = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    // Brackets, and a comma after each.
    let mut bytes = 2;
    for text in messages.iter().map(encode) {
        let is_full = texts.len() >= limits::MESSAGES_PER_FRAME || bytes + text.len() > most_bytes;
        if is_full && !texts.is_empty() {
            frames.push(frame_of(std::mem::take(&mut texts)));
            bytes = 2;
        }
        bytes += text.len() + 1;
        texts.push(text);
    }
    if !texts.is_empty() {
        frames.push(frame_of(texts));
    }
    frames
}

fn frame_of(mut texts: Vec<String>) -> String {
    match texts.len() {
        1 => texts.remove(0),
        _ => format!("[{}]", texts.join(",")),
    }
}

fn decode<M: DeserializeOwned>(frame: &str, types: &'static [&'static str]) -> Result<Decoded<M>, DecodeError> {
    // Most frames are one sound message: one pass. Only a bad one is read again to say what is wrong.
    if !frame.trim_start().starts_with('[') {
        return match serde_json::from_str(frame) {
            Ok(message) => Ok(vec![Ok(message)]),
            Err(error) => diagnose(frame, types, &error).map(|problem| vec![Err(problem)]),
        };
    }
    let parts: Vec<&RawValue> = serde_json::from_str(frame).map_err(|error| DecodeError::NotJson(error.to_string()))?;
    if parts.len() > limits::MESSAGES_PER_FRAME {
        return Err(DecodeError::TooMany { found: parts.len(), max: limits::MESSAGES_PER_FRAME });
    }
    parts
        .into_iter()
        .map(|part| match serde_json::from_str(part.get()) {
            Ok(message) => Ok(Ok(message)),
            Err(error) => diagnose(part.get(), types, &error).map(Err),
        })
        .collect()
}

/// Says what is wrong with a message that did not decode; `Err` when it is not even a JSON object.
fn diagnose(text: &str, types: &'static [&'static str], error: &serde_json::Error) -> Result<DecodeError, DecodeError> {
    #[derive(serde::Deserialize)]
    struct Typed {
        #[serde(default, rename = "type")]
        kind: Option<serde_json::Value>,
    }
    let value: &RawValue = serde_json::from_str(text).map_err(|error| DecodeError::NotJson(error.to_string()))?;
    if !value.get().starts_with('{') {
        let found: String = value.get().chars().take(32).collect();
        return Err(DecodeError::NotJson(format!("expected an object or an array of objects, found {found}")));
    }
    let typed: Typed = serde_json::from_str(text).map_err(|error| DecodeError::NotJson(error.to_string()))?;
    let Some(serde_json::Value::String(found)) = typed.kind else {
        return Ok(DecodeError::NoType { expected: types });
    };
    Ok(match types.iter().find(|kind| **kind == found) {
        Some(kind) => DecodeError::BadFields { kind, problem: error.to_string() },
        None => DecodeError::UnknownType { found: found.chars().take(64).collect() },
    })
}

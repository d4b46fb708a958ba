//! Frames to messages and back: JSON text, one object or an array of them.
//!
//! In: any text. Out: one result a message, in order; a message that cannot be read does not spoil its neighbours.
//! Never: a panic, or an error that does not say which message and what about it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::{
    BoardId, ClientMessage, ClientMessageType, OpId, OpResult, Operation, Outcome, Reason, Rejection, ServerMessage,
    limits,
    message::{RealtimePost, Submit},
};

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
    /// An operation of a submit that is wrong, though its id can be read. Its neighbours are in a submit of their own.
    #[error("bad operation {}: {}", .0.id, .0.problem)]
    BadOperation(BadOperation),
}

/// Operation that cannot be read, but for its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadOperation {
    /// Board of its submit.
    pub board: BoardId,
    /// Name of the operation.
    pub id: OpId,
    /// Problem, and its place.
    pub problem: String,
}

impl BadOperation {
    /// Result that answers it.
    #[must_use]
    pub fn result(&self) -> OpResult {
        let rejection = Rejection::new(Reason::BadOperation, self.problem.clone());
        OpResult { id: self.id.clone(), outcome: Outcome::Rejected(rejection) }
    }
}

/// The messages of one frame, in order.
pub type Decoded<M> = Vec<Result<M, DecodeError>>;

/// Reads a client's frame. A submit with bad operations becomes the submit of the others, then an error for each bad one.
///
/// # Errors
/// When the frame as a whole cannot be read.
pub fn decode_client(frame: &str) -> Result<Decoded<ClientMessage>, DecodeError> {
    decode(frame, ClientMessage::TYPES, salvage)
}

/// Reads a server's frame.
///
/// # Errors
/// When the frame as a whole cannot be read.
pub fn decode_server(frame: &str) -> Result<Decoded<ServerMessage>, DecodeError> {
    decode(frame, ServerMessage::TYPES, |_, _| None)
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

/// Reads the body of a post, which may hold bad operations; they are left out of it and returned beside it.
///
/// # Errors
/// When anything else is wrong with it, the id of an operation included.
pub fn read_post(mut body: Value) -> Result<(RealtimePost, Vec<BadOperation>), serde_json::Error> {
    let error = match RealtimePost::deserialize(&body) {
        Ok(post) => return Ok((post, Vec::new())),
        Err(error) => error,
    };
    let mut bad = Vec::new();
    if let Some(submits) = body.get_mut("submit").and_then(Value::as_array_mut) {
        for problem in submits.iter_mut().flat_map(take_bad_operations) {
            match problem {
                DecodeError::BadOperation(operation) => bad.push(operation),
                _ => return Err(error),
            }
        }
    }
    RealtimePost::deserialize(body).map(|post| (post, bad))
}

/// Second chance for a message that did not decode: `None` when there is none.
type Salvage<M> = fn(&str, &DecodeError) -> Option<Decoded<M>>;

fn decode<M: DeserializeOwned>(
    frame: &str,
    types: &'static [&'static str],
    salvage: Salvage<M>,
) -> Result<Decoded<M>, DecodeError> {
    // Most frames are one sound message: one pass. Only a bad one is read again to say what is wrong.
    if !frame.trim_start().starts_with('[') {
        return decode_one(frame, types, salvage);
    }
    let parts: Vec<&RawValue> = serde_json::from_str(frame).map_err(|error| DecodeError::NotJson(error.to_string()))?;
    if parts.len() > limits::MESSAGES_PER_FRAME {
        return Err(DecodeError::TooMany { found: parts.len(), max: limits::MESSAGES_PER_FRAME });
    }
    let mut messages = Vec::with_capacity(parts.len());
    for part in parts {
        messages.extend(decode_one(part.get(), types, salvage)?);
    }
    Ok(messages)
}

fn decode_one<M: DeserializeOwned>(
    text: &str,
    types: &'static [&'static str],
    salvage: Salvage<M>,
) -> Result<Decoded<M>, DecodeError> {
    match serde_json::from_str(text) {
        Ok(message) => Ok(vec![Ok(message)]),
        Err(error) => {
            let problem = diagnose(text, types, &error)?;
            Ok(salvage(text, &problem).unwrap_or_else(|| vec![Err(problem)]))
        }
    }
}

/// Returns the submit of the sound operations, then an error for each bad one; `None` if they are not what is wrong.
fn salvage(text: &str, problem: &DecodeError) -> Option<Decoded<ClientMessage>> {
    let submit = ClientMessageType::Submit.name();
    if !matches!(problem, DecodeError::BadFields { kind, .. } if *kind == submit) {
        return None;
    }
    let mut value: Value = serde_json::from_str(text).ok()?;
    let bad = take_bad_operations(&mut value);
    let submit = Submit::deserialize(value).ok()?;
    let mut decoded = Decoded::new();
    if !submit.ops.is_empty() {
        decoded.push(Ok(ClientMessage::Submit(submit)));
    }
    decoded.extend(bad.into_iter().map(Err));
    Some(decoded)
}

/// Takes the operations out of a submit that cannot be read, and says what is wrong with each.
fn take_bad_operations(submit: &mut Value) -> Vec<DecodeError> {
    let Some(Ok(board)) = submit.get("board").map(BoardId::deserialize) else { return Vec::new() };
    let Some(operations) = submit.get_mut("ops").and_then(Value::as_array_mut) else { return Vec::new() };
    let mut bad = Vec::new();
    operations.retain(|operation| {
        let Err(error) = Operation::deserialize(operation) else { return true };
        let problem = error.to_string();
        bad.push(match operation.get("id").map(OpId::deserialize) {
            Some(Ok(id)) => DecodeError::BadOperation(BadOperation { board: board.clone(), id, problem }),
            Some(Err(_)) | None => DecodeError::BadFields { kind: ClientMessageType::Submit.name(), problem },
        });
        false
    });
    bad
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

//! A session's calls, bounded and without tokens, that give the same outputs when they are made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tideboard_shared::{AccessToken, BoardId, ClientKey, ClientMessage, EntityId, PROTOCOL};

use crate::{
    Call, Config, DeliveryId, Engine, FoldFn, Identity, Input, KeyFn, MergeFn, Migrations, Now, Output, SocketEvent,
};

/// The version of the form of a [`Recording`].
pub const FORMAT: u32 = 1;

/// Recording of a session: all that went into an engine, from its making on.
///
/// It holds all that the user saw and did. Tokens alone are left out: each is replaced by a name of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Origin of the engine.
    pub header: Header,
    /// The calls, oldest first.
    pub calls: Vec<Entry>,
    /// Polls of outputs after the last of the calls.
    pub polls_after: u64,
    /// Calls that were made later and are not here, because a recording holds `devtools.max_recorded_calls` and
    /// `devtools.max_recorded_bytes`. 0: it is whole.
    pub truncated: u64,
}

/// Origin of an engine: all that it was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// The engine's version. Another version may answer otherwise.
    pub engine: String,
    /// The protocol's version.
    pub protocol: u32,
    /// The settings.
    pub config: Config,
    /// Identity of the engine; the token by its name only, and another key.
    pub identity: Identity,
}

/// Call of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Polls of outputs since the call before.
    pub polls: u64,
    /// The call's time; for calls that need none, that of the last one that did.
    pub now: Now,
    /// The call.
    pub call: Call,
}

/// Result of a replay.
#[derive(Debug)]
pub struct Replay {
    /// The engine, as it was after the last call.
    pub engine: Engine,
    /// All its outputs, in order.
    pub outputs: Vec<Output>,
}

/// Functions of the application, which a recording cannot hold. A replay is exact when they are the same again.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    /// Given to [`Engine::with_migrations`].
    pub migrations: Migrations,
    /// Given to [`Engine::set_merge`].
    pub merges: BTreeMap<(BoardId, EntityId), MergeFn>,
    /// Given to [`Engine::open_delivery`], as `dedup` and `merge`.
    pub deliveries: BTreeMap<DeliveryId, (Option<KeyFn>, Option<FoldFn>)>,
}

/// Error of reading a text as a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The recording has another form.
    #[error("this recording has format {found}; known is {FORMAT}")]
    Format {
        /// Form of the recording.
        found: u64,
    },
    /// The text cannot be read.
    #[error("this is no recording: {0}")]
    Json(#[from] serde_json::Error),
}

impl Recording {
    /// Reads a recording that was written as JSON.
    ///
    /// # Errors
    /// When it is none, or one of another format.
    pub fn from_json(text: &str) -> Result<Self, RecordingError> {
        let value: Value = serde_json::from_str(text)?;
        if let Some(found) = value["header"]["format"].as_u64().filter(|found| *found != u64::from(FORMAT)) {
            return Err(RecordingError::Format { found });
        }
        Ok(serde_json::from_value(value)?)
    }

    /// Makes the same calls again on a new engine, and polls it as often at the same places.
    #[must_use]
    pub fn replay(&self, functions: &Functions) -> Replay {
        let Header { config, identity, .. } = self.header.clone();
        let mut replay =
            Replay { engine: Engine::with_migrations(config, identity, functions.migrations), outputs: Vec::new() };
        for entry in &self.calls {
            replay.poll(entry.polls);
            entry.call.clone().run(&mut replay.engine, functions, entry.now);
        }
        replay.poll(self.polls_after);
        replay
    }
}

impl Replay {
    fn poll(&mut self, times: u64) {
        for _ in 0..times {
            self.outputs.extend(self.engine.poll_output());
        }
    }
}

/// Writes a recording.
#[derive(Debug)]
pub(super) struct Recorder {
    recording: Recording,
    max_calls: usize,
    bytes_left: usize,
    /// Tokens seen so far; the place of each is its name.
    tokens: Vec<AccessToken>,
}

impl Recorder {
    pub(super) fn new(config: &Config, identity: &Identity) -> Self {
        let mut tokens = Vec::new();
        let mut identity = identity.clone();
        if let Some(token) = &mut identity.token {
            redact(token, &mut tokens);
        }
        identity.key = no_key();
        let engine = env!("CARGO_PKG_VERSION").to_owned();
        let header = Header { format: FORMAT, engine, protocol: PROTOCOL, config: config.clone(), identity };
        Self {
            recording: Recording { header, calls: Vec::new(), polls_after: 0, truncated: 0 },
            max_calls: config.devtools.max_recorded_calls.get(),
            bytes_left: config.devtools.max_recorded_bytes.get(),
            tokens,
        }
    }

    pub(super) fn recording(&self) -> Recording {
        self.recording.clone()
    }

    pub(super) fn record(&mut self, now: Now, mut call: Call) {
        let Recording { calls, polls_after, truncated, .. } = &mut self.recording;
        let bytes = bytes(&call);
        // A recording with a hole would replay as something else, so it ends for good.
        if *truncated > 0 || calls.len() >= self.max_calls || bytes > self.bytes_left {
            *truncated += 1;
            return;
        }
        self.bytes_left -= bytes;
        match &mut call {
            Call::Input(Input::Token(token)) => redact(token, &mut self.tokens),
            Call::Input(Input::Opened(opened)) => {
                if let Some(writer) = &mut opened.writer {
                    writer.key = no_key();
                }
            }
            Call::Input(Input::Told { message, .. }) => {
                for token in message.tokens_mut() {
                    redact(token, &mut self.tokens);
                }
            }
            Call::Send(message) => {
                if let Some(token) = token_of(message) {
                    redact(token, &mut self.tokens);
                }
            }
            _ => {}
        }
        calls.push(Entry { polls: std::mem::take(polls_after), now, call });
    }

    pub(super) fn handle_poll(&mut self) {
        if self.recording.truncated == 0 {
            self.recording.polls_after += 1;
        }
    }
}

/// Token in a message to the server, which belongs into no recording.
pub(crate) fn token_of(message: &mut ClientMessage) -> Option<&mut AccessToken> {
    match message {
        ClientMessage::Hello(hello) => hello.token.as_mut(),
        ClientMessage::Auth { token } => Some(token),
        ClientMessage::Subscribe(_)
        | ClientMessage::Unsubscribe { .. }
        | ClientMessage::Submit(_)
        | ClientMessage::Publish { .. }
        | ClientMessage::Presence { .. }
        | ClientMessage::Request { .. }
        | ClientMessage::Ping { .. } => None,
    }
}

/// Key in the place of the client's own, which belongs into no recording.
fn no_key() -> ClientKey {
    "left-out-of-the-recording".parse().expect("letters and dashes are a key")
}

/// Replaces a token by a name. The same token gets the same name, so that comparisons come out alike.
fn redact(token: &mut AccessToken, tokens: &mut Vec<AccessToken>) {
    let place = tokens.iter().position(|known| known == token).unwrap_or_else(|| {
        tokens.push(token.clone());
        tokens.len() - 1
    });
    *token = format!("token-{}", place + 1).into();
}

/// About how much memory a call takes.
fn bytes(call: &Call) -> usize {
    let content = match call {
        Call::Input(Input::Socket { event: SocketEvent::Frame(frame), .. }) => frame.len(),
        call => serde_json::to_vec(call).map_or(0, |json| json.len()),
    };
    size_of::<Entry>() + content
}

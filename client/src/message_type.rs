use tideboard_shared::ServerMessage;

/// The kinds of messages from the server, to choose which to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named as the message in `ServerMessage`, where it is described")]
pub enum MessageType {
    /// All of them.
    Any,
    Welcome,
    Ready,
    Subscribed,
    Snapshot,
    Updates,
    Outcomes,
    Stream,
    Presence,
    Notification,
    Response,
    Denied,
    Pong,
    Draining,
    Error,
}

impl MessageType {
    /// What kind a message is; never [`Self::Any`].
    #[must_use]
    pub fn of(message: &ServerMessage) -> Self {
        match message {
            ServerMessage::Welcome(_) => Self::Welcome,
            ServerMessage::Ready { .. } => Self::Ready,
            ServerMessage::Subscribed { .. } => Self::Subscribed,
            ServerMessage::Snapshot(_) => Self::Snapshot,
            ServerMessage::Updates { .. } => Self::Updates,
            ServerMessage::Outcomes { .. } => Self::Outcomes,
            ServerMessage::Stream { .. } => Self::Stream,
            ServerMessage::Presence { .. } => Self::Presence,
            ServerMessage::Notification(_) => Self::Notification,
            ServerMessage::Response(_) => Self::Response,
            ServerMessage::Denied { .. } => Self::Denied,
            ServerMessage::Pong { .. } => Self::Pong,
            ServerMessage::Draining { .. } => Self::Draining,
            ServerMessage::Error { .. } => Self::Error,
        }
    }

    /// Its `type` on the wire; none for [`Self::Any`].
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Any => return None,
            Self::Welcome => "welcome",
            Self::Ready => "ready",
            Self::Subscribed => "subscribed",
            Self::Snapshot => "snapshot",
            Self::Updates => "updates",
            Self::Outcomes => "outcomes",
            Self::Stream => "stream",
            Self::Presence => "presence",
            Self::Notification => "notification",
            Self::Response => "response",
            Self::Denied => "denied",
            Self::Pong => "pong",
            Self::Draining => "draining",
            Self::Error => "error",
        })
    }

    /// Whether a message of kind `other` is among these.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        self == Self::Any || self == other
    }
}

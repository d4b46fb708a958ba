//! What the tabs of one browser say to each other.

use serde::{Deserialize, Serialize};
use tideboard_shared::{AccessToken, ClientMessage, ServerMessage, TabId};

use super::{Join, MessageNo, PageLife, Seat, Term};
use crate::{ConnectionState, Contents, OpNo, StoredEdit, connection::Facts};

/// One message to all other tabs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeerMessage {
    /// Tells this page from those that had the same tab's name before.
    pub(crate) life: PageLife,
    /// How many messages this page has sent, this one included: a hole shows.
    pub(crate) no: MessageNo,
    pub(crate) body: PeerBody,
}

impl PeerMessage {
    /// The token in it, which belongs into no recording.
    pub(crate) fn token_mut(&mut self) -> Option<&mut AccessToken> {
        match &mut self.body {
            PeerBody::Command { command: PeerCommand::Token(token), .. } => Some(token),
            _ => None,
        }
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeerBody {
    /// Whoever leads: take me in. Answered by `Joined`.
    Join {
        /// Rises with every try, so that an answer to an earlier one is known as such.
        join: Join,
        /// The numbers of my edits without an end.
        unended: Vec<OpNo>,
    },
    /// I still follow. Answered by `Lead`, and by how those of my edits ended that have.
    Here { seat: Seat, unended: Vec<OpNo> },
    /// I go.
    Leave,
    /// What I would say to the server if I led.
    Ask { seat: Seat, messages: Vec<ClientMessage> },
    /// What my user wants of the connection.
    Command { term: Term, command: PeerCommand },
    /// I lead.
    Lead { term: Term },
    /// The connection changed.
    State { term: Term, state: Box<LeaderState> },
    /// You are taken in.
    Joined(Box<Joined>),
    /// I do not know you, or missed something that you said: join anew.
    Rejoin { term: Term, to: TabId, join: Join },
    /// For whoever wants it, from the server or as if it were.
    Relay { term: Term, messages: Vec<ServerMessage> },
    /// For one tab, as if it were from the server.
    Answer { term: Term, to: TabId, messages: Vec<ServerMessage> },
    /// An edit is stored under this number, anew or instead of the one it had.
    Stored {
        edit: Box<StoredEdit>,
        /// Whether storage has it; if not, it is lost with the tabs that know it.
        is_stored: bool,
    },
    /// Edits are gone.
    Settled { numbers: Vec<OpNo>, fate: Fate },
    /// The user took back an edit that may be on its way.
    TakenBack { n: OpNo },
}

/// What is known of edits that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// They are not in the log.
    Out,
    /// They may be in the log.
    Unknown,
}

/// What a leader says to a tab that joins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Joined {
    pub(crate) term: Term,
    pub(crate) to: TabId,
    /// Which try it answers.
    pub(crate) join: Join,
    pub(crate) state: LeaderState,
    /// The edits of all tabs, as the leader knows them.
    pub(crate) contents: Contents,
    /// What became of those that the tab asked about and that are not among them.
    pub(crate) outcomes: Vec<ServerMessage>,
}

/// What a tab's user wants of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeerCommand {
    Connect,
    Disconnect,
    ReconnectNow,
    Token(AccessToken),
    /// The user looks at a page, or the machine woke up.
    Wake,
}

/// How the leader's connection stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeaderState {
    /// With ages instead of times: each tab's clock starts at another moment.
    pub(crate) connection: ConnectionState,
    pub(crate) attempt: u32,
    pub(crate) facts: Facts,
    /// Whether boards come over REST.
    pub(crate) is_polling: bool,
    /// How many tabs there are, the leader included.
    pub(crate) tabs: usize,
}

//! Messages between the tabs of one browser.

use serde::{Deserialize, Serialize};
use tideboard_shared::{AccessToken, ClientId, ClientMessage, ServerMessage, TabId};

use super::{Join, MessageNo, PageLife, Seat, Term};
use crate::{ConnectionState, Contents, OpNo, StoredEdit, connection::Facts, devtools::token_of};

/// Message to all other tabs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeerMessage {
    /// Tells this page from those that had the same tab's name before.
    pub(crate) life: PageLife,
    /// Number of the message in the page's life. A hole shows that one was missed.
    pub(crate) no: MessageNo,
    pub(crate) body: PeerBody,
}

impl PeerMessage {
    /// Tokens in the message, which belong into no recording.
    pub(crate) fn tokens_mut(&mut self) -> Vec<&mut AccessToken> {
        match &mut self.body {
            PeerBody::Command { command: PeerCommand::Token(token), .. } => vec![token],
            PeerBody::Ask { messages, .. } => messages.iter_mut().filter_map(token_of).collect(),
            PeerBody::Command { .. }
            | PeerBody::Join { .. }
            | PeerBody::Here { .. }
            | PeerBody::Leave
            | PeerBody::Lead { .. }
            | PeerBody::State { .. }
            | PeerBody::Joined(_)
            | PeerBody::Rejoin { .. }
            | PeerBody::Relay { .. }
            | PeerBody::Answer { .. }
            | PeerBody::Stored { .. }
            | PeerBody::Settled { .. }
            | PeerBody::TakenBack { .. }
            | PeerBody::Renamed { .. } => Vec::new(),
        }
    }
}

/// Content of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeerBody {
    /// Request to whoever leads: take me in. Answered by `Joined`.
    Join {
        /// Rises with every try, so that an answer to an earlier one is known as such.
        join: Join,
        /// The numbers of my edits without an end.
        unended: Vec<OpNo>,
    },
    /// Sign of life of a follower. Answered by `Lead`, and by the ends of those of its edits that have ended.
    Here { seat: Seat, unended: Vec<OpNo> },
    /// Word of a page that goes away, or to sleep.
    Leave,
    /// Messages for the server, which a leader would send there.
    Ask { seat: Seat, messages: Vec<ClientMessage> },
    /// Decision of a user about the connection.
    Command { term: Term, command: PeerCommand },
    /// Claim to lead.
    Lead { term: Term },
    /// The connection changed.
    State { term: Term, state: Box<LeaderState> },
    /// Answer to `Join`: the tab is taken in.
    Joined(Box<Joined>),
    /// Demand to join anew: the leader does not know the tab, or missed something that it said.
    Rejoin { term: Term, to: TabId, join: Join },
    /// For whoever wants it, from the server or as if it were.
    Relay { term: Term, messages: Vec<ServerMessage> },
    /// For one tab, as if it were from the server.
    Answer { term: Term, to: TabId, messages: Vec<ServerMessage> },
    /// An edit is stored under this number, anew or instead of the one it had.
    Stored {
        edit: Box<StoredEdit>,
        /// Storage has the edit; if not, the edit is lost with the tabs that know it.
        is_stored: bool,
    },
    /// Edits are gone.
    Settled { numbers: Vec<OpNo>, fate: Fate },
    /// The user took back an edit that may be on its way.
    TakenBack { n: OpNo },
    /// Storage has taken another client id.
    Renamed { client: ClientId },
}

/// Knowledge of edits that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// Edits that are certainly not in the log.
    Out,
    /// Edits that may be in the log.
    Unknown,
}

/// Welcome of a leader to a tab that joins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Joined {
    pub(crate) term: Term,
    pub(crate) to: TabId,
    /// Attempt that this answers.
    pub(crate) join: Join,
    pub(crate) state: LeaderState,
    /// The edits of all tabs, as the leader knows them.
    pub(crate) contents: Contents,
    /// Outcomes of those edits that the tab asked about and that are not among the contents.
    pub(crate) outcomes: Vec<ServerMessage>,
}

/// Decision of a tab's user about the connection.
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

/// Connection of a leader, as it tells its followers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeaderState {
    /// With ages instead of times: each tab's clock starts at another moment.
    pub(crate) connection: ConnectionState,
    pub(crate) attempt: u32,
    pub(crate) facts: Facts,
    /// Boards come over REST.
    pub(crate) is_polling: bool,
    /// Number of tabs, the leader included.
    pub(crate) tabs: usize,
}

//! Members of boards, and the states that this client shows of itself there.
//!
//! In: presence messages, one's own states, connections that come and go. Out: the members of each board, and one's own
//! states to say again on every new connection, which knows nothing of the one before. Never: members as seen over a
//! connection that is gone; a state of one's own that waits in a queue behind a later one.

use std::collections::BTreeMap;

use serde_json::Value;
use tideboard_shared::{BoardId, ClientMessage, SessionId, limits, message::Member};

/// Members of a board, as the UI shows them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PresenceView {
    /// Members by session; this browser's own connection included.
    pub members: Vec<Member>,
    /// Session of this browser's own connection, while there is one.
    pub me: Option<SessionId>,
    /// The state that this client shows there; `None` while it shows none.
    pub mine: Option<Value>,
}

/// The manager of who is where.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    boards: BTreeMap<BoardId, BTreeMap<SessionId, Member>>,
    mine: BTreeMap<BoardId, Value>,
}

impl Presence {
    /// Members of a board, by session.
    pub(crate) fn members(&self, board: &BoardId) -> Vec<Member> {
        self.boards.get(board).map(|members| members.values().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn mine(&self, board: &BoardId) -> Option<&Value> {
        self.mine.get(board)
    }

    /// Takes in what the server says about a board that somebody watches.
    pub(crate) fn handle_message(
        &mut self,
        board: &BoardId,
        (joined, left, changed): (&[Member], &[SessionId], &[Member]),
    ) {
        let members = self.boards.entry(board.clone()).or_default();
        for session in left {
            members.remove(session);
        }
        for member in joined.iter().chain(changed) {
            members.insert(member.session.clone(), member.clone());
        }
    }

    /// Forgets a board that nobody watches any more.
    pub(crate) fn forget(&mut self, board: &BoardId) {
        self.boards.remove(board);
    }

    /// The connection is gone: nobody knows who is there. Returns the boards for which that is news.
    pub(crate) fn handle_lost(&mut self) -> Vec<BoardId> {
        std::mem::take(&mut self.boards).into_keys().collect()
    }

    /// Notes a state of one's own, `null` for none. `false` when there are as many as may be.
    pub(crate) fn show(&mut self, board: &BoardId, state: &Value) -> bool {
        if state.is_null() {
            self.mine.remove(board);
        } else if self.mine.len() < limits::PRESENCES || self.mine.contains_key(board) {
            self.mine.insert(board.clone(), state.clone());
        } else {
            return false;
        }
        true
    }

    /// Messages that a new connection has to be sent.
    pub(crate) fn introduction(&self) -> Vec<ClientMessage> {
        let message =
            |(board, state): (&BoardId, &Value)| ClientMessage::Presence { board: board.clone(), state: state.clone() };
        self.mine.iter().map(message).collect()
    }
}

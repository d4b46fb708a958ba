//! Rights of users. One predicate hides a button in the client and enforces on the server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{BoardId, Topic};

/// Role of a user on a board; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardRole {
    /// See it.
    Viewer,
    /// Change its entities.
    Editor,
    /// Change the board itself.
    Admin,
}

/// Right of a user to a stream; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamRight {
    /// Receive its points.
    Subscribe,
    /// Add points to it.
    Publish,
}

/// Rights of one user by board and topic. The key `*` stands for all that have no entry of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rights {
    /// Role by board id or `*`.
    pub boards: BTreeMap<String, BoardRole>,
    /// Right by topic or `*`.
    pub streams: BTreeMap<String, StreamRight>,
}

impl Rights {
    /// Gives one role on every board and one right to every stream.
    #[must_use]
    pub fn everywhere(role: BoardRole, stream: StreamRight) -> Self {
        Self { boards: [("*".into(), role)].into(), streams: [("*".into(), stream)].into() }
    }

    /// Returns whether the user's role on `board` is `role` or a higher one.
    #[must_use]
    pub fn on_board(&self, board: &BoardId, role: BoardRole) -> bool {
        self.boards.get(board.as_str()).or_else(|| self.boards.get("*")).is_some_and(|held| *held >= role)
    }

    /// Returns whether the user's right to `topic` is `right` or a higher one.
    #[must_use]
    pub fn on_stream(&self, topic: &Topic, right: StreamRight) -> bool {
        self.streams.get(topic.as_str()).or_else(|| self.streams.get("*")).is_some_and(|held| *held >= right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_its_own_wins_over_the_star() {
        let mut rights = Rights::everywhere(BoardRole::Editor, StreamRight::Subscribe);
        rights.boards.insert("locked".into(), BoardRole::Viewer);
        let main = "main".parse().unwrap();
        let locked = "locked".parse().unwrap();
        assert!(rights.on_board(&main, BoardRole::Editor));
        assert!(!rights.on_board(&main, BoardRole::Admin));
        assert!(rights.on_board(&locked, BoardRole::Viewer));
        assert!(!rights.on_board(&locked, BoardRole::Editor));
        assert!(!rights.on_stream(&"host.cpu".parse().unwrap(), StreamRight::Publish));
        assert!(!Rights::default().on_board(&main, BoardRole::Viewer));
    }
}

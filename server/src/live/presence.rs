//! Members of each board.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tideboard_shared::{BoardId, SessionId, limits::MEMBERS_PER_BOARD, message::Member};
use tokio::time::Instant;

/// Meaning of a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// New member.
    Joined,
    /// Known member with another state.
    Changed,
    /// New member that is not shown, because [`MEMBERS_PER_BOARD`] are.
    Full,
}

/// Members of every board.
#[derive(Debug)]
pub(crate) struct Presence {
    ttl: Duration,
    boards: BTreeMap<BoardId, BTreeMap<SessionId, Member>>,
    /// Sessions whose connection broke, with the end of their time.
    lost: HashMap<SessionId, Instant>,
}

impl Presence {
    /// Members whose connection broke stay for `ttl`.
    pub(crate) fn new(ttl: Duration) -> Self {
        Self { ttl, boards: BTreeMap::new(), lost: HashMap::new() }
    }

    /// Adds or changes a member.
    pub(crate) fn put(&mut self, board: &BoardId, member: Member) -> Put {
        let members = self.boards.entry(board.clone()).or_default();
        if members.len() >= MEMBERS_PER_BOARD && !members.contains_key(&member.session) {
            return Put::Full;
        }
        match members.insert(member.session.clone(), member) {
            None => Put::Joined,
            Some(_) => Put::Changed,
        }
    }

    /// Takes a member off a board. Whether it was there.
    pub(crate) fn remove(&mut self, board: &BoardId, session: &SessionId) -> bool {
        let Some(members) = self.boards.get_mut(board) else { return false };
        let was_there = members.remove(session).is_some();
        if members.is_empty() {
            self.boards.remove(board);
        }
        was_there
    }

    /// Starts a session's last time.
    pub(crate) fn lost(&mut self, session: &SessionId, now: Instant) {
        if self.boards.values().any(|members| members.contains_key(session)) {
            self.lost.insert(session.clone(), now + self.ttl);
        }
    }

    /// Takes off everybody whose time is over.
    pub(crate) fn expired(&mut self, now: Instant) -> Vec<(BoardId, SessionId)> {
        let over: Vec<_> = self.lost.extract_if(|_, end| *end <= now).map(|(session, _)| session).collect();
        let mut gone = Vec::new();
        for session in over {
            let boards: Vec<_> = self.boards.keys().cloned().collect();
            gone.extend(boards.into_iter().filter(|board| self.remove(board, &session)).map(|b| (b, session.clone())));
        }
        gone
    }

    /// Members of a board, by ascending session.
    pub(crate) fn members(&self, board: &BoardId) -> Vec<Member> {
        self.boards.get(board).into_iter().flat_map(|members| members.values().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn member(session: &str) -> Member {
        Member { session: session.into(), user: "ann".into(), state: json!({}) }
    }

    #[test]
    fn a_lost_member_stays_for_its_time_and_leaves_once() {
        let board = "main".parse().unwrap();
        let now = Instant::now();
        let mut presence = Presence::new(Duration::from_secs(10));
        assert_eq!(presence.put(&board, member("s1")), Put::Joined);
        assert_eq!(presence.put(&board, member("s1")), Put::Changed);
        presence.lost(&"s1".into(), now);
        assert_eq!(presence.expired(now + Duration::from_secs(9)), []);
        assert_eq!(presence.expired(now + Duration::from_secs(10)), [(board.clone(), "s1".into())]);
        assert_eq!(presence.expired(now + Duration::from_secs(20)), []);
        assert_eq!(presence.members(&board), []);
    }

    #[test]
    fn a_full_board_shows_no_more_members() {
        let board = "main".parse().unwrap();
        let mut presence = Presence::new(Duration::ZERO);
        for i in 0..MEMBERS_PER_BOARD {
            assert_eq!(presence.put(&board, member(&format!("s{i}"))), Put::Joined);
        }
        assert_eq!(presence.put(&board, member("more")), Put::Full);
        assert_eq!(presence.put(&board, member("s0")), Put::Changed);
    }
}

//! Refreshing what is shown: asked for by the user, or by itself now and then.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tideboard_shared::{BoardId, Channel, ClientMessage, message::Subscribe, tree};

use super::Engine;
use crate::{BoardStatus, Key, Now, Output, RefreshError, RefreshId};

/// Refreshes under way, and the next one that nobody has to ask for.
#[derive(Debug, Default)]
pub(super) struct Refreshes {
    waiting: BTreeMap<RefreshId, Waiting>,
    last_id: u64,
    /// Time at which the boards are next checked without being asked for.
    check_at: Option<Duration>,
}

#[derive(Debug)]
struct Waiting {
    channels: BTreeSet<Channel>,
    deadline: Duration,
}

/// Most refreshes under way at once; one more ends with [`RefreshError::Busy`].
const MOST_WAITING: usize = 64;

impl Engine {
    pub(super) fn run_refresh(&mut self, channels: &[Channel], now: Now) -> RefreshId {
        self.refreshes.last_id += 1;
        let id = RefreshId(self.refreshes.last_id);
        let is_subscribed = |channel: &&Channel| self.subscriptions.contains(channel);
        let wanted: BTreeSet<Channel> = match channels {
            [] => tree(self.subscriptions.channels().cloned()),
            named => tree(named.iter().filter(is_subscribed).cloned()),
        };
        if wanted.is_empty() {
            self.outputs.push(Output::Refreshed { id, result: Ok(()) });
            return id;
        }
        if self.refreshes.waiting.len() >= MOST_WAITING {
            self.outputs.push(Output::Refreshed { id, result: Err(RefreshError::Busy) });
            return id;
        }
        let is_live = self.is_live();
        if is_live {
            let subscribes = wanted.iter().filter_map(|channel| self.subscriptions.wanted(channel)).collect();
            self.send_subscribe(subscribes);
        } else if !self.refresh_over_rest(now) {
            self.outputs.push(Output::Refreshed { id, result: Err(RefreshError::Offline) });
            return id;
        }
        // REST brings boards only.
        let channels: BTreeSet<Channel> =
            tree(wanted.into_iter().filter(|channel| is_live || matches!(channel, Channel::Board(_))));
        let deadline = now.mono + self.config.sync.refresh_timeout.get();
        self.refreshes.waiting.insert(id, Waiting { channels, deadline });
        self.changed.insert(Key::Sync);
        id
    }

    pub(super) fn run_invalidate(&mut self, board: &BoardId, now: Now) -> RefreshId {
        if let Some(replica) = self.boards.get_mut(board) {
            replica.distrust();
        }
        self.run_refresh(&[Channel::Board(board.clone())], now)
    }

    /// Number of channels still to come of refreshes under way.
    #[must_use]
    pub fn refreshing(&self) -> usize {
        self.refreshes.waiting.values().map(|waiting| waiting.channels.len()).sum()
    }

    /// A channel may have become up to date.
    pub(super) fn note_refreshed(&mut self, channel: &Channel) {
        if self.refreshes.waiting.is_empty() || !self.is_up_to_date(channel) {
            return;
        }
        let mut done = Vec::new();
        for (id, waiting) in &mut self.refreshes.waiting {
            if waiting.channels.remove(channel) && waiting.channels.is_empty() {
                done.push(*id);
            }
        }
        for id in done {
            self.end_refresh(id, Ok(()));
        }
    }

    /// Starts or ends the regular checks with the connection; ends what can no longer be brought.
    pub(super) fn handle_refresh_change(&mut self, is_live: bool, now: Now) {
        self.refreshes.check_at = is_live.then(|| now.mono + self.config.sync.interval.get());
        if !is_live {
            let lost: Vec<_> = self.refreshes.waiting.keys().copied().collect();
            for id in lost {
                self.end_refresh(id, Err(RefreshError::Offline));
            }
        }
    }

    pub(super) fn refresh_timeout(&self) -> Option<Duration> {
        let waiting = self.refreshes.waiting.values().map(|waiting| waiting.deadline);
        waiting.chain(self.refreshes.check_at).min()
    }

    pub(super) fn handle_refresh_timeout(&mut self, now: Now) {
        let is_late = |waiting: &Waiting| waiting.deadline <= now.mono;
        let late: Vec<_> =
            self.refreshes.waiting.iter().filter(|(_, waiting)| is_late(waiting)).map(|(id, _)| *id).collect();
        for id in late {
            self.end_refresh(id, Err(RefreshError::Timeout));
        }
        if self.refreshes.check_at.is_some_and(|at| at <= now.mono) {
            self.refreshes.check_at = Some(now.mono + self.config.sync.interval.get());
            self.check_boards();
            if !self.is_follower() {
                // A page that was killed while it wrote may have left an edit of which nobody has heard.
                self.read_storage();
            }
        }
    }

    /// Asks for what was missed, though nothing should have been, without showing the boards as anything but live.
    fn check_boards(&mut self) {
        let ask = |channel: &Channel| {
            let Channel::Board(board) = channel else { return None };
            let replica = self.boards.get(board).filter(|replica| *replica.status() == BoardStatus::Live)?;
            let since = replica.since().cloned();
            Some(ClientMessage::Subscribe(Subscribe { since, ..self.subscriptions.wanted(channel)? }))
        };
        let messages: Vec<_> = self.subscriptions.channels().filter_map(ask).collect();
        self.send_frame(&messages);
    }

    fn is_up_to_date(&self, channel: &Channel) -> bool {
        match channel {
            Channel::Board(board) => self.boards.get(board).is_none_or(|replica| {
                matches!(replica.status(), BoardStatus::Live | BoardStatus::Polled | BoardStatus::Denied { .. })
            }),
            Channel::Stream(_) | Channel::StreamPrefix(_) | Channel::Presence(_) | Channel::Notifications => true,
        }
    }

    fn end_refresh(&mut self, id: RefreshId, result: Result<(), RefreshError>) {
        self.refreshes.waiting.remove(&id);
        self.outputs.push(Output::Refreshed { id, result });
        self.changed.insert(Key::Sync);
    }
}

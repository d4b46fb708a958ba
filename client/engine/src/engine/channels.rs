//! Tells the server which channels the application wants, and follows the answers.

use tideboard_shared::{BoardId, Channel, ClientMessage, DeniedReason, Rights, ServerMessage, message::Subscribe};

use super::Engine;
use crate::{
    BoardStatus, ChannelView, Key, Now, PlanId, PlanView,
    replica::Replica,
    subscriptions::{Arrival, Ask},
};

impl Engine {
    pub(super) fn run_resync(&mut self, board: &BoardId) {
        let channel = Channel::Board(board.clone());
        match self.subscriptions.wanted(&channel) {
            Some(subscribe) => self.send_subscribe(vec![subscribe]),
            None => self.subscriptions.renew([channel]),
        }
    }

    /// Status of one channel and counts of its messages; `None` when nobody wants the channel.
    #[must_use]
    pub fn channel_view(&self, channel: &Channel) -> Option<ChannelView> {
        self.subscriptions.view(channel)
    }

    /// Every channel that somebody wants.
    #[must_use]
    pub fn channel_views(&self) -> Vec<ChannelView> {
        self.subscriptions.views().collect()
    }

    /// Place of the user in a plan; `None` when the plan is closed.
    #[must_use]
    pub fn plan_view(&self, id: PlanId) -> Option<PlanView> {
        self.subscriptions.plan_view(id)
    }

    /// Tells the server which requests changed, those that end before those that begin.
    pub(super) fn reconcile(&mut self) {
        if !self.subscriptions.is_dirty() {
            return;
        }
        let limit = self.is_live().then(|| self.limits().subscriptions);
        let changes = self.subscriptions.reconcile(limit);
        for channel in &changes.came {
            if let Channel::Board(board) = channel {
                self.boards.handle_followed(board);
                self.changed.insert(Key::Board(board.clone()));
            }
        }
        for channel in changes.left.iter().chain(&changes.unsubscribe) {
            self.handle_left(channel);
        }
        if !changes.left.is_empty() {
            let subscriptions = &self.subscriptions;
            self.streams.retain(|topic| !subscriptions.carriers(topic).is_empty());
            self.forget_boards();
        }
        let leaving = changes.unsubscribe.into_iter().map(|channel| ClientMessage::Unsubscribe { channel });
        self.send_frame(&leaving.collect::<Vec<_>>());
        self.send_asks(changes.ask);
        self.ask_for_stale_boards();
    }

    /// The board, while someone is subscribed to it: what comes later is of no use.
    pub(super) fn followed(&mut self, board: &BoardId) -> Option<&mut Replica> {
        if self.subscriptions.contains(&Channel::Board(board.clone())) { self.boards.get_mut(board) } else { None }
    }

    /// The server may show this user other things than before.
    pub(super) fn handle_rights(&mut self, user: &str, rights: &Rights) {
        self.subscriptions.handle_ready(user, rights);
    }

    /// Notes what a message means for the channels: an answer about one, or news through one.
    pub(super) fn note_channels(&mut self, message: &ServerMessage, bytes: usize, now: Now) {
        let (channels, items) = match message {
            ServerMessage::Subscribed { channel, .. } => return self.handle_channel_answer(channel, None, now),
            ServerMessage::Denied { channel, reason } => return self.handle_channel_answer(channel, Some(reason), now),
            ServerMessage::Snapshot(snapshot) => (vec![Channel::Board(snapshot.board.clone())], 0),
            ServerMessage::Updates { board, events, .. } => (vec![Channel::Board(board.clone())], events.len()),
            ServerMessage::Stream { topic, points, .. } => (self.subscriptions.carriers(topic), points.len()),
            ServerMessage::Presence { board, joined, left, changed } => {
                (vec![Channel::Presence(board.clone())], joined.len() + left.len() + changed.len())
            }
            ServerMessage::Notification(_) => (vec![Channel::Notifications], 1),
            ServerMessage::Outcomes(_)
            | ServerMessage::Response(_)
            | ServerMessage::Welcome(_)
            | ServerMessage::Ready { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Draining { .. }
            | ServerMessage::Error { .. } => return,
        };
        let is_thinned = matches!(message, ServerMessage::Stream { thinned: true, .. });
        self.subscriptions.note_arrival(&channels, Arrival { items, bytes, is_thinned }, now);
        self.changed.extend(channels.into_iter().map(Key::Channel));
    }

    fn handle_channel_answer(&mut self, channel: &str, denied: Option<&DeniedReason>, now: Now) {
        let Ok(channel) = channel.parse() else { return };
        match denied {
            None => self.subscriptions.handle_subscribed(&channel),
            Some(reason) => self.subscriptions.handle_denied(&channel, reason, now.mono),
        }
        self.changed.insert(Key::Channel(channel));
    }

    /// Forgets a channel from which nothing comes any more.
    fn handle_left(&mut self, channel: &Channel) {
        if let Channel::Board(board) = channel {
            self.boards.handle_left(board);
            self.with_edits(|edits, cx| edits.drop_applied(cx, board));
            self.changed.insert(Key::Board(board.clone()));
        }
        if let Channel::Presence(board) = channel {
            self.presence.forget(board);
            self.changed.insert(Key::Presence(board.clone()));
        }
        self.changed.insert(Key::Channel(channel.clone()));
    }

    /// Forgets boards that nobody follows, those first that were left first, until as many are kept as may be.
    fn forget_boards(&mut self) {
        let is_needed =
            |board: &BoardId| self.subscriptions.contains(&Channel::Board(board.clone())) || self.edits.need(board);
        let keep = self.config.subscriptions.keep_boards.get();
        for board in self.boards.forget(keep, is_needed) {
            self.edits.forget_board(&board);
            self.changed.insert(Key::Board(board));
        }
    }

    /// Subscribes to channels anew, whether or not they are there already.
    pub(super) fn send_subscribe(&mut self, wanted: Vec<Subscribe>) {
        if self.is_live() {
            for subscribe in &wanted {
                self.subscriptions.handle_asked(&subscribe.channel);
            }
            self.send_asks(wanted.into_iter().map(|subscribe| Ask { subscribe, is_new: true }).collect());
        }
    }

    fn send_asks(&mut self, asks: Vec<Ask>) {
        let mut messages = Vec::with_capacity(asks.len());
        for Ask { mut subscribe, is_new } in asks {
            if let Channel::Board(board) = &subscribe.channel {
                let replica = self.boards.open(board);
                // A live board stays so while its settings change.
                if is_new || *replica.status() != BoardStatus::Live {
                    replica.handle_subscribing();
                }
                subscribe.since = replica.since().cloned();
                subscribe.seen = replica.ask_claims();
                subscribe.seen.extend(self.edits.furthest(board).cloned());
                self.changed.insert(Key::Board(board.clone()));
            }
            self.changed.insert(Key::Channel(subscribe.channel.clone()));
            messages.push(ClientMessage::Subscribe(subscribe));
        }
        self.send_frame(&messages);
    }
}

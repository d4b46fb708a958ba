//! What the application hears about: wishes come and go, the server is told.

use tideboard_shared::{BoardId, Channel, ClientMessage, message::Subscribe};

use super::{BoardState, Engine};
use crate::{Key, SubscriptionId};

impl Engine {
    pub(super) fn run_subscribe(&mut self, wish: Subscribe) -> SubscriptionId {
        if !self.config.features.has_channel(&wish.channel) {
            return self.subscriptions.refuse();
        }
        if let Channel::Board(board) = &wish.channel {
            self.board_mut(board);
            self.changed.insert(Key::Board(board.clone()));
        }
        let (id, to_send) = self.subscriptions.add(wish);
        if let Some(subscribe) = to_send {
            self.send_subscribe(vec![subscribe]);
        }
        id
    }

    pub(super) fn run_unsubscribe(&mut self, id: SubscriptionId) {
        let Some(channel) = self.subscriptions.remove(id) else { return };
        let subscriptions = &self.subscriptions;
        self.streams.retain(|topic| subscriptions.wants_stream(topic));
        if let Channel::Board(board) = &channel {
            self.board_mut(board).replica.handle_lost();
            self.drop_applied(board);
            self.changed.insert(Key::Board(board.clone()));
        }
        self.send_frame(&[ClientMessage::Unsubscribe { channel }]);
    }

    /// The board, while someone is subscribed to it: what comes later is of no use.
    pub(super) fn followed(&mut self, board: &BoardId) -> Option<&mut BoardState> {
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        self.boards.get_mut(board).filter(|_| is_followed)
    }

    /// Asks for a board again, from where it stands.
    pub(super) fn resync(&mut self, board: &BoardId) {
        if let Some(wanted) = self.subscriptions.wanted(&Channel::Board(board.clone())) {
            self.send_subscribe(vec![wanted]);
        }
    }

    pub(super) fn send_subscribe(&mut self, mut wanted: Vec<Subscribe>) {
        if self.connection.live_epoch().is_none() {
            return;
        }
        for subscribe in &mut wanted {
            if let Channel::Board(board) = &subscribe.channel {
                let replica = &mut self.board_mut(board).replica;
                replica.handle_subscribing();
                subscribe.since = replica.since().cloned();
                self.changed.insert(Key::Board(board.clone()));
            }
        }
        let messages: Vec<_> = wanted.into_iter().map(ClientMessage::Subscribe).collect();
        self.send_frame(&messages);
    }
}

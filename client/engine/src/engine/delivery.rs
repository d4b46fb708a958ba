//! Hands arrivals to their consumers.

use std::rc::Rc;

use tideboard_shared::{BoardId, Channel, Point, Seq, ServerMessage, Topic};

use super::Engine;
use crate::{
    BoardStatus, DeliveryId, DeliveryOptions, DeliveryView, Key, Now, OpenError, Output,
    delivery::{Advance, HandOver, Link, Source, carried},
    replica::{Progress, Replica},
    subscriptions::ChannelStatus,
};

impl Engine {
    pub(super) fn run_open_delivery(&mut self, options: DeliveryOptions) -> Result<DeliveryId, OpenError> {
        let replica = options.source.board().and_then(|board| self.boards.get(board));
        let seen = replica.and_then(|replica| replica.position().cloned());
        self.deliveries.open(options, seen)
    }

    pub(super) fn run_close_delivery(&mut self, id: DeliveryId) {
        let rest = self.deliveries.close(id);
        self.deliver(rest.map(|rest| (id, rest)));
        self.changed.insert(Key::Delivery(id));
    }

    pub(super) fn run_pause_delivery(&mut self, id: DeliveryId) {
        self.deliveries.pause(id);
        self.changed.insert(Key::Delivery(id));
    }

    pub(super) fn run_resume_delivery(&mut self, id: DeliveryId, now: Now) {
        let missed = self.deliveries.resume(id, now.mono);
        self.deliver(missed.map(|missed| (id, missed)));
        self.changed.insert(Key::Delivery(id));
    }

    /// A consumer, as the UI shows it; `None` when it is not open.
    #[must_use]
    pub fn delivery_view(&self, id: DeliveryId) -> Option<DeliveryView> {
        let link = self.link(self.deliveries.source(id)?);
        self.deliveries.view(id, link)
    }

    /// Keys that a consumer's view depends on, beside the consumer's own.
    pub(crate) fn delivery_keys(&self, id: DeliveryId) -> Vec<Key> {
        let source = match self.deliveries.source(id) {
            Some(Source::Channel(Channel::Board(board))) => Key::Board(board.clone()),
            Some(Source::Channel(_)) => Key::Channels,
            Some(Source::Messages(_)) | None => Key::Connection,
        };
        vec![Key::Delivery(id), Key::Connection, source]
    }

    /// A board went on. Call before [`Self::handle_progress`].
    pub(super) fn offer_progress(&mut self, board: &BoardId, progress: &Progress, now: Now) {
        let Some(replica) = self.boards.get(board) else { return };
        if *replica.status() == BoardStatus::Live {
            self.deliveries.handle_current(board);
        }
        if progress.events.is_empty() && progress.replaced.is_none() {
            return;
        }
        let channel = Channel::Board(board.clone());
        let n = progress.events.len() as u64;
        let takers = if self.deliveries.has(&Source::Channel(channel.clone())) {
            let Some(position) = replica.position() else { return };
            let advance = Advance {
                epoch: position.epoch.clone(),
                base: Seq(position.seq.0 - n),
                events: progress.events.iter().cloned().map(Rc::new).collect(),
                is_new_log: progress.replaced.is_some_and(|replaced| replaced.is_new_log),
            };
            self.deliveries.offer_events(board, &advance, now)
        } else {
            Vec::new()
        };
        self.note_takers(&[channel], takers, n);
    }

    pub(super) fn handle_points(&mut self, topic: &Topic, points: &[Point], is_thinned: bool, now: Now) {
        let channels = self.subscriptions.carriers(topic);
        if channels.is_empty() {
            return;
        }
        let (new, displaced) = self.streams.handle_points(topic, points, is_thinned);
        self.changed.extend([topic.clone()].into_iter().chain(displaced).map(Key::Stream));
        let takers = self.deliveries.offer_points(topic, &new, new.len() < points.len(), now);
        self.note_takers(&channels, takers, new.len() as u64);
    }

    pub(super) fn offer_message(&mut self, message: &Rc<ServerMessage>, now: Now) {
        let (channel, items) = carried(message).unzip();
        let takers = self.deliveries.offer_message(message, channel.as_ref(), now);
        self.note_takers(channel.as_slice(), takers, items.unwrap_or_default() as u64);
    }

    /// Hands over what is due.
    pub(super) fn deliver_due(&mut self, now: Now) {
        let due = self.deliveries.hand_over_due(now.mono);
        self.deliver(due);
        if self.deliveries.request_frame() {
            self.outputs.push(Output::RequestFrame);
        }
    }

    pub(super) fn handle_paint(&mut self, now: Now) {
        let due = self.deliveries.handle_frame(now.mono);
        self.deliver(due);
    }

    /// Call while the boards are still as the connection left them.
    pub(super) fn handle_deliveries_lost(&mut self, now: Now) {
        let boards = &self.boards;
        let is_live = |board: &BoardId| boards.get(board).is_some_and(|replica| *replica.status() == BoardStatus::Live);
        self.deliveries.handle_lost(is_live, now.mono);
    }

    pub(super) fn handle_deliveries_timeout(&mut self, now: Now) {
        let stale = self.deliveries.handle_timeout(now.mono);
        self.changed.extend(stale.into_iter().map(Key::Delivery));
    }

    fn deliver(&mut self, due: impl IntoIterator<Item = (DeliveryId, HandOver)>) {
        for (id, HandOver { items, delivered, coalesced }) in due {
            if let Some(Source::Channel(channel)) = self.deliveries.source(id) {
                self.subscriptions.note_delivered(channel, delivered, coalesced);
                self.changed.insert(Key::Channel(channel.clone()));
            }
            self.changed.insert(Key::Delivery(id));
            self.outputs.push(Output::Deliver { id, items });
        }
    }

    /// Things came through channels: they are delivered now when there are only views to read them.
    fn note_takers(&mut self, channels: &[Channel], takers: Vec<DeliveryId>, n: u64) {
        if takers.is_empty() {
            for channel in channels {
                self.subscriptions.note_delivered(channel, n, 0);
            }
        }
        self.changed.extend(takers.into_iter().map(Key::Delivery));
    }

    /// Relation between the items from a source and the server's state.
    fn link(&self, source: &Source) -> Link {
        let is_live = self.is_live();
        let channel = match source {
            Source::Channel(Channel::Board(board)) => return self.board_link(board),
            Source::Channel(channel) => channel,
            Source::Messages(_) => return if is_live { Link::Live } else { Link::Cut },
        };
        let carrier = match channel {
            Channel::Stream(topic) => self.subscriptions.carriers(topic).into_iter().next(),
            channel => Some(channel.clone()),
        };
        let view = carrier.and_then(|carrier| self.subscriptions.view(&carrier));
        match view.map(|view| view.status) {
            Some(ChannelStatus::Active | ChannelStatus::Lingering) => Link::Live,
            Some(ChannelStatus::Pending) if is_live => Link::CatchingUp,
            Some(ChannelStatus::Denied { reason }) => Link::Denied(reason.to_string()),
            Some(ChannelStatus::LeftOut { limit }) => Link::Denied(format!("only {limit} channels at once")),
            Some(ChannelStatus::Pending) | None => Link::Cut,
        }
    }

    fn board_link(&self, board: &BoardId) -> Link {
        match self.boards.get(board).map(Replica::status) {
            None | Some(BoardStatus::Loading) => Link::Loading,
            Some(BoardStatus::CatchingUp) => Link::CatchingUp,
            Some(BoardStatus::Live) => Link::Live,
            Some(BoardStatus::Polled) => Link::Polled,
            Some(BoardStatus::Stale) => Link::Cut,
            Some(BoardStatus::Denied { reason }) => Link::Denied(reason.to_string()),
        }
    }
}

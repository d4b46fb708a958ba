//! The latest notifications, until the user has seen them.
//!
//! In: notifications, and what the user dismisses. Out: those that are left, newest first. Never: one twice, one that
//! was dismissed, or more than the latest hundred.

use std::collections::VecDeque;

use tideboard_shared::message::Notification;

/// Most notifications kept; the oldest go first.
const KEPT: usize = 100;

/// The notifications that the user has not dismissed.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// Newest first.
    notifications: VecDeque<Notification>,
    /// Names of the latest ones that were dismissed: the server may say them again.
    dismissed: VecDeque<String>,
}

impl Inbox {
    /// Notifications that are left, newest first.
    pub(crate) fn notifications(&self) -> impl Iterator<Item = &Notification> {
        self.notifications.iter()
    }

    /// Takes one in; one that is known is replaced, one that was dismissed stays away.
    pub(crate) fn handle(&mut self, notification: &Notification) {
        if self.dismissed.contains(&notification.id) {
            return;
        }
        match self.notifications.iter_mut().find(|known| known.id == notification.id) {
            Some(known) => known.clone_from(notification),
            None => self.notifications.push_front(notification.clone()),
        }
        self.notifications.truncate(KEPT);
    }

    /// Forgets one for good. `false` when there is none of that name.
    pub(crate) fn dismiss(&mut self, id: &str) -> bool {
        let before = self.notifications.len();
        self.notifications.retain(|notification| notification.id != id);
        if self.notifications.len() == before {
            return false;
        }
        self.dismissed.push_front(id.to_owned());
        self.dismissed.truncate(KEPT);
        true
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::{UnixMs, message::Level};

    use super::*;

    fn note(id: usize) -> Notification {
        let title = "Backup".to_owned();
        let body = String::new();
        Notification { id: format!("n{id}"), level: Level::Info, title, body, at: UnixMs(id as u64) }
    }

    #[test]
    fn the_latest_hundred_are_kept_each_once_newest_first() {
        let mut inbox = Inbox::default();
        for id in (0..150).chain([149]) {
            inbox.handle(&note(id));
        }
        let ids: Vec<_> = inbox.notifications().map(|notification| notification.at.0).collect();
        assert_eq!(ids, (50..150).rev().collect::<Vec<_>>());
    }

    #[test]
    fn one_that_was_dismissed_does_not_come_back() {
        let mut inbox = Inbox::default();
        inbox.handle(&note(1));
        assert!(inbox.dismiss("n1") && !inbox.dismiss("n1"));
        inbox.handle(&note(1));
        assert_eq!(inbox.notifications().count(), 0);
    }
}

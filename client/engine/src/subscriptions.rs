//! What the application wants to hear about, counted.
//!
//! In: wishes come and go. Out: one subscription a channel, as wide as its widest wish.

use std::collections::BTreeMap;

use tideboard_shared::{Channel, Topic, message::Subscribe};

/// Names one wish; dropping the last one of a channel leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SubscriptionId(pub u64);

/// All wishes.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    wishes: BTreeMap<Channel, BTreeMap<SubscriptionId, Subscribe>>,
    last_id: u64,
}

impl Subscriptions {
    /// Adds a wish. `Some` when the channel has to be subscribed to anew, because it is new or wider than before.
    pub(crate) fn add(&mut self, wish: Subscribe) -> (SubscriptionId, Option<Subscribe>) {
        self.last_id += 1;
        let id = SubscriptionId(self.last_id);
        let before = self.wanted(&wish.channel);
        let channel = wish.channel.clone();
        self.wishes.entry(channel.clone()).or_default().insert(id, wish);
        let after = self.wanted(&channel);
        (id, if before == after { None } else { after })
    }

    /// Names a wish that is not followed, because its feature is switched off.
    pub(crate) fn refuse(&mut self) -> SubscriptionId {
        self.last_id += 1;
        SubscriptionId(self.last_id)
    }

    /// Takes a wish back; the channel when it was the last one for it.
    pub(crate) fn remove(&mut self, id: SubscriptionId) -> Option<Channel> {
        let (channel, wishes) = self.wishes.iter_mut().find(|(_, wishes)| wishes.contains_key(&id))?;
        wishes.remove(&id);
        if !wishes.is_empty() {
            return None;
        }
        let channel = channel.clone();
        self.wishes.remove(&channel);
        Some(channel)
    }

    /// What to subscribe to on a channel: the most history, the highest rate, the highest priority that anyone wants.
    pub(crate) fn wanted(&self, channel: &Channel) -> Option<Subscribe> {
        let mut wishes = self.wishes.get(channel)?.values();
        let first = wishes.next()?.clone();
        Some(wishes.fold(first, |all, wish| Subscribe {
            history: all.history.max(wish.history),
            // No limit is the widest wish.
            max_rate_hz: all.max_rate_hz.zip(wish.max_rate_hz).map(|(a, b)| a.max(b)),
            priority: all.priority.max(wish.priority),
            ..all
        }))
    }

    pub(crate) fn contains(&self, channel: &Channel) -> bool {
        self.wishes.contains_key(channel)
    }

    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.wishes.keys()
    }

    /// Whether some channel carries this stream.
    pub(crate) fn wants_stream(&self, topic: &Topic) -> bool {
        self.wishes.keys().any(|channel| match channel {
            Channel::Stream(wanted) => wanted == topic,
            Channel::StreamPrefix(prefix) => topic.as_str().starts_with(prefix.as_str()),
            Channel::Board(_) | Channel::Presence(_) | Channel::Notifications => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(history: u32, max_rate_hz: Option<f64>) -> Subscribe {
        let channel: Channel = "stream:host.cpu".parse().unwrap();
        Subscribe { history: Some(history), max_rate_hz, ..channel.into() }
    }

    #[test]
    fn a_channel_is_as_wide_as_its_widest_wish_and_left_with_the_last() {
        let mut all = Subscriptions::default();
        let (first, sent) = all.add(wish(60, Some(1.0)));
        assert_eq!(sent.unwrap().history, Some(60));
        let (second, sent) = all.add(wish(30, Some(1.0)));
        assert_eq!(sent, None);
        let (third, sent) = all.add(wish(300, None));
        assert_eq!(sent.map(|s| (s.history, s.max_rate_hz)), Some((Some(300), None)));
        assert_eq!(all.remove(first), None);
        assert_eq!(all.remove(third), None);
        assert_eq!(all.remove(third), None);
        assert_eq!(all.remove(second), Some("stream:host.cpu".parse().unwrap()));
        assert_eq!(all.channels().count(), 0);
    }
}

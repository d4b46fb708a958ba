//! Which features there are at all.

use tideboard_shared::Channel;

use super::tree::settings;

settings! {
    /// Which features there are at all. One that is off does nothing: nothing is sent, kept or shown for it.
    FeaturesConfig {
        /// Edits show at once, before the server has confirmed them. Off: each shows once it is confirmed.
        optimistic: bool = true,
        /// Edits are accepted while there is no live connection. Off: they are refused then, as `NotLive`.
        offline_queue: bool = true,
        /// Boards are synchronised over REST while the socket stays down. Off: they wait for the socket.
        rest_fallback: bool = true,
        /// One's own edits can be undone and done again. Off: undo and redo refuse, as `Disabled`.
        undo: bool = true,
        /// Who else is on a board. Off: presence is neither subscribed to nor sent; sending it is refused.
        presence: bool = true,
        /// Notifications. Off: they are not subscribed to.
        notifications: bool = true,
        /// Channels of neighbouring tabs are subscribed to ahead. Off: only those of the active tab.
        prefetch: bool = true,
        /// Timelines of edits and the recorder of the engine's inputs. Off: nothing is kept.
        devtools: bool = false,
    }
}

impl FeaturesConfig {
    /// Whether this channel's feature is on; boards and streams always are.
    #[must_use]
    pub fn has_channel(&self, channel: &Channel) -> bool {
        match channel {
            Channel::Board(_) | Channel::Stream(_) | Channel::StreamPrefix(_) => true,
            Channel::Presence(_) => self.presence,
            Channel::Notifications => self.notifications,
        }
    }
}

//! Which features there are at all.

use super::tree::settings;

settings! {
    /// Which features there are at all. One that is off does nothing: nothing is sent, kept or shown for it.
    FeaturesConfig {
        /// Edits show at once, before the server has confirmed them. Off: each shows once it is confirmed.
        optimistic: bool = true,
        /// Edits are accepted while there is no connection. Off: they are refused then, as `NotLive`.
        offline_queue: bool = true,
        /// Boards are synchronised over REST while the socket stays down. Off: they wait for the socket.
        rest_fallback: bool = true,
        /// One's own edits can be undone and done again. Off: no history of them is kept.
        undo: bool = true,
        /// Who else is on a board. Off: presence is neither subscribed to nor sent.
        presence: bool = true,
        /// Notifications. Off: they are not subscribed to.
        notifications: bool = true,
        /// Channels of neighbouring tabs are subscribed to ahead. Off: only those of the active tab.
        prefetch: bool = true,
        /// Timelines of edits and the recorder of the engine's inputs. Off: nothing is kept.
        devtools: bool = false,
    }
}

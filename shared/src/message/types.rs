//! Names of the message types: the one table of what `type` may say.

use serde::{Deserialize, Serialize};

use super::{ClientMessage, ServerMessage};

/// Declares the types of a message enum: one line a type, with its name on the wire.
macro_rules! message_types {
    ($(#[$doc:meta])* $types:ident of $message:ident { $($variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $types {
            $(
                #[doc = concat!("`", $name, "`: [`", stringify!($message), "::", stringify!($variant), "`].")]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl $types {
            /// All types, in the order of the protocol's description.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl std::fmt::Display for $types {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl $message {
            /// Names of all types, for precise errors.
            pub(crate) const TYPES: &'static [&'static str] = &[$($name),*];

            /// Type of this message.
            #[must_use]
            pub const fn message_type(&self) -> $types {
                match self {
                    $(Self::$variant { .. } => $types::$variant,)*
                }
            }
        }
    };
}

message_types! {
    /// Type of a message that a client sends.
    ClientMessageType of ClientMessage {
        Hello = "hello",
        Auth = "auth",
        Subscribe = "subscribe",
        Unsubscribe = "unsubscribe",
        Submit = "submit",
        Publish = "publish",
        Presence = "presence",
        Request = "request",
        Ping = "ping",
    }
}

message_types! {
    /// Type of a message that the server sends.
    ServerMessageType of ServerMessage {
        Welcome = "welcome",
        Ready = "ready",
        Subscribed = "subscribed",
        Snapshot = "snapshot",
        Updates = "updates",
        Outcomes = "outcomes",
        Stream = "stream",
        Presence = "presence",
        Notification = "notification",
        Response = "response",
        Denied = "denied",
        Pong = "pong",
        Draining = "draining",
        Error = "error",
    }
}

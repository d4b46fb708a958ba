//! Every limit that both sides have to agree on. Nothing is unbounded.

use serde::{Deserialize, Serialize};

/// Most entities on one board. One more `create` is rejected as `board_full`.
pub const ENTITIES_PER_BOARD: usize = 50_000;
/// Most fields of one entity, those that were unset since its creation included. Beyond: `too_large`.
pub const FIELDS_PER_ENTITY: usize = 256;
/// Largest entity: the JSON bytes of its fields' names and values. Beyond: `too_large`.
pub const ENTITY_BYTES: usize = 64 * 1024;
/// Largest board, in the bytes of its entities as [`crate::Entity::bytes`] counts them, unless a server is told otherwise.
/// Whatever would make it larger is rejected as `board_full`.
pub const BOARD_BYTES: usize = 32 * 1024 * 1024;
/// Largest value that a conflict tells, in JSON bytes. A larger one is only named.
pub const CONFLICT_VALUE_BYTES: usize = 4 * 1024;
/// Most JSON bytes of values that one conflict tells. Those for which there is no more room are only named.
pub const CONFLICT_BYTES: usize = 64 * 1024;
/// Deepest nesting of a field's value. Beyond: `too_large`.
pub const VALUE_DEPTH: usize = 32;
/// Most messages in one frame.
pub const MESSAGES_PER_FRAME: usize = 256;
/// Entities of a snapshot are split into parts of about this many bytes.
pub const SNAPSHOT_PART_BYTES: usize = 128 * 1024;
/// Most points in one `publish` or one REST post. Beyond: `too_large`, over REST 413.
pub const POINTS_PER_PUBLISH: usize = 1_000;
/// Most boards on which one connection may be present. Beyond: `too_large`.
pub const PRESENCES: usize = 32;
/// Largest state of one presence, JSON bytes. Beyond: `too_large`.
pub const PRESENCE_BYTES: usize = 4 * 1024;
/// Most people told of on one board; those who come later are not.
pub const MEMBERS_PER_BOARD: usize = 1_000;
/// Longest user name, in characters; the rest is cut.
pub const USER_CHARS: usize = 64;
/// Longest title of a notification, in characters. Beyond: 400.
pub const TITLE_CHARS: usize = 200;
/// Longest body of a notification, in characters. Beyond: 400.
pub const BODY_CHARS: usize = 4_000;
/// Most events in one page of a board's past. Beyond: 400.
pub const EVENTS_PER_PAGE: usize = 500;

/// Declares the limits that `welcome` announces: doc, name on the wire, default.
macro_rules! wire_limits {
    ($( $(#[$doc:meta])+ $name:ident = $default:expr; )+) => {
        /// Limits that a server announces in `welcome`, all that a client can meet. One that an older server does not
        /// announce has its default.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct WireLimits {
            $(
                $(#[$doc])+
                #[doc = concat!("\n\nDefault `", stringify!($default), "`.")]
                pub $name: usize,
            )+
        }

        impl Default for WireLimits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }
    };
}

wire_limits! {
    /// Largest frame a client may send, and largest body of a REST request, in bytes. A larger one closes the connection
    /// with 1009; over REST 413.
    frame_bytes = 256 * 1024;
    /// Most messages in one frame. Beyond: 4000.
    messages_per_frame = MESSAGES_PER_FRAME;
    /// Most operations in one `submit`. Beyond: `rate_limited`.
    ops_per_submit = 100;
    /// Most channels one connection may be subscribed to. Beyond: `too_many_subscriptions`.
    subscriptions = 128;
    /// Bytes that may wait for one connection. Beyond: 4010.
    connection_bytes = 4 * 1024 * 1024;
    /// Milliseconds within which `hello` has to come. Beyond: 4002.
    hello_ms = 5_000;
    /// Most entities on one board. Beyond: `board_full`.
    entities_per_board = ENTITIES_PER_BOARD;
    /// Largest board, in the bytes of its entities as [`crate::Entity::bytes`] counts them. Beyond: `board_full`.
    board_bytes = BOARD_BYTES;
    /// Most fields of an entity, removed ones included. Beyond: `too_large`.
    fields_per_entity = FIELDS_PER_ENTITY;
    /// Largest entity, in bytes of its fields' names and values as JSON. Beyond: `too_large`.
    entity_bytes = ENTITY_BYTES;
    /// Most levels of a value. Beyond: `too_large`.
    value_depth = VALUE_DEPTH;
    /// Largest value that a conflict tells, in bytes of JSON. Beyond: it is only named.
    conflict_value_bytes = CONFLICT_VALUE_BYTES;
    /// Most bytes of values that one conflict tells, as JSON. Beyond: the rest is only named.
    conflict_bytes = CONFLICT_BYTES;
    /// Most points in one `publish` or post. Beyond: `too_large`; over REST 413.
    points_per_publish = POINTS_PER_PUBLISH;
    /// Milliseconds by which a point may be ahead of the server's clock. Beyond: `bad_message`; over REST 400.
    future_ms = 5_000;
    /// Most points of the past that one subscribe brings. Beyond: fewer of each topic.
    history_points = 20_000;
    /// Most boards on which one connection may be present. Beyond: `too_large`.
    presences = PRESENCES;
    /// Largest state of one presence, in bytes of JSON. Beyond: `too_large`.
    presence_bytes = PRESENCE_BYTES;
    /// Most people told of on one board. Beyond: later ones are not told of.
    members_per_board = MEMBERS_PER_BOARD;
    /// Longest name of a user, in characters.
    user_chars = USER_CHARS;
    /// Longest title of a notification, in characters. Beyond: 400.
    title_chars = TITLE_CHARS;
    /// Longest body of a notification, in characters. Beyond: 400.
    body_chars = BODY_CHARS;
    /// Most events in one page of a board's past. Beyond: 400.
    events_per_page = EVENTS_PER_PAGE;
}

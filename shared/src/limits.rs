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

/// The limits that a server announces in `welcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireLimits {
    /// Largest frame a client may send, in bytes. A larger one closes the connection with 1009.
    pub frame_bytes: usize,
    /// Most operations in one `submit`.
    pub ops_per_submit: usize,
    /// Most channels one connection may be subscribed to.
    pub subscriptions: usize,
}

impl Default for WireLimits {
    /// 256 KiB, 100 operations, 128 subscriptions.
    fn default() -> Self {
        Self { frame_bytes: 256 * 1024, ops_per_submit: 100, subscriptions: 128 }
    }
}

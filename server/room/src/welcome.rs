//! First messages of a subscription: the missed events, or the board in parts.

use std::sync::Arc;

use tideboard_shared::{Channel, ClientId, Entity, Position, ServerMessage, limits, message::Snapshot};

use crate::{history::Logged, state::RoomState};

/// Most missed events in one `updates` message.
const EVENTS_PER_UPDATE: usize = 256;
/// About what an entity's id, kind and version take, and one field's mark of who changed it.
const ENTITY_OVERHEAD_BYTES: usize = 96;
const MARK_BYTES: usize = 64;

/// Positions that a subscriber says it knows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Whereabouts {
    /// Position of its board, to resume from.
    pub since: Option<Position>,
    /// Further positions, of which it knows without having the board.
    pub seen: Vec<Position>,
}

impl Whereabouts {
    /// All positions.
    pub(crate) fn positions(&self) -> impl Iterator<Item = &Position> {
        self.since.iter().chain(&self.seen)
    }
}

/// Part of the log that the state stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it, as it was when the question came: what is not there is in no log.
    End,
    /// Some of it: others may have written more.
    Open,
}

/// Way in which a subscriber catches up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Resume {
    /// Every event after its position; none when it is up to date.
    Recovered(Vec<Logged>),
    /// The whole board.
    Snapshot {
        /// At least one part, the last one marked.
        parts: Vec<Snapshot>,
        /// True if the subscriber's history is another one.
        is_reset: bool,
    },
}

/// The board split into parts of about [`limits::SNAPSHOT_PART_BYTES`].
pub(crate) fn parts(state: &RoomState, client: &ClientId) -> Vec<Snapshot> {
    let mut groups: Vec<Vec<Arc<Entity>>> = vec![Vec::new()];
    let mut bytes = 0;
    for entity in state.board().entities() {
        let more = entity.field_bytes() + entity.changed.len() * MARK_BYTES + ENTITY_OVERHEAD_BYTES;
        if bytes > 0 && bytes + more > limits::SNAPSHOT_PART_BYTES {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += more;
        if let Some(group) = groups.last_mut() {
            group.push(Arc::clone(entity));
        }
    }
    let count = groups.len();
    let part = |(index, entities)| Snapshot {
        board: state.id().clone(),
        epoch: state.epoch().clone(),
        seq: state.seq(),
        check: state.position().check,
        last_n: state.last_n(client),
        part: u32::try_from(index + 1).unwrap_or(u32::MAX),
        last: index + 1 == count,
        entities,
    };
    groups.into_iter().enumerate().map(part).collect()
}

/// The resume as the wire says it, in the order that it demands.
pub(crate) fn messages(state: &RoomState, resume: Resume) -> Vec<ServerMessage> {
    let mut messages = vec![ServerMessage::Subscribed {
        channel: Channel::Board(state.id().clone()).to_string(),
        at: Some(state.position()),
        recovered: matches!(resume, Resume::Recovered(_)),
        reset: matches!(resume, Resume::Snapshot { is_reset: true, .. }),
    }];
    match resume {
        Resume::Recovered(events) => {
            let updates = |events: &[Logged]| {
                let check = events.last()?.check;
                let events = events.iter().map(|logged| logged.event.clone()).collect();
                Some(ServerMessage::Updates { board: state.id().clone(), check, events })
            };
            messages.extend(events.chunks(EVENTS_PER_UPDATE).filter_map(updates));
        }
        Resume::Snapshot { parts, .. } => messages.extend(parts.into_iter().map(ServerMessage::Snapshot)),
    }
    messages
}

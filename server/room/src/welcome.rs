//! First messages of a subscription: the missed events, or the board in parts.

use std::sync::Arc;

use tideboard_shared::{
    Channel, ClientId, Entity, ServerMessage, limits,
    message::{Event, Snapshot},
};

use crate::state::RoomState;

/// Most missed events in one `updates` message.
const EVENTS_PER_UPDATE: usize = 256;

/// Way in which a subscriber catches up.
#[derive(Debug, Clone, PartialEq)]
pub enum Resume {
    /// Every event after its position; none when it is up to date.
    Recovered(Vec<Event>),
    /// The whole board: at least one part, the last one marked.
    Snapshot(Vec<Snapshot>),
}

/// The board split into parts of about [`limits::SNAPSHOT_PART_BYTES`].
pub(crate) fn parts(state: &RoomState, client: &ClientId) -> Vec<Snapshot> {
    let mut groups: Vec<Vec<Arc<Entity>>> = vec![Vec::new()];
    let mut bytes = 0;
    for entity in state.board().entities() {
        let more = state.board().bytes_of(&entity.id);
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
        epoch: state.epoch().clone(),
        seq: state.seq(),
        recovered: matches!(resume, Resume::Recovered(_)),
    }];
    match resume {
        Resume::Recovered(events) => messages.extend(
            events
                .chunks(EVENTS_PER_UPDATE)
                .map(|events| ServerMessage::Updates { board: state.id().clone(), events: events.to_vec() }),
        ),
        Resume::Snapshot(parts) => messages.extend(parts.into_iter().map(ServerMessage::Snapshot)),
    }
    messages
}

//! First messages of a reader (snapshot, history, missed events) while they wait for its socket.
//!
//! In: messages, and the budget that all connections share. Out: frames that are encoded one by one, each when its socket
//! takes it, away from the actor that made the message. Never: more bytes held than the budget; who comes then is told
//! to ask again later.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use tideboard_shared::{
    ServerMessage,
    message::{Event, Member},
};

use super::frame;

/// Bytes that every waiting frame takes beside its payload: its place in a queue and its own allocation.
pub(crate) const FRAME_OVERHEAD: usize = 128;

/// Budget of bytes that all connections of a server share.
#[derive(Debug, Clone)]
pub(crate) struct HeldBudget {
    limit: usize,
    used: Arc<AtomicUsize>,
}

/// Bytes taken from a [`HeldBudget`], given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    bytes: usize,
    used: Arc<AtomicUsize>,
}

/// Message that waits for its socket, not encoded yet.
#[derive(Debug)]
pub(crate) struct HeldMessage {
    message: ServerMessage,
    share: Share,
}

impl HeldBudget {
    /// Budget of `limit` bytes, none of them taken.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, used: Arc::default() }
    }

    /// Takes so many bytes, unless they would pass the limit.
    pub(crate) fn take(&self, bytes: usize) -> Option<Share> {
        let used = self.used.fetch_add(bytes, Ordering::Relaxed);
        // Dropped, and so given back, when it is too much.
        let share = Share { bytes, used: Arc::clone(&self.used) };
        (used + bytes <= self.limit).then_some(share)
    }

    /// Holds messages for a reader: all of them, or none when they would pass the limit.
    pub(crate) fn hold(&self, messages: Vec<ServerMessage>) -> Option<Vec<HeldMessage>> {
        messages
            .into_iter()
            .map(|message| self.take(held_bytes(&message)).map(|share| HeldMessage { message, share }))
            .collect()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl HeldMessage {
    /// Bytes that it takes while it waits.
    pub(crate) fn bytes(&self) -> usize {
        self.share.bytes
    }

    /// Frame for the socket.
    pub(crate) fn encode(self) -> Bytes {
        frame::message(&self.message)
    }
}

/// Bytes of memory that a message takes while it waits. Entities and operations are shared with their board, so only the
/// pointers to them count.
pub(crate) fn held_bytes(message: &ServerMessage) -> usize {
    let own = match message {
        ServerMessage::Snapshot(snapshot) => size_of_val(&snapshot.entities[..]),
        ServerMessage::Updates { events, .. } => {
            events.iter().map(|event| size_of::<Event>() + event.by.len()).sum::<usize>()
        }
        ServerMessage::Stream { points, .. } => size_of_val(&points[..]),
        ServerMessage::Outcomes(outcomes) => size_of_val(&outcomes.results[..]),
        ServerMessage::Presence { joined, .. } => joined.iter().map(member_bytes).sum(),
        ServerMessage::Welcome(_)
        | ServerMessage::Ready { .. }
        | ServerMessage::Subscribed { .. }
        | ServerMessage::Notification(_)
        | ServerMessage::Response(_)
        | ServerMessage::Denied { .. }
        | ServerMessage::Pong { .. }
        | ServerMessage::Draining { .. }
        | ServerMessage::Error { .. } => 0,
    };
    FRAME_OVERHEAD + own
}

/// Bytes of a member: the JSON of its state is about as large as the state in memory.
fn member_bytes(member: &Member) -> usize {
    let mut state = Counter(0);
    serde_json::to_writer(&mut state, &member.state).expect("a value can be written, and counting never fails");
    size_of::<Member>() + state.0
}

/// Writer that only counts.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::{Point, UnixMs};

    use super::*;

    fn history(points: usize) -> ServerMessage {
        ServerMessage::Stream {
            topic: "t".parse().unwrap(),
            points: vec![Point(UnixMs(1), 0.5); points],
            thinned: false,
        }
    }

    #[test]
    fn what_waits_is_bounded_for_all_readers_together_and_free_again_once_it_was_taken() {
        let budget = HeldBudget::new(held_bytes(&history(100)) * 2);
        let mut first = budget.hold(vec![history(100)]).unwrap();
        let second = budget.hold(vec![history(50), history(10)]).unwrap();
        assert!(budget.hold(vec![history(1), history(100)]).is_none(), "not even the part that there is room for");
        let frame = first.remove(0).encode();
        assert_eq!(frame, frame::message(&history(100)));
        assert!(budget.hold(vec![history(1), history(95)]).is_some());
        drop(second);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_members_state_counts_with_its_bytes() {
        let of = |chars| {
            let state = "x".repeat(chars).into();
            let member = Member { session: "s".into(), user: "u".into(), state };
            let board = "main".parse().unwrap();
            held_bytes(&ServerMessage::Presence { board, joined: vec![member], left: vec![], changed: vec![] })
        };
        assert_eq!(of(4_000) - of(0), 4_000);
    }
}

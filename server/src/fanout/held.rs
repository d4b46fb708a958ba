//! First messages of a reader (snapshot, history, missed events) while they wait for its socket.
//!
//! In: messages, and the budget that all connections share. Out: frames that are encoded one by one, each when its socket
//! takes it, away from the actor that made the message; a snapshot's entities once for all readers of one position. Never:
//! more bytes held than the budget; who comes then is told to ask again later.

use std::{
    io,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use tideboard_shared::{
    Entity, Epoch, Seq, ServerMessage,
    message::{Event, Member, Snapshot},
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
    /// A snapshot has its entities beside it.
    message: ServerMessage,
    entities: Option<Arc<Entities>>,
    share: Share,
}

/// Entities of one part of a snapshot, encoded when the first reader takes them.
#[derive(Debug)]
struct Entities {
    entities: Vec<Arc<Entity>>,
    items: OnceLock<(Bytes, Share)>,
    budget: HeldBudget,
}

/// Latest snapshot of a board, as long as somebody has not taken all of it.
#[derive(Debug, Default)]
pub(crate) struct SharedSnapshot {
    position: Option<(Epoch, Seq)>,
    parts: Vec<Weak<Entities>>,
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
    pub(crate) fn hold(&self, messages: Vec<ServerMessage>, snapshot: &mut SharedSnapshot) -> Option<Vec<HeldMessage>> {
        let hold = |mut message| {
            let share = self.take(held_bytes(&message))?;
            let entities = match &mut message {
                ServerMessage::Snapshot(part) => Some(snapshot.share(part, self)),
                _ => None,
            };
            Some(HeldMessage { message, entities, share })
        };
        messages.into_iter().map(hold).collect()
    }
}

impl SharedSnapshot {
    /// Takes the entities out of a part; those of an earlier reader at the same position, where they are still there.
    fn share(&mut self, part: &mut Snapshot, budget: &HeldBudget) -> Arc<Entities> {
        let position = (part.epoch.clone(), part.seq);
        if self.position.as_ref() != Some(&position) {
            self.position = Some(position);
            self.parts.clear();
        }
        let entities = std::mem::take(&mut part.entities);
        let index = part.part as usize;
        if let Some(known) = self.parts.get(index).and_then(Weak::upgrade) {
            return known;
        }
        let shared = Arc::new(Entities { entities, items: OnceLock::new(), budget: budget.clone() });
        if self.parts.len() <= index {
            self.parts.resize(index + 1, Weak::new());
        }
        self.parts[index] = Arc::downgrade(&shared);
        shared
    }
}

impl Entities {
    /// JSON of the entities, with commas between them. Kept for the next reader while the budget has room for it.
    fn items(&self) -> Bytes {
        if let Some((items, _)) = self.items.get() {
            return items.clone();
        }
        let list = serde_json::to_vec(&self.entities).expect("entities have string keys");
        let items = Bytes::from(list).slice(1..);
        let items = items.slice(..items.len() - 1);
        if let Some(share) = self.budget.take(items.len()) {
            // Another worker may have been as quick; one of both is kept.
            let _ = self.items.set((items.clone(), share));
        }
        items
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
        match self.entities {
            Some(entities) => frame::message_with_items(&self.message, &entities.items()),
            None => frame::message(&self.message),
        }
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
        let none = &mut SharedSnapshot::default();
        let mut first = budget.hold(vec![history(100)], none).unwrap();
        let second = budget.hold(vec![history(50), history(10)], none).unwrap();
        assert!(
            budget.hold(vec![history(1), history(100)], none).is_none(),
            "not even the part that there is room for"
        );
        let frame = first.remove(0).encode();
        assert_eq!(frame, frame::message(&history(100)));
        assert!(budget.hold(vec![history(1), history(95)], none).is_some());
        drop(second);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    fn snapshot(seq: u64, last_n: u64, parts: u32) -> Vec<ServerMessage> {
        let of = |part| {
            let entity = serde_json::json!({ "id": format!("e{part}"), "kind": "note", "version": seq, "fields": {}, "changed": {} });
            let snapshot = serde_json::json!({
                "type": "snapshot", "board": "main", "epoch": "e_1", "seq": seq, "last_n": last_n, "part": part,
                "last": part == parts, "entities": [entity.clone(), entity],
            });
            serde_json::from_value(snapshot).unwrap()
        };
        (1..=parts).map(of).collect()
    }

    #[test]
    fn entities_are_encoded_once_for_all_readers_of_a_position_and_each_gets_its_own_head() {
        let budget = HeldBudget::new(1_000_000);
        let mut shared = SharedSnapshot::default();
        let mut readers = Vec::new();
        for (seq, last_n) in [(7, 1), (7, 2), (8, 1)] {
            readers.push((snapshot(seq, last_n, 3), budget.hold(snapshot(seq, last_n, 3), &mut shared).unwrap()));
        }
        let entities = |reader: usize| readers[reader].1.iter().map(|held| held.entities.clone().unwrap());
        assert!(entities(0).zip(entities(1)).all(|(one, other)| Arc::ptr_eq(&one, &other)));
        assert!(!entities(0).zip(entities(2)).any(|(one, other)| Arc::ptr_eq(&one, &other)));
        let part = entities(1).next().unwrap();
        for (plain, held) in readers {
            for (message, held) in plain.iter().zip(held) {
                assert_eq!(held.encode(), frame::message(message));
            }
        }
        let kept = part.items();
        assert_eq!(budget.used.load(Ordering::Relaxed), kept.len(), "what is encoded counts while it is kept");
        assert_eq!(kept.as_ptr(), part.items().as_ptr());
        drop(part);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
        assert!(shared.parts.iter().all(|part| part.upgrade().is_none()));
    }

    #[test]
    fn what_there_is_no_room_to_keep_is_encoded_all_the_same() {
        let messages = snapshot(7, 1, 1);
        let budget = HeldBudget::new(held_bytes(&messages[0]));
        let held = budget.hold(messages.clone(), &mut SharedSnapshot::default()).unwrap().remove(0);
        let entities = held.entities.clone().unwrap();
        assert_eq!(held.encode(), frame::message(&messages[0]));
        assert!(entities.items.get().is_none());
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

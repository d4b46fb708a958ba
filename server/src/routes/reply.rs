//! Large replies, encoded a piece at a time as the client reads them.
//!
//! In: a value whose last field is a list, taken out of it. Out: the same JSON as one write would give. Never: more than a
//! piece of it in memory, however large the list and however slow the client; more held for all clients together than the
//! budget of what waits for readers.

use std::{convert::Infallible, vec};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    mime,
};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use tideboard_shared::{encode, message::Entities};

use super::problem::Problem;
use crate::fanout::held::{HeldBudget, Share};

/// Bytes after which a piece ends with the item at hand.
const PIECE_BYTES: usize = 32 * 1024;

/// Answers with `head`, whose last field is an empty list, filled with `items`, which take `item_bytes` while they wait.
///
/// # Errors
/// When too much waits for readers already.
pub(super) fn list<H: Serialize, T: Serialize + 'static>(
    held: &HeldBudget,
    head: &H,
    items: Vec<T>,
    item_bytes: usize,
) -> Result<HttpResponse, Problem> {
    let write = |item: &T, text: &mut Vec<u8>| {
        serde_json::to_writer(text, item).expect("messages have string keys");
    };
    answer(held, head, items, item_bytes, write)
}

/// Answers with `head`, whose last field is an empty list, filled with the entities of all groups. A group that has been
/// encoded for somebody else is not encoded again.
///
/// # Errors
/// When too much waits for readers already.
pub(super) fn groups<H: Serialize>(held: &HeldBudget, head: &H, groups: &[Entities]) -> Result<HttpResponse, Problem> {
    // Shared with the board, so only the pointers count.
    answer(held, head, groups.to_vec(), size_of_val(groups), |group, text| {
        text.extend_from_slice(group.items().as_bytes())
    })
}

fn answer<H: Serialize, T: 'static>(
    held: &HeldBudget,
    head: &H,
    items: Vec<T>,
    item_bytes: usize,
    write: fn(&T, &mut Vec<u8>),
) -> Result<HttpResponse, Problem> {
    let share = held.take(item_bytes).ok_or_else(|| {
        let detail = "too many replies wait to be read; try again later";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let mut pieces = Pieces::new(head, items, write, share);
    let first = pieces.next().unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, mime::APPLICATION_JSON));
    if pieces.is_done {
        return Ok(response.body(first));
    }
    let all = std::iter::once(first).chain(pieces).map(Ok::<_, Infallible>);
    Ok(response.streaming(stream::iter(all)))
}

/// JSON of a value, a piece at a time.
struct Pieces<T> {
    text: Vec<u8>,
    items: vec::IntoIter<T>,
    /// Adds an item's JSON.
    write: fn(&T, &mut Vec<u8>),
    is_first: bool,
    is_done: bool,
    _share: Share,
}

/// End of every such value, behind its list.
const TAIL: &str = "]}";

impl<T> Pieces<T> {
    fn new(head: &impl Serialize, items: Vec<T>, write: fn(&T, &mut Vec<u8>), share: Share) -> Self {
        let mut text = encode(head);
        let tail = text.split_off(text.len() - TAIL.len());
        assert_eq!(tail, TAIL, "the list is the last field, and empty");
        let (text, items) = (text.into_bytes(), items.into_iter());
        Self { text, items, write, is_first: true, is_done: false, _share: share }
    }
}

impl<T> Iterator for Pieces<T> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.is_done {
            return None;
        }
        let mut text = std::mem::take(&mut self.text);
        while text.len() < PIECE_BYTES {
            let Some(item) = self.items.next() else {
                text.extend_from_slice(TAIL.as_bytes());
                self.is_done = true;
                break;
            };
            if !std::mem::take(&mut self.is_first) {
                text.push(b',');
            }
            (self.write)(&item, &mut text);
        }
        Some(text.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tideboard_shared::{
        Board, Epoch, Seq,
        message::{BoardReply, EventsReply},
    };

    use super::*;

    fn write_text(item: &String, text: &mut Vec<u8>) {
        serde_json::to_writer(text, item).unwrap();
    }

    #[test]
    fn groups_of_entities_make_one_list() {
        let mut board = Board::default();
        for n in 1..=5 {
            let create = json!({"do": "create", "kind": "note", "fields": {"n": n}});
            let op = json!({"id": format!("a/{n}"), "entity": format!("e{n}"), "base": 0, "action": create});
            board.apply(&serde_json::from_value(op).unwrap(), Seq(n)).unwrap();
        }
        let all: Vec<_> = board.entities().cloned().collect();
        let head =
            BoardReply { board: "main".parse().unwrap(), epoch: Epoch::from("e"), seq: Seq(5), entities: vec![] };
        for groups in [vec![Entities::from(vec![])], all.chunks(2).map(|group| group.to_vec().into()).collect()] {
            let share = HeldBudget::new(0).take(0).unwrap();
            let entities = groups.iter().flat_map(|group: &Entities| group.iter().cloned()).collect();
            let write: fn(&Entities, &mut Vec<u8>) = |group, text| text.extend_from_slice(group.items().as_bytes());
            let pieces: Vec<_> = Pieces::new(&head, groups, write, share).collect();
            let whole = BoardReply { entities, ..head.clone() };
            assert_eq!(serde_json::from_slice::<BoardReply>(&pieces.concat()).unwrap(), whole);
        }
    }

    #[test]
    fn pieces_are_small_and_together_what_one_write_gives() {
        let head =
            EventsReply { board: "main".parse().unwrap(), epoch: Epoch::from("e"), oldest: Seq(1), events: vec![] };
        for count in [0, 1, 2, 10_000] {
            let items: Vec<_> = (0..count).map(|n| format!("{n:0100}")).collect();
            let share = HeldBudget::new(0).take(0).unwrap();
            let pieces: Vec<_> = Pieces::new(&head, items.clone(), write_text, share).collect();
            assert!(pieces.iter().all(|piece| piece.len() < PIECE_BYTES + 200));
            assert_eq!(pieces.len() > 1, count > 1_000);
            let mut whole = serde_json::to_value(&head).unwrap();
            whole["events"] = items.into();
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&pieces.concat()).unwrap(), whole);
        }
    }
}

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
use tideboard_shared::encode;

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
    let share = held.take(item_bytes).ok_or_else(|| {
        let detail = "too many replies wait to be read; try again later";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let mut pieces = Pieces::new(head, items, share);
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
    is_first: bool,
    is_done: bool,
    _share: Share,
}

/// End of every such value, behind its list.
const TAIL: &str = "]}";

impl<T> Pieces<T> {
    fn new(head: &impl Serialize, items: Vec<T>, share: Share) -> Self {
        let mut text = encode(head);
        let tail = text.split_off(text.len() - TAIL.len());
        assert_eq!(tail, TAIL, "the list is the last field, and empty");
        Self { text: text.into_bytes(), items: items.into_iter(), is_first: true, is_done: false, _share: share }
    }
}

impl<T: Serialize> Iterator for Pieces<T> {
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
            serde_json::to_writer(&mut text, &item).expect("messages have string keys");
        }
        Some(text.into())
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::{Epoch, Seq, message::EventsReply};

    use super::*;

    #[test]
    fn pieces_are_small_and_together_what_one_write_gives() {
        let head =
            EventsReply { board: "main".parse().unwrap(), epoch: Epoch::from("e"), oldest: Seq(1), events: vec![] };
        for count in [0, 1, 2, 10_000] {
            let items: Vec<_> = (0..count).map(|n| format!("{n:0100}")).collect();
            let share = HeldBudget::new(0).take(0).unwrap();
            let pieces: Vec<_> = Pieces::new(&head, items.clone(), share).collect();
            assert!(pieces.iter().all(|piece| piece.len() < PIECE_BYTES + 200));
            assert_eq!(pieces.len() > 1, count > 1_000);
            let mut whole = serde_json::to_value(&head).unwrap();
            whole["events"] = items.into();
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&pieces.concat()).unwrap(), whole);
        }
    }
}

//! Log of the frames that passed between the page and the server.

use std::{collections::VecDeque, rc::Rc};

use serde_json::Value;
use tideboard_shared::UnixMs;

/// Most frames kept; the oldest are dropped first.
const MOST_FRAMES: usize = 1_000;
/// Most bytes of text kept of all frames together; the oldest are dropped first.
const MOST_BYTES: usize = 4 << 20;
/// Most bytes of text kept of one frame; the rest is left out.
const MOST_OF_ONE: usize = 64 << 10;

/// Frame, or another event between the page and the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Number of the frame, counted from 1.
    pub(crate) no: u64,
    /// Time by the user's clock.
    pub(crate) at: UnixMs,
    pub(crate) direction: Direction,
    /// Types of its messages, or the name of the event.
    pub(crate) kind: String,
    /// Size of the whole text, in bytes.
    pub(crate) bytes: usize,
    pub(crate) fate: Fate,
    /// Text, or as much of it as is kept.
    pub(crate) text: String,
}

impl Frame {
    /// Tells whether part of the text was left out.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.text.len() < self.bytes
    }
}

/// Direction in which a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the page.
    In,
    /// To the server.
    Out,
}

/// Fate of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Passed at once.
    Passed,
    /// Held back before it passed.
    Delayed,
    /// Lost on purpose.
    Dropped,
}

/// Log of recent frames.
#[derive(Debug, Default)]
pub(super) struct FrameLog {
    frames: VecDeque<Rc<Frame>>,
    bytes: usize,
    last_no: u64,
}

impl FrameLog {
    /// Notes a frame; a missing `kind` is read from it.
    pub(super) fn note(&mut self, at: UnixMs, direction: Direction, fate: Fate, kind: Option<String>, text: &str) {
        self.last_no += 1;
        let kind = kind.unwrap_or_else(|| kind_of(text));
        let kept = &text[..text.floor_char_boundary(MOST_OF_ONE)];
        let frame = Frame { no: self.last_no, at, direction, kind, bytes: text.len(), fate, text: kept.to_owned() };
        self.bytes += frame.text.len();
        self.frames.push_back(frame.into());
        while self.frames.len() > MOST_FRAMES || self.bytes > MOST_BYTES {
            self.bytes -= self.frames.pop_front().map_or(0, |frame| frame.text.len());
        }
    }

    /// Number of the newest frame, which changes with every frame.
    pub(super) fn last_no(&self) -> u64 {
        self.last_no
    }

    /// Frames kept, oldest first.
    pub(super) fn frames(&self) -> Vec<Rc<Frame>> {
        self.frames.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }
}

/// Types of the messages in a frame: `stream`, or of several messages `stream ×3, pong`.
fn kind_of(text: &str) -> String {
    let messages = match serde_json::from_str(text) {
        Ok(Value::Array(messages)) => messages,
        Ok(message) => vec![message],
        Err(_) => return "unreadable".to_owned(),
    };
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for kind in messages.iter().map(|message| message["type"].as_str().unwrap_or("no type")) {
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let word =
        |(kind, count): &(&str, usize)| if *count == 1 { (*kind).to_owned() } else { format!("{kind} ×{count}") };
    kinds.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn note(log: &mut FrameLog, text: &str) {
        log.note(UnixMs(1), Direction::In, Fate::Passed, None, text);
    }

    #[test]
    fn a_frame_is_named_after_its_messages() {
        assert_eq!(kind_of(r#"{"type":"pong","t":1}"#), "pong");
        assert_eq!(kind_of(r#"[{"type":"stream"},{"type":"pong"},{"type":"stream"}]"#), "stream ×2, pong");
        assert_eq!(kind_of(r#"{"t":1}"#), "no type");
        assert_eq!(kind_of("{"), "unreadable");
    }

    #[test]
    fn no_more_frames_are_kept_than_may() {
        let mut log = FrameLog::default();
        (0..MOST_FRAMES + 5).for_each(|_| note(&mut log, "{}"));
        let frames = log.frames();
        assert_eq!((frames.len(), frames[0].no, log.last_no()), (MOST_FRAMES, 6, MOST_FRAMES as u64 + 5));
    }

    #[test]
    fn no_more_text_is_kept_than_may_of_one_or_of_all() {
        let mut log = FrameLog::default();
        let long = "ü".repeat(MOST_OF_ONE);
        (0..100).for_each(|_| note(&mut log, &long));
        let frames = log.frames();
        assert!(frames.iter().all(|frame| frame.text.len() == MOST_OF_ONE && frame.is_cut_short()));
        assert_eq!((frames.len(), frames[0].bytes), (MOST_BYTES / MOST_OF_ONE, 2 * MOST_OF_ONE));
        log.clear();
        assert!(log.frames().is_empty() && log.bytes == 0);
    }
}

use std::task::Waker;

use futures_util::stream;
use proptest::prelude::*;

use super::*;

/// A frame as clients send it.
pub(in crate::session) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..=125 => frame.push(0x80 | len as u8),
        len @ 126..=0xFFFF => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

pub(in crate::session) type Chunks = stream::Iter<std::vec::IntoIter<Result<Bytes, PayloadError>>>;

/// The bytes as they might come, in chunks of these sizes.
pub(in crate::session) fn chunks(bytes: &[u8], sizes: &[usize]) -> Chunks {
    let mut chunks = Vec::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (chunk, later) = rest.split_at((*size).min(rest.len()));
        chunks.push(Ok(Bytes::copy_from_slice(chunk)));
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    stream::iter(chunks)
}

struct Passed {
    /// Bytes that the parser gets each time it reads on until there is nothing.
    frames: Vec<Vec<u8>>,
    error: Option<FrameError>,
    guard: Rc<RefCell<Guard<Chunks>>>,
}

fn pass(limit: usize, source: Chunks) -> Passed {
    let guard = Rc::new(RefCell::new(Guard::new(source, limit)));
    let mut guarded = Guarded(Rc::clone(&guard));
    let mut context = Context::from_waker(Waker::noop());
    let mut frames = vec![Vec::new()];
    loop {
        match guarded.poll_next_unpin(&mut context) {
            Poll::Ready(Some(Ok(bytes))) => frames.last_mut().unwrap().extend(bytes),
            Poll::Pending => frames.push(Vec::new()),
            Poll::Ready(Some(Err(_)) | None) => break,
        }
    }
    let error = guard.borrow_mut().take_error();
    Passed { frames: frames.into_iter().filter(|frame| !frame.is_empty()).collect(), error, guard }
}

#[test]
fn of_a_frame_over_the_limit_nothing_passes() {
    let good = frame(0x81, b"Hello!");
    let large = frame(0x81, b"Hello!!");
    for size in [1, 2, 9, 1_000] {
        let passed = pass(6, chunks(&[&good[..], &large].concat(), &[size]));
        assert_eq!((passed.frames, passed.error), (vec![good.clone()], Some(FrameError::TooLarge(6))));
    }
    assert_eq!(pass(7, chunks(&large, &[3])).frames, [large]);
}

#[test]
fn the_header_is_enough_to_refuse_a_frame() {
    for first in [0x81, 0x82, 0x01] {
        let header = [first, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        let passed = pass(6, chunks(&header, &[4]));
        assert_eq!((passed.frames.len(), passed.error), (0, Some(FrameError::TooLarge(6))));
    }
    // The parser would wait for all of it.
    let ping = [0x89, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    assert!(matches!(pass(6, chunks(&ping, &[4])).error, Some(FrameError::Protocol(_))));
}

#[test]
fn fragments_over_the_limit_together_are_too_large() {
    let parts = [frame(0x01, b"Hel"), frame(0x89, b"ping"), frame(0x00, b"lo"), frame(0x80, b"!")];
    let bytes = parts.concat();
    assert_eq!(pass(6, chunks(&bytes, &[5])).frames, parts);
    let passed = pass(5, chunks(&bytes, &[5]));
    assert_eq!((passed.frames, passed.error), (parts[..3].to_vec(), Some(FrameError::TooLarge(5))));
}

#[test]
fn the_goodbye_after_a_frame_that_was_too_large_is_heard() {
    let large = [frame(0x81, &[b'x'; 100_000]), frame(0x81, &[b'x'; 70_000]), frame(0x81, b"more")].concat();
    let close = frame(0x88, &1009_u16.to_be_bytes());
    let after = frame(0x81, b"late");
    let passed = pass(6, chunks(&[&large[..], &close, &after].concat(), &[50_000]));
    assert_eq!(passed.error, Some(FrameError::TooLarge(6)));
    let mut context = Context::from_waker(Waker::noop());
    let mut guard = passed.guard.borrow_mut();
    assert!(guard.poll_close(&mut context).is_ready());
    assert_eq!(guard.waiting, after, "nothing after the goodbye was taken");
}

#[test]
fn the_parsers_buffer_is_replaced_between_frames() {
    let source = chunks(&frame(0x81, b"Hello!"), &[100]);
    let mut guarded = Guarded(Rc::new(RefCell::new(Guard::new(source, 100))));
    let mut context = Context::from_waker(Waker::noop());
    let mut poll = || guarded.poll_next_unpin(&mut context);
    assert!(matches!(poll(), Poll::Ready(Some(Ok(bytes))) if bytes.len() == 12));
    assert!(poll().is_pending());
    assert!(matches!(poll(), Poll::Ready(Some(Ok(bytes))) if bytes.is_empty()));
    assert!(matches!(poll(), Poll::Ready(None)));
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_passes_the_same_frames(
        lens in prop::collection::vec(0_usize..70_000, 1..6), cuts in prop::collection::vec(1_usize..9_000, 1..20),
    ) {
        let frames: Vec<_> = lens.iter().map(|len| frame(0x81, &vec![b'x'; *len])).collect();
        prop_assert_eq!(pass(70_000, chunks(&frames.concat(), &cuts)).frames, frames);
    }

    #[test]
    fn no_bytes_make_it_panic_or_pass_more_than_came(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let passed = pass(100, chunks(&bytes, &[7]));
        prop_assert!(bytes.starts_with(&passed.frames.concat()));
        let mut context = Context::from_waker(Waker::noop());
        prop_assert!(passed.guard.borrow_mut().poll_close(&mut context).is_ready());
    }
}

use proptest::prelude::*;

use super::*;

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
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
    frame.extend(mask);
    let at = frame.len();
    frame.extend(payload);
    unmask(&mut frame[at..], mask);
    frame
}

fn text_frame(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

fn decoder(limit: usize, bytes: Vec<u8>) -> Decoder {
    let mut decoder = Decoder::new(limit);
    decoder.feed(bytes.into());
    decoder
}

#[test]
fn fragments_make_one_message_and_control_frames_may_come_between() {
    let mut bytes = frame(0x01, b"Hel");
    bytes.extend(frame(0x89, b"?"));
    bytes.extend(frame(0x00, b"lo"));
    bytes.extend(frame(0x80, b"!"));
    let mut decoder = decoder(6, bytes);
    assert_eq!(decoder.next(), Ok(Some(Inbound::Ping(Bytes::from_static(b"?")))));
    assert_eq!(decoder.next(), Ok(Some(Inbound::Text("Hello!".into()))));
    assert_eq!(decoder.next(), Ok(None));
}

#[test]
fn a_frame_over_the_limit_is_known_by_its_header() {
    let whole = text_frame(&"x".repeat(7));
    assert_eq!(decoder(6, whole[..6].to_vec()).next(), Err(Broken::TooLarge(6)));
    let huge = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];
    assert_eq!(decoder(6, huge.to_vec()).next(), Err(Broken::TooLarge(6)));
    assert_eq!(decoder(7, whole).next(), Ok(Some(Inbound::Text("xxxxxxx".into()))));
}

#[test]
fn fragments_over_the_limit_together_are_too_large() {
    let mut bytes = frame(0x01, b"Hello");
    bytes.extend(frame(0x80, b"!!"));
    assert_eq!(decoder(6, bytes).next(), Err(Broken::TooLarge(6)));
}

#[test]
fn the_goodbye_after_a_frame_that_was_too_large_is_heard() {
    let mut bytes = text_frame(&"x".repeat(100_000));
    bytes.extend(text_frame("more"));
    bytes.extend(frame(0x88, &1009_u16.to_be_bytes()));
    let mut decoder = Decoder::new(6);
    decoder.feed(Bytes::copy_from_slice(&bytes[..50_000]));
    assert_eq!(decoder.next(), Err(Broken::TooLarge(6)));
    decoder.deafen();
    assert_eq!(decoder.next(), Ok(None));
    decoder.feed(Bytes::copy_from_slice(&bytes[50_000..]));
    assert_eq!(decoder.next(), Ok(Some(Inbound::Close(Some(1009)))));
}

#[test]
fn breaches_are_named() {
    let mut unmasked = text_frame("x");
    unmasked[1] &= 0x7F;
    for (bytes, named) in [
        (unmasked, "mask"),
        (frame(0xC1, b"x"), "reserved"),
        (frame(0x80, b"x"), "continuation"),
        (frame(0x83, b"x"), "opcode"),
        (frame(0x09, b"x"), "control"),
        (frame(0x89, &[b'x'; 126]), "control"),
    ] {
        let error = decoder(1_000, bytes).next().unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    assert_eq!(decoder(9, frame(0x81, &[0xFF])).next(), Err(Broken::NotUtf8));
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_gives_the_same_messages(
        texts in prop::collection::vec(".{0,200}", 0..6), cuts in prop::collection::vec(1_usize..40, 1..200),
    ) {
        let bytes: Vec<u8> = texts.iter().flat_map(|text| text_frame(text)).collect();
        let (mut decoder, mut got, mut rest) = (Decoder::new(4_000), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            decoder.feed(Bytes::copy_from_slice(now));
            while let Some(inbound) = decoder.next().unwrap() {
                got.push(inbound);
            }
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(got, texts.into_iter().map(Inbound::Text).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut decoder = decoder(100, bytes);
        while let Ok(Some(_)) = decoder.next() {}
        decoder.deafen();
        while let Ok(Some(_)) = decoder.next() {}
    }
}

//! Reading what the server sends.

use std::hint::black_box;

use serde_json::Value;
use tideboard_shared::decode_server;

use crate::{
    server::Server,
    table::{Table, Variant},
};

/// So many entities make a snapshot of 61 KB.
const ENTITIES: usize = 278;

pub(crate) fn measure(table: &mut Table<'_>) {
    let times = table.scale.of(200);
    let variants = [1, 16, 256].map(|per_frame| Variant {
        label: format!("{per_frame} to a frame"),
        items: 256 * times,
        input: Server::new(1_000).scattered_updates(256, per_frame),
    });
    table.compare("Decoding updates", "update", &variants, Clone::clone, |frames| {
        for _ in 0..times {
            frames.iter().for_each(|frame| typed(frame));
        }
        frames
    });

    let snapshot = Server::new(ENTITIES).whole_board().pop().expect("a snapshot");
    let title = format!("Decoding a snapshot of {:.0} KB", snapshot.len() as f64 / 1e3);
    let way = |label: &str, input: fn(&str)| Variant { label: label.into(), items: times, input };
    let variants = [way("as plain JSON", plain), way("as a message", typed)];
    table.compare(&title, "snapshot", &variants, Clone::clone, |way| {
        (0..times).for_each(|_| way(&snapshot));
        way
    });
}

fn typed(frame: &str) {
    let messages = decode_server(frame).expect("a sound frame");
    black_box(messages).into_iter().for_each(|message| drop(message.expect("a sound message")));
}

fn plain(frame: &str) {
    let value: Value = serde_json::from_str(frame).expect("sound JSON");
    drop(black_box(value));
}

//! Uses all of the engine, so that its wasm holds all of it: `cargo xtask lint` looks at what that imports and links.
//!
//! Every call that changes an engine is linked by replaying a recording, every reading one by the [`Reader`].

use std::hint::black_box;

use tideboard_engine::{
    Choice, DeliveryId, EditId, Engine, Identity, MemoryOutbox, Output, PlanId, Reader,
    devtools::{Functions, Recording},
};
use tideboard_shared::{BoardId, Channel};

fn main() {
    // Nobody can tell before it runs that this is no recording.
    let replayed = Recording::from_json(black_box("{}")).map(|recording| recording.replay(&Functions::default()));
    let (mut engine, outputs) = match replayed {
        Ok(replay) => (replay.engine, replay.outputs),
        Err(error) => {
            black_box(error.to_string());
            (made(), Vec::new())
        }
    };
    let mut outbox = MemoryOutbox::default();
    for output in outputs.into_iter().chain(std::iter::from_fn(|| engine.poll_output())).collect::<Vec<_>>() {
        if let Output::Store(request) = output {
            black_box(outbox.handle(request));
        }
    }
    read(&engine);
    black_box(engine.recording().map(|recording| serde_json::to_string(&recording).map(|text| text.len())).is_some());
}

/// An engine with settings from everywhere.
fn made() -> Engine {
    let config = serde_json::from_str(black_box("{}")).unwrap_or_default();
    let (Ok(client), Ok(tab)) = ("client".parse(), "tab".parse()) else { unreachable!("both are names") };
    Engine::new(config, Identity { client, tab, schema: 1, token: None, seed: black_box(1) })
}

fn read(engine: &Engine) {
    let (Ok(board), Ok(topic)) = (black_box("main").parse::<BoardId>(), "topic".parse()) else { return };
    let reader = Reader::new(engine);
    let entity = "entity".into();
    black_box((reader.config(), reader.timelines(), reader.connection(), reader.sync(), reader.board(&board)));
    black_box((
        reader.entity(&board, &entity),
        reader.confirmed(&board, &entity),
        reader.entities(&board, "kind"),
        reader.all_entities(&board),
    ));
    black_box(reader.preview(EditId(black_box(1)), &Choice::Mine).is_ok());
    black_box((reader.stream(&topic), reader.notices(), reader.conflicts(), reader.pending_edits(), reader.refused()));
    black_box((reader.can_undo_redo(&board), reader.channel(&Channel::Board(board.clone())), reader.channels()));
    black_box((reader.plan(PlanId(1)), reader.delivery(DeliveryId(1)), reader.requests()));
    black_box((reader.presence(&board), reader.notifications()));
    black_box(reader.into_reads());
    black_box((engine.timeline(EditId(1)), engine.confirmed_board(&board), engine.next_check()));
}

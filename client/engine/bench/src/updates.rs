//! Changes by others, on a board with and without edits of one's own that wait.

use tideboard_engine::Edit;

use crate::{
    page::{Page, Ui},
    server::{Server, entity, main_board, set},
    table::{Table, Variant},
};

const PENDING: [usize; 3] = [0, 10, 100];

pub(crate) fn measure(table: &mut Table<'_>) {
    let size = table.scale.of(10_000);
    let n = table.scale.of(10_000);
    let board = Server::new(size).whole_board();
    for per_frame in [1, 16, 256] {
        let frames = Server::new(size).scattered_updates(n, per_frame);
        let variants = PENDING.map(|pending| Variant { label: format!("{pending} pending"), items: n, input: pending });
        table.compare(
            &format!("{n} updates on {size} entities, {per_frame} to a frame"),
            "update",
            &variants,
            |pending| (with_pending(&board, Ui::Reads, *pending, entity), frames.clone()),
            received,
        );
    }
    let hot = |i| (entity(0), set("value", i as f64 + 0.5));
    let frames = Server::new(size).updates((0..n).map(hot), 16);
    let variants = PENDING.map(|pending| Variant { label: format!("{pending} pending"), items: n, input: pending });
    table.compare(
        &format!("{n} updates of one entity, 16 to a frame, with all pending edits on it"),
        "update",
        &variants,
        |pending| (with_pending(&board, Ui::Reads, *pending, |_| entity(0)), frames.clone()),
        received,
    );
}

/// A live page with edits that the server has not answered.
pub(crate) fn with_pending(
    board: &[String],
    ui: Ui,
    pending: usize,
    of: impl Fn(usize) -> tideboard_shared::EntityId,
) -> Page {
    let mut page = Page::on_board(board, ui);
    for i in 0..pending {
        page.apply(Edit::new(main_board(), of(i), set("title", format!("mine {i}"))));
    }
    page
}

fn received((mut page, frames): (Page, Vec<String>)) -> (Page, Vec<String>) {
    page.receive(frames);
    (page, Vec::new())
}

//! Reading one entity, on boards of all sizes.

use std::hint::black_box;

use tideboard_shared::EntityId;

use crate::{
    page::{Page, Ui},
    server::{NOTES, Server, entity, main_board},
    table::{Table, Variant},
    updates::with_pending,
};

/// Different entities that are read in turns.
const WATCHED: usize = 50;
const PENDING: [usize; 3] = [0, 10, 100];

pub(crate) fn measure(table: &mut Table<'_>) {
    let reads = table.scale.of(200_000);
    let sizes = [100, 1_000, 10_000, 50_000].map(|n| table.scale.of(n).max(WATCHED));
    let pages = sizes.map(|size| Page::on_board(&Server::new(size).whole_board(), Ui::None));
    let variants: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(i, size)| Variant { label: format!("{size} entities"), items: reads, input: (i, *size) })
        .collect();
    table.compare(
        "Reading one entity of a board",
        "read",
        &variants,
        |(i, size)| (&pages[*i], (0..WATCHED).map(|place| entity(place * size / WATCHED)).collect::<Vec<_>>()),
        |(page, ids)| read(page, ids, reads),
    );

    let lists = table.scale.of(200);
    let variants: Vec<_> = variants.into_iter().map(|variant| Variant { items: lists, ..variant }).collect();
    table.compare(
        &format!("Reading the {NOTES} entities of one kind of a board"),
        "list",
        &variants,
        |(i, _)| &pages[*i],
        |page| {
            (0..lists).for_each(|_| drop(black_box(page.engine.entity_views(&main_board(), "note"))));
            page
        },
    );

    let board = Server::new(sizes[2]).whole_board();
    let pages = PENDING.map(|pending| with_pending(&board, Ui::None, pending, |_| entity(0)));
    let variants: Vec<_> = PENDING
        .iter()
        .enumerate()
        .map(|(i, pending)| Variant { label: format!("{pending} pending on it"), items: reads, input: i })
        .collect();
    table.compare(
        &format!("Reading one entity of a board of {}", sizes[2]),
        "read",
        &variants,
        |i| (&pages[*i], vec![entity(0)]),
        |(page, ids)| read(page, ids, reads),
    );
}

fn read(page: &Page, ids: Vec<EntityId>, times: usize) -> (&Page, Vec<EntityId>) {
    let board = main_board();
    for id in ids.iter().cycle().take(times) {
        black_box(page.engine.entity_view(&board, id));
    }
    (page, ids)
}

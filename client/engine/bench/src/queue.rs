//! Edits made offline: queued, read from disk by the next page, sent, answered, all settled.

use tideboard_engine::Edit;
use tideboard_shared::EntityId;

use crate::{
    page::{Page, Ui},
    server::{Server, entity, main_board, set},
    table::{Table, Variant},
};

const ENTITIES: usize = 2_000;
/// As many as the server takes in one submit.
const PER_FRAME: usize = 100;

struct Case {
    board: Vec<String>,
    edits: Vec<Edit>,
    /// Server's frames, one for each submit in turn.
    answers: Vec<String>,
}

struct Run<'a> {
    case: &'a Case,
    page: Page,
}

pub(crate) fn measure(table: &mut Table<'_>) {
    let sizes = [2_500, 5_000, 10_000, 20_000].map(|n| table.scale.of(n));
    // As many on each entity, however many there are.
    compare(table, "of all entities, 10 each", &sizes, |i, n| entity(i % n.div_ceil(10)));
    compare(table, "of one entity", &sizes, |_, _| entity(0));
}

fn compare(table: &mut Table<'_>, how: &str, sizes: &[usize], of: impl Fn(usize, usize) -> EntityId) {
    let variant = |n: &usize| Variant { label: format!("{n} edits"), items: *n, input: Case::new(*n, &of) };
    let variants: Vec<_> = sizes.iter().map(variant).collect();
    table.compare(
        &format!("Edits {how}: made offline, read from disk, sent, answered"),
        "edit",
        &variants,
        |case| {
            let mut page = Page::on_board(&case.board, Ui::Reads);
            page.go_offline();
            Run { case, page }
        },
        Run::finish,
    );
}

impl Case {
    fn new(n: usize, of: &impl Fn(usize, usize) -> EntityId) -> Self {
        let changes = || (0..n).map(|i| (of(i, n), set("title", format!("offline {i}"))));
        let edits = changes().map(|(entity, action)| Edit::new(main_board(), entity, action)).collect();
        let mut server = Server::new(ENTITIES);
        Self { board: server.whole_board(), edits, answers: server.answers(changes(), PER_FRAME) }
    }
}

impl Run<'_> {
    fn finish(mut self) -> Self {
        for edit in &self.case.edits {
            self.page.apply(edit.clone());
        }
        let disk = std::mem::take(&mut self.page.disk);
        assert_eq!(disk.len(), self.case.edits.len(), "every edit is on the disk");
        self.page = Page::load(disk, Ui::Reads);
        self.page.go_live(&self.case.board);
        self.page.receive(self.case.answers.iter().cloned());
        assert!(self.page.disk.is_empty(), "every edit is settled");
        assert_eq!(self.page.engine.sync_view().pending, 0, "nothing waits");
        self
    }
}

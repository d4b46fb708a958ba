//! Work that grows with the number of waiting edits, counted instead of timed. Times are in `docs/benchmarks.md`.

use super::*;
use crate::config::{bytes, count};

/// As many as the server takes in one submit.
const PER_SUBMIT: usize = 100;

/// Work of a queue of edits from its first to its end.
#[derive(Debug, Default)]
struct Work {
    outputs: usize,
    output_bytes: usize,
    store_requests: usize,
    /// Runs of an edit on top of an entity.
    runs: usize,
}

impl Work {
    fn of(benches: &[&Bench]) -> Self {
        let logs = || benches.iter().flat_map(|bench| &bench.log);
        Self {
            outputs: logs().count(),
            output_bytes: logs().map(String::len).sum(),
            store_requests: logs().filter(|output| output.starts_with("Store(")).count(),
            runs: benches.iter().map(|bench| bench.engine.edits.runs()).sum(),
        }
    }

    fn per_edit(&self, n: usize) -> [f64; 4] {
        [self.outputs, self.output_bytes, self.store_requests, self.runs].map(|work| work as f64 / n as f64)
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.optimistic.max_pending = count(10_000);
    config.sync.max_outbox_bytes = bytes(100_000_000);
    config
}

fn name(i: usize) -> String {
    format!("e{i:04}")
}

fn follow(bench: &mut Bench, entities: usize) {
    bench.follow();
    let entities = (0..entities).map(|i| entity(&name(i), json!({"title": "old"}))).collect();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, entities)]);
}

/// A page that has lost its connection after it had loaded a board.
fn offline(entities: usize) -> Bench {
    let mut bench = Bench::with(config());
    bench.go_live();
    follow(&mut bench, entities);
    bench.input(Input::Online(false));
    bench
}

/// `n` edits, 10 of each entity, made offline, read from disk by the next page, sent, answered, settled. Whatever has
/// changed is read, as a UI does.
fn queue_of(n: usize) -> Work {
    let entities = n / 10;
    let mut before = offline(entities);
    for i in 0..n {
        before.apply(edit(&name(i % entities), set("title", i)));
        let view = before.engine.entity_view(&main(), &name(i % entities).into()).unwrap();
        assert_eq!(view.entity.fields["title"], json!(i));
    }

    let mut bench = Bench::on_disk(config(), 2, std::mem::take(&mut before.disk));
    assert_eq!(bench.disk.len(), n);
    bench.go_live();
    follow(&mut bench, entities);
    let numbers: Vec<usize> = (1..=n).collect();
    for numbers in numbers.chunks(PER_SUBMIT) {
        let results = numbers.iter().map(|n| OpResult {
            id: format!("me/{n}").parse().unwrap(),
            outcome: Outcome::Applied { seq: Seq(40 + *n as u64), durability: Durability::Fsynced },
        });
        let event = |n: &usize| {
            let action = set("title", n - 1);
            (40 + *n as u64, op(&format!("me/{n}"), &name((n - 1) % entities), action))
        };
        let results = results.collect();
        bench.receive(&[
            ServerMessage::Outcomes(Outcomes { board: main(), at: Some(at(200)), results }),
            updates(numbers.iter().map(event).collect()),
        ]);
        for n in numbers {
            assert!(bench.engine.entity_view(&main(), &name((n - 1) % entities).into()).is_some());
        }
    }
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Synced);
    assert!(bench.disk.is_empty());
    assert_eq!(bench.ended.len(), n);
    Work::of(&[&before, &bench])
}

#[test]
fn ten_thousand_pending_cost_linear_time() {
    let few = queue_of(2_500);
    let many = queue_of(10_000);
    // Four times as many edits, and names and numbers of up to one digit more.
    for (few, many) in few.per_edit(2_500).into_iter().zip(many.per_edit(10_000)) {
        assert!(many <= few * 1.05, "{few} and {many} per edit");
    }
    // Every edit is stored once and settled once.
    assert!(many.store_requests <= 2 * 10_000 + 2, "{many:?}");
}

#[test]
fn each_edit_of_a_long_queue_on_one_entity_is_run_once_while_nothing_else_changes() {
    let mut bench = offline(1);
    for i in 0..10_000 {
        bench.apply(edit(&name(0), set("title", i)));
        assert_eq!(bench.engine.entity_view(&main(), &name(0).into()).unwrap().pending, i + 1);
    }
    assert_eq!(Work::of(&[&bench]).runs, 10_000);
}

#[test]
fn what_is_kept_of_an_entity_is_never_older_than_its_edits() {
    let mut bench = note();
    let sent = bench.apply(edit("n", set("title", "a")));
    let waiting = bench.apply(edit("n", add(1)));
    let both = |bench: &Bench| (shown(bench, "title"), shown(bench, "count"));
    assert_eq!(both(&bench), (json!("a"), json!(11)));
    assert_eq!(bench.engine.rollback(waiting, bench.now), Ok(crate::Rollback::Removed));
    assert_eq!(both(&bench), (json!("a"), json!(10)));
    bench.receive(&[updates(vec![(41, op("them/1", "n", add(5)))])]);
    assert_eq!(both(&bench), (json!("a"), json!(15)));
    assert_eq!(bench.engine.rollback(sent, bench.now), Ok(crate::Rollback::Reverting));
    assert_eq!(both(&bench), (json!("old"), json!(15)));
}

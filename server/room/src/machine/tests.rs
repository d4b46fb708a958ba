use serde_json::json;
use tideboard_shared::{Action, BoardId, Check, Epoch, OnConflict, OpId, Operation};

use super::*;
use crate::RoomConfig;

const GAP_MS: u64 = BROADCAST_GAP.as_millis() as u64;

/// A machine in virtual time whose outputs are told in short: `append 1`, `7: applied 1`, `broadcast 1 2`.
struct Bench {
    machine: Machine<u32>,
    now: Now,
    timeout: Option<Duration>,
    row: Option<Arc<LogRow>>,
    snapshots: usize,
}

fn config() -> RoomConfig {
    RoomConfig {
        snapshot_every: 1_000.try_into().unwrap(),
        idle_after: Duration::from_secs(60),
        ..RoomConfig::default()
    }
}

fn board() -> BoardId {
    "main".parse().unwrap()
}

fn empty(config: RoomConfig) -> RoomState {
    RoomState::new(board(), Epoch::from("e_1"), config)
}

/// Creates entity `entity` as operation `n` of client `client`.
fn create(client: &str, n: u64, entity: &str) -> Submission {
    let client: ClientId = client.parse().unwrap();
    let op = Operation {
        id: OpId { client: client.clone(), n },
        entity: entity.into(),
        base: Seq::ZERO,
        action: Action::Create { kind: "note".into(), fields: [("title".to_owned(), json!("new"))].into() },
        on_conflict: OnConflict::Reject,
    };
    Submission { client, user: "ann".into(), seen: Default::default(), settled_through: 0, ops: vec![op.into()] }
}

/// So many operations from number `n` on, each of which replaces a text of 60,000 bytes: a decision takes some thirty.
fn heavy(client: &str, n: u64, count: u64) -> Submission {
    let id: ClientId = client.parse().unwrap();
    let op = |n| Operation {
        id: OpId { client: id.clone(), n },
        entity: client.into(),
        base: Seq::ZERO,
        action: Action::set([("text", format!("{n:060000}"))]),
        on_conflict: OnConflict::Reject,
    };
    let ops = (n..n + count).map(|n| op(n).into()).collect();
    Submission { client: id, user: "ann".into(), seen: Default::default(), settled_through: 0, ops }
}

/// Rows that another node writes after `state`, each with one new entity.
fn rows_elsewhere(state: &RoomState, count: u64) -> Vec<LogRow> {
    let mut state = state.clone();
    let mut write = |_| {
        let n = state.row().0 + 1;
        let decision = state.decide(&[create("c_other", n, &format!("other{n}"))], UnixMs(5));
        state.commit(&decision);
        Arc::unwrap_or_clone(decision.row.clone().unwrap())
    };
    (0..count).map(&mut write).collect()
}

fn seqs(messages: &[ServerMessage]) -> String {
    let ServerMessage::Subscribed { at: Some(at), recovered, reset, .. } = &messages[0] else { panic!("{messages:?}") };
    let how = match (recovered, reset) {
        (true, _) => ", recovered",
        (false, true) => ", reset",
        (false, false) => "",
    };
    format!("at {}{how}", at.seq)
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied { seq, .. } => format!("applied {seq}"),
        Outcome::Conflict(_) => "conflict".into(),
        Outcome::Rejected(rejection) => format!("{:?}", rejection.reason).to_lowercase(),
    }
}

impl Bench {
    fn new(config: RoomConfig) -> Self {
        let now = Now { mono: Duration::from_secs(1), wall: UnixMs(1_000) };
        Self { machine: Machine::new(empty(config)), now, timeout: None, row: None, snapshots: 0 }
    }

    fn ready() -> Self {
        Self::new(config())
    }

    fn handle(&mut self, input: Input<u32>) {
        self.machine.handle(input, self.now);
    }

    fn submit(&mut self, from: u32, submission: Submission) {
        self.handle(Input::Mail(Mail::Submit { from, submission }));
    }

    fn subscribe(&mut self, from: u32) {
        self.handle(Input::Mail(Mail::Subscribe { from, client: "c".parse().unwrap(), known: Whereabouts::default() }));
    }

    fn read(&mut self, from: u32) {
        self.handle(Input::Mail(Mail::Read { from }));
    }

    fn say(&mut self, output: Output<u32>) -> Option<String> {
        Some(match output {
            Output::Append(row) => {
                let said = format!("append {}", row.no);
                self.row = Some(row);
                said
            }
            Output::Answer { to, answer } => match answer {
                Answer::Outcomes { results, .. } => {
                    let told: Vec<_> = results.iter().map(|result| told(&result.outcome)).collect();
                    format!("{to}: {}", told.join(" "))
                }
                Answer::Welcome(messages) => format!("{to}: welcome {}", seqs(&messages)),
                Answer::Missed(messages) => format!("{to}: missed {}", seqs(&messages)),
                Answer::Board(board) => format!("{to}: board at {}", board.seq),
                Answer::Unavailable => format!("{to}: unavailable"),
            },
            Output::Broadcast { events, .. } => match &events[..] {
                [only] => format!("broadcast {}", only.seq),
                [first, .., last] => format!("broadcast {}-{}", first.seq, last.seq),
                [] => panic!("an empty broadcast"),
            },
            Output::CatchUp { after } => format!("catch up after {after}"),
            Output::Load => "load".into(),
            Output::Dismiss => "dismiss".into(),
            Output::Snapshot(snapshot) => {
                self.snapshots += 1;
                format!("snapshot of {}", snapshot.row)
            }
            Output::Timeout(at) => {
                self.timeout = Some(at);
                return None;
            }
            Output::Idle => "idle".into(),
            Output::Damaged(_) => "damaged".into(),
            Output::Closed => "closed".into(),
        })
    }

    fn drain(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            said.extend(self.say(output));
        }
        said
    }

    fn after(&mut self, input: Input<u32>) -> Vec<String> {
        self.handle(input);
        self.drain()
    }

    /// Lets time pass, and says so when a timeout was asked for.
    fn pass(&mut self, ms: u64) -> Vec<String> {
        self.now.mono += Duration::from_millis(ms);
        self.after(Input::Timeout)
    }

    /// Milliseconds until the next timeout.
    fn due_in(&self) -> u64 {
        (self.timeout.unwrap() - self.now.mono).as_millis() as u64
    }

    /// Submits and appends; events leave at once or wait for their turn.
    fn apply(&mut self, from: u32, n: u64) -> Vec<String> {
        self.submit(from, create("c", n, &format!("e{n}")));
        self.drain();
        self.after(Input::Appended)
    }
}

#[test]
fn submissions_that_come_together_are_one_row() {
    let mut bench = Bench::ready();
    for (from, client) in [(1, "c_a"), (2, "c_b"), (3, "c_c")] {
        bench.submit(from, create(client, 1, client));
    }
    assert_eq!(bench.drain(), ["append 1"]);
    assert_eq!(bench.row.as_ref().unwrap().events.len(), 3);
    assert_eq!(bench.after(Input::Appended), ["1: applied 1", "2: applied 2", "3: applied 3", "broadcast 1-3"]);
}

#[test]
fn a_submission_of_much_work_is_decided_in_parts_and_answered_once_and_others_go_between() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c_a", 1, "c_a"));
    bench.drain();
    bench.after(Input::Appended);
    bench.submit(1, heavy("c_a", 2, 80));
    bench.submit(2, heavy("c_a", 82, 1));
    bench.submit(3, create("c_b", 1, "b"));
    bench.read(4);
    assert_eq!(bench.drain(), ["append 2"]);
    let part = bench.row.as_ref().unwrap().events.len();
    assert!((10..60).contains(&part), "{part}");
    let mut said = bench.after(Input::Appended);
    while !said.iter().any(|said| said.starts_with("2: ")) {
        said.extend(bench.after(Input::Appended));
    }
    let at = |start: &str| said.iter().position(|said| said.starts_with(start)).unwrap_or_else(|| panic!("{said:?}"));
    assert!(at("3: ") < at("1: ") && at("1: ") < at("2: "), "{said:?}");
    // Everything of one client in its order, and nothing twice.
    let answer = &said[at("1: ")];
    let seqs: Vec<u64> = answer.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(seqs.len() == 80 && seqs.is_sorted(), "{answer}");
    assert_eq!(said.iter().filter(|said| said.starts_with("1: ")).count(), 1);
    assert_eq!(bench.machine.state().last_n(&"c_a".parse().unwrap()), 82);
}

#[test]
fn what_is_behind_an_operation_that_was_not_stored_is_refused_with_it() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c_a", 1, "c_a"));
    bench.drain();
    bench.after(Input::Appended);
    bench.submit(1, heavy("c_a", 2, 60));
    assert_eq!(bench.drain(), ["append 2"]);
    let part = bench.row.as_ref().unwrap().events.len();
    assert_eq!(bench.after(Input::Appended).last().unwrap(), "append 3");
    let said = bench.after(Input::AppendFailed(Failure::NotWritten(NotWritten::Unavailable)));
    let answer = said.iter().find(|said| said.starts_with("1: ")).unwrap();
    assert_eq!(answer.matches("applied").count(), part);
    assert_eq!(answer.matches("unavailable").count(), 60 - part);
    assert!(answer.find("unavailable") > answer.rfind("applied"), "{answer}");
    // Sent again unchanged, each is decided once and in order.
    bench.submit(1, heavy("c_a", 2, 60));
    let mut said = bench.drain();
    while !said.iter().any(|said| said.starts_with("1: ")) {
        said = bench.after(Input::Appended);
    }
    assert_eq!(said[0].matches("applied").count(), 60);
    assert_eq!(bench.machine.state().seq(), Seq(61));
}

#[test]
fn nothing_is_heard_of_a_batch_before_its_row_is_durable() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    assert_eq!(bench.drain(), ["append 1"]);
    bench.subscribe(2);
    bench.read(3);
    bench.submit(4, create("c_b", 1, "b"));
    assert_eq!(bench.pass(10_000), [""; 0], "readers and the next batch wait");
    assert_eq!(
        bench.after(Input::Appended),
        ["1: applied 1", "broadcast 1", "2: welcome at 1", "3: board at 1", "append 2"]
    );
}

#[test]
fn a_question_from_before_a_batch_is_answered_without_it_and_one_from_after_with_it() {
    let mut bench = Bench::ready();
    bench.read(1);
    bench.submit(2, create("c", 1, "a"));
    bench.read(3);
    bench.submit(4, create("c", 2, "b"));
    assert_eq!(bench.drain(), ["1: board at 0", "append 1"]);
    assert_eq!(bench.after(Input::Appended), ["2: applied 1", "3: board at 1", "append 2", "broadcast 1"]);
}

#[test]
fn a_new_reader_is_welcomed_after_older_events_left_and_hears_exactly_the_newer_ones() {
    let mut bench = Bench::ready();
    assert_eq!(bench.apply(1, 1), ["1: applied 1", "broadcast 1"]);
    assert_eq!(bench.apply(1, 2), ["1: applied 2"], "held back for its turn");
    bench.subscribe(7);
    assert_eq!(bench.drain(), ["broadcast 2", "7: welcome at 2"]);
    assert_eq!(bench.apply(1, 3), ["1: applied 3"]);
    assert_eq!(bench.pass(GAP_MS), ["broadcast 3"]);
}

#[test]
fn events_leave_at_once_when_it_is_quiet_and_together_when_it_is_busy() {
    let mut bench = Bench::ready();
    assert_eq!(bench.apply(1, 1), ["1: applied 1", "broadcast 1"]);
    for n in 2..=9 {
        bench.now.mono += Duration::from_millis(1);
        assert_eq!(bench.apply(1, n), [format!("1: applied {n}")]);
    }
    assert_eq!(bench.due_in(), GAP_MS - 8);
    assert_eq!(bench.pass(GAP_MS - 9), [""; 0]);
    assert_eq!(bench.pass(1), ["broadcast 2-9"]);
    bench.pass(1_000);
    assert_eq!(bench.apply(1, 10), ["1: applied 10", "broadcast 10"]);
}

#[test]
fn a_broadcast_tells_since_when_its_first_event_is_durable() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    bench.now.mono += Duration::from_millis(3);
    let since = bench.now.mono;
    bench.apply(1, 2);
    bench.now.mono += Duration::from_millis(4);
    bench.apply(1, 3);
    bench.now.mono += Duration::from_millis(GAP_MS);
    bench.handle(Input::Timeout);
    let Some(Output::Broadcast { events, since: told, .. }) = bench.machine.poll_output() else { panic!() };
    assert_eq!((events.len(), told), (2, since));
}

#[test]
fn many_events_are_broadcast_in_parts() {
    let mut bench = Bench::ready();
    for n in 1..=EVENTS_PER_BROADCAST as u64 + 1 {
        bench.submit(1, create("c", n, &format!("e{n}")));
    }
    bench.drain();
    let said = bench.after(Input::Appended);
    assert_eq!(said[said.len() - 2..], ["broadcast 1-512", "broadcast 513"]);
}

#[test]
fn a_repeat_is_answered_at_once_and_appends_nothing() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    bench.submit(2, create("c", 1, "e1"));
    assert_eq!(bench.drain(), ["2: applied 1"]);
}

#[test]
fn a_poll_for_what_was_missed_gets_the_events_and_does_not_stay() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    assert_eq!(bench.after(resume(5, at(0, Check::EMPTY))), ["5: missed at 1, recovered"]);
}

fn at(seq: u64, check: Check) -> Position {
    Position { epoch: Epoch::from("e_1"), seq: Seq(seq), check }
}

fn resume(from: u32, since: Position) -> Input<u32> {
    let known = Whereabouts { since: Some(since), seen: Vec::new() };
    Input::Mail(Mail::Resume { from, client: "c".parse().unwrap(), known })
}

#[test]
fn whoever_has_seen_more_than_this_node_is_answered_once_the_log_is_read() {
    let mut bench = Bench::ready();
    let rows = rows_elsewhere(&empty(config()), 1);
    let seen = at(1, rows[0].check.unwrap());
    assert_eq!(bench.after(resume(5, seen.clone())), ["catch up after 0"]);
    assert_eq!(bench.after(Input::RowsElsewhere(rows)), ["5: missed at 1, recovered", "broadcast 1"]);
    // From the log before it was put back.
    let lost = Position { seq: Seq(2), ..seen };
    bench.handle(resume(6, lost.clone()));
    bench.handle(resume(7, lost));
    assert_eq!(bench.drain(), ["catch up after 1"], "one read answers all that wait");
    assert_eq!(bench.after(Input::RowsElsewhere(vec![])), ["6: missed at 1, reset", "7: missed at 1, reset"]);
}

#[test]
fn nobody_is_reset_while_the_log_cannot_be_read() {
    let mut bench = Bench::ready();
    bench.handle(resume(5, at(1, Check::EMPTY)));
    bench.drain();
    assert_eq!(bench.after(Input::ReadFailed), ["5: missed at 0"]);
}

#[test]
fn an_append_that_wrote_nothing_is_refused_and_leaves_the_board_as_it_was() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    bench.submit(1, create("c", 2, "e2"));
    bench.drain();
    let failed = Input::AppendFailed(Failure::NotWritten(NotWritten::Unavailable));
    assert_eq!(bench.after(failed), ["1: unavailable"], "nobody reads the log for it");
    bench.read(2);
    assert_eq!(bench.drain(), ["2: board at 1"]);
    bench.submit(1, create("c", 2, "e2"));
    assert_eq!(bench.drain(), ["append 2"]);
    assert_eq!(bench.after(Input::Appended)[0], "1: applied 2");
}

#[test]
fn a_row_that_was_written_in_spite_of_an_error_counts_as_appended() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.submit(2, create("c_b", 1, "a"));
    bench.drain();
    assert_eq!(bench.after(Input::AppendFailed(Failure::Unknown)), ["catch up after 0"]);
    bench.read(3);
    assert_eq!(bench.drain(), [""; 0], "nothing is said before it is known");
    let row = bench.row.clone().unwrap();
    assert_eq!(
        bench.after(Input::RowsElsewhere(vec![(*row).clone()])),
        ["1: applied 1", "2: exists", "3: board at 1", "broadcast 1"]
    );
    assert_eq!(bench.machine.state().row(), RowNo(1));
}

#[test]
fn a_row_that_was_not_written_is_appended_again_as_the_same_row() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    let first = bench.row.clone();
    bench.after(Input::AppendFailed(Failure::Unknown));
    bench.now.wall = UnixMs(9_999);
    assert_eq!(bench.after(Input::RowsElsewhere(Vec::new())), ["append 1"]);
    assert_eq!(bench.row, first);
    // The first attempt has arrived meanwhile and stands in the second one's way.
    let raced = Failure::NotWritten(NotWritten::Raced { last: RowNo(1) });
    assert_eq!(bench.after(Input::AppendFailed(raced)), ["catch up after 0"]);
    let row = Arc::unwrap_or_clone(first.unwrap());
    assert_eq!(bench.after(Input::RowsElsewhere(vec![row])), ["1: applied 1", "broadcast 1"]);
}

#[test]
fn a_lost_race_is_decided_again_after_what_others_wrote_and_readers_hear_of_both() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "other1"));
    bench.submit(2, create("c_b", 1, "b"));
    bench.drain();
    let rows = rows_elsewhere(&empty(config()), 1);
    let raced = Failure::NotWritten(NotWritten::Raced { last: RowNo(1) });
    assert_eq!(bench.after(Input::AppendFailed(raced)), ["catch up after 0"]);
    assert_eq!(bench.after(Input::RowsElsewhere(rows)), ["append 2", "broadcast 1"]);
    assert_eq!(bench.after(Input::Appended), ["1: exists", "2: applied 2"]);
    assert_eq!(bench.pass(GAP_MS), ["broadcast 2"]);
}

#[test]
fn an_operation_that_another_node_has_decided_gets_that_outcome() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c_other", 1, "other1"));
    bench.drain();
    let rows = rows_elsewhere(&empty(config()), 2);
    bench.after(Input::AppendFailed(Failure::NotWritten(NotWritten::Raced { last: RowNo(2) })));
    assert_eq!(bench.after(Input::RowsElsewhere(rows)), ["1: applied 1", "broadcast 1-2"]);
}

#[test]
fn a_batch_that_loses_every_race_is_unavailable_in_the_end() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    let mut said = bench.drain();
    let mut appends = 0;
    while said.contains(&format!("append {}", appends + 1)) {
        appends += 1;
        let rows = rows_elsewhere(bench.machine.state(), 0);
        assert_eq!(rows, []);
        bench.after(Input::AppendFailed(Failure::NotWritten(NotWritten::Raced { last: RowNo(appends) })));
        let rows = rows_elsewhere(bench.machine.state(), 1);
        said = bench.after(Input::RowsElsewhere(rows));
    }
    assert_eq!(appends, u64::from(ATTEMPTS));
    assert!(said.contains(&"1: unavailable".to_owned()), "{said:?}");
    bench.submit(1, create("c", 1, "a"));
    assert!(bench.drain().contains(&format!("append {}", appends + 1)));
}

#[test]
fn a_log_that_does_not_say_what_became_of_a_row_is_not_asked_for_ever() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    for _ in 1..ATTEMPTS {
        bench.after(Input::AppendFailed(Failure::Unknown));
        assert_eq!(bench.after(Input::RowsElsewhere(Vec::new())), ["append 1"]);
    }
    bench.after(Input::AppendFailed(Failure::Unknown));
    assert_eq!(bench.after(Input::RowsElsewhere(Vec::new())), ["1: unavailable"]);
}

#[test]
fn while_the_log_cannot_be_read_the_durable_state_is_shown_and_submits_are_refused_at_once() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    bench.submit(1, create("c", 2, "e2"));
    bench.drain();
    bench.after(Input::AppendFailed(Failure::Unknown));
    assert_eq!(bench.after(Input::ReadFailed), ["1: unavailable"]);
    bench.read(2);
    bench.submit(3, create("c_b", 1, "b"));
    bench.subscribe(4);
    assert_eq!(bench.drain(), ["2: board at 1", "3: unavailable", "4: welcome at 1"]);
    assert_eq!(bench.pass(250), ["catch up after 1"]);
    bench.submit(3, create("c_b", 1, "b"));
    assert_eq!(bench.drain(), ["3: unavailable"], "while it is read again, too");
    // The row had been written: its author learns so when it asks again, the reader at once.
    let row = bench.row.clone().unwrap();
    assert_eq!(bench.after(Input::RowsElsewhere(vec![(*row).clone()])), ["broadcast 2"]);
    bench.submit(1, create("c", 2, "e2"));
    assert_eq!(bench.drain(), ["1: applied 2"]);
}

#[test]
fn a_log_that_cannot_be_read_is_asked_again_ever_more_rarely() {
    let mut bench = Bench::ready();
    bench.after(Input::LogAt(RowNo(1)));
    for delay in [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
        bench.after(Input::ReadFailed);
        assert_eq!(bench.due_in(), delay);
        assert_eq!(bench.pass(delay - 1), [""; 0]);
        assert_eq!(bench.pass(1), ["catch up after 0"]);
    }
}

#[test]
fn rows_of_others_reach_readers_without_anybody_asking() {
    let mut bench = Bench::ready();
    let rows = rows_elsewhere(&empty(config()), 2);
    assert_eq!(bench.after(Input::LogAt(RowNo(2))), ["catch up after 0"]);
    assert_eq!(bench.after(Input::RowsElsewhere(rows)), ["broadcast 1-2"]);
    assert_eq!(bench.after(Input::LogAt(RowNo(2))), [""; 0]);
}

#[test]
fn a_hint_of_the_machines_own_row_reads_nothing() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    assert_eq!(bench.after(Input::LogAt(RowNo(1))), [""; 0]);
    assert_eq!(bench.after(Input::Appended), ["1: applied 1", "broadcast 1"]);
}

#[test]
fn rows_of_others_that_are_written_during_an_append_are_read_after_it() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    bench.after(Input::LogAt(RowNo(2)));
    assert_eq!(bench.after(Input::Appended), ["1: applied 1", "catch up after 1", "broadcast 1"]);
}

#[test]
fn a_hint_that_comes_while_the_log_is_read_is_not_forgotten() {
    let mut bench = Bench::ready();
    let rows = rows_elsewhere(&empty(config()), 3);
    bench.after(Input::LogAt(RowNo(1)));
    bench.after(Input::LogAt(RowNo(3)));
    assert_eq!(bench.after(Input::RowsElsewhere(Vec::new())), ["catch up after 0"]);
    assert_eq!(bench.after(Input::RowsElsewhere(rows[..2].to_vec())), ["catch up after 2", "broadcast 1-2"]);
    bench.after(Input::RowsElsewhere(rows[..].to_vec()));
    assert_eq!(bench.machine.state().row(), RowNo(3));
}

#[test]
fn a_hint_of_rows_that_are_not_there_is_not_followed_for_ever() {
    let mut bench = Bench::ready();
    assert_eq!(bench.after(Input::LogAt(RowNo(5))), ["catch up after 0"]);
    assert_eq!(bench.after(Input::RowsElsewhere(Vec::new())), [""; 0]);
}

fn stored(state: &RoomState) -> Box<Stored> {
    let snapshot = Some(state.snapshot());
    Box::new(Stored { epoch: state.epoch().clone(), snapshot, rows: Vec::new() })
}

#[test]
fn rows_that_are_gone_make_it_load_the_board_and_decide_on_that() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "other1"));
    bench.drain();
    let mut elsewhere = empty(config());
    for row in rows_elsewhere(&elsewhere, 3) {
        elsewhere.replay(&row).unwrap();
    }
    bench.after(Input::AppendFailed(Failure::NotWritten(NotWritten::Raced { last: RowNo(3) })));
    assert_eq!(bench.after(Input::RowsGone), ["load"]);
    assert_eq!(bench.after(Input::Loaded(stored(&elsewhere))), ["append 4"]);
    assert_eq!(bench.after(Input::Appended), ["1: exists"]);
}

#[test]
fn a_log_that_was_put_back_is_loaded_anew_and_readers_are_dismissed() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    let older = stored(bench.machine.state());
    bench.apply(1, 2);
    bench.submit(1, create("c", 3, "e3"));
    bench.drain();
    let raced = Failure::NotWritten(NotWritten::Raced { last: RowNo(1) });
    assert_eq!(bench.after(Input::AppendFailed(raced)), ["load"]);
    assert_eq!(bench.after(Input::Loaded(older)), ["dismiss", "append 2"]);
}

#[test]
fn rows_that_do_not_apply_make_it_load_the_board() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    bench.pass(GAP_MS);
    let mut rows = rows_elsewhere(bench.machine.state(), 1);
    rows[0].events[0].seq = Seq(7);
    bench.after(Input::LogAt(RowNo(2)));
    assert_eq!(bench.after(Input::RowsElsewhere(rows)), ["load"]);
    assert_eq!(bench.after(Input::ReadFailed), [""; 0]);
    bench.read(2);
    assert_eq!(bench.drain(), ["2: unavailable"], "what is in memory may be half a row");
    let mut elsewhere = empty(config());
    elsewhere.replay(&rows_elsewhere(&elsewhere, 1)[0]).unwrap();
    assert_eq!(bench.pass(250), ["load"]);
    bench.after(Input::Loaded(stored(&elsewhere)));
    bench.read(2);
    assert_eq!(bench.drain(), ["2: board at 1"]);
}

#[test]
fn a_log_that_holds_no_board_is_damaged_and_nothing_more_is_answered() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    bench.after(Input::AppendFailed(Failure::Unknown));
    bench.after(Input::RowsGone);
    let rows = vec![LogRow { no: RowNo(2), ..LogRow::default() }];
    let damaged = Stored { epoch: Epoch::from("e_1"), snapshot: None, rows };
    assert_eq!(bench.after(Input::Loaded(damaged.into())), ["1: unavailable", "damaged"]);
    bench.read(2);
    bench.submit(3, create("c", 2, "b"));
    assert_eq!(bench.drain(), ["2: unavailable", "3: unavailable"]);
}

#[test]
fn a_snapshot_is_due_after_so_many_rows_and_one_is_stored_at_a_time() {
    let mut bench = Bench::new(RoomConfig { snapshot_every: 3.try_into().unwrap(), ..config() });
    for n in 1..=2 {
        bench.apply(1, n);
    }
    // The next batch waits already, and is not in it.
    bench.submit(1, create("c", 3, "e3"));
    bench.drain();
    bench.submit(1, create("c", 4, "e4"));
    assert_eq!(bench.after(Input::Appended), ["1: applied 3", "snapshot of 3", "append 4"]);
    bench.after(Input::Appended);
    for n in 5..=9 {
        bench.apply(1, n);
    }
    assert_eq!(bench.snapshots, 1);
    bench.after(Input::SnapshotEnded);
    assert!(bench.apply(1, 10).contains(&"snapshot of 10".to_owned()));
}

#[test]
fn many_events_in_few_rows_are_a_reason_for_a_snapshot() {
    let mut bench = Bench::new(RoomConfig { snapshot_every: 20.try_into().unwrap(), ..config() });
    for n in 1..=20 {
        bench.submit(1, create("c", n, &format!("e{n}")));
    }
    bench.drain();
    assert!(bench.after(Input::Appended).contains(&"snapshot of 1".to_owned()));
}

#[test]
fn a_board_is_idle_when_nobody_has_asked_for_a_while_and_again_after_another() {
    let mut bench = Bench::ready();
    bench.read(1);
    bench.drain();
    assert_eq!(bench.due_in(), 60_000);
    bench.pass(59_000);
    bench.read(1);
    bench.drain();
    assert_eq!(bench.pass(59_999), [""; 0]);
    assert_eq!(bench.pass(1), ["idle"]);
    assert_eq!(bench.pass(59_999), [""; 0]);
    assert_eq!(bench.pass(1), ["idle"]);
}

#[test]
fn a_board_is_not_idle_while_something_is_under_way() {
    let mut bench = Bench::new(RoomConfig { snapshot_every: 1.try_into().unwrap(), ..config() });
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    assert_eq!(bench.pass(60_000), [""; 0], "an append");
    assert_eq!(bench.after(Input::Appended), ["1: applied 1", "snapshot of 1", "broadcast 1"]);
    assert_eq!(bench.pass(60_000), [""; 0], "a snapshot");
    assert_eq!(bench.after(Input::SnapshotEnded), ["idle"]);
}

#[test]
fn closing_answers_and_tells_everything_that_came_before() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    bench.submit(1, create("c", 2, "e2"));
    bench.drain();
    bench.submit(2, create("c", 3, "e3"));
    bench.read(3);
    assert_eq!(bench.after(Input::Close), [""; 0]);
    assert_eq!(bench.after(Input::Appended), ["1: applied 2", "append 3"]);
    assert_eq!(bench.after(Input::Appended), ["2: applied 3", "3: board at 3", "broadcast 2-3", "closed"]);
    assert_eq!(bench.pass(100_000), [""; 0]);
}

#[test]
fn closing_does_not_wait_for_a_log_that_is_away() {
    let mut bench = Bench::ready();
    bench.submit(1, create("c", 1, "a"));
    bench.drain();
    bench.after(Input::AppendFailed(Failure::Unknown));
    bench.handle(Input::Close);
    assert_eq!(bench.after(Input::ReadFailed), ["1: unavailable", "closed"]);
}

#[test]
fn a_full_machine_takes_mail_again_once_a_batch_is_decided() {
    let mut bench = Bench::ready();
    bench.submit(0, create("c_first", 1, "first"));
    bench.drain();
    let mut taken = 0;
    while !bench.machine.is_full() {
        taken += 1;
        bench.submit(1, create("c", taken, &format!("e{taken}")));
    }
    assert_eq!(taken as usize, OPS_PER_BATCH);
    bench.after(Input::Appended);
    assert!(!bench.machine.is_full());
    assert_eq!(bench.row.as_ref().unwrap().events.len(), OPS_PER_BATCH);
}

#[test]
fn answers_that_nothing_waits_for_are_ignored() {
    let mut bench = Bench::ready();
    bench.apply(1, 1);
    let before = bench.machine.state().snapshot();
    let row = (**bench.row.as_ref().unwrap()).clone();
    let stray = [
        Input::Appended,
        Input::AppendFailed(Failure::Unknown),
        Input::RowsElsewhere(vec![row]),
        Input::RowsGone,
        Input::Loaded(stored(&empty(config()))),
        Input::ReadFailed,
        Input::Timeout,
    ];
    for input in stray {
        assert_eq!(bench.after(input), [""; 0]);
    }
    assert_eq!(bench.machine.state().snapshot(), before);
}
